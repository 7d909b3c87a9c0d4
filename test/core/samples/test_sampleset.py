"""Folders of samples: what is written is read back, and what does not fit is refused."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidSamplesError, MapperError
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.samples.chipstorage import ChipStorage
from rock_glacier_mapper.core.samples.sampleset import SampleSet
from toy_samples import ROLES, write_samples


@pytest.fixture
def folder(tmp_path, utm):
    return Path(write_samples(tmp_path / "samples", utm))


def test_what_was_written_is_read(folder):
    samples = SampleSet.read(str(folder))
    assert samples.roles == ROLES
    assert (samples.patch_size, samples.ground_sample_distance) == (16, 10.0)
    assert [len(samples.chips(split)) for split in ("train", "validation", "test")] == [4, 2, 2]
    assert samples.statistics["B04"].percentile_99 == 1.3
    first = samples.all_chips[0]
    assert (first.kind, first.landform, first.block) == ("positive", "0", 0)
    image, mask, valid = first.read()
    assert (image.shape, image.dtype) == ((5, 16, 16), np.float32)
    assert np.isnan(image[0, 0, 0])
    assert not valid[0, 0]
    assert mask.sum() == 64
    assert mask.mean() == pytest.approx(first.mask_share)
    assert valid.mean() == pytest.approx(first.valid_share)
    assert image[1][mask & valid].mean() > 0.8


@pytest.mark.parametrize("nodata", [0, 1, 255])
def test_flags_are_never_taken_for_nodata(nodata, write_raster, tmp_path):
    path = write_raster("stack.tif", np.full((2, 4, 4), 7.0), ["B04", "B08"], dtype="uint8", nodata=nodata)
    mask = np.eye(4, dtype=bool)
    with Raster(path) as stack:
        ChipStorage.of(stack).write(str(tmp_path / "chip.tif"), stack, Window(0, 0, 4, 4), mask, ~mask)
    with Raster(str(tmp_path / "chip.tif")) as chip:
        assert chip.bands[0].dtype == "uint8"
        assert np.array_equal(chip.read()[2:], [mask, ~mask])


def test_a_chip_that_is_not_what_its_folder_says_is_refused(folder, write_raster):
    Path(write_raster("other.tif", np.zeros((2, 16, 16)), ["B04", "mask"])).replace(folder / "chips" / "000001.tif")
    with pytest.raises(InvalidSamplesError, match="promises 16 x 16"):
        SampleSet.read(str(folder)).all_chips[0].read()


@pytest.mark.parametrize("lost", ["samples.json", "index.gpkg", "chips/000003.tif"])
def test_a_folder_that_is_not_whole_is_refused(folder, lost):
    (folder / lost).unlink()
    with pytest.raises(InvalidSamplesError, match=Path(lost).name):
        SampleSet.read(str(folder))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"format": "other"},
        {"roles": []},
        {"roles": ["B04", "unknown"]},
        {"roles": 5},
        {"patch_size_px": "wide"},
        {"statistics": {}},
        {"statistics": {"B04": 3}},
        {"ground_sample_distance_m": None},
    ],
    ids=str,
)
def test_a_record_that_does_not_fit_is_refused(folder, change):
    path = folder / "samples.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InvalidSamplesError):
        SampleSet.read(str(folder))


@pytest.mark.parametrize(
    "change",
    ["split = 'other'", "kind = NULL", "chip = '../000001.tif'", "chip = 'chips/000002.tif'", "block = NULL"],
)
def test_an_index_that_does_not_fit_is_refused(folder, change):
    with closing(sqlite3.connect(folder / "index.gpkg")) as connection, connection:
        # The triggers of the spatial index need functions that only GDAL has.
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(f"UPDATE chips SET {change} WHERE fid = 1")  # noqa: S608
    with pytest.raises(InvalidSamplesError):
        SampleSet.read(str(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_record_that_is_no_json_is_refused(folder, text):
    (folder / "samples.json").write_text(text)
    with pytest.raises(MapperError, match=r"samples\.json"):
        SampleSet.read(str(folder))


def test_no_folder_at_all(tmp_path):
    with pytest.raises(InvalidSamplesError, match="no folder of samples"):
        SampleSet.read(str(tmp_path / "nowhere"))
