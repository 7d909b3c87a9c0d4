"""Work on many tiles in several processes.

Threads would not do: the work consists of many short steps between which Python's lock changes hands, which costs more
than the second core gains.

A worker process waits for a tile at the end of a pipe, and ends when the pipe does: with the work, with a cancel, or
with this process, however it ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Protocol, TypeVar

from .errors import MapperError
from .progress import Progress
from .rasters.geodata import gdal

Item = TypeVar("Item")
Result = TypeVar("Result")
Task = TypeVar("Task", contravariant=True)
Answer = TypeVar("Answer", covariant=True)

_SECONDS_BETWEEN_LOOKS = 0.1
# Enough for the blocks of one tile, of which another tile sees few again.
_CACHE_BYTES = 16 * 2**20


class Work(Protocol[Task, Answer]):
    """Work on one item after the other, with what was opened for it."""

    def __call__(self, item: Task, progress: Progress) -> Answer:
        """Return the item's result."""
        ...


class Job(Protocol[Task, Answer]):
    """What to do, as a plain value that can be sent to another process."""

    def started(self) -> AbstractContextManager[Work[Task, Answer]]:
        """Open what the work needs."""
        ...


def worked(job: Job[Item, Result], items: Sequence[Item], processes: int, progress: Progress) -> Iterator[Result]:
    """Yield the result of each item, in the order in which they are done.

    Parameters
    ----------
    job : Job
        What to do.
    items : sequence
        What to do it with.
    processes : int
        How many items to work on at once; 0 is one for each processor core.
    progress : Progress
        Told of every result, and asked whether to stop; a worker at work is killed then.

    Raises
    ------
    MapperError
        What the work raises; `Cancelled` among them.
    """
    count = min(processes or _cores(), len(items))
    # A process that is a daemon must not have children.
    if count < 2 or multiprocessing.current_process().daemon:
        yield from _worked_here(job, items, progress)
        return
    with contextlib.ExitStack() as stack:
        stack.callback(gdal.SetCacheMax, gdal.GetCacheMax())
        gdal.SetCacheMax(_CACHE_BYTES)
        pool = [stack.enter_context(_Worker(job)) for _ in range(count)]
        yield from progress.each(_shared_out(pool, items, progress), len(items), "Merging pixels")


def _cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _worked_here(job: Job[Item, Result], items: Sequence[Item], progress: Progress) -> Iterator[Result]:
    with job.started() as work:
        for number, item in enumerate(items):
            yield work(item, progress.part(number / len(items), (number + 1) / len(items)))


def _shared_out(pool: Sequence[_Worker[Item, Result]], items: Sequence[Item], progress: Progress) -> Iterator[Result]:
    waiting = iter(items)
    busy = {worker.connection: worker for worker in pool}
    for worker in pool:
        worker.give(next(waiting))
    while busy:
        progress.check()
        for connection in wait(list(busy), _SECONDS_BETWEEN_LOOKS):
            worker = busy[connection]  # type: ignore[index]
            result = worker.result()
            item = next(waiting, None)
            if item is None:
                del busy[worker.connection]
                worker.end()
            else:
                worker.give(item)
            yield result


class _Worker(Generic[Item, Result]):
    """A process that works on one item at a time."""

    def __init__(self, job: Job[Item, Result]) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(job, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> _Worker[Item, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()

    def give(self, item: Item) -> None:
        """Let it work on an item; that it is gone shows when its result is asked for."""
        with contextlib.suppress(OSError):
            self.connection.send(item)

    def result(self) -> Result:
        """Return what it made of the item; raise what it raised."""
        try:
            result: Result | Exception = self.connection.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            raise MapperError(
                f"A process that worked on a part of the raster was ended from outside (exit status "
                f"{self._process.exitcode}), probably for want of memory; choose smaller tiles or fewer threads."
            ) from error
        if isinstance(result, Exception):
            raise result
        return result

    def end(self) -> None:
        """Let it go; nothing more is to do."""
        self.connection.close()


def _serve(job: Job[Any, Any], connection: Connection) -> None:
    """Work on what comes through the pipe until it ends."""
    gdal.SetCacheMax(_CACHE_BYTES)
    with contextlib.suppress(EOFError, OSError):
        try:
            with job.started() as work:
                while True:
                    connection.send(work(connection.recv(), Progress()))
        except (MapperError, MemoryError, RuntimeError) as error:
            connection.send(error)
