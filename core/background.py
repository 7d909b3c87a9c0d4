"""Work that goes on in a thread beside the one that asks for it: reading ahead, and writing behind.

A failure there is raised here, as it is. Both leave no thread behind, however the ``with`` statement ends.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from .progress import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS_BETWEEN_LOOKS = 0.1


def started(work: Callable[[], Result]) -> Future[Result]:
    """Start work in a thread of its own, which does not keep the process alive; its result or failure comes later."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


@contextlib.contextmanager
def read_ahead(items: Generator[Item, None, None], count: int, progress: Progress) -> Iterator[Iterator[Item]]:
    """Make the items of a generator in a thread before they are asked for.

    Parameters
    ----------
    items : generator
        Runs in that thread only; it is closed at the end.
    count : int
        How many items may wait to be asked for.
    progress : Progress
        Asked whether to stop while nothing is ready.

    Yields
    ------
    iterator
        The items. It raises what the generator raises, or `Cancelled`.
    """
    ready: _Handover[Item] = _Handover(count)
    making = started(lambda: ready.give_all(items))
    try:
        yield ready.taken(progress)
    finally:
        ready.close()
        wait([making])


@contextlib.contextmanager
def write_behind(write: Callable[[Item], None], count: int, progress: Progress) -> Iterator[Callable[[Item], None]]:
    """Write items in a thread while their maker goes on.

    Parameters
    ----------
    write : callable
        Writes one item; called in that thread only, in order.
    count : int
        How many items may wait to be written.
    progress : Progress
        Asked whether to stop while there is no room.

    Yields
    ------
    callable
        Takes an item to write. It, or the end of the ``with`` statement, raises what `write` raised. When the
        statement ends with an exception, items that wait are not written.
    """
    waiting: _Handover[Item] = _Handover(count)
    writing = started(lambda: waiting.use_all(write))

    def give(item: Item) -> None:
        if not waiting.give(item, progress):
            writing.result()

    try:
        yield give
        waiting.end()
        while not wait([writing], SECONDS_BETWEEN_LOOKS).done:
            progress.check()
        writing.result()
    finally:
        waiting.close()
        wait([writing])


class _Handover(Generic[Item]):
    """A queue of bounded length between two threads, which either of them can close."""

    def __init__(self, count: int) -> None:
        self._items: queue.SimpleQueue[tuple[Item] | BaseException | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(count)
        self._closed = threading.Event()

    def give(self, item: Item, progress: Progress) -> bool:
        """Hand over an item when there is room; return whether the other side still takes any."""
        while not self._room.acquire(timeout=SECONDS_BETWEEN_LOOKS):
            progress.check()
        if self._closed.is_set():
            return False
        self._items.put((item,))
        return True

    def give_all(self, items: Generator[Item, None, None]) -> None:
        """Hand over all items of a generator, then its end or its failure."""
        try:
            with contextlib.closing(items):
                for item in items:
                    if not self.give(item, Progress()):
                        return
            self.end()
        except BaseException as error:
            self._items.put(error)

    def end(self) -> None:
        """Say that no more items come."""
        self._items.put(None)

    def taken(self, progress: Progress) -> Iterator[Item]:
        """Yield the items until their end; raise the failure of the other side."""
        while (item := self._next(progress)) is not None:
            if isinstance(item, BaseException):
                raise item
            self._room.release()
            yield item[0]

    def use_all(self, use: Callable[[Item], None]) -> None:
        """Use the items one after the other, until their end or until closed; close on failure."""
        try:
            for item in self.taken(Progress()):
                if self._closed.is_set():
                    return
                use(item)
        finally:
            self.close()

    def close(self) -> None:
        """Let both sides stop at once."""
        self._closed.set()
        self._room.release()
        self._items.put(None)

    def _next(self, progress: Progress) -> tuple[Item] | BaseException | None:
        while True:
            progress.check()
            with contextlib.suppress(queue.Empty):
                return self._items.get(timeout=SECONDS_BETWEEN_LOOKS)
