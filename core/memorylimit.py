"""What the process may allocate, and what it keeps of what it has freed, on systems that can be told."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

_STATUS = Path("/proc/self/statm")
MEGABYTE = 2**20


@contextlib.contextmanager
def limited_memory(megabytes: int) -> Iterator[None]:
    """Let allocations fail that would make the process larger by more than a limit.

    A network of less than a kilobyte can ask for any amount of memory; without a limit the system ends the process, or
    others. Linux alone counts what a process has reserved (RLIMIT_AS); elsewhere this does nothing.

    Parameters
    ----------
    megabytes : int
        How much the process may grow inside the ``with`` statement.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _reserved() + megabytes * MEGABYTE
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([limit, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def give_back_freed_memory() -> None:
    """Let the system have what the process has freed.

    The C library of Linux keeps it, in a part for every thread, for allocations that may never come. Elsewhere this
    does nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def _reserved() -> int:
    """Return the size of the process's address space, in bytes."""
    import resource

    return int(_STATUS.read_text().split()[0]) * resource.getpagesize()
