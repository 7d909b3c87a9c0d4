"""Samples of one or more regions as one set: the same bands in the same order, read when they are needed."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidOptionError, InvalidSamplesError
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.roles import role_of
from ..samples.sampleset import INDEX, RECORD, TRAIN, Chip, ChipPixels, SampleSet
from .sharedground import chips_to_leave_out

# Decoded chips that are kept; a folder may be larger than the memory.
_CACHE_BYTES = 768 * 2**20
_SAME_PIXEL_SIZE = 0.01


@dataclass(frozen=True)
class Sample:
    """A chip with the place of its folder among those given."""

    chip: Chip
    folder: int


class TrainingSet:
    """The chips of one or more folders.

    Parameters
    ----------
    folders : sequence of str
        Folders that `samples` wrote, or the file ``samples.json`` in each.
    bands : sequence of str
        Roles of the bands to take; empty for all.

    Attributes
    ----------
    sets : tuple of SampleSet
        What each folder says.
    roles : tuple of str
        Roles of the bands, in the order in which every chip is read: that asked for, or the first folder's.
    ground_sample_distance : float
        Side of a pixel, in metres.
    patch_size : int
        Side of the smallest chips, in pixels.
    grids : tuple of Grid
        Of one chip of each folder; its origin means nothing, its directions hold for all.
    left_out : frozenset of str
        Training chips that lie on ground of another folder's validation or test, and are not learnt from.

    Raises
    ------
    InvalidOptionError
        If the samples do not have the bands.
    InvalidSamplesError
        If a folder holds no samples, they do not fit together, or one is given twice.
    """

    def __init__(self, folders: Sequence[str], bands: Sequence[str] = ()) -> None:
        self.sets = tuple(SampleSet.read(_folder_of(path)) for path in folders)
        _check_alike(self.sets)
        self.left_out = chips_to_leave_out(self.sets)
        _require_training(self.sets, self.left_out)
        first = self.sets[0]
        self.roles = tuple(role_of(band, "", 0) for band in bands) or first.roles
        _check_bands(self.roles, first)
        self.ground_sample_distance = first.ground_sample_distance
        self.patch_size = min(item.patch_size for item in self.sets)
        self._orders = [[item.roles.index(role) for role in self.roles] for item in self.sets]
        self._cache: OrderedDict[str, ChipPixels] = OrderedDict()
        self._cached_bytes = 0
        self._lock = threading.Lock()
        self.grids = tuple(_grid_of(item) for item in self.sets)

    def samples(self, split: str) -> list[Sample]:
        """Return the chips of a split, folder by folder."""
        return [
            Sample(chip, number)
            for number, item in enumerate(self.sets)
            for chip in item.chips(split)
            if chip.path not in self.left_out
        ]

    def prevalence(self, split: str) -> float:
        """Return the share of rock glacier in all ground of a split, by the folders that say it; NaN if none does."""
        grounds = [item.ground(split) for item in self.sets if item.chips(split)]
        pixels = sum(ground.pixels for ground in grounds)
        if not pixels:
            return math.nan
        return min(sum(ground.rock_glacier_pixels for ground in grounds) / pixels, 1.0)

    def read(self, sample: Sample) -> ChipPixels:
        """Return a chip's pixels, its bands in the order of `roles`; from any thread.

        Raises
        ------
        InvalidRasterError, InvalidSamplesError
            If the chip cannot be read.
        """
        path = sample.chip.path
        with self._lock:
            if path in self._cache:
                self._cache.move_to_end(path)
                return self._cache[path]
        pixels = sample.chip.read()
        if self._orders[sample.folder] != list(range(len(pixels.image))):
            pixels = pixels._replace(image=pixels.image[self._orders[sample.folder]])
        with self._lock:
            if path not in self._cache:
                self._cache[path] = pixels
                self._cached_bytes += _size(pixels)
            while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
                self._cached_bytes -= _size(self._cache.popitem(last=False)[1])
        return pixels


def _folder_of(path: str) -> str:
    """Return the folder that a path means: QGIS's dialog of several inputs offers files, not folders."""
    return str(Path(path).parent) if Path(path).name in (RECORD, INDEX) else path


def _check_alike(sets: Sequence[SampleSet]) -> None:
    first = sets[0]
    if len({Path(item.folder).resolve() for item in sets}) < len(sets):
        raise InvalidSamplesError("A folder of samples is given twice; its chips would count twice. Give each once.")
    for item in sets[1:]:
        if set(item.roles) != set(first.roles):
            raise InvalidSamplesError(
                f"The samples in {item.folder} have the bands {', '.join(item.roles)}, those in {first.folder} "
                f"{', '.join(first.roles)}. Make them of stacks with the same bands."
            )
        if abs(item.ground_sample_distance / first.ground_sample_distance - 1) > _SAME_PIXEL_SIZE:
            raise InvalidSamplesError(
                f"The samples in {item.folder} have pixels of {item.ground_sample_distance:.4g} m, those in "
                f"{first.folder} of {first.ground_sample_distance:.4g} m. Make them of stacks with the same pixel size."
            )


def _require_training(sets: Sequence[SampleSet], left_out: Collection[str]) -> None:
    chips = [chip for item in sets for chip in item.chips(TRAIN)]
    if all(chip.path in left_out for chip in chips):
        where = ", ".join(item.folder for item in sets)
        raise InvalidSamplesError(
            f"All training chips in {where} lie on validation or test ground of the others; take samples of other "
            "ground."
            if chips
            else f"The samples in {where} have no chip of the split `{TRAIN}`. Make samples of a larger area, of more "
            "landforms, or with smaller blocks."
        )


def _check_bands(roles: Sequence[str], samples: SampleSet) -> None:
    unknown = [role for role in roles if role not in samples.roles]
    if unknown or len(set(roles)) < len(roles):
        raise InvalidOptionError(
            f"Option `bands` must name bands of the samples, each once; {samples.folder} has "
            f"{', '.join(samples.roles)}, but {', '.join(roles)} was given."
        )


def _grid_of(samples: SampleSet) -> Grid:
    if not samples.all_chips:
        raise InvalidSamplesError(f"The samples in {samples.folder} have no chip. Leave the folder out.")
    with Raster(samples.all_chips[0].path) as raster:
        return raster.grid


def _size(pixels: ChipPixels) -> int:
    return sum(array.nbytes for array in pixels)


Image = NDArray[np.float32]
