"""The network of the shipped models: a compact U-Net (Ronneberger et al. 2015, MICCAI, 234-241).

It has no layer that looks at the whole tile (no global pooling, instance or group normalisation), so that an output
pixel depends on a bounded neighbourhood and tiles with a large enough halo give the same heatmap whatever their size.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

WIDTHS = (16, 32, 64, 96, 128)
STRIDE = 2 ** (len(WIDTHS) - 1)


class UNet(nn.Module):
    """U-Net of five levels that gives the logit of one class.

    Parameters
    ----------
    channels : int
        Number of input bands.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, WIDTHS[0])
        self.encoder = nn.ModuleList(
            nn.Sequential(_convolution(upper, lower, stride=2), _convolution(lower, lower))
            for upper, lower in itertools.pairwise(WIDTHS)
        )
        self.decoder = nn.ModuleList(
            _convolution(upper + lower, upper)
            for upper, lower in zip(reversed(WIDTHS[:-1]), reversed(WIDTHS[1:]), strict=True)
        )
        self.dropout = nn.Dropout2d(0.1)
        self.last = nn.Conv2d(WIDTHS[0], 1, kernel_size=1)
        nn.init.constant_(self.last.bias, -3.0)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (batch, 1, height, width); height and width must be multiples of `STRIDE`."""
        levels = [self.first(image)]
        for block in self.encoder:
            levels.append(block(levels[-1]))
        features = self.dropout(levels.pop())
        for block in self.decoder:
            larger = nn.functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([larger, levels.pop()], dim=1))
        return self.last(features)


def _convolution(channels: int, filters: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU(inplace=True),
    )
