"""Which outlines of a layer count as landforms: not those that a review rejected, and each landform once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..vectors.vector import VectorLayer
from .standard import EXTENDED, OUTLINE_TYPE, RESTRICTED
from .tables import find_column

Columns = Mapping[str, NDArray[Any]]
Mask = NDArray[np.bool_]

_REJECTED = "rejected"


def not_rejected(columns: Columns, count: int) -> Mask:
    """Return which of so many outlines no reviewer has rejected."""
    column = find_column(list(columns), "review_status")
    if not column:
        return np.ones(count, bool)
    return np.array([str(value).strip().lower() != _REJECTED for value in columns[column].tolist()], bool)


def counted(columns: Columns, count: int) -> tuple[Mask, list[str]]:
    """Return which outlines are landforms, and sentences about those that are none.

    An inventory holds some landforms twice: its restricted outlines, without front and margins, do not count where
    there are extended ones.

    Parameters
    ----------
    columns : mapping of array, shape (count,)
        Attributes of the outlines.
    count : int
        Number of outlines.
    """
    kept = not_rejected(columns, count)
    notes = [] if kept.all() else [f"Outlines that were rejected in the review and are left out: {int((~kept).sum())}."]
    column = find_column(list(columns), "OutType", "Out.Type")
    if column:
        kinds = [OUTLINE_TYPE.code_of(str(value)) for value in columns[column].tolist()]
        twice = kept & np.array([kind == RESTRICTED for kind in kinds], bool)
        if twice.any() and EXTENDED in kinds:
            kept &= ~twice
            notes.append(f"Restricted outlines, beside extended ones, that are left out: {int(twice.sum())}.")
    return kept, notes


def only_landforms(layer: VectorLayer, source: str, progress: Progress) -> VectorLayer:
    """Return a layer without the outlines that are no landforms (`counted`), and warn of them."""
    kept, notes = counted(layer.columns, len(layer))
    for note in notes:
        progress.warn(f"{source}: {note}")
    return layer.chosen(kept)


def identifiers(values: Sequence[Any], places: Sequence[int]) -> list[str]:
    """Return what identifies features: their values of a column, or their places in the layer where that is NULL.

    Whole numbers are read as floating ones where a row is NULL.
    """
    found = []
    for value, place in zip(values, places, strict=True):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        is_null = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
        found.append(str(place if is_null else value))
    return found
