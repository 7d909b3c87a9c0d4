"""Work in threads: results in order, failures as they are, and no thread left behind."""

from __future__ import annotations

import threading
import time

import pytest
from rock_glacier_mapper.core.errors import Cancelled, InvalidRasterError
from rock_glacier_mapper.core.parallel import each_in_threads
from rock_glacier_mapper.core.progress import Progress


def test_results_come_in_order_whatever_takes_longest():
    """The first item is done last."""

    def work(item, progress):
        time.sleep(0.05 * (item == 0))
        return item * item

    assert list(each_in_threads(work, range(6), 3, Progress())) == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize("count", [0, 1, 9])
def test_any_number_of_threads(count):
    """None stated is one for each core; more than items are not needed, and no item is nothing to do."""
    assert list(each_in_threads(lambda item, progress: -item, [1, 2], count, Progress())) == [-1, -2]
    assert list(each_in_threads(lambda item, progress: item, [], count, Progress())) == []


def test_a_failure_is_raised_here_and_ends_the_rest():
    """What is at work hears of it and is waited for; what has not begun does not begin."""
    begun = []

    def work(item, progress):
        begun.append(item)
        if item == 0:
            raise InvalidRasterError("damaged")
        while not progress.cancelled():
            time.sleep(0.001)

    before = set(threading.enumerate())
    with pytest.raises(InvalidRasterError, match="damaged"):
        list(each_in_threads(work, range(100), 2, Progress()))
    assert set(threading.enumerate()) <= before
    assert len(begun) < 10


def test_cancel_reaches_the_threads():
    """The host's wish to stop is passed on to what is at work."""

    class Stopped(Progress):
        def cancelled(self):
            return started.is_set()

    started = threading.Event()

    def work(item, progress):
        started.set()
        while True:
            progress.check()
            time.sleep(0.001)

    with pytest.raises(Cancelled):
        list(each_in_threads(work, [1], 1, Stopped()))


def test_progress_is_told_of_every_result():
    """Fractions rise to 1 with the message."""
    told = []
    progress = Progress()
    progress.report = lambda fraction, message="": told.append((fraction, message))
    list(each_in_threads(lambda item, progress: item, range(4), 2, progress, "Reading"))
    assert told == [(0.25, "Reading"), (0.5, "Reading"), (0.75, "Reading"), (1, "Reading")]
