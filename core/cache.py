"""Measurements that are worth keeping between runs, in the user's cache folder."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from .errors import OutputError
from .files import replacing

_NAME = "rock_glacier_mapper"


def cache_folder() -> Path:
    """Return the folder of this system's convention; it need not exist.

    Raises
    ------
    RuntimeError
        If the user has no home folder, as some have in a container.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / _NAME / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _NAME
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _NAME


def remembered(name: str, measure: Callable[[], int | None]) -> int | None:
    """Return a number that was measured before, or measure and keep it.

    A folder that cannot be read or written only costs the time to measure again.

    Parameters
    ----------
    name : str
        Identifies what is measured and of what; a file's name.
    measure : callable
        Measures it; None is a valid result.
    """
    try:
        path = cache_folder() / f"{name}.json"
    except RuntimeError:
        return measure()
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(path.read_text("utf-8"))
        if known is None or (type(known) is int and known >= 0):
            return known
    value = measure()
    with contextlib.suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(str(path)) as temporary:
            Path(temporary).write_text(json.dumps(value), "utf-8")
    return value
