"""Optical bands in units of their surroundings, beside the bands themselves.

Ridges and furrows of creeping debris are faint beside what light and rock type make of a picture. A network that is
given nothing else may learn to see them or may not, as chance will have it; divided by the local deviation they are as
large as any slope.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..rasters.roles import OPTICAL, source_of

_WINDOW = 9
# Deviations far below this, in units of a band's deviation in the samples, are noise.
_NOISE = 0.05


class LocalContrast(nn.Module):
    """Appends each optical band's difference from the mean of its surroundings, by the root mean square of such.

    Parameters
    ----------
    roles : sequence of str
        Roles of the bands.

    Attributes
    ----------
    roles : tuple of str
        Roles of what it returns: those of the bands, then one for each appended band.
    """

    def __init__(self, roles: Sequence[str]) -> None:
        super().__init__()
        optical = [place for place, role in enumerate(roles) if source_of(role) == OPTICAL]
        self.roles = (*roles, *(f"contrast of {roles[place]}" for place in optical))
        self.register_buffer("_optical", torch.tensor(optical, dtype=torch.long), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return the bands with those appended, shape (batch, bands + optical bands, height, width)."""
        if not len(self._optical):
            return image
        difference = image[:, self._optical]
        difference = difference - _mean_around(difference)
        deviation = torch.sqrt(_mean_around(difference * difference) + _NOISE**2)
        return torch.cat([image, difference / deviation], dim=1)


def _mean_around(bands: Tensor) -> Tensor:
    return functional.avg_pool2d(bands, _WINDOW, stride=1, padding=_WINDOW // 2, count_include_pad=False)
