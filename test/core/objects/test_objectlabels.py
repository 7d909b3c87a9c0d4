"""Labels read strip by strip, as numbers without gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidRasterError
from rock_glacier_mapper.core.objects import objectlabels
from rock_glacier_mapper.core.objects.objectlabels import ObjectLabels
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from toy_objects import grid_of


@pytest.fixture
def labels_of(tmp_path: Path):
    """A function that writes labels and reads them as objects; returns these with all their numbers."""

    def read(values: list[list[int]], dtype: str = "uint32", nodata: float | None = None):
        array = np.array(values, dtype)
        grid = grid_of(array)
        path = str(tmp_path / "labels.tif")
        with RasterWriter(path, grid, [Band("labels", dtype, nodata)]) as writer:
            writer.write_raw(grid.whole, array)
        with Raster(path) as raster:
            labels = ObjectLabels(raster, Progress())
            return labels, labels.numbers(grid.whole).tolist()

    return read


@pytest.mark.parametrize("rows_at_once", [True, False])
def test_numbers_and_last_rows(labels_of, monkeypatch: pytest.MonkeyPatch, rows_at_once: bool) -> None:
    """An object ends in the last row that it occurs in, even after a row without it, however the rows are cut."""
    if not rows_at_once:
        monkeypatch.setattr(objectlabels, "LABEL_BYTES", 2**30)
    labels, numbers = labels_of([[1, 1, 2], [3, 3, 2], [1, 0, 2]])
    assert labels.index.ids.tolist() == [1, 2, 3]
    assert labels.index.last_rows.tolist() == [2, 2, 1]
    assert numbers == [[1, 1, 2], [3, 3, 2], [1, 0, 2]]


def test_gaps_are_closed_in_order(labels_of) -> None:
    """Labels of other software have gaps and large numbers; arrays must be as long as there are objects."""
    labels, numbers = labels_of([[0, 4_000_000_000], [7, 7]])
    assert labels.index.ids.tolist() == [7, 4_000_000_000]
    assert numbers == [[0, 2], [1, 1]]


def test_without_background(labels_of) -> None:
    """The numbering starts at 1 too when every pixel belongs to an object."""
    labels, numbers = labels_of([[5, 9]], "int16")
    assert labels.index.ids.tolist() == [5, 9]
    assert numbers == [[1, 2]]


def test_nodata_is_no_object(labels_of) -> None:
    """Whatever number a file marks as nodata."""
    labels, numbers = labels_of([[255, 9]], "uint8", 255)
    assert labels.index.ids.tolist() == [9]
    assert numbers == [[0, 1]]


def test_no_objects(labels_of) -> None:
    """A raster of nodata has no objects."""
    labels, numbers = labels_of([[0, 0, 0]])
    assert len(labels) == len(labels.index.last_rows) == 0
    assert numbers == [[0, 0, 0]]


@pytest.mark.parametrize(("dtype", "value"), [("int32", -1), ("float32", 0.5)])
def test_what_is_no_label(labels_of, dtype: str, value: float) -> None:
    """A negative number would index from the end; fractions are no objects."""
    with pytest.raises(InvalidRasterError, match="whole numbers"):
        labels_of([[0, 1, value]], dtype)
