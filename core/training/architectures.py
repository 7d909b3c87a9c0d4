"""The networks: a compact U-Net, and a classifier of patches.

Neither has a layer that looks at the whole tile (no global pooling, no instance or group normalisation), so that an
output pixel depends on a bounded neighbourhood and tiles with a large enough halo give the same heatmap whatever their
size.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..contracts.traincnn import UNET, TrainCnnOptions
from ..errors import InvalidOptionError

_UNET_WIDTHS = (16, 32, 64, 128, 192)
_PATCH_WIDTHS = (24, 48, 64, 128)
_SMALLEST_CONTEXT_STEP = 4
# Rock glaciers are rare: a network that begins with even chances spends its first epochs on learning that.
_FIRST_BIAS = -3.0


class UNet(nn.Module):
    """U-Net (Ronneberger et al. 2015, MICCAI, 234-241) that gives the logit of one class for every pixel.

    Parameters
    ----------
    channels : int
        Number of input bands.
    widths : sequence of int
        Channels of each level, two or more; every level halves the resolution.
    dropout : float
        Share of the deepest channels left out at random in training.

    Attributes
    ----------
    stride : int
        Height and width of an image must be multiples of it.
    margin : int
        Pixels by which the output is smaller than the image, on every side.
    """

    def __init__(self, channels: int, widths: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.stride = 2 ** (len(widths) - 1)
        self.margin = 0
        self.first = _convolution(channels, widths[0])
        self.encoder = nn.ModuleList(
            nn.Sequential(_convolution(upper, lower, stride=2), _convolution(lower, lower))
            for upper, lower in itertools.pairwise(widths)
        )
        self.decoder = nn.ModuleList(
            _convolution(upper + lower, upper)
            for upper, lower in zip(reversed(widths[:-1]), reversed(widths[1:]), strict=True)
        )
        self.dropout = nn.Dropout2d(dropout)
        self.last = nn.Conv2d(widths[0], 1, kernel_size=1)
        nn.init.constant_(self.last.bias, _FIRST_BIAS)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height, width)."""
        levels = [self.first(image)]
        for block in self.encoder:
            levels.append(block(levels[-1]))
        features = self.dropout(levels.pop())
        for block in self.decoder:
            larger = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([larger, levels.pop()], dim=1))
        return self.last(features)


class PatchCnn(nn.Module):
    """Classifier of patches: two convolutions with pooling, a third, and two fully connected layers; no padding.

    The family that object-based studies of rock glaciers use (Robson et al. 2020, RSE 250, 112033). Applied to an
    image, it classifies the patch around every pixel at once: poolings at every pixel, kernels that skip as many pixels
    as poolings would have left out (Giusti et al. 2013, ICIP).

    Parameters
    ----------
    channels : int
        Number of input bands.
    widths : sequence of 4 int
        Channels of the convolutions and of the first fully connected layer.
    dropout : float
        Share of the fully connected layer's numbers left out at random in training.
    context : int
        Side of the patch, in pixels; a multiple of 4, 24 or more.

    Attributes
    ----------
    stride : int
        1: an image may have any size from the patch's on.
    margin : int
        Pixels by which the output is smaller than the image, on every side.
    """

    def __init__(self, channels: int, widths: Sequence[int], dropout: float, context: int) -> None:
        super().__init__()
        first, second, third, full = widths
        self.stride = 1
        self.margin = context // 2
        side = ((context - 4) // 2 - 4) // 2 - 2
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(channels, first, 5, bias=False),
                nn.Conv2d(first, second, 5, bias=False),
                nn.Conv2d(second, third, 3, bias=False),
            ]
        )
        self.normalisations = nn.ModuleList(nn.BatchNorm2d(width) for width in (first, second, third))
        self.full = nn.Conv2d(third, full, side)
        self.dropout = nn.Dropout2d(dropout)
        self.last = nn.Conv2d(full, 1, kernel_size=1)
        nn.init.constant_(self.last.bias, _FIRST_BIAS)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height - context, width - context).

        The output at (row, column) is that of the patch whose first pixel is there.
        """
        features, dilation = image, 1
        for place, (convolution, normalisation) in enumerate(zip(self.convolutions, self.normalisations, strict=True)):
            features = functional.relu(
                normalisation(functional.conv2d(features, convolution.weight, dilation=dilation))
            )
            if place < 2:
                features = functional.max_pool2d(features, 2, stride=1, dilation=dilation)
                dilation *= 2
        features = functional.relu(functional.conv2d(features, self.full.weight, self.full.bias, dilation=dilation))
        # A patch of even side has one place more than pixels that lie in its middle.
        return self.last(self.dropout(features))[:, :, :-1, :-1]

    def classified(self, patches: Tensor) -> Tensor:
        """Return the logits of whole patches, shape (batch, 1, 1, 1), by the layers as they are drawn in textbooks."""
        features = patches
        for place, (convolution, normalisation) in enumerate(zip(self.convolutions, self.normalisations, strict=True)):
            features = functional.relu(normalisation(convolution(features)))
            if place < 2:
                features = functional.max_pool2d(features, 2)
        return self.last(self.dropout(functional.relu(self.full(features))))


class Ensemble(nn.Module):
    """U-Nets of one shape, trained apart, as one network: its logit is the mean of theirs.

    Networks that begin with other random weights err in other places (Lakshminarayanan et al. 2017, NeurIPS).

    Parameters
    ----------
    members : sequence of UNet

    Attributes
    ----------
    members : ModuleList of UNet
    stride : int
        Height and width of an image must be multiples of it.
    margin : int
        Pixels by which the output is smaller than the image, on every side.
    """

    def __init__(self, members: Sequence[UNet]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.stride = members[0].stride
        self.margin = members[0].margin

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height, width)."""
        return torch.stack([member(image) for member in self.members]).mean(dim=0)


Network = UNet | PatchCnn | Ensemble


def made_network(options: TrainCnnOptions, channels: int) -> Network:
    """Return a network with random weights.

    Raises
    ------
    InvalidOptionError
        If the widths or the context do not fit the architecture.
    """
    widths = _widths(options)
    if options.architecture == UNET:
        if len(widths) < 2:
            raise InvalidOptionError("Option `widths` must name the channels of two levels or more for unet.")
        return UNet(channels, widths, options.dropout)
    if len(widths) != len(_PATCH_WIDTHS):
        raise InvalidOptionError(
            f"Option `widths` must hold {len(_PATCH_WIDTHS)} numbers for patch_cnn: three convolutions and the fully "
            f"connected layer; {len(widths)} were given."
        )
    if options.context % _SMALLEST_CONTEXT_STEP:
        raise InvalidOptionError(f"Option `context` must be a multiple of 4, but {options.context} was given.")
    return PatchCnn(channels, widths, options.dropout, options.context)


def _widths(options: TrainCnnOptions) -> tuple[int, ...]:
    if not options.widths:
        return _UNET_WIDTHS if options.architecture == UNET else _PATCH_WIDTHS
    if not all(text.isdecimal() and 0 < int(text) <= 4096 for text in options.widths):
        raise InvalidOptionError(
            f"Option `widths` must hold whole numbers from 1 to 4096, but {' '.join(options.widths)} was given."
        )
    return tuple(int(text) for text in options.widths)


def _convolution(channels: int, filters: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU(inplace=True),
    )
