"""Progress of nested work, and cancelling it."""

from __future__ import annotations

import pytest
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.progress import Progress, TextProgress


class Recorder(Progress):
    """Keeps what it is told; cancelled after some reports."""

    def __init__(self, limit: int = 100) -> None:
        self.fractions: list[float] = []
        self.warnings: list[str] = []
        self.limit = limit

    def report(self, fraction, message=""):
        self.fractions.append(fraction)

    def warn(self, message):
        self.warnings.append(message)

    def cancelled(self):
        return len(self.fractions) >= self.limit


def test_parts_of_parts_map_to_the_whole():
    """The second half of the first fifth of the work."""
    whole = Recorder()
    part = whole.part(0, 0.2).part(0.5, 1)
    part.report(0)
    part.report(1)
    part.warn("mind")
    assert whole.fractions == pytest.approx([0.1, 0.2]) and whole.warnings == ["mind"]


def test_each_reports_and_stops_when_cancelled():
    """Cancelling takes effect before the next item."""
    recorder = Recorder(limit=2)
    done = []
    with pytest.raises(Cancelled):
        for item in recorder.part(0, 1).each("abcd", 4):
            done.append(item)
    assert done == ["a", "b"] and recorder.fractions == [0.25, 0.5]


def test_text_progress_does_not_repeat_itself():
    """Stages report more often than a person wants to read."""
    lines: list[str] = []
    progress = TextProgress(lines.append)
    progress.report(0.5, "half")
    progress.report(0.501, "half")
    progress.warn("mind")
    assert lines == [" 50% half", "Warning: mind"]
