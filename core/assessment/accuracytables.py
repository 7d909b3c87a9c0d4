"""Tables of an accuracy assessment: by size, and by attributes of the reference."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidOptionError
from ..progress import Progress
from .bootstrap import wilson
from .comparison import Comparison, Landforms
from .matching import Geometries, LandformMatch, covered_areas, dissolve, share

SIZE_CLASSES_KM2 = (0.01, 0.05, 0.1, 0.5)
"""Limits between the size classes of landforms; a landform on a limit belongs to the larger class."""

MOST_GROUPS = 12
"""A text column with more distinct values than this names landforms rather than groups them."""

NUMBER_CLASSES = 4
"""Classes that the values of a column of numbers are put into, about as many landforms in each."""

NOT_STATED = "(not stated)"

_FEWEST_DIGITS, _MOST_DIGITS = 4, 17

Flags = NDArray[np.bool_]
Table = dict[str, Any]


class Names(NamedTuple):
    """What the columns of a table are called in the record: those that depend on whose landforms it counts."""

    detected: str
    covered: str
    several: str


REFERENCE = Names("detected", "producers_accuracy", "split")
MAPPED = Names("confirmed", "users_accuracy", "merged")


def reference_tables(
    comparison: Comparison, match: LandformMatch, group_by: Sequence[str], progress: Progress
) -> Iterator[Table]:
    """Yield the tables of the reference: by size, then by its columns.

    Parameters
    ----------
    comparison : Comparison
    match : LandformMatch
    group_by : sequence of str
        Columns of the reference; empty for every text column that groups landforms.
    progress : Progress

    Raises
    ------
    InvalidOptionError
        If the reference lacks a column.
    """
    layer, cover = comparison.reference, comparison.mapped.ground
    for column, groups in (("", _sizes(layer)), *_groupings(layer, group_by).items()):
        rows = [
            _row(REFERENCE, name, layer.geometries[chosen], match.reference_matched[chosen], cover, progress)
            | {"split": int(match.reference_split[chosen].sum())}
            for name, chosen in groups.items()
        ]
        title = f"By {column}" if column else "By size of the whole reference landform (km²)"
        yield {"title": title, "column": column or None, "rows": rows}


def mapped_tables(comparison: Comparison, match: LandformMatch, progress: Progress) -> Iterator[Table]:
    """Yield the tables of the mapped landforms: by size."""
    layer, cover = comparison.mapped, comparison.reference.ground
    rows = [
        _row(MAPPED, name, layer.geometries[chosen], match.mapped_matched[chosen], cover, progress)
        | {"merged": int(match.mapped_merged[chosen].sum())}
        for name, chosen in _sizes(layer).items()
    ]
    yield {"title": "By size of the whole mapped landform (km²)", "column": None, "rows": rows}


def _row(
    names: Names, group: str, geometries: Geometries, matched: Flags, cover: Geometries, progress: Progress
) -> Table:
    ground = dissolve(geometries)
    area = float(shapely.area(ground).sum())
    covered = float(covered_areas(ground, cover, progress.part(1.0, 1.0)).sum())
    found = int(matched.sum())
    return {
        "group": group,
        "count": len(matched),
        "matched": found,
        names.detected: share(found, len(matched)),
        f"{names.detected}_interval": wilson(found, len(matched)),
        "area_m2": area,
        names.covered: share(covered, area),
    }


def _sizes(layer: Landforms) -> dict[str, Flags]:
    """Return where the landforms of each size class are."""
    limits = [f"{limit:g}" for limit in SIZE_CLASSES_KM2]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(limits)]
    names = [f"below {limits[0]}", *between, f"{limits[-1]} and above"]
    number = np.digitize(layer.whole_areas / 1e6, SIZE_CLASSES_KM2)
    return {name: number == index for index, name in enumerate(names)}


def _groupings(reference: Landforms, group_by: Sequence[str]) -> Mapping[str, dict[str, Flags]]:
    """Return the groups of each column that there is a table for."""
    columns = reference.columns
    missing = [name for name in group_by if name not in columns]
    if missing:
        raise InvalidOptionError(
            f"Option `group_by` names the column {', '.join(missing)}, which the reference {reference.source} does not "
            f"have; it has {', '.join(columns) or 'none'}."
        )
    if group_by:
        return {name: _classes(columns[name]) for name in group_by}
    return {name: _texts(values) for name, values in columns.items() if _groups_landforms(values)}


def _groups_landforms(values: NDArray[Any]) -> bool:
    """Whether a column is text that groups landforms: few values, of which some are shared."""
    if values.dtype != object:
        return False
    stated = [value for value in values.tolist() if value]
    # A value each for every landform is a name.
    return 2 <= len(set(stated)) <= MOST_GROUPS and len(set(stated)) < len(stated)


def _classes(values: NDArray[Any]) -> dict[str, Flags]:
    """Return where each class of a column is: each of its values, or of many numbers four ranges."""
    if values.dtype == object:
        return _texts(values)
    known = np.isfinite(values.astype(np.float64))
    distinct = np.unique(values[known])
    if len(distinct) <= MOST_GROUPS:
        texts = _told_apart(distinct.tolist())
        groups = {text: values == value for text, value in zip(texts, distinct.tolist(), strict=True)}
    else:
        limits = np.unique(np.quantile(values[known], np.linspace(0, 1, NUMBER_CLASSES + 1)))
        number = np.digitize(values, limits[1:-1])
        ends = itertools.pairwise(_told_apart(limits.tolist()))
        groups = {f"{low} to {high}": known & (number == index) for index, (low, high) in enumerate(ends)}
    return groups | ({} if known.all() else {NOT_STATED: ~known})


def _told_apart(numbers: list[float]) -> list[str]:
    """Return different numbers as texts, with as many digits as tell them apart; whole ones as they are."""
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS + 1):
        texts = [f"{number:.0f}" if float(number).is_integer() else f"{number:.{digits}g}" for number in numbers]
        if len(set(texts)) == len(texts):
            break
    return texts


def _texts(values: NDArray[Any]) -> dict[str, Flags]:
    """Return where each text of a column is, those that state nothing last."""
    texts = np.array([value if value and value != NOT_STATED else "" for value in values.tolist()], dtype=object)
    groups = {name: texts == name for name in sorted(set(texts) - {""})}
    return groups | ({NOT_STATED: texts == ""} if "" in texts else {})
