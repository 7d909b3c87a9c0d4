"""Objects that stay in the memory of a worker between requests, so that trying a rule set costs no reading."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from osgeo import ogr

from ..errors import InvalidCRSError
from ..objects.neighbour_features import Borders
from ..progress import Progress
from ..rasters.geodata import crs_from_text, gdal, osr, same_crs, spatial_reference
from ..vectors.vector import Geometries, VectorLayer, read_layer
from .classify import object_features
from .context import neighbourhood_of
from .expectedlayers import unexpected_layers
from .ruledocument import read_document
from .ruleengine import Classification, Trace, evaluate
from .rules import RuleSet, check_features, rule_set_of

Columns = dict[str, NDArray[Any]]
# How messages call a rule set that is no file.
_NAME = "being edited"
# SQLite keeps recent changes beside the file.
_FILES = ("", "-wal")
# Objects between two looks at whether the user wants to stop.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Trial:
    """A rule set with what it makes of objects."""

    rules: RuleSet
    classification: Classification
    trace: Trace


class View(NamedTuple):
    """A part of the map as a picture of pixels."""

    left: float
    bottom: float
    right: float
    top: float
    width: int
    height: int


class PlacedObjects:
    """Objects in one reference system: to find those at a place, and to paint them.

    Parameters
    ----------
    geometries : array of shapely geometries, shape (n,)
    progress : Progress
        Asked whether to stop.
    """

    def __init__(self, geometries: Geometries, progress: Progress) -> None:
        self.geometries = geometries
        self._tree = shapely.STRtree(geometries)
        self._dataset = _numbered(geometries, progress)
        self._painted: dict[View, NDArray[np.uint32]] = {}

    def at(self, x: float, y: float) -> int | None:
        """Return the position of the last object that covers a place, which is on top; None where none does."""
        positions = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return int(positions.max()) if len(positions) else None

    def painted(self, view: View) -> NDArray[np.uint32]:
        """Return the object in each pixel, from 1, shape (height, width); 0 for none. The last view is kept."""
        if view not in self._painted:
            across, down = (view.right - view.left) / view.width, (view.bottom - view.top) / view.height
            target = gdal.GetDriverByName("MEM").Create("", view.width, view.height, 1, gdal.GDT_UInt32)
            target.SetGeoTransform((view.left, across, 0, view.top, 0, down))
            layer = self._dataset.GetLayer(0)
            layer.SetSpatialFilterRect(view.left, view.bottom, view.right, view.top)
            gdal.RasterizeLayer(target, [1], layer, options=["ATTRIBUTE=number"])
            self._painted = {view: target.ReadAsArray()}
        return self._painted[view]


@dataclass
class OpenObjects:
    """Objects as they were read, and what has been worked out about them.

    Attributes
    ----------
    layer : VectorLayer
    columns : dict of array
        The features, numbers as float64; without the columns of an earlier classification.
    source : str
        Where they come from, for messages.
    """

    layer: VectorLayer
    columns: Columns
    source: str
    _borders: Borders | None = None
    _trials: dict[str, Trial] = field(default_factory=dict)
    _placed: dict[str, PlacedObjects] = field(default_factory=dict)
    _warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def tried(self, document: str, progress: Progress) -> Trial:
        """Return what a rule set makes of the objects; the last one's answer is kept.

        Raises
        ------
        InvalidRuleSetError
            If the document is no valid rule set, or needs a feature that the objects do not have.
        InvalidCRSError
            If it uses lengths and the objects' reference system has no metres.
        """
        key = hashlib.sha256(document.encode("utf-8", "replace")).hexdigest()
        if key not in self._trials:
            rules = rule_set_of(read_document(_NAME, document.encode("utf-8", "replace")), _NAME)
            check_features(rules, self.columns)
            count = len(self.layer)
            trace = Trace(rules, count)
            neighbourhood = neighbourhood_of(rules.context_features, self.layer, self.source, progress, self._borders)
            self._borders = neighbourhood.borders if neighbourhood else self._borders
            self._trials = {key: Trial(rules, evaluate(rules, self.columns, count, neighbourhood, trace), trace)}
        return self._trials[key]

    def warnings(self, rules: RuleSet) -> tuple[str, ...]:
        """Return what is suspicious of the layers that the objects were measured on."""
        key = repr(rules.layers)
        if key not in self._warnings:
            self._warnings = {key: tuple(unexpected_layers(rules, self.columns))}
        return self._warnings[key]

    def placed(self, system: str, progress: Progress) -> PlacedObjects:
        """Return the objects in a reference system; the last one asked for is kept.

        Parameters
        ----------
        system : str
            WKT or an authority's code; empty for the objects' own.
        progress : Progress
        """
        if system not in self._placed:
            geometries = _in_system(self.layer, system, self.source)
            self._placed = {system: PlacedObjects(geometries, progress)}
        return self._placed[system]


_State = tuple[str, tuple[tuple[int, int], ...]]
_opened: dict[_State, OpenObjects] = {}


def open_objects(source: str, progress: Progress) -> OpenObjects:
    """Return objects, those of the last request if the file has not changed since.

    Parameters
    ----------
    source : str
        As for `read_layer`.
    progress : Progress

    Returns
    -------
    OpenObjects

    Raises
    ------
    InvalidVectorError
        If the objects cannot be read.
    """
    state = (source, _file_states(source))
    if state not in _opened:
        _opened.clear()  # before the next ones are read: two layers of a million objects may not fit
        progress.report(0.0, "Reading objects")
        layer = read_layer(source, progress=progress.part(0.0, 0.5))
        _opened[state] = OpenObjects(layer, object_features(layer), source)
    return _opened[state]


def _file_states(source: str) -> tuple[tuple[int, int], ...]:
    """Return when the files behind a source were last changed, and their sizes."""
    path = source.split("|")[0]
    states = (os.stat(path + end) for end in _FILES if os.path.exists(path + end))
    return tuple((state.st_mtime_ns, state.st_size) for state in states)


def _in_system(layer: VectorLayer, system: str, source: str) -> Geometries:
    wanted = crs_from_text(system) if system else layer.crs
    if same_crs(wanted, layer.crs):
        return layer.geometries
    if not layer.crs:
        raise InvalidCRSError(f"{source} has no reference system; assign one to show the objects in {system}.")
    change = osr.CoordinateTransformation(spatial_reference(layer.crs), spatial_reference(wanted))

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array(change.TransformPoints(points.tolist()), np.float64).reshape(-1, 3)[:, :2]

    try:
        geometries: Geometries = shapely.transform(layer.geometries, moved)
    except RuntimeError as error:
        raise InvalidCRSError(f"{source} cannot be brought to the system {system}: {error}") from error
    return geometries


def _numbered(geometries: Geometries, progress: Progress) -> ogr.DataSource:
    """Return a layer in memory whose field `number` is the position of each object plus 1."""
    dataset = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = dataset.CreateLayer("objects", None, ogr.wkbMultiPolygon)
    layer.CreateField(ogr.FieldDefn("number", ogr.OFTInteger))
    definition = layer.GetLayerDefn()
    for number, wkb in enumerate(shapely.to_wkb(geometries), start=1):
        if number % _AT_ONCE == 0:
            progress.check()
        feature = ogr.Feature(definition)
        feature.SetField(0, number)
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(wkb))
        layer.CreateFeature(feature)
    return dataset
