"""Writing the files of a folder of samples beside its chips: the index and the record."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ..errors import OutputError
from ..files import write_text
from ..provenance import Step
from ..rasters.grid import Grid
from ..vectors.vector import VectorLayer, write_layers
from ..version import PACKAGE_FOLDER
from .sampleset import BLOCKS, CHIPS, FORMAT, INDEX, KINDS, LANDFORMS, RECORD, SPLITS, VERSION, BandStatistics, Chip

_STYLES = PACKAGE_FOLDER / "resources" / "styles"
# The table in which QGIS keeps styles beside the layers of a GeoPackage.
_STYLE_TABLE = """CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT,
f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,
useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""


@dataclass(frozen=True)
class SamplesRecord:
    """What holds for all chips of a folder.

    Attributes
    ----------
    roles : tuple of str
        Roles of the stack's bands, in order.
    patch_size : int
        Side of the chips, in pixels.
    grid : Grid
        The stack's.
    seed : int
    statistics : sequence of BandStatistics
        Of each role, on the valid pixels of the training chips.
    facts : mapping
        Whatever else is to be known: block size, width of the ring, sources.
    notes : sequence of str
        What was repaired or left out.
    provenance : sequence of dict
        Steps that made the stack, and the last one.
    """

    roles: tuple[str, ...]
    patch_size: int
    grid: Grid
    seed: int
    statistics: Sequence[BandStatistics]
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    provenance: Sequence[Step] = ()


def counts_of(chips: Sequence[Chip]) -> dict[str, dict[str, int]]:
    """Return the number of chips by split and kind."""
    counted = Counter((chip.split, chip.kind) for chip in chips)
    return {split: {kind: counted[split, kind] for kind in KINDS} for split in SPLITS}


def write_record(folder: str, record: SamplesRecord, chips: Sequence[Chip]) -> None:
    """Write ``samples.json``.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    distance = record.grid.ground_sample_distance
    content = {
        "format": FORMAT,
        "version": VERSION,
        "roles": list(record.roles),
        "patch_size_px": record.patch_size,
        "patch_size_m": record.patch_size * distance,
        "ground_sample_distance_m": distance,
        "crs": record.grid.crs,
        "seed": record.seed,
        "counts": counts_of(chips),
        **record.facts,
        "statistics": {
            role: {name: value if math.isfinite(value) else None for name, value in numbers._asdict().items()}
            for role, numbers in zip(record.roles, record.statistics, strict=True)
        },
        "notes": list(record.notes),
        "provenance": list(record.provenance),
    }
    write_text(str(Path(folder, RECORD)), json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_index(folder: str, grid: Grid, chips: Sequence[Chip], blocks: VectorLayer, landforms: VectorLayer) -> None:
    """Write ``index.gpkg``: chips, blocks and landforms, coloured by split in QGIS.

    Parameters
    ----------
    folder : str
    grid : Grid
        The stack's.
    chips : sequence of Chip
        Their paths lie in the folder.
    blocks, landforms : VectorLayer
        With a column `split` each.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = str(Path(folder, INDEX))
    layers = {CHIPS: _chip_layer(folder, grid, chips), LANDFORMS: landforms, BLOCKS: blocks}
    write_layers(path, layers)
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            _add_styles(connection, tuple(layers))
    except sqlite3.Error as error:
        raise OutputError(f"The output {path} cannot be written: {error}.") from error


def _chip_layer(folder: str, grid: Grid, chips: Sequence[Chip]) -> VectorLayer:
    columns = {
        "chip": np.array([Path(chip.path).relative_to(folder).as_posix() for chip in chips], object),
        "split": np.array([chip.split for chip in chips], object),
        "block": np.array([chip.block for chip in chips], np.int64),
        "kind": np.array([chip.kind for chip in chips], object),
        "landform": np.array([chip.landform or None for chip in chips], object),
        "mask_share": np.array([chip.mask_share for chip in chips], float),
        "valid_share": np.array([chip.valid_share for chip in chips], float),
        "column": np.array([chip.column for chip in chips], np.int64),
        "row": np.array([chip.row for chip in chips], np.int64),
        "look_alike": np.array([chip.look_alike or None for chip in chips], object),
    }
    return VectorLayer(footprints(grid, chips), columns, grid.crs)


def footprints(grid: Grid, chips: Sequence[Chip]) -> Any:
    """Return the squares of chips in map coordinates, shape (n,)."""
    corner = np.array([(chip.column, chip.row) for chip in chips], float).reshape(-1, 1, 2)
    size = np.array([chip.size for chip in chips], float).reshape(-1, 1, 1)
    rings = corner + size * np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    return shapely.polygons(np.stack(grid.coordinates(rings[..., 0], rings[..., 1]), axis=-1))


def _add_styles(connection: sqlite3.Connection, layers: Sequence[str]) -> None:
    connection.execute(_STYLE_TABLE)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )
    for layer in layers:
        style = (_STYLES / f"samples_{layer}.qml").read_text("utf-8")
        column = connection.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '')",
            (layer, column, layer, style),
        )
