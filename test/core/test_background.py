"""Threads beside the main one: same order, same errors, and none of them left behind."""

from __future__ import annotations

import threading
import time

import pytest
from rock_glacier_mapper.core.background import read_ahead, write_behind
from rock_glacier_mapper.core.errors import Cancelled, InvalidRasterError, OutputError
from rock_glacier_mapper.core.progress import Progress


class Cancelling(Progress):
    """Is cancelled from the beginning."""

    def cancelled(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_thread_left():
    """Every test ends with the threads that it began with."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 1
    while not set(threading.enumerate()) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before


def numbers(closed: list[bool], fail_at: int | None = None):
    """Yield whole numbers for ever, made in the thread that asks."""
    try:
        for number in range(10**9):
            if number == fail_at:
                raise InvalidRasterError("damaged")
            yield number, threading.current_thread()
    finally:
        closed.append(True)


def test_items_are_made_ahead_in_order_by_another_thread():
    """Order is what keeps rows in order; two may wait, so at most four are made when one was taken."""
    made = []
    items = (made.append(number) or number for number in range(100))
    with read_ahead(items, 2, Progress()) as ready:
        assert next(ready) == 0
        time.sleep(0.1)
        assert len(made) <= 4
        assert list(ready) == list(range(1, 100))


def test_a_reader_is_closed_when_its_user_stops_early():
    """The generator holds a dataset and must let it go, in its own thread."""
    closed: list[bool] = []
    with read_ahead(numbers(closed), 2, Progress()) as ready:
        _, thread = next(ready)
        assert thread is not threading.current_thread()
    assert closed == [True]


def test_a_reader_is_closed_when_its_user_fails():
    """The user's error counts, not what the reader makes of it."""
    closed: list[bool] = []
    with pytest.raises(ZeroDivisionError), read_ahead(numbers(closed), 2, Progress()):
        raise ZeroDivisionError
    assert closed == [True]


def test_a_readers_error_comes_after_the_items_before_it():
    """As it is, so that the user reads the sentence that was meant for her."""
    seen = []
    with pytest.raises(InvalidRasterError, match=r"^damaged$"), read_ahead(numbers([], 3), 2, Progress()) as ready:
        for number, _ in ready:
            seen.append(number)
    assert seen == [0, 1, 2]


def test_waiting_for_a_reader_can_be_cancelled():
    """A slow file must not keep the user waiting."""

    def slow():
        time.sleep(0.5)
        yield 1

    with pytest.raises(Cancelled), read_ahead(slow(), 1, Cancelling()) as ready:
        next(ready)


def test_all_items_are_written_in_order_before_the_statement_ends():
    """The file is closed right after."""
    written = []

    def write(item: int) -> None:
        time.sleep(0.001)
        written.append((item, threading.current_thread() is threading.main_thread()))

    with write_behind(write, 2, Progress()) as give:
        for number in range(20):
            give(number)
    assert written == [(number, False) for number in range(20)]


@pytest.mark.parametrize("items", [1, 50])
def test_a_writers_error_is_raised_at_the_next_item_or_at_the_end(items):
    """A full disk shows after the first image or with the last one."""

    def write(item: int) -> None:
        raise OutputError("full")

    with pytest.raises(OutputError, match=r"^full$"), write_behind(write, 2, Progress()) as give:
        for number in range(items):
            give(number)


def test_what_waits_is_not_written_after_an_error():
    """The output is thrown away then; only the item in hand is finished."""
    written = []

    def write(item: int) -> None:
        time.sleep(0.05)
        written.append(item)

    with pytest.raises(ZeroDivisionError), write_behind(write, 10, Progress()) as give:
        for number in range(10):
            give(number)
        raise ZeroDivisionError
    assert len(written) <= 1


def test_a_writer_that_is_slow_can_be_cancelled():
    """There is no room for the second item until the first is written."""
    with pytest.raises(Cancelled), write_behind(lambda _: time.sleep(0.3), 1, Cancelling()) as give:
        give(1)
        give(2)
