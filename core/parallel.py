"""The same work on many items in several threads, in bounded memory, with results in order."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
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

    def __init__(self, progress: Progress) -> None:
        self.count = min(os.cpu_count() or 1, MOST_THREADS)
        self._pool = ThreadPoolExecutor(self.count, initializer=_decode_in_one_thread)
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

    def close(self) -> None:
        """Drop what has not begun; what has is not waited for, since nothing interrupts a thread that decodes."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _result(self, future: Future[Result]) -> Result:
        while True:
            self._progress.check()
            with contextlib.suppress(TimeoutError):
                return future.result(SECONDS_BETWEEN_LOOKS)


@contextlib.contextmanager
def threads(progress: Progress) -> Iterator[Threads]:
    """Yield threads, which end with the ``with`` statement.

    Parameters
    ----------
    progress : Progress
        Asked whether to stop while results are waited for.
    """
    made = Threads(progress)
    try:
        yield made
    finally:
        made.close()


def _decode_in_one_thread() -> None:
    """Keep GDAL from starting threads of its own for each of these."""
    gdal.SetThreadLocalConfigOption("GDAL_NUM_THREADS", "1")
