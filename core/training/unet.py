"""A compact U-Net, and what it shares with others.

It has no layer that looks at the whole tile (no global pooling, no instance or group normalisation), so that an output
pixel depends on a bounded neighbourhood and tiles with a large enough halo give the same heatmap whatever their size.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from .localcontrast import LocalContrast

# Rock glaciers are rare: a network that begins with even chances spends its first epochs on learning that.
FIRST_BIAS = -3.0

MakeLayer = Callable[[int, int], nn.Module]


class EncoderDecoder(nn.Module):
    """What U-Nets have in common, whatever their convolutions are.

    Parameters
    ----------
    roles : sequence of str
        Roles of the input bands.
    first : callable
        Makes the layer from bands to the first level, of the roles that `LocalContrast` gives them.
    smaller, convolution : callable
        Make a layer of so many channels in and out: one that halves the resolution, and one that keeps it.
    widths : sequence of int
        Channels of each level, as these count them.
    dropout : float
        Share of the deepest channels left out at random in training.

    Attributes
    ----------
    stride : int
        Height and width of an image must be multiples of it.
    margin : int
        Pixels by which the output is smaller than the image, on every side.
    """

    def __init__(
        self,
        roles: Sequence[str],
        first: Callable[[Sequence[str]], nn.Module],
        smaller: MakeLayer,
        convolution: MakeLayer,
        widths: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.stride = 2 ** (len(widths) - 1)
        self.margin = 0
        self.contrast = LocalContrast(roles)
        self.first = first(self.contrast.roles)
        self.encoder = nn.ModuleList(
            nn.Sequential(smaller(upper, lower), convolution(lower, lower))
            for upper, lower in itertools.pairwise(widths)
        )
        self.decoder = nn.ModuleList(
            convolution(upper + lower, upper)
            for upper, lower in zip(reversed(widths[:-1]), reversed(widths[1:]), strict=True)
        )
        self.dropout = nn.Dropout2d(dropout)
        self.last = nn.Conv2d(widths[0], 1, kernel_size=1)
        nn.init.constant_(self.last.bias, FIRST_BIAS)

    def features(self, image: Tensor) -> Tensor:
        """Return what the last layer reads, at the image's resolution."""
        levels = [self.first(self.contrast(image))]
        for block in self.encoder:
            levels.append(block(levels[-1]))
        features = self.dropout(levels.pop())
        for block in self.decoder:
            larger = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([larger, levels.pop()], dim=1))
        return features


class UNet(EncoderDecoder):
    """U-Net (Ronneberger et al. 2015, MICCAI, 234-241) that gives the logit of one class for every pixel.

    Parameters
    ----------
    roles : sequence of str
        Roles of the input bands.
    widths : sequence of int
        Channels of each level, two or more; every level halves the resolution.
    dropout : float
        Share of the deepest channels left out at random in training.
    """

    def __init__(self, roles: Sequence[str], widths: Sequence[int], dropout: float) -> None:
        def first(given: Sequence[str]) -> nn.Module:
            return _convolution(len(given), widths[0])

        super().__init__(roles, first, partial(_convolution, stride=2), _convolution, widths, dropout)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height, width)."""
        return self.last(self.features(image))


def _convolution(channels: int, filters: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU(inplace=True),
    )
