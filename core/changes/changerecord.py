"""The record of a comparison: figures, landforms and notes as plain values; report and JSON are made of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from ..contracts.change import ChangeOptions
from ..inventories.morphometry import Flow
from ..provenance import step
from .linking import GONE, MERGED, NEW, SPLIT
from .measures import Change

Record = dict[str, Any]

GROWN, SHRUNK, UNCHANGED = "grown", "shrunk", "within error"


@dataclass(frozen=True)
class Landform:
    """A landform of two dates.

    Attributes
    ----------
    status : str
        What became of it, as `linking.Group.status` tells.
    ids_before, ids_after : list of str
        Its outlines in the layers of both dates.
    before, after : shapely geometries
        Its outlines in degrees, WGS 84; empty where there is none.
    change : Change
    flow : Flow, optional
    """

    status: str
    ids_before: list[str]
    ids_after: list[str]
    before: shapely.Geometry
    after: shapely.Geometry
    change: Change
    flow: Flow | None

    @property
    def trend(self) -> str:
        """Whether the area changed by more than its error."""
        if not self.change.is_significant:
            return UNCHANGED
        return GROWN if self.change.area_change > 0 else SHRUNK

    @property
    def share(self) -> float:
        """Change of the area as a share of the earlier one; NaN for landforms that one date alone has."""
        known = self.ids_before and self.ids_after
        return self.change.area_change / self.change.area_before if known else math.nan

    @property
    def name(self) -> str:
        """What identifies it for a person."""
        return ", ".join(self.ids_before or self.ids_after)


def figures_of(landforms: Sequence[Landform]) -> dict[str, float]:
    """Return the figures over all landforms, named as in the stage's result; NaN where there is none."""
    status = Counter(landform.status for landform in landforms)
    trends = Counter(landform.trend for landform in landforms if landform.status not in (NEW, GONE))
    changes = [landform.change for landform in landforms]
    advances = [change.advance for change in changes if not math.isnan(change.advance)]
    return {
        "landforms": len(landforms),
        "grown": trends[GROWN],
        "shrunk": trends[SHRUNK],
        "new": status[NEW],
        "gone": status[GONE],
        "split": status[SPLIT],
        "merged": status[MERGED],
        "area_before_m2": float(sum(change.area_before for change in changes)),
        "area_after_m2": float(sum(change.area_after for change in changes)),
        "area_change_m2": float(sum(change.area_change for change in changes)),
        "area_change_error_m2": math.sqrt(sum(change.area_error**2 for change in changes)),
        "mean_front_advance_m": sum(advances) / len(advances) if advances else math.nan,
    }


def record_of(options: ChangeOptions, landforms: Sequence[Landform], before: int, after: int) -> Record:
    """Return the record.

    Parameters
    ----------
    options : ChangeOptions
    landforms : sequence of Landform
    before, after : int
        How many outlines of either date were compared.

    Returns
    -------
    dict
        Values that `json.dumps` takes with ``allow_nan=False``.
    """
    figures = figures_of(landforms)
    return {
        "inputs": {
            "before": {"path": options.before, "outlines": before},
            "after": {"path": options.after, "outlines": after},
            "dem": options.dem or None,
            "area": options.area or None,
        },
        "options": {
            "boundary_error_m": options.boundary_error,
            "years": options.years or None,
            "min_overlap": options.min_overlap,
        },
        "figures": {name: _finite(value) for name, value in figures.items()},
        "landforms": [_described(landform) for landform in landforms],
        "notes": list(_notes(options, landforms, before, after)),
        "provenance": step("change", options),
    }


def _described(landform: Landform) -> Record:
    change = landform.change
    return {
        "name": landform.name,
        "status": landform.status,
        "trend": landform.trend,
        "ids_before": landform.ids_before,
        "ids_after": landform.ids_after,
        "area_before_m2": change.area_before,
        "area_after_m2": change.area_after,
        "area_change_m2": change.area_change,
        "area_error_m2": change.area_error,
        "front_advance_m": _finite(change.advance),
        "front_advance_error_m": _finite(change.advance_error),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _notes(options: ChangeOptions, landforms: Sequence[Landform], before: int, after: int) -> Iterator[str]:
    """Yield sentences on what a reader of the figures must know."""
    for count, date in ((before, "earlier"), (after, "later")):
        if not count:
            yield f"The {date} date has no outlines; every landform is {'new' if date == 'earlier' else 'gone'}."
    if before and after and not any(landform.ids_before and landform.ids_after for landform in landforms):
        yield "No outline of one date overlaps one of the other; check their coordinate systems."
    if options.boundary_error == 0:
        yield "The boundary error is 0, so every difference counts as a change; state what it is."
    with_both = [landform for landform in landforms if landform.ids_before and landform.ids_after]
    unknown = sum(math.isnan(landform.change.advance) for landform in with_both)
    if not options.dem:
        yield "Without a DEM the direction of flow is not known; advances of fronts are not given."
    elif unknown:
        yield (
            f"The front's advance is not known of {unknown} landforms: the DEM has elevations on less than 90 % of "
            "them, they are level, or their outlines have no common front."
        )
    if not options.area and any(landform.status in (NEW, GONE) for landform in landforms):
        yield "New and gone landforms may be ones that only one date's map covers; give the area mapped at both dates."
