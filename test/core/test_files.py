"""Outputs are whole or absent."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from rock_glacier_mapper.core.errors import OutputError
from rock_glacier_mapper.core.files import check_writable, replacing, replacing_folder


def test_success_replaces_and_failure_keeps_the_old_file(tmp_path):
    """A stage that fails must never damage an existing file, nor leave anything behind."""
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(ValueError, match="boom"), replacing(str(path)) as temporary:
        open(temporary, "w").close()
        raise ValueError("boom")
    assert path.read_text() == "old"
    with replacing(str(path)) as temporary:
        assert temporary.endswith(".txt") and os.path.dirname(temporary) == str(tmp_path)
        with open(temporary, "w") as file:
            file.write("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_stale_database_companions_go(tmp_path):
    """An old write-ahead log beside a new GeoPackage would be replayed into it."""
    path = tmp_path / "out.gpkg"
    (tmp_path / "out.gpkg-wal").write_text("stale")
    with replacing(str(path)) as temporary, open(temporary, "w") as file:
        file.write("new")
    assert os.listdir(tmp_path) == ["out.gpkg"]


def test_messages_name_the_reason(tmp_path):
    """Suffix, missing folder, and a folder in place of a file are told apart before any work is done."""
    with pytest.raises(OutputError, match=r"must have a name that ends in \.tif or \.tiff"):
        check_writable(str(tmp_path / "a.img"), ".tif", ".tiff")
    with pytest.raises(OutputError, match=r"the folder .*missing does not exist"):
        check_writable(str(tmp_path / "missing" / "a.tif"), ".tif")
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_writable(str(tmp_path / "folder.tif"), ".tif")


def test_unwritable_folder(tmp_path):
    """/proc refuses files even to root, as a read-only folder does to others."""
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable("/proc/a.tif", ".tif")


def test_what_lies_beside_an_old_file_goes(tmp_path):
    """Overviews, statistics and masks of the old raster would be shown and applied to the new one."""
    path = tmp_path / "out.tif"
    for suffix in (".ovr", ".aux.xml", ".msk"):
        (tmp_path / f"out.tif{suffix}").write_text("stale")
    with replacing(str(path)) as temporary, open(temporary, "w") as file:
        file.write("new")
    assert os.listdir(tmp_path) == ["out.tif"]


def test_longest_names(tmp_path):
    """A name of 255 bytes is allowed, so neither the temporary name nor those beside the file may be too long."""
    path = tmp_path / ("ü" * 125 + "x.tif")
    with replacing(str(path)) as temporary, open(temporary, "w") as file:
        file.write("new")
    assert os.listdir(tmp_path) == [path.name]


def test_an_input_is_never_an_output(tmp_path):
    """Neither under its own name, nor as a layer of it, nor through a link."""
    path = tmp_path / "data.gpkg"
    path.write_text("precious")
    (tmp_path / "link.gpkg").symlink_to(path)
    for output, source in [
        ("data.gpkg", "data.gpkg"),
        ("data.gpkg", "data.gpkg|layername=a"),
        ("link.gpkg", "data.gpkg"),
    ]:
        with pytest.raises(OutputError, match="is also an input"):
            check_writable(str(tmp_path / output), ".gpkg", inputs=["", str(tmp_path / source)])
    check_writable(str(tmp_path / "new.gpkg"), ".gpkg", inputs=["", str(path), str(tmp_path / "missing.gpkg")])


def test_a_folder_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    """The earlier folder is moved away first; it must come back when the new one cannot take its place."""
    target = tmp_path / "out"
    target.mkdir()
    (target / "kept").touch()
    renamed = os.replace

    def failing(source, destination):
        if str(source).endswith(".part") and Path(source, "new").exists():
            raise PermissionError(13, "Permission denied")
        renamed(source, destination)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OutputError, match="Permission denied"), replacing_folder(str(target)) as folder:
        Path(folder, "new").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in target.iterdir()] == ["kept"]


def reviewed(path, status="accepted"):
    """Write a GeoPackage with one outline that somebody has decided on, as far as SQLite is concerned."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE outlines (fid INTEGER PRIMARY KEY, review_status TEXT)")
        database.execute("INSERT INTO outlines (review_status) VALUES (?)", (status,))
    return path.read_bytes()


def test_no_output_replaces_what_a_person_has_decided(tmp_path):
    """Before the work starts, and when it ends: she may have reviewed meanwhile."""
    output = tmp_path / "outlines.gpkg"
    reviewed(output, "unreviewed")
    check_writable(str(output), ".gpkg")
    content = b""
    with pytest.raises(OutputError, match="filled `review_status`"), replacing(str(output)) as temporary:
        Path(temporary).write_text("new")
        output.unlink()
        content = reviewed(output)
    assert output.read_bytes() == content
    with pytest.raises(OutputError, match="filled `review_status`"):
        check_writable(str(output), ".gpkg")
    assert [path.name for path in tmp_path.iterdir()] == ["outlines.gpkg"]


def test_a_file_that_cannot_be_looked_into_is_not_replaced(tmp_path):
    """Another program holds it, so nobody knows what is in it; what is no database holds no decisions."""
    output = tmp_path / "outlines.gpkg"
    reviewed(output)
    with contextlib.closing(sqlite3.connect(output, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match=r"cannot be seen whether .* \(database is locked\)"):
            check_writable(str(output), ".gpkg")
    output.write_text("this is text, long enough to be taken for no database at all" * 20)
    check_writable(str(output), ".gpkg")


@pytest.mark.parametrize("name", ["GPKG:{}:rock_glaciers", 'GPKG:"{}":rock_glaciers', "{}|layername=a:b", "v.vrt"])
def test_an_input_by_any_name_is_never_an_output(tmp_path, name):
    """GDAL's name of a layer in a file, QGIS's, and a virtual layer's source."""
    output = tmp_path / "outlines.gpkg"
    output.write_text("")
    source = name.format(output)
    if name.endswith(".vrt"):
        source = str(tmp_path / name)
        layer = '<OGRVRTLayer name="a"><SrcDataSource relativeToVRT="1">outlines.gpkg</SrcDataSource></OGRVRTLayer>'
        Path(source).write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
    with pytest.raises(OutputError, match="is also an input"):
        check_writable(str(output), ".gpkg", inputs=[source])
