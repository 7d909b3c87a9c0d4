"""A folder of samples: what its files are called and what they say, and reading it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidSamplesError, MapperError
from ..rasters.raster import Raster
from ..vectors.vector import VectorLayer, read_layer

FORMAT = "rock-glacier-mapper-samples"
VERSION = 1
RECORD, INDEX, REPORT, CHIPS_FOLDER = "samples.json", "index.gpkg", "report.html", "chips"
"""Names in the folder: what holds for all chips, the layers, the report, and where the chips are."""

CHIPS, BLOCKS, LANDFORMS = "chips", "blocks", "landforms"
"""Layers of the index."""

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)

POSITIVE, MARGIN, SIMILAR_TERRAIN = "positive", "margin", "similar_terrain"
LOOK_ALIKE, HARD_NEGATIVE, RANDOM = "look_alike", "hard_negative", "random"
KINDS = (POSITIVE, MARGIN, SIMILAR_TERRAIN, LOOK_ALIKE, HARD_NEGATIVE, RANDOM)
"""Why a chip was taken; `samples` tells what each means."""

MASK, VALIDITY = "mask", "validity"
"""Descriptions of the two bands behind a chip's measurements."""

_COLUMNS = ("chip", "split", "block", "kind", "landform", "mask_share", "valid_share", "column", "row", "look_alike")
_NUMBERS = ("mean", "standard_deviation", "percentile_1", "percentile_99")


class ChipPixels(NamedTuple):
    """What a chip holds.

    Attributes
    ----------
    image : float32 array, shape (bands, rows, columns)
        The stack's bands in physical units, NaN where there is no value.
    mask : bool array, shape (rows, columns)
        Rock glacier.
    valid : bool array, shape (rows, columns)
        Pixels that count: neither nodata, nor unsure, nor outside the area that was searched.
    """

    image: NDArray[np.float32]
    mask: NDArray[np.bool_]
    valid: NDArray[np.bool_]


class BandStatistics(NamedTuple):
    """What a band is like on the valid pixels of the training chips; NaN where there is no such pixel."""

    mean: float
    standard_deviation: float
    percentile_1: float
    percentile_99: float


class Ground(NamedTuple):
    """Pixels of a split's ground that count, in chips or not, and those of them that are rock glacier."""

    pixels: int
    rock_glacier_pixels: int


@dataclass(frozen=True)
class Chip:
    """A chip and what the index says of it.

    Attributes
    ----------
    path : str
        Its file.
    split : str
        One of `SPLITS`.
    block : int
        Number of the spatial block that it lies in.
    kind : str
        One of `KINDS`.
    landform : str
        Id of the landform that it was taken for; empty for none.
    mask_share, valid_share : float
        Shares of its pixels that are rock glacier, and that count; 0..1.
    column, row : int
        Its first pixel in the stack.
    roles : tuple of str
        Roles of its bands, without mask and validity.
    size : int
        Pixels along its side.
    look_alike : str
        Class of the look-alike that it was taken for; empty for none.
    """

    path: str
    split: str
    block: int
    kind: str
    landform: str
    mask_share: float
    valid_share: float
    column: int
    row: int
    roles: tuple[str, ...]
    size: int
    look_alike: str = ""

    def read(self) -> ChipPixels:
        """Read the chip's pixels.

        Raises
        ------
        InvalidRasterError
            If the file is missing or damaged.
        InvalidSamplesError
            If it has other bands or another size than its folder says.
        """
        with Raster(self.path) as raster:
            expected = (*self.roles, MASK, VALIDITY)
            size = raster.grid.width, raster.grid.height
            if raster.roles != expected or size != (self.size, self.size):
                raise InvalidSamplesError(
                    f"The chip {self.path} has {size[0]} x {size[1]} pixels and the bands {', '.join(raster.roles)}; "
                    f"its folder promises {self.size} x {self.size} and {', '.join(expected)}. Make the samples again."
                )
            values = raster.read()
        return ChipPixels(values[:-2], values[-2] > 0, values[-1] > 0)


@dataclass(frozen=True)
class SampleSet:
    """A folder of samples that was read; its chips' pixels stay on disk.

    Attributes
    ----------
    folder : str
    roles : tuple of str
        Roles of the stack's bands, in order.
    patch_size : int
        Side of the chips, in pixels.
    ground_sample_distance : float
        Side of a pixel, in metres.
    crs : str
        The stack's reference system as WKT.
    seed : int
        What the random choices started from.
    statistics : mapping of str to BandStatistics
        By role.
    record : mapping
        All that ``samples.json`` says.
    all_chips : tuple of Chip
        In the order of the index.
    """

    folder: str
    roles: tuple[str, ...]
    patch_size: int
    ground_sample_distance: float
    crs: str
    seed: int
    statistics: Mapping[str, BandStatistics]
    record: Mapping[str, Any]
    all_chips: tuple[Chip, ...]

    @classmethod
    def read(cls, folder: str) -> SampleSet:
        """Read a folder that `samples` wrote.

        Raises
        ------
        InvalidSamplesError
            If it is no such folder, is not whole, or was written by a version that says things this one does not know.
        """
        record = _read_record(folder)
        try:
            roles = tuple(str(role) for role in record["roles"])
            size, distance = int(record["patch_size_px"]), float(record["ground_sample_distance_m"])
            crs, seed = str(record["crs"]), int(record["seed"])
            statistics = {role: _statistics(record["statistics"][role]) for role in roles}
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidSamplesError(_damaged(folder, f"{RECORD} lacks what it must say ({error})")) from error
        if not roles or len(set(roles)) < len(roles) or size < 1 or not 0 < distance < math.inf:
            raise InvalidSamplesError(_damaged(folder, f"{RECORD} has no roles, pixel size or patch size that can be"))
        return cls(folder, roles, size, distance, crs, seed, statistics, record, _read_chips(folder, roles, size))

    def ground(self, split: str) -> Ground:
        """Return how much ground the split has; none in a folder that does not say it."""
        ground = self.record.get("ground", {})
        counts = ground.get(split, {}) if isinstance(ground, Mapping) else {}
        return Ground(int(counts.get("pixels", 0)), int(counts.get("rock_glacier_pixels", 0)))

    def chips(self, split: str) -> tuple[Chip, ...]:
        """Return the chips of a split, in the order of the index."""
        return tuple(chip for chip in self.all_chips if chip.split == split)


def _read_record(folder: str) -> dict[str, Any]:
    path = Path(folder, RECORD)
    if not path.is_file():
        raise InvalidSamplesError(
            f"{folder} is no folder of samples: it has no {RECORD}. Give the folder that *Training samples* wrote."
        )
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSamplesError(_damaged(folder, f"{RECORD} cannot be read ({error})")) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise InvalidSamplesError(_damaged(folder, f"{RECORD} does not describe samples"))
    if record.get("version") != VERSION:
        raise InvalidSamplesError(
            f"The samples in {folder} have version {record.get('version')} of their format; this software knows "
            f"version {VERSION}. Make the samples again, or use the software's version that made them."
        )
    return record


def _statistics(numbers: Mapping[str, float | None]) -> BandStatistics:
    return BandStatistics(*(math.nan if numbers[name] is None else float(numbers[name] or 0) for name in _NUMBERS))


def _read_chips(folder: str, roles: tuple[str, ...], size: int) -> tuple[Chip, ...]:
    index = Path(folder, INDEX)
    if not index.is_file():
        raise InvalidSamplesError(_damaged(folder, f"{INDEX} is missing"))
    try:
        layer = read_layer(f"{index}|layername={CHIPS}", columns=_COLUMNS)
    except MapperError as error:
        raise InvalidSamplesError(_damaged(folder, f"{INDEX} cannot be read: {error}")) from error
    chips = tuple(_chips(folder, layer, roles, size))
    _check(folder, chips)
    return chips


def _chips(folder: str, layer: VectorLayer, roles: tuple[str, ...], size: int) -> Sequence[Chip]:
    rows = zip(*(layer.columns[name].tolist() for name in _COLUMNS), strict=True)
    try:
        return [
            Chip(
                str(Path(folder, str(chip))),
                str(split),
                int(block),
                str(kind),
                landform or "",
                float(mask_share),
                float(valid_share),
                int(column),
                int(row),
                roles,
                size,
                look_alike or "",
            )
            for chip, split, block, kind, landform, mask_share, valid_share, column, row, look_alike in rows
        ]
    except (TypeError, ValueError) as error:
        raise InvalidSamplesError(_damaged(folder, f"{INDEX} has a chip without its columns ({error})")) from error


def _check(folder: str, chips: Sequence[Chip]) -> None:
    """Refuse chips that are missing, lie elsewhere, come twice, or are of no known split or kind."""
    inside = Path(folder, CHIPS_FOLDER).resolve()
    seen = set()
    for chip in chips:
        path = Path(chip.path)
        name = path.name
        if chip.split not in SPLITS or chip.kind not in KINDS:
            raise InvalidSamplesError(
                _damaged(folder, f"{INDEX} says split {chip.split!r} and kind {chip.kind!r} of {name}")
            )
        if path.resolve().parent != inside or not path.is_file():
            raise InvalidSamplesError(_damaged(folder, f"the chip {name} is missing in {CHIPS_FOLDER}"))
        if path in seen:
            raise InvalidSamplesError(_damaged(folder, f"{INDEX} names the chip {name} twice"))
        seen.add(path)


def _damaged(folder: str, what: str) -> str:
    return f"The samples in {folder} are damaged: {what}. Make them again."
