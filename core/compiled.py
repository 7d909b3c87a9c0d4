"""Loops over many small numbers, compiled to machine code by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Python's lock is not held, so that other threads run meanwhile; a division by zero gives what it gives in numpy.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def compiled(function: Function) -> Function:
    """Compile a function when it is first called, and keep the machine code on disk for the next process.

    A compiled function may call such functions of its own file that are `inlined`, and no others: what is on disk is
    dropped when that file changes, not when another does.

    Parameters
    ----------
    function : callable
        Uses numbers and numpy arrays only.
    """
    try:
        made = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # neither the file's folder nor the user's cache can be written
        made = numba.njit(**_OPTIONS)(function)
    return cast("Function", made)


def inlined(function: Function) -> Function:
    """Compile a function as a part of those that call it.

    Machine code that is kept on disk could only be called, which takes longer than most of these functions do.
    """
    return cast("Function", numba.njit(**_OPTIONS)(function))
