"""How a stage tells its host how far it is, and learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .errors import Cancelled

Item = TypeVar("Item")


class Progress:
    """Progress of one stage; this base class tells nobody and is never cancelled.

    Hosts override `report`, `warn` and `cancelled`; stages call those and the helpers below.
    """

    def report(self, fraction: float, message: str = "") -> None:
        """Tell that `fraction` (0..1) of the work is done, and optionally what happens now."""

    def warn(self, message: str) -> None:
        """Tell the user something that she should know although the work goes on."""

    def cancelled(self) -> bool:
        """Whether the user wants the stage to stop."""
        return False

    def check(self) -> None:
        """Raise `Cancelled` if the user wants the stage to stop."""
        if self.cancelled():
            raise Cancelled

    def part(self, start: float, end: float) -> Progress:
        """Return a progress whose 0..1 is the range `start`..`end` of this one."""
        return PartOfProgress(self, start, end)

    def each(self, items: Iterable[Item], count: int, message: str = "") -> Iterator[Item]:
        """Yield `items`, reporting after each of the `count` and stopping when cancelled."""
        for number, item in enumerate(items, start=1):
            self.check()
            yield item
            self.report(number / max(count, 1), message)


class PartOfProgress(Progress):
    """A sub-range of another progress; warnings and cancelling pass through."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole = whole
        self._start = start
        self._span = end - start

    def report(self, fraction: float, message: str = "") -> None:
        """Report the share of the whole."""
        self._whole.report(self._start + self._span * fraction, message)

    def warn(self, message: str) -> None:
        """Warn through the whole."""
        self._whole.warn(message)

    def cancelled(self) -> bool:
        """Whether the user wants the whole to stop."""
        return self._whole.cancelled()


class TextProgress(Progress):
    """Progress written line by line, for the command line."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._last = ""

    def report(self, fraction: float, message: str = "") -> None:
        """Write the share and the message, unless the line would repeat itself."""
        line = f"{fraction:4.0%} {message}".rstrip()
        if line != self._last:
            self._write(line)
            self._last = line

    def warn(self, message: str) -> None:
        """Write the warning."""
        self._write(f"Warning: {message}")
