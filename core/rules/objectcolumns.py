"""Stage `objectcolumns`: how the values of the columns of objects are spread."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..contracts.ruletrial import Column, ObjectColumnsOptions, ObjectColumnsResult
from ..progress import Progress
from .openobjects import open_objects
from .rules import NUMERIC


def run(options: ObjectColumnsOptions, progress: Progress) -> ObjectColumnsResult:
    """Read objects and describe their columns.

    Parameters
    ----------
    options : ObjectColumnsOptions
    progress : Progress

    Returns
    -------
    ObjectColumnsResult

    Raises
    ------
    InvalidVectorError
        If the objects cannot be read.
    """
    objects = open_objects(options.objects, progress)
    progress.check()
    numeric = {name: values for name, values in objects.columns.items() if values.dtype.kind in NUMERIC}
    columns = tuple(_column(name, values, options.bins) for name, values in numeric.items())
    texts = tuple(name for name in objects.columns if name not in numeric)
    progress.report(1.0)
    return ObjectColumnsResult(len(objects.layer), columns, texts)


def _column(name: str, values: NDArray[np.float64], bins: int) -> Column:
    known = values[np.isfinite(values)]
    nulls = len(values) - len(known)
    if not len(known):
        return Column(name, math.nan, math.nan, nulls, (0,) * bins)
    low, high = float(known.min()), float(known.max())
    # Halves and shares, since the span of the largest numbers is none that a computer knows.
    span = high / 2 - low / 2
    shares = (known / 2 - low / 2) / span if span > 0 else np.full(len(known), 0.5)
    counts = np.bincount(np.minimum((shares * bins).astype(np.intp), bins - 1), minlength=bins)
    return Column(name, low, high, nulls, tuple(counts.tolist()))
