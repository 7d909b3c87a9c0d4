"""The record of a search for the scale parameter: plain values for JSON, from which the report is made."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..contracts.scaleparameter import ScaleParameterOptions
from ..provenance import joined, step
from ..rasters.grid import Window
from .referenceoutlines import ReferenceOutlines
from .segmentationgoodness import Goodness
from .segmentlayers import SegmentLayers

Record = dict[str, Any]

# Of fewer outlines the measures change much when one is added.
_FEW_OUTLINES = 10


class Level(NamedTuple):
    """What one scale gives.

    Attributes
    ----------
    scale : float
    objects : int
        Number of objects.
    mean_pixels : float
        Their mean size.
    variance : float
        Local variance, in grey levels of the stretched bands (0..255).
    rate : float
        Its rate of change in per cent, NaN where there is none.
    fit : Goodness
        Against the reference outlines, NaN without them.
    """

    scale: float
    objects: int
    mean_pixels: float
    variance: float
    rate: float
    fit: Goodness


def record_of(
    options: ScaleParameterOptions,
    layers: SegmentLayers,
    window: Window,
    levels: list[Level],
    peaks: list[int],
    outlines: ReferenceOutlines | None,
    used: int,
) -> Record:
    """Return the record of a search.

    Parameters
    ----------
    options : ScaleParameterOptions
    layers : SegmentLayers
    window : Window
        The part of the raster on which scales were tried.
    levels : list of Level
        By ascending scale.
    peaks : list of int
        Positions of the levels at which the rate of change has a peak, highest first.
    outlines : ReferenceOutlines or None
    used : int
        How many of them the objects were compared with.

    Returns
    -------
    dict
        Values that `json.dumps` takes with ``allow_nan=False``.
    """
    best = peaks[0] if peaks else None
    if outlines is not None:
        best = min(range(len(levels)), key=lambda number: levels[number].fit.d)
    own = step("scaleparameter", options, window=list(window))
    return {
        "inputs": {
            "raster": options.input,
            "heatmap": options.heatmap or None,
            "reference": options.reference or None,
            "area": options.area or None,
        },
        "bands": [layers.roles[position] for position in layers.used],
        "raster_size": [layers.grid.width, layers.grid.height],
        "window": list(window),
        "outlines": None if outlines is None else {"used": used, "total": outlines.total},
        "levels": [_level(level) for level in levels],
        "peaks": [levels[number].scale for number in peaks],
        "best_scale": None if best is None else levels[best].scale,
        "best_by": "local variance" if outlines is None else "reference outlines",
        "best_d": None if best is None else _number(levels[best].fit.d),
        "notes": _notes(layers, window, levels, best, outlines, used),
        "provenance": {
            "inputs": joined(layers.provenance, outlines.provenance if outlines is not None else ()),
            "scaleparameter": own,
        },
    }


def _level(level: Level) -> Record:
    return {
        "scale": level.scale,
        "objects": level.objects,
        "mean_pixels": level.mean_pixels,
        "local_variance": _number(level.variance),
        "rate_of_change_percent": _number(level.rate),
        "over_segmentation": _number(level.fit.over),
        "under_segmentation": _number(level.fit.under),
        "d": _number(level.fit.d),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _notes(
    layers: SegmentLayers,
    window: Window,
    levels: list[Level],
    best: int | None,
    outlines: ReferenceOutlines | None,
    used: int,
) -> list[str]:
    """Return what the reader must know before she trusts the figures."""
    notes = []
    grid = layers.grid
    if (window.width, window.height) != (grid.width, grid.height):
        notes.append(
            f"The scales were tried on {window.width} x {window.height} of the raster's {grid.width} x {grid.height} "
            "pixels; look at a preview elsewhere before you rely on them."
        )
    if outlines is not None and used < outlines.total:
        notes.append(
            f"{used} of the {outlines.total} reference outlines count: those that lie wholly in this part and the "
            "area, and have pixels of their own with data."
        )
    if outlines is not None and used < _FEW_OUTLINES:
        notes.append(
            f"The measures rest on {used} outline{'s' * (used != 1)} only; one more could change the proposal."
        )
    if best is None:
        notes.append(
            "The rate of change has no peak in this range, so no scale is proposed: try smaller steps or a wider "
            "range, or choose by previews."
        )
    elif outlines is not None and best in (0, len(levels) - 1):
        notes.append("The smallest D is at an end of the range, so the best scale may lie beyond it: widen the range.")
    return notes
