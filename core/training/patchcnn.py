"""A classifier of patches, which also runs over whole images."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from .unet import FIRST_BIAS


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
        nn.init.constant_(self.last.bias, FIRST_BIAS)

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
