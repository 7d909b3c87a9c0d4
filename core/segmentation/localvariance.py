"""Local variance of objects over a range of scales, and the peaks of its rate of change."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Of grey levels from 0 to 255; what follows on less is no rate of change, but a beginning.
_NO_VARIANCE = 1e-3


def local_variance(bands: NDArray[np.float32], labels: NDArray[np.uint32]) -> float:
    """Return the mean over objects of the standard deviation within an object, averaged over bands.

    Drăguţ, Tiede and Levick (2010) for one band; the mean over bands is that of Drăguţ et al. (2014).

    Parameters
    ----------
    bands : float array, shape (bands, height, width)
    labels : uint32 array, shape (height, width)
        0 = nodata.

    Returns
    -------
    float
        In the bands' unit; NaN without bands or objects.
    """
    inside = labels > 0
    owners = labels[inside]
    sizes = np.bincount(owners)[1:]
    if not len(sizes) or not len(bands):
        return math.nan
    return float(np.mean([_deviations(band[inside], owners, sizes).mean() for band in bands]))


def rates_of_change(variances: Sequence[float]) -> list[float]:
    """Return the rate of change of each level's local variance against the level before, in per cent.

    100 (L - B) / B, where B is the level before (Drăguţ, Tiede and Levick 2010); NaN for the first level, and where B
    is next to 0, because hardly any pixels have merged there.
    """
    steps = itertools.pairwise(variances)
    rates = [100 * (now - before) / before if before > _NO_VARIANCE else math.nan for before, now in steps]
    return [math.nan, *rates][: len(variances)]


def peaks(rates: Sequence[float]) -> list[int]:
    """Return the levels whose rate of change is above 0 and above those of both levels beside it, highest first.

    Of equal neighbours the first counts. A level beside which there is none with a rate is no peak: the first two, the
    last, and those after a local variance of 0.
    """
    inner = range(2, len(rates) - 1)
    found = [
        level
        for level in inner
        if rates[level] > 0 and rates[level - 1] < rates[level] and rates[level] >= rates[level + 1]
    ]
    return sorted(found, key=lambda level: -rates[level])


def _deviations(
    values: NDArray[np.float32], owners: NDArray[np.uint32], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    means = np.bincount(owners, values.astype(np.float64))[1:] / sizes
    residuals = values - means.take(owners.astype(np.intp) - 1)
    deviations: NDArray[np.float64] = np.sqrt(np.bincount(owners, residuals**2)[1:] / sizes)
    return deviations
