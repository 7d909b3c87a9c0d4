"""The eight ways to lay a square picture down, and what becomes of bands that hold a direction on the ground.

A network may answer differently when its tile is turned or mirrored, although nothing on the ground has changed. Bands
that hold a direction must then be changed with the picture: the aspect of a slope that faced east is north after a
quarter turn counter-clockwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidOptionError
from ..rasters.grid import Grid

NONE, FLIPS, ALL = "none", "flips", "all"
# Sine and cosine of the aspect: the downslope azimuth, clockwise from grid north.
_ASPECT = ("aspect_sin", "aspect_cos")
# What depends on the direction of the sun or of the radar cannot be computed again from the band alone; an azimuth in
# degrees is left out because its mean is none.
_FIXED = ("hillshade", "insolation", "illumination", "local_incidence", "aspect", "northness", "eastness")
# Pixels are square for a turn if their sides differ by less than about one per cent.
_SQUARE = 0.02
_ADVICE = f"Set `augment` to {NONE}."
_SQUARE_ADVICE = (
    f"Set `augment` to {FLIPS} if their sides run along columns and rows that are at right angles, otherwise to "
    f"{NONE}, or resample the stack to square pixels."
)


@dataclass(frozen=True)
class Orientation:
    """A symmetry of the square: mirrored left to right, then turned counter-clockwise.

    Attributes
    ----------
    turns : int
        Quarter turns, 0 to 3.
    mirrored : bool
        Whether columns are reversed before.
    """

    turns: int = 0
    mirrored: bool = False

    def __str__(self) -> str:
        return f"{90 * self.turns}{' mirrored' if self.mirrored else ''}"

    def apply(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return a view of an array of shape (..., height, width), laid down this way."""
        return np.rot90(image[..., ::-1] if self.mirrored else image, self.turns, axes=(-2, -1))

    def undo(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return a view of an array that was laid down this way, as it was before."""
        turned = np.rot90(image, -self.turns, axes=(-2, -1))
        return turned[..., ::-1] if self.mirrored else turned

    def on_ground(self, grid: Grid, advice: str = "") -> NDArray[np.float64]:
        """Return what becomes of directions on the ground: a matrix, shape (2, 2), for vectors (east, north).

        Parameters
        ----------
        grid : Grid
            Of the picture.
        advice : str
            What the error tells to do; by default what to do with the heatmap's options.

        Raises
        ------
        InvalidOptionError
            If it would distort what the pixels show, because they are not square.
        """
        mirror = np.diag([-1.0 if self.mirrored else 1.0, 1.0])
        # A counter-clockwise quarter turn takes the direction of columns to minus that of rows, and rows to columns.
        turn = np.linalg.matrix_power(np.array([[0.0, 1.0], [-1.0, 0.0]]), self.turns)
        _, column_east, row_east, _, column_north, row_north = grid.geotransform
        pixels = np.array([[column_east, row_east], [column_north, row_north]])
        matrix: NDArray[np.float64] = pixels @ turn @ mirror @ np.linalg.inv(pixels)
        if not np.allclose(matrix @ matrix.T, np.eye(2), rtol=0, atol=_SQUARE):
            raise InvalidOptionError(
                f"The stack's pixels are no squares, so that a tile laid down otherwise ({self}) shows other shapes. "
                + (advice or _SQUARE_ADVICE)
            )
        return matrix


AS_IS = Orientation()
_CHOICES = {
    NONE: (AS_IS,),
    FLIPS: tuple(Orientation(turns, mirrored) for turns in (0, 2) for mirrored in (False, True)),
    ALL: tuple(Orientation(turns, mirrored) for turns in range(4) for mirrored in (False, True)),
}


def orientations(augment: str) -> tuple[Orientation, ...]:
    """Return the orientations of an augmentation: `none`, `flips` or `all`."""
    return _CHOICES[augment]


def aspect_bands(roles: Sequence[str], model: str, advice: str = _ADVICE) -> tuple[int, int] | None:
    """Return the places of the sine and the cosine of the aspect among a model's bands, None where it has neither.

    Parameters
    ----------
    roles : sequence of str
        The model's bands.
    model : str
        Its name, for errors.
    advice : str
        What an error tells to do.

    Raises
    ------
    InvalidOptionError
        If a band depends on a direction and cannot be turned.
    """
    fixed = [role for role in roles if role.lower() not in _ASPECT and role.lower().startswith(_FIXED)]
    if fixed:
        raise InvalidOptionError(
            f"The model {model} uses {', '.join(fixed)}, which depends on a direction (of the sun, the radar or the "
            f"slope) and cannot be turned or mirrored with the tile. {advice}"
        )
    places = [place for role in _ASPECT for place, other in enumerate(roles) if other.lower() == role]
    if len(places) == 1:
        raise InvalidOptionError(
            f"The model {model} uses {roles[places[0]]} alone; when a tile is turned, sine and cosine of the aspect "
            f"become one another, so that both are needed. {advice}"
        )
    return (places[0], places[1]) if places else None
