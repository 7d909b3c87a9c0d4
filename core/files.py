"""Outputs that are whole or absent: written beside their destination under another name, renamed when complete."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import OutputError

# SQLite's own files, which would be taken for part of the new database if they outlived the old one.
_SQLITE_COMPANIONS = ("-wal", "-shm", "-journal")


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
        If the folder cannot be written or the disk is full.
    """
    destination = Path(path)
    temporary = _temporary_name(destination)
    try:
        yield str(temporary)
        _rename(temporary, destination)
    finally:
        remove_file(str(temporary))


def check_writable(path: str, *suffixes: str) -> None:
    """Refuse an output path before the work starts rather than after it.

    Parameters
    ----------
    path : str
        The output's name.
    *suffixes : str
        The suffixes allowed, such as ``.tif``; the case does not matter.

    Raises
    ------
    OutputError
        If the suffix is another one, the folder does not exist, or a file cannot be made in it.
    """
    destination = Path(path)
    if suffixes and destination.suffix.lower() not in suffixes:
        raise OutputError(f"The output {path} must have a name that ends in {' or '.join(suffixes)}.")
    if destination.is_dir():
        raise OutputError(f"The output {path} is a folder; give the name of a file.")
    _temporary_name(destination)


def remove_file(path: str) -> None:
    """Delete a file and what SQLite may have left beside it; a file that does not exist is no error."""
    for name in (path, *(path + companion for companion in _SQLITE_COMPANIONS)):
        with contextlib.suppress(FileNotFoundError):
            os.remove(name)


def _temporary_name(destination: Path) -> Path:
    """Return a free name beside `destination`, having proved that the folder can be written."""
    folder = destination.parent
    if not folder.is_dir():
        raise OutputError(f"The output {destination} cannot be written: the folder {folder} does not exist.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{destination.stem}.", suffix=f".part{destination.suffix}", dir=folder)
    except OSError as error:
        raise OutputError(f"The output {destination} cannot be written: {error.strerror}.") from error
    os.close(handle)
    os.remove(name)
    return Path(name)


def _rename(temporary: Path, destination: Path) -> None:
    try:
        os.replace(temporary, destination)
    except OSError as error:
        raise OutputError(f"The output {destination} cannot be written: {error.strerror}.") from error
    for companion in _SQLITE_COMPANIONS:
        remove_file(str(destination) + companion)
