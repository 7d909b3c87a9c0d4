"""The same work on many items in several threads, in bounded memory, with results in order."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from typing import TypeVar

from .background import SECONDS_BETWEEN_LOOKS
from .progress import Progress
from .rasters.geodata import gdal

Item = TypeVar("Item")
Result = TypeVar("Result")

# More threads would want more memory than they save time.
MOST_THREADS = 8


class Threads:
    """Threads that are given work; made by `threads`.

    Attributes
    ----------
    count : int
        How many there are.
    """

    def __init__(self, count: int, progress: Progress) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, initializer=_decode_in_one_thread)
        self._progress = progress

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield the result of each item in order; at most two results more than there are threads wait to be taken.

        It raises what the work raises, or `Cancelled`.
        """
        started: deque[Future[Result]] = deque()
        for item in items:
            started.append(self._pool.submit(work, item))
            if len(started) > self.count + 1:
                yield self._result(started.popleft())
        while started:
            yield self._result(started.popleft())

    def close(self, wait: bool = False) -> None:
        """Drop what has not begun; wait for what has, or leave it to itself."""
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def _result(self, future: Future[Result]) -> Result:
        while True:
            self._progress.check()
            with contextlib.suppress(TimeoutError):
                return future.result(SECONDS_BETWEEN_LOOKS)


@contextlib.contextmanager
def threads(progress: Progress) -> Iterator[Threads]:
    """Yield threads, which end with the ``with`` statement.

    What they are at work on then is not waited for, since nothing interrupts a thread that decodes.

    Parameters
    ----------
    progress : Progress
        Asked whether to stop while results are waited for.
    """
    made = Threads(min(os.cpu_count() or 1, MOST_THREADS), progress)
    try:
        yield made
    finally:
        made.close()


def each_in_threads(
    work: Callable[[Item, Progress], Result], items: Sequence[Item], count: int, progress: Progress, message: str = ""
) -> Iterator[Result]:
    """Yield the result of each item in order. However this ends, no thread is at work any more.

    Parameters
    ----------
    work : callable
        Takes an item, and a progress that it asks whether to stop.
    items : sequence
        What to work on.
    count : int
        How many items to work on at once; 0 is one for each processor core that this process may use.
    progress : Progress
        Told of every result, with the message, and asked whether to stop.

    Raises
    ------
    MapperError
        What the work raises; `Cancelled` among them.
    """
    stopping = _Stopping()
    made = Threads(max(min(count or _usable_cores(), len(items)), 1), progress)
    try:
        yield from progress.each(made.map(lambda item: work(item, stopping), items), len(items), message)
    finally:
        stopping.asked.set()
        made.close(wait=True)


class _Stopping(Progress):
    """The progress of work in threads: cancelled once it is asked to be."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def cancelled(self) -> bool:
        """Whether it was asked."""
        return self.asked.is_set()


def _usable_cores() -> int:
    """Return the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _decode_in_one_thread() -> None:
    """Keep GDAL from starting threads of its own for each of these."""
    gdal.SetThreadLocalConfigOption("GDAL_NUM_THREADS", "1")
