"""Outputs are whole or absent."""

from __future__ import annotations

import os
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
