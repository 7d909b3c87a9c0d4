"""What landforms are made of: statistics of layers over their pixels, and the classified objects in them.

Labels and layers are read strip by strip; only sums by landform are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.labels import LabelIndex
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP
from ..vectors.vector import VectorLayer, burn

# The labels and the places of the landforms' pixels; band values as they are read, and those of the landforms.
_BYTES_A_PIXEL = 24
_BYTES_A_BAND = 16
# Statistics beside the mean, which every band has.
_FURTHER = {"elevation": ("min", "max"), HEATMAP: ("max", "share_above")}
# From here on a heatmap finds a landform more likely than not.
_LIKELY = 0.5
# A mean direction needs more than the rounding errors of directions that cancel out.
_NO_DIRECTION = 1e-6
# How many features an explanation names.
_NAMED = 3

Columns = dict[str, NDArray[Any]]
Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Landforms:
    """The pixels of landforms.

    Attributes
    ----------
    raster : Raster
        Their labels.
    index : LabelIndex
        Which labels there are.
    """

    raster: Raster
    index: LabelIndex

    @property
    def grid(self) -> Grid:
        """The grid of the labels."""
        return self.raster.grid

    def __len__(self) -> int:
        return len(self.index)

    def strips(self, bytes_per_pixel: int, progress: Progress, message: str) -> Iterator[tuple[Window, Mask, Indices]]:
        """Yield the strips that hold landforms: the window, the landforms' mask, and the place of each pixel's id."""
        windows = self.grid.strips(_BYTES_A_PIXEL + bytes_per_pixel)
        for window in progress.each(windows, len(windows), message):
            block = self.raster.read_raw(window)
            inside = block != 0
            if inside.any():
                yield window, inside, self.index.places(block[inside])


def layer_statistics(landforms: Landforms, layer: Raster, progress: Progress) -> Columns:
    """Return the statistics of a layer's bands over the landforms' pixels.

    Parameters
    ----------
    landforms : Landforms
    layer : Raster
        On the landforms' grid.
    progress : Progress

    Returns
    -------
    dict of array of float64, shape (n,)
        ``<band>_mean`` of every band; ``elevation_min``, ``elevation_max``, ``heatmap_max``, and
        ``heatmap_share_above``, the share of the pixels with values of at least 0.5. NaN where a landform has no pixel
        with a value.
    """
    bands = [_BandSums(role, len(landforms)) for role in layer.roles]
    message = f"Measuring {', '.join(layer.roles)}"
    for window, inside, place in landforms.strips(_BYTES_A_BAND * len(bands), progress, message):
        for band, values in zip(bands, layer.read(window)[:, inside], strict=True):
            known = ~np.isnan(values)
            band.add(place[known], values[known])
    return {name: values for band in bands for name, values in band.columns().items()}


def mean_aspect(columns: Columns) -> Columns:
    """Return the mean aspect from the means of its sine and cosine, as far as both are there.

    Returns
    -------
    dict of array of float64, shape (n,)
        ``aspect_mean_deg``: clockwise from north, 0 to below 360; NaN where no direction prevails. This is the circular
        mean of Mardia and Jupp (2000), Directional Statistics, section 2.2.
    """
    if not {"aspect_sin_mean", "aspect_cos_mean"} <= columns.keys():
        return {}
    east, north = columns["aspect_sin_mean"], columns["aspect_cos_mean"]
    degrees = np.degrees(np.arctan2(east, north)) % 360
    # The remainder of a tiny negative angle is rounded to 360 itself.
    degrees[degrees >= 360] = 0
    return {"aspect_mean_deg": np.where(np.hypot(east, north) > _NO_DIRECTION, degrees, np.nan)}


class _BandSums:
    """Sums of one band by landform."""

    def __init__(self, role: str, count: int) -> None:
        self._role = role
        self._further = _FURTHER.get(role, ())
        self._total, self._pixels, self._high = np.zeros(count), np.zeros(count), np.zeros(count)
        self._min, self._max = np.full(count, np.inf), np.full(count, -np.inf)

    def add(self, place: Indices, values: NDArray[np.float32]) -> None:
        """Add pixels: the places of their landforms and their values, none of them NaN."""
        count = len(self._total)
        self._total += np.bincount(place, values, count)
        self._pixels += np.bincount(place, minlength=count)
        if not self._further or not len(place):
            return
        self._high += np.bincount(place, values >= _LIKELY, count)
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        found = place[order[starts]]
        self._min[found] = np.minimum(self._min[found], np.minimum.reduceat(values[order], starts))
        self._max[found] = np.maximum(self._max[found], np.maximum.reduceat(values[order], starts))

    def columns(self) -> Columns:
        """Return the statistics."""
        statistics = {
            "mean": _ratio(self._total, self._pixels),
            "min": np.where(self._pixels > 0, self._min, np.nan),
            "max": np.where(self._pixels > 0, self._max, np.nan),
            "share_above": _ratio(self._high, self._pixels),
        }
        return {f"{self._role}_{name}": statistics[name] for name in ("mean", *self._further)}


def object_statistics(landforms: Landforms, objects: VectorLayer, progress: Progress) -> Columns:
    """Return what the objects in each landform say about it.

    Parameters
    ----------
    landforms : Landforms
    objects : VectorLayer
        Objects of the class that the landforms were made from, with the column ``membership`` and, where it is known,
        ``limiting_feature``: the feature that kept the membership below 1, an empty text where none did.
    progress : Progress

    Returns
    -------
    dict of array, shape (n,)
        ``membership``, the mean over a landform's pixels in objects, NaN without any; ``object_count``; and
        ``limiting_feature`` and ``explanation``, texts, None where they are not known.
    """
    place, number, pixels, size = _shared_pixels(landforms, objects, progress)
    count = len(landforms)
    covered: Numbers = np.bincount(place, pixels, count).astype(float)
    total: Numbers = np.bincount(place, pixels * objects.columns["membership"][number], count).astype(float)
    columns: Columns = {
        "membership": _ratio(total, covered),
        "object_count": np.bincount(place, minlength=count),
        "limiting_feature": np.full(count, None, object),
        "explanation": np.full(count, None, object),
    }
    if "limiting_feature" not in objects.columns:
        return columns
    shares = _limiting_shares(place, objects.columns["limiting_feature"][number], pixels)
    for landform in np.flatnonzero(covered):
        limits = shares.get(int(landform), [])
        columns["limiting_feature"][landform] = limits[0][0] if limits else ""
        columns["explanation"][landform] = _explanation(
            int(columns["object_count"][landform]), limits, 1 - covered[landform] / size[landform]
        )
    return columns


def _shared_pixels(
    landforms: Landforms, objects: VectorLayer, progress: Progress
) -> tuple[Indices, Indices, Numbers, Numbers]:
    """Return each landform and object that share pixels, how many pixels, and the pixels of each landform."""
    size = np.zeros(len(landforms))
    found, pixels = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    if len(objects):
        numbers = np.arange(1, len(objects) + 1)
        for window, inside, place in landforms.strips(_BYTES_A_BAND, progress, "Finding the objects"):
            size += np.bincount(place, minlength=len(size))
            number = burn(objects.geometries, numbers, landforms.grid, np.uint32, window)[inside].astype(np.int64)
            pairs, counts = np.unique((place * len(objects) + number - 1)[number > 0], return_counts=True)
            found.append(pairs)
            pixels.append(counts)
    pairs, inverse = np.unique(np.concatenate(found), return_inverse=True)
    divisor = max(len(objects), 1)
    shared: Numbers = np.bincount(inverse, np.concatenate(pixels), len(pairs)).astype(float)
    return pairs // divisor, pairs % divisor, shared, size


def _limiting_shares(place: Indices, features: NDArray[Any], pixels: Numbers) -> dict[int, list[tuple[str, float]]]:
    """Return the features that limit objects of each landform with their shares of the objects' area, largest first."""
    sums: dict[int, dict[str, float]] = {}
    for landform, feature, area in zip(place.tolist(), features.tolist(), pixels.tolist(), strict=True):
        of_landform = sums.setdefault(landform, {})
        of_landform[feature or ""] = of_landform.get(feature or "", 0) + area
    return {
        landform: sorted(
            ((feature, area / sum(areas.values())) for feature, area in areas.items() if feature),
            key=lambda item: (-item[1], item[0]),
        )
        for landform, areas in sums.items()
    }


def _explanation(count: int, limits: Sequence[tuple[str, float]], added: float) -> str:
    """Return in words what made a landform."""
    objects, area = ("1 object", "its area") if count == 1 else (f"{count} objects", "their area")
    named = ", ".join(f"{feature} on {share:.0%}" for feature, share in limits[:_NAMED])
    parts = [objects, f"membership limited by {named} of {area}" if named else "every condition fully met"]
    if added >= 0.005:
        parts.append(f"{added:.0%} of its pixels added by reshaping")
    return "; ".join(parts)


def _ratio(total: Numbers, count: Numbers) -> Numbers:
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
