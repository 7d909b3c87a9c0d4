"""Random changes of what a network learns from, each of the kind that nature or processing makes of such bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..contracts.traincnn import TrainCnnOptions
from ..errors import InvalidOptionError
from ..heatmaps.orientations import AS_IS, NONE, Orientation, aspect_bands, orientations
from ..networks.gaps import places_of
from ..rasters.grid import Grid
from ..rasters.roles import OPTICAL, RADAR, source_of
from .preparation import Preparation
from .trainingset import Image

_ELEVATION = "elevation"
# How often a source that is left out is left out on one side of a line only, as at the edge of a swath.
_PARTLY = 0.25


class Augmentation:
    """Changes crops at random.

    Parameters
    ----------
    preparation : Preparation
        Roles and ranges of the bands, and the sources that may be absent.
    grids : sequence of Grid
        Of each folder; directions on the ground follow from them.
    options : TrainCnnOptions

    Attributes
    ----------
    note : str
        Why crops are turned less than was asked for; empty where they are.
    """

    def __init__(self, preparation: Preparation, grids: Sequence[Grid], options: TrainCnnOptions) -> None:
        roles = preparation.roles
        self._options = options
        self._spans = np.array(preparation.spans, np.float32)[:, None, None]
        self._middles = np.array([item.mean for item in preparation.normalisation], np.float32)[:, None, None]
        self._optical = [place for place, role in enumerate(roles) if source_of(role) == OPTICAL]
        self._radar = [place for place, role in enumerate(roles) if source_of(role) == RADAR]
        self._elevation = [place for place, role in enumerate(roles) if role == _ELEVATION]
        self._optional = places_of(preparation.optional, roles)
        self._orientations, self._aspect, self.note = _possible(roles, grids, options)
        self._on_ground = [
            [orientation.on_ground(grid).astype(np.float32) for orientation in self._orientations] for grid in grids
        ]

    def turned(
        self, image: Image, flags: NDArray[np.bool_], folder: int, random: Generator
    ) -> tuple[Image, NDArray[np.bool_]]:
        """Turn and mirror an image, shape (bands, height, width), and flags of its pixels, shape (n, height, width)."""
        number = int(random.integers(len(self._orientations)))
        orientation = self._orientations[number]
        if self._aspect and orientation != AS_IS:
            image = image.copy()
            matrix = self._on_ground[folder][number]
            image[list(self._aspect)] = np.tensordot(matrix, image[list(self._aspect)], axes=1)
        return np.ascontiguousarray(orientation.apply(image)), np.ascontiguousarray(orientation.apply(flags))

    def varied(self, image: Image, random: Generator) -> Image:
        """Vary the light of optical bands, the level of radar bands and of the elevation, and leave sources out."""
        varied = image.copy()
        if self._optical:
            varied[self._optical] = self._lit(varied[self._optical], random)
        if self._radar:
            shift = random.normal(0, self._options.radar_shift) if self._options.radar_shift else 0.0
            varied[self._radar] += shift * self._spans[self._radar]
        if self._elevation:
            varied[self._elevation] += random.normal(0, self._options.elevation_shift)
        for source in self._optional:
            if random.random() < self._options.drop_share:
                varied[np.ix_(np.array(source), *_gap(varied.shape[1:], random))] = np.nan
        return varied

    def _lit(self, bands: Image, random: Generator) -> Image:
        """Change gamma, brightness, contrast and colour, and add haze and noise; each about the band's usual range."""
        options, spans, middles = self._options, self._spans[self._optical], self._middles[self._optical]
        count = len(bands)
        gamma = np.exp(random.normal(0, options.gamma))
        contrast = np.exp(random.normal(0, options.contrast))
        gain = np.exp(random.normal(0, options.brightness) + random.normal(0, options.colour, size=(count, 1, 1)))
        haze = random.normal(0, options.haze) + random.normal(0, 0.4 * options.haze, size=(count, 1, 1))
        noise = random.uniform(0, options.noise) * random.standard_normal(bands.shape, np.float32)
        white = middles + spans
        curved = white * np.maximum(bands / white, 0) ** gamma
        return (((curved - middles) * contrast + middles) * gain + (haze + noise) * spans).astype(np.float32)


def _gap(shape: tuple[int, ...], random: Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns in which a source is left out: all, or those on one side of a line."""
    rows, columns = (np.arange(side) for side in shape)
    if random.random() >= _PARTLY:
        return rows, columns
    axis, place = int(random.integers(2)), random.uniform(0.2, 0.8)
    chosen = [rows, columns]
    cut = int(place * shape[axis])
    chosen[axis] = chosen[axis][:cut] if random.random() < 0.5 else chosen[axis][cut:]
    return chosen[0], chosen[1]


def _possible(
    roles: Sequence[str], grids: Sequence[Grid], options: TrainCnnOptions
) -> tuple[tuple[Orientation, ...], tuple[int, ...], str]:
    """Return the orientations that every band and grid allow, the places of the aspect, and why they are not all."""
    wanted = orientations(options.orientations)
    if options.orientations == NONE:
        return wanted, (), ""
    try:
        aspect = aspect_bands(roles, "to be trained") or ()
        for grid in grids:
            for orientation in wanted:
                orientation.on_ground(grid)
    except InvalidOptionError as error:
        return (AS_IS,), (), f"Crops are not turned or mirrored: {error}"
    return wanted, aspect, ""
