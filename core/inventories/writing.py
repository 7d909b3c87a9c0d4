"""Writing an inventory: a GeoPackage with the standard's layers, its values as field domains, styles and forms."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from ..errors import OutputError
from ..files import replacing
from ..progress import Progress
from ..provenance import METADATA_KEY, Step, to_text
from ..rasters.geodata import gdal, ogr, reported_failures, spatial_reference
from ..vectors.degrees import wgs84
from .forms import style_of
from .standard import INTEGER, REAL, Domain, Field, Layer, written_fields

_TYPES = {"Point": ogr.wkbPoint, "Polygon": ogr.wkbPolygon, "MultiPolygon": ogr.wkbMultiPolygon}
_KINDS = {INTEGER: ogr.OFTInteger, REAL: ogr.OFTReal}
_BATCH = 1000

# As QGIS itself makes the table when a user saves a style in a GeoPackage.
_STYLES_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_STYLES_CONTENTS = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
    "VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)"
)
_STYLE = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
    "styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')"
)


@dataclass(frozen=True)
class Rows:
    """Rows of one layer: geometries in WGS 84, and values by the fields' published names, None or NaN for NULL."""

    geometries: Sequence[shapely.Geometry]
    values: Sequence[Mapping[str, Any]]


def write_inventory(
    path: str, layers: Sequence[tuple[Layer, Rows]], spelling: str, steps: Sequence[Step], progress: Progress
) -> None:
    """Write an inventory, whole or not at all.

    Parameters
    ----------
    path : str
        Name of the file, ending in ``.gpkg``; an existing file is replaced.
    layers : sequence of pairs of Layer and Rows
    spelling : str
        How fields are spelled.
    steps : sequence of dict
        Provenance.
    progress : Progress

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with replacing(path) as temporary:
        try:
            _write_layers(temporary, layers, spelling, steps, progress)
            _write_styles(temporary, [layer for layer, _ in layers], spelling)
        except (RuntimeError, sqlite3.Error) as error:
            raise OutputError(f"The output {path} cannot be written: {error or 'the disk may be full'}") from error


def _write_layers(
    path: str, layers: Sequence[tuple[Layer, Rows]], spelling: str, steps: Sequence[Step], progress: Progress
) -> None:
    dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    # One transaction for all, as each waits for the disk.
    dataset.StartTransaction()
    domains = {field.domain for layer, _ in layers for field in layer.fields if field.domain is not None}
    for domain in sorted(domains, key=lambda item: item.name):
        dataset.AddFieldDomain(_field_domain(domain))
    for layer, rows in layers:
        options = ["GEOMETRY_NAME=geom", f"DESCRIPTION={layer.title}"]
        target = dataset.CreateLayer(layer.name, spatial_reference(wgs84()), _TYPES[layer.geometry], options)
        for field in written_fields(layer):
            target.CreateField(_definition(field, spelling))
        target.SetMetadataItem(METADATA_KEY, to_text(steps))
        _insert(target, layer, rows, progress)
        del target
    with reported_failures():
        dataset.CommitTransaction()
        dataset.FlushCache()
        del dataset


def _field_domain(domain: Domain) -> ogr.FieldDomain:
    kind = ogr.OFTInteger if isinstance(domain.codes[0], int) else ogr.OFTString
    values = {str(code): text for code, text in domain.values}
    return ogr.CreateCodedFieldDomain(domain.name, "", kind, ogr.OFSTNone, values)


def _definition(field: Field, spelling: str) -> ogr.FieldDefn:
    definition = ogr.FieldDefn(field.spelled(spelling), _KINDS.get(field.kind, ogr.OFTString))
    definition.SetAlternativeName(field.title)
    if field.domain is not None:
        definition.SetDomainName(field.domain.name)
    return definition


def _insert(target: ogr.Layer, layer: Layer, rows: Rows, progress: Progress) -> None:
    fields = [(number, field.name) for number, field in enumerate(written_fields(layer))]
    definition = target.GetLayerDefn()
    for number, (geometry, values) in enumerate(zip(rows.geometries, rows.values, strict=True)):
        if number % _BATCH == 0:
            progress.check()
        feature = ogr.Feature(definition)
        for place, name in fields:
            value = values.get(name)
            if value is not None and not (isinstance(value, float) and math.isnan(value)):
                feature.SetField(place, value)
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(_wkb(geometry, layer)))
        target.CreateFeature(feature)


def _wkb(geometry: shapely.Geometry, layer: Layer) -> bytes:
    if layer.geometry == "MultiPolygon" and geometry.geom_type == "Polygon":
        geometry = shapely.MultiPolygon([geometry])
    wkb: bytes = shapely.to_wkb(geometry, output_dimension=2)
    return wkb


def _write_styles(path: str, layers: Sequence[Layer], spelling: str) -> None:
    """Store each layer's style and form, so that QGIS shows the file as an inventory wherever it is opened."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute(_STYLES_TABLE)
        connection.execute(_STYLES_CONTENTS)
        for layer in layers:
            style = style_of(layer, spelling)
            connection.execute(_STYLE, (layer.name, "geom", f"RGIK {layer.name}", style, layer.title))
