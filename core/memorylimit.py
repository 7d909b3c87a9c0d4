"""A bound on what the process may allocate, on systems that know one."""

from __future__ import annotations

import contextlib
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


def _reserved() -> int:
    """Return the size of the process's address space, in bytes."""
    import resource

    return int(_STATUS.read_text().split()[0]) * resource.getpagesize()
