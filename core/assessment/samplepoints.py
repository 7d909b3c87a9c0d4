"""Stage `samplepoints`: draw a stratified random sample of points at which a person checks a map."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.samplepoints import BALANCED, EQUAL, SamplePointsOptions, SamplePointsResult
from ..decisions import ANSWER
from ..errors import InvalidOptionError, InvalidVectorError
from ..files import check_writable
from ..inventories.counted import only_landforms
from ..progress import Progress
from ..provenance import joined, step
from ..vectors.pointlayer import PointLayer, write_points
from ..vectors.vector import read_layer
from .checkedpoints import FEWEST, STRATUM, STRATUM_AREA
from .comparison import metric_crs
from .matching import SMALLEST_LANDFORM, Geometries, dissolve, polygon_parts

LAYER = "sample_points"
"""Name of the layer of points."""

MAPPED, BUFFER, ELSEWHERE = "mapped", "buffer", "elsewhere"
"""The strata: in a mapped outline, around one, and the rest of the area."""


class Stratum(NamedTuple):
    """A part of the sampled area: its name and its polygons, which do not overlap."""

    name: str
    polygons: Geometries

    @property
    def area(self) -> float:
        """Area (m2)."""
        return float(shapely.area(self.polygons).sum())


def run(options: SamplePointsOptions, progress: Progress) -> SamplePointsResult:
    """Draw points at random in each stratum: what is mapped, a belt around it, and the rest of the area.

    The layer ``sample_points`` has the columns `point_id`, `is_rock_glacier` (NULL, for the person who checks: 1 or 0),
    `comment`, `stratum`, `stratum_area_m2` and `seed`. Points come in random order, so that neither their order nor
    their number tells the stratum, and whoever stops early has checked a random part. Its system is that of the mapped
    outlines, or an equal-area one where that does not give true areas.

    Parameters
    ----------
    options : SamplePointsOptions
    progress : Progress

    Returns
    -------
    SamplePointsResult

    Raises
    ------
    MapperError
        If an input cannot be read, nothing is mapped in the area, or the points are too few for the strata.
    """
    check_writable(options.output, ".gpkg", inputs=(options.mapped, options.area))
    progress.report(0.0, "Reading the outlines")
    layer = read_layer(options.mapped)
    crs = metric_crs(layer.crs, layer.geometries)
    mapped = dissolve(only_landforms(read_layer(options.mapped, crs=crs), options.mapped, progress).geometries)
    area = _area(options, mapped, crs, progress)
    progress.report(0.2, "Making the strata")
    strata = _strata(mapped, area, options.buffer)
    _require_mapped(options, strata)
    progress.check()
    counts = allocated([stratum.area for stratum in strata], options)
    progress.report(0.6, "Drawing points")
    generator = np.random.default_rng(options.seed)
    places = [random_points(stratum.polygons, count, generator) for stratum, count in zip(strata, counts, strict=True)]
    progress.check()
    order = generator.permutation(sum(counts))
    names = np.repeat(np.array([stratum.name for stratum in strata], dtype=object), counts)[order]
    areas = np.repeat([round(stratum.area, 1) for stratum in strata], counts)[order]
    columns = {
        "point_id": np.arange(1, len(order) + 1),
        ANSWER: np.full(len(order), -1),
        "comment": np.full(len(order), None, dtype=object),
        STRATUM: names,
        STRATUM_AREA: areas,
        "seed": np.full(len(order), options.seed),
    }
    chain = joined(layer.provenance, [step("samplepoints", options)])
    points = PointLayer(np.concatenate(places)[order], columns, crs, chain)
    write_points(options.output, LAYER, points, empty=(ANSWER,))
    progress.report(1.0, "Done")
    found = dict(zip((stratum.name for stratum in strata), counts, strict=True))
    return SamplePointsResult(
        options.output, sum(counts), found.get(MAPPED, 0), found.get(BUFFER, 0), found.get(ELSEWHERE, 0)
    )


def allocated(areas: list[float], options: SamplePointsOptions) -> list[int]:
    """Return the number of points in each stratum.

    Parameters
    ----------
    areas : list of float
        Area of each stratum.
    options : SamplePointsOptions

    Returns
    -------
    list of int
        They add up to `options.count`. What is shared in proportion goes to the largest remainders. With the allocation
        `balanced` each stratum first gets `options.min_points`, as Olofsson et al. (2014) advise for rare classes, or
        an equal share where the points do not suffice for that.

    Raises
    ------
    InvalidOptionError
        If a stratum would get fewer than the two points that an estimate of its variance needs.
    """
    number = len(areas)
    if options.allocation == EQUAL:
        counts = _shared(options.count, [1.0] * number)
    elif options.allocation == BALANCED:
        least = min(options.min_points, options.count // number)
        counts = [least + more for more in _shared(options.count - number * least, areas)]
    else:
        counts = _shared(options.count, areas)
    if min(counts) < FEWEST:
        raise InvalidOptionError(
            f"Option `count` of {options.count} points with the allocation {options.allocation} leaves a stratum with "
            f"{min(counts)}; each needs at least {FEWEST}. Give more points, or the allocation {BALANCED}."
        )
    return counts


def random_points(polygons: Geometries, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return points distributed evenly at random over polygons, shape (count, 2).

    The polygons are cut into triangles, triangles are drawn by their area, and in each a place (Turk 1990).
    """
    collections = np.asarray(shapely.constrained_delaunay_triangles(polygons))
    triangles = polygon_parts(collections)[0]
    areas = shapely.area(triangles)
    chosen = generator.choice(len(triangles), size=count, p=areas / areas.sum())
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[chosen]
    across, along = np.sqrt(generator.random(count))[:, np.newaxis], generator.random(count)[:, np.newaxis]
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    return np.asarray((1 - across) * first + across * (1 - along) * second + across * along * third)


def _shared(count: int, weights: list[float]) -> list[int]:
    """Share a number in proportion to weights, the remainders to the largest fractions."""
    exact = count * np.array(weights) / np.sum(weights)
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]] += 1
    return [int(number) for number in whole]


def _area(options: SamplePointsOptions, mapped: Geometries, crs: str, progress: Progress) -> Geometries:
    if options.area:
        area = dissolve(read_layer(options.area, crs=crs, columns=()).geometries)
        if len(area) == 0:
            raise InvalidVectorError(f"The area {options.area} has no polygons; give the polygons to sample.")
        return area
    if len(mapped) == 0:
        raise InvalidVectorError(f"{options.mapped} has no polygons; give the outlines that were mapped.")
    left, bottom, right, top = shapely.total_bounds(mapped)
    width = options.buffer
    progress.warn(
        "No area was given: the rectangle around the mapped outlines is sampled, and the estimates speak of it alone."
    )
    return np.array([shapely.box(left - width, bottom - width, right + width, top + width)], dtype=object)


def _strata(mapped: Geometries, area: Geometries, width: float) -> list[Stratum]:
    """Return the strata that have an area."""
    ground, limits = shapely.union_all(mapped), shapely.union_all(area)
    around = shapely.buffer(ground, width) if width else ground
    parts = {
        MAPPED: shapely.intersection(ground, limits),
        BUFFER: shapely.intersection(shapely.difference(around, ground), limits),
        ELSEWHERE: shapely.difference(limits, around),
    }
    strata = [Stratum(name, polygon_parts(np.array([geometry], dtype=object))[0]) for name, geometry in parts.items()]
    return [stratum for stratum in strata if stratum.area >= SMALLEST_LANDFORM]


def _require_mapped(options: SamplePointsOptions, strata: list[Stratum]) -> None:
    if not strata or strata[0].name != MAPPED:
        raise InvalidVectorError(
            f"Nothing of {options.mapped} is mapped in the area {options.area}; give outlines and an area that overlap."
        )
