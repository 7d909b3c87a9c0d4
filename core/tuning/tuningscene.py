"""What rules are tuned on: layers of objects, how much of each object is reference, and folds apart in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..assessment.comparison import metric_crs
from ..assessment.matching import Geometries, covered_areas, cut, dissolve, landforms, shared_areas
from ..contracts.tunerules import F05, F2, IOU, LANDFORMS, TuneRulesOptions
from ..errors import InvalidOptionError, InvalidVectorError
from ..inventories.counted import only_landforms
from ..progress import Progress
from ..rules.classify import object_features
from ..rules.context import Neighbourhood, neighbourhood_of
from ..rules.ruleengine import evaluate
from ..rules.rules import RuleSet, check_features
from ..vectors.vector import read_layer

FOUND = 0.3
"""Share of its area from which a landform counts as found."""

_BETAS = {F2: 2.0, F05: 0.5}

Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Scene:
    """A layer of objects, measured against the reference.

    Attributes
    ----------
    name : str
    columns : mapping of array, shape (n,)
        Features of the objects.
    neighbourhood : Neighbourhood or None
        How they lie among each other; None if no rule asks.
    area, inside : array of float, shape (n,)
        Area (m2) of each object in the compared area, and that of the reference in it.
    folds : array of int, shape (n,)
        Fold of each object.
    part_object, part_landform, part_area : array, shape (k,)
        Object, landform and area (m2) of every overlap of the two.
    landform_area, landform_fold : array, shape (landforms,)
        Area (m2) of each landform that objects cover, and its fold.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    neighbourhood: Neighbourhood | None
    area: Numbers
    inside: Numbers
    folds: Indices
    part_object: Indices
    part_landform: Indices
    part_area: Numbers
    landform_area: Numbers
    landform_fold: Indices

    def scores(self, rules: RuleSet, measure: str, count: int) -> Numbers:
        """Return the measure of each of `count` folds, NaN for those that lie in other layers."""
        chosen = self.mapped(rules)
        mapped, hits, truth = (
            np.bincount(self.folds, weights=weights, minlength=count)
            for weights in (chosen * self.area, chosen * self.inside, self.inside)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            if measure == LANDFORMS:
                found = self._found(chosen, count)
                precision = np.where(mapped > 0, hits / mapped, 0.0)
                scores = np.where(found + precision > 0, 2 * found * precision / (found + precision), 0.0)
            elif measure == IOU:
                scores = hits / (mapped + truth - hits)
            else:
                square = _BETAS.get(measure, 1.0) ** 2
                scores = (1 + square) * hits / (mapped + square * truth)
        return np.where(truth > 0, scores, np.nan)

    def mapped(self, rules: RuleSet) -> NDArray[np.bool_]:
        """Return which objects get the class that is mapped, or a kind of it."""
        found = evaluate(rules, self.columns, len(self.area), self.neighbourhood).classes
        targets = [rules.target in rules.lineage(item.name) for item in rules.classes]
        return np.array([*targets, False])[found]

    def _found(self, chosen: NDArray[np.bool_], count: int) -> Numbers:
        """Return the share of each fold's landforms that is found."""
        shared = np.bincount(
            self.part_landform,
            weights=self.part_area * chosen[self.part_object],
            minlength=len(self.landform_area),
        )
        found = shared >= FOUND * self.landform_area
        number, of = (np.bincount(self.landform_fold, weights=w, minlength=count) for w in (found, np.ones(len(found))))
        return np.asarray(number / of)


def read_scenes(options: TuneRulesOptions, rules: RuleSet, progress: Progress) -> tuple[list[Scene], list[str]]:
    """Read the objects and measure them against the reference.

    Returns
    -------
    scenes : list of Scene
    folds : list of str
        Name of each fold.

    Raises
    ------
    MapperError
        If a layer cannot be read, objects lack a feature, or a fold has no reference.
    """
    sources, references = options.objects, options.reference
    if len(references) not in (1, len(sources)):
        raise InvalidOptionError(
            f"{len(sources)} layers of objects and {len(references)} of references were given; give one reference for "
            "all, or one for each layer of objects in the same order."
        )
    repeated = [source for place, source in enumerate(sources) if source in sources[:place]]
    if repeated:
        raise InvalidOptionError(
            f"{repeated[0]} is given twice among the objects: a fold would be scored by rules that were tuned on it. "
            "Give it once."
        )
    number = len(sources)
    parts = [progress.part(place / number, (place + 1) / number) for place in range(number)]
    alone = options.folds if number == 1 else 1
    names = _names(sources)
    scenes = [
        _scene(options, source, references[place % len(references)], rules, (place, alone), names[place], parts[place])
        for place, source in enumerate(sources)
    ]
    folds = [scene.name for scene in scenes] if number > 1 else [f"part {place + 1}" for place in range(alone)]
    _require_reference(scenes, folds)
    return scenes, folds


def _scene(
    options: TuneRulesOptions,
    source: str,
    reference: str,
    rules: RuleSet,
    fold: tuple[int, int],
    name: str,
    progress: Progress,
) -> Scene:
    """Read one layer; `fold` is the number of its first fold, and how many it is cut into."""
    progress.report(0.0, f"Reading {name}")
    layer = read_layer(source, progress=progress.part(0.0, 0.4))
    if len(layer) == 0:
        raise InvalidVectorError(f"{source} has no objects; give the layer that Object features has written.")
    columns = object_features(layer)
    check_features(rules, columns)
    crs = metric_crs(layer.crs, layer.geometries)
    objects = layer.geometries if crs == layer.crs else read_layer(source, crs=crs, columns=()).geometries
    outlines, _ = landforms(only_landforms(read_layer(reference, crs=crs), reference, progress).geometries)
    area = shapely.area(objects)
    if options.area:
        limits = dissolve(read_layer(options.area, crs=crs, columns=()).geometries)
        area = covered_areas(objects, limits, progress.part(0.4, 0.5))
        outlines, _ = cut(outlines, limits, progress.part(0.5, 0.6))
    inside = covered_areas(objects, dissolve(outlines), progress.part(0.6, 0.7))
    part_object, part_landform, part_area = shared_areas(objects, outlines, progress.part(0.7, 0.8))
    # A reference may be that of a whole range: landforms where there is no object are neither found nor missed.
    known, part_landform = np.unique(part_landform, return_inverse=True)
    outlines = outlines[known]
    folds, landform_folds = _folds(objects, outlines, (part_object, part_landform), fold)
    return Scene(
        name,
        columns,
        neighbourhood_of(rules.context_features, layer, source, progress.part(0.8, 1.0)),
        area,
        inside,
        folds,
        part_object,
        part_landform,
        part_area,
        np.bincount(part_landform, weights=part_area, minlength=len(outlines)).astype(np.float64),
        landform_folds,
    )


def _folds(
    objects: Geometries, outlines: Geometries, pairs: tuple[Indices, Indices], fold: tuple[int, int]
) -> tuple[Indices, Indices]:
    """Return the fold of each object and of each landform.

    A layer is cut into strips across its longer side, with as many landforms in each. A landform is in the strip of its
    middle, with all objects that overlap it and the landforms that these overlap besides, so that no landform is tuned
    on in one fold and scored in another.
    """
    first, count = fold
    if count == 1 or len(outlines) == 0:
        return np.full(len(objects), first), np.full(len(outlines), first)
    left, bottom, right, top = shapely.total_bounds(objects)
    axis = int(top - bottom > right - left)
    places, middles = (shapely.get_coordinates(shapely.point_on_surface(item))[:, axis] for item in (outlines, objects))
    # By rank, since several landforms may lie equally far along.
    order = np.argsort(places, kind="stable")
    begins = np.arange(1, count) * len(outlines) // count
    of_object = np.digitize(middles, places[order[np.minimum(begins, len(outlines) - 1)]])
    of_landform = np.empty(len(outlines), np.intp)
    of_landform[order] = np.searchsorted(begins, np.arange(len(outlines)), side="right")
    of_landform = _alike(of_landform, pairs)
    of_object[pairs[0]] = of_landform[pairs[1]]
    return of_object + first, of_landform + first


def _alike(of_landform: Indices, pairs: tuple[Indices, Indices]) -> Indices:
    """Return the folds of landforms with the first one's for all that are linked by common objects."""
    objects, outlines = pairs
    size = int(objects.max(initial=-1)) + 1 + len(of_landform)
    links = coo_matrix((np.ones(len(objects), bool), (objects + len(of_landform), outlines)), shape=(size, size))
    _, group = connected_components(links, directed=False)
    _, leader, member = np.unique(group[: len(of_landform)], return_index=True, return_inverse=True)
    alike: Indices = of_landform[leader[member]]
    return alike


def _require_reference(scenes: Sequence[Scene], folds: Sequence[str]) -> None:
    truth = sum(np.bincount(scene.folds, weights=scene.inside, minlength=len(folds)) for scene in scenes)
    without = [name for name, area in zip(folds, np.asarray(truth).tolist(), strict=True) if area <= 0]
    if without:
        raise InvalidVectorError(
            f"No object of {', '.join(without)} overlaps a reference outline, so nothing can be tuned there. Check the "
            "reference systems, give fewer folds, or leave that layer out."
        )


def _names(sources: Sequence[str]) -> list[str]:
    """Return short names of layers that tell them apart: those of the files, with the folders where these are alike."""
    paths = [Path(source.partition("|")[0]) for source in sources]
    names = [path.stem for path in paths]
    if len({*names}) < len(names):
        names = [f"{path.parent.name}/{path.stem}" for path in paths]
    return names if len({*names}) == len(names) else [f"{name} ({place + 1})" for place, name in enumerate(names)]
