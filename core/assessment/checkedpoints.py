"""Sample points that a person has checked, read for estimates of accuracy and area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ..decisions import ANSWER
from ..errors import InvalidVectorError
from ..vectors.pointlayer import PointLayer, read_points
from .areaadjusted import AdjustedEstimates, Sample, adjusted_estimates
from .matching import Geometries

STRATUM, STRATUM_AREA = "stratum", "stratum_area_m2"
"""Columns of the layer of points: its stratum, and that stratum's area."""

_TEXTS = {"0": 0.0, "1": 1.0, "": None}

FEWEST = 2
"""Checked points that each stratum needs: one has no variance."""


@dataclass(frozen=True)
class PointAssessment:
    """What checked points say of a map.

    Attributes
    ----------
    estimates : AdjustedEstimates
    checked, unchecked, inside : int
        Points with and without an answer, and those with one that lie in the compared area.
    matrix : tuple of int
        Checked points in the compared area that are mapped and true, mapped only, true only, neither.
    strata : list of (str, float, int, int)
        Name, area (m2), checked points and rock glaciers among them of each stratum.
    """

    estimates: AdjustedEstimates
    checked: int
    unchecked: int
    inside: int
    matrix: tuple[int, int, int, int]
    strata: list[tuple[str, float, int, int]]


def assess_points(source: str, mapped: Geometries, area: Geometries, crs: str) -> PointAssessment:
    """Estimate a map's accuracy, and the area of rock glaciers, from checked points.

    Whether a point is mapped is looked up in `mapped`, so that one sample serves several maps of the same area. Points
    without an answer are left out, as if they had not been drawn.

    Parameters
    ----------
    source : str
        The layer of points.
    mapped : ndarray of shapely polygons
        Not cut to the area, or cut to it.
    area : ndarray of shapely polygons
        What the estimates speak of; empty for all that was sampled.
    crs : str
        WKT of the geometries' system.

    Raises
    ------
    InvalidVectorError
        If the layer lacks a column, holds answers other than 0 and 1, gives a stratum two areas, or has fewer than two
        checked points in a stratum.
    """
    layer = read_points(source, crs, (STRATUM, STRATUM_AREA, ANSWER))
    answers = _answers(source, layer)
    names, areas = _strata(source, layer)
    checked = np.isfinite(answers)
    _require_enough(source, layer, checked, names)
    points = shapely.points(layer.coordinates[checked])
    is_mapped, reference = _covered(points, mapped), answers[checked] == 1
    inside = _covered(points, area) if len(area) else np.ones(len(points), bool)
    strata = np.searchsorted(names, layer.columns[STRATUM][checked].astype(str))
    sample = Sample(strata, np.array(areas), is_mapped, reference, inside)
    parts = (is_mapped & reference, is_mapped & ~reference, ~is_mapped & reference, ~is_mapped & ~reference)
    return PointAssessment(
        adjusted_estimates(sample),
        len(points),
        int(np.sum(~checked)),
        int(inside.sum()),
        tuple(int(np.sum(part & inside)) for part in parts),  # type: ignore[arg-type]
        [
            (name, stratum_area, int(np.sum(strata == row)), int(np.sum(reference[strata == row])))
            for row, (name, stratum_area) in enumerate(zip(names, areas, strict=True))
        ],
    )


def _answers(source: str, layer: PointLayer) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # A column that was made by hand may be text.
    answers = np.array([_TEXTS.get(value, value) for value in layer.columns[ANSWER].tolist()], object)
    wrong = [str(value) for value in answers.tolist() if value is not None and value == value and value not in (0, 1)]
    if wrong:
        raise InvalidVectorError(
            f"The column {ANSWER} of {source} holds {wrong[0]}; 1 (rock glacier), 0 (none) or NULL (not checked) are "
            "expected."
        )
    return np.array([np.nan if value is None else value for value in answers.tolist()], dtype=np.float64)


def _strata(source: str, layer: PointLayer) -> tuple[list[str], list[float]]:
    """Return names and areas of the strata, by name."""
    texts, areas = layer.columns[STRATUM], layer.columns[STRATUM_AREA]
    without = sum(name is None or name != name for name in texts.tolist())
    if without:
        raise InvalidVectorError(
            f"{without} points of {source} have no {STRATUM}; take the layer as Draw sample points has written it."
        )
    found: dict[str, set[float]] = {}
    for name, area in zip(texts.tolist(), areas.tolist(), strict=True):
        found.setdefault(str(name), set()).add(area)
    for name, values in found.items():
        # One area a stratum, which is a number above zero.
        if len(values) != 1 or not all(isinstance(value, float) and value > 0 for value in values):
            raise InvalidVectorError(
                f"The column {STRATUM_AREA} of {source} must hold one area above zero for the stratum {name}, but it "
                f"holds {', '.join(sorted(map(str, values))[:3])}. Take the layer as Draw sample points has written it."
            )
    names = sorted(found)
    return names, [next(iter(found[name])) for name in names]


def _require_enough(source: str, layer: PointLayer, checked: np.ndarray, names: list[str]) -> None:  # type: ignore[type-arg]
    texts = layer.columns[STRATUM].astype(str)
    few = [name for name in names if np.sum(checked & (texts == name)) < FEWEST]
    if few or not names:
        raise InvalidVectorError(
            f"The points of {source} are not checked: {'it' if not names else 'stratum ' + few[0]} has fewer than "
            f"{FEWEST} answers in the column {ANSWER}. Fill it with 1 (rock glacier) or 0 (none)."
        )


def _covered(points: Geometries, polygons: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    covered = np.zeros(len(points), dtype=bool)
    covered[shapely.STRtree(polygons).query(points, predicate="intersects")[0]] = True
    return covered
