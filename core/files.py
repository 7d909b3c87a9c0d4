"""Outputs that are whole or absent: written beside their destination under another name, renamed when complete."""

from __future__ import annotations

import contextlib
import errno
import html
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from .decisions import require_no_decisions
from .errors import OutputError

# What lies beside a file and would be taken for part of a new one if it outlived the old: SQLite's own files, and the
# statistics, overviews and masks that GDAL and QGIS keep.
_COMPANIONS = ("-wal", "-shm", "-journal", ".aux.xml", ".ovr", ".msk")
_LONGEST_NAME = 255
# Names may have as many bytes; the temporary one, which is longer than the final one, shows only the beginning of it.
_SHOWN_LENGTH = 32
_VIRTUAL_SOURCE = re.compile(r"<(?:SourceFilename|SourceDataset|SrcDataSource)([^>]*)>([^<]*)<")
# GDAL's name of a layer in a file, as GPKG:outlines.gpkg:rock_glaciers.
_LAYER_IN_FILE = re.compile(r'[A-Za-z_]{2,}:"?(.+?)"?(?::[^:/\\]*)?')
_MOST_SOURCES = 10_000


@contextlib.contextmanager
def replacing(path: str) -> Iterator[str]:
    """Yield a temporary name beside `path`; rename it to `path` on success and delete it on failure.

    Parameters
    ----------
    path : str
        The output's final name. An existing file is replaced at the end, in one step, and untouched on failure.

    Yields
    ------
    str
        A name in the same folder with the same suffix, under which no file exists.

    Raises
    ------
    OutputError
        If the folder cannot be written, the disk is full, or the file holds decisions of a person.
    """
    destination = Path(path)
    temporary = _temporary_name(destination)
    try:
        yield str(temporary)
        # It may have been reviewed while the work went on.
        require_no_decisions(path)
        _rename(temporary, destination)
    finally:
        remove_file(str(temporary))


@contextlib.contextmanager
def scratch(path: str) -> Iterator[str]:
    """Yield the name of a file beside `path` for data of the work in between; delete the file at the end.

    Parameters
    ----------
    path : str
        The output's final name.

    Yields
    ------
    str
        A name in the same folder, under which no file exists.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    temporary = _temporary_name(Path(path).with_suffix(".tmp"))
    try:
        yield str(temporary)
    finally:
        remove_file(str(temporary))


@contextlib.contextmanager
def replacing_folder(path: str) -> Iterator[str]:
    """Yield a new folder beside `path`; rename it to `path` on success and delete it on failure.

    Parameters
    ----------
    path : str
        The output's final name. A folder there is replaced at the end as a whole, and untouched on failure; see
        `check_folder_writable`.

    Yields
    ------
    str
        An empty folder.

    Raises
    ------
    OutputError
        If the folder cannot be made or renamed.
    """
    destination = Path(path)
    temporary, old = _temporary_name(destination), _temporary_name(destination)
    try:
        make_folder(temporary)
        yield str(temporary)
        _swap(temporary, destination, old)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_folder_writable(path: str, marker: str, own: Iterable[str], inputs: Iterable[str] = ()) -> None:
    """Refuse an output folder before the work starts rather than after it.

    Parameters
    ----------
    path : str
        The output's name.
    marker : str
        The file by which an earlier output of this kind is known; it alone may be replaced, beside an empty folder.
    own : iterable of str
        Names of all that such an output holds.
    inputs : iterable of str
        Files that the work reads, as paths or in QGIS's form ``path|layername=name``; empty texts stand for none.

    Raises
    ------
    OutputError
        If the folder that is to hold it does not exist or cannot be written, if there is a file or a folder with
        anything else, or if an input lies in it.
    """
    destination = Path(path)
    if destination.exists() and not destination.is_dir():
        raise OutputError(f"The output {path} is a file; give the name of a folder.")
    for source in filter(None, inputs):
        file = Path(source.split("|")[0]).resolve()
        if destination.resolve() in (file, *file.parents):
            raise OutputError(f"The output {path} holds the input {source}; give another folder.")
    try:
        names = sorted(os.listdir(destination)) if destination.is_dir() else []
    except OSError as error:
        raise OutputError(f"The output {path} cannot be read: {error.strerror}.") from error
    known = {name + companion for name in own for companion in ("", *_COMPANIONS)}
    foreign = [name for name in names if marker not in names or name not in known]
    if foreign:
        raise OutputError(
            f"The output {path} has something else in it ({foreign[0]}), which would be lost; give a new or empty "
            "folder, or one that this stage has written."
        )
    _temporary_name(destination)


def check_writable(path: str, *suffixes: str, inputs: Iterable[str] = ()) -> None:
    """Refuse an output path before the work starts rather than after it.

    Parameters
    ----------
    path : str
        The output's name.
    *suffixes : str
        The suffixes allowed, such as ``.tif``; the case does not matter.
    inputs : iterable of str
        Files that the work reads, as paths or in QGIS's form ``path|layername=name``; empty texts stand for none.

    Raises
    ------
    OutputError
        If the suffix is another one, the folder does not exist, a file cannot be made in it, or the output would
        replace an input or decisions of a person.
    """
    destination = Path(path)
    if len(os.fsencode(destination.name)) > _LONGEST_NAME:
        raise OutputError(f"The output {path} has a name of more than {_LONGEST_NAME} bytes; give a shorter one.")
    if suffixes and destination.suffix.lower() not in suffixes:
        raise OutputError(f"The output {path} must have a name that ends in {' or '.join(suffixes)}.")
    if destination.is_dir():
        raise OutputError(f"The output {path} is a folder; give the name of a file.")
    for source in inputs:
        if _lies_in(source, destination):
            raise OutputError(f"The output {path} is also an input; give another name.")
    require_no_decisions(path)
    _temporary_name(destination)


def make_folder(folder: Path) -> None:
    """Make a folder.

    Raises
    ------
    OutputError
        If it exists or cannot be made.
    """
    try:
        folder.mkdir()
    except OSError as error:
        raise OutputError(f"The output {folder} cannot be written: {error.strerror}.") from error


def write_text(path: str, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with replacing(path) as temporary:
        try:
            Path(temporary).write_text(text, "utf-8")
        except OSError as error:
            raise OutputError(f"The output {path} cannot be written: {error.strerror}.") from error


def remove_file(path: str) -> None:
    """Delete a file and what belongs to it; a file that does not exist is no error."""
    _remove(path)
    _remove_companions(path)


def _remove_companions(path: str) -> None:
    for companion in _COMPANIONS:
        _remove(path + companion)


def _remove(path: str) -> None:
    try:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
    except OSError as error:
        # A name that is too long for any file is no file's name.
        if error.errno != errno.ENAMETOOLONG:
            raise


def _lies_in(source: str, file: Path) -> bool:
    """Whether a path, or one in QGIS's form ``path|layername=name``, means a file, be it under another name.

    A virtual raster means the files that it is made of, too.
    """
    if not file.exists():
        return False
    names = [source, source.split("|")[0]]
    layer = _LAYER_IN_FILE.fullmatch(names[1])
    if layer:
        names.append(layer[1])
    for name in names:  # grows on the way
        if name.lower().endswith(".vrt") and len(names) < _MOST_SOURCES:
            names += [path for path in _virtual_sources(name) if path not in names]
    return any(os.path.exists(name) and os.path.samefile(name, file) for name in names)


def _virtual_sources(path: str) -> list[str]:
    """Return the files that a virtual raster names."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except OSError:
        return []
    folder = os.path.dirname(path)
    return [
        os.path.join(folder, html.unescape(name)) if 'relativeToVRT="1"' in attributes else html.unescape(name)
        for attributes, name in _VIRTUAL_SOURCE.findall(text)
    ]


def _temporary_name(destination: Path) -> Path:
    """Return a free name beside `destination`, having proved that the folder can be written."""
    folder = destination.parent
    if not folder.is_dir():
        raise OutputError(f"The output {destination} cannot be written: the folder {folder} does not exist.")
    try:
        prefix, suffix = f".{destination.stem[:_SHOWN_LENGTH]}.", f".part{destination.suffix}"
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
    except OSError as error:
        raise OutputError(f"The output {destination} cannot be written: {error.strerror}.") from error
    os.close(handle)
    os.remove(name)
    return Path(name)


def _swap(temporary: Path, destination: Path, old: Path) -> None:
    """Give a folder its final name; one that has it already is moved away first, and back if that fails."""
    replaced = destination.exists()
    try:
        if replaced:
            os.replace(destination, old)
        try:
            os.replace(temporary, destination)
        except OSError:
            if replaced:
                os.replace(old, destination)
            raise
    except OSError as error:
        raise OutputError(f"The output {destination} cannot be written: {error.strerror}.") from error
    shutil.rmtree(old, ignore_errors=True)


def _rename(temporary: Path, destination: Path) -> None:
    try:
        os.replace(temporary, destination)
        _remove_companions(str(destination))
    except OSError as error:
        raise OutputError(f"The output {destination} cannot be written: {error.strerror}.") from error
