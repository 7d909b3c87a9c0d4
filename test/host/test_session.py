"""Requests that build on each other: one worker, the last of each kind, answered in the main thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication
from rock_glacier_mapper.host.session import WorkerSession

pytestmark = pytest.mark.usefixtures("toy_worker", "application")

# QGIS's objects must not outlive the variable.
_applications: list[QgsApplication] = []


class Answers:
    """Asks the toy stage, and keeps what comes back."""

    def __init__(self) -> None:
        self.session = WorkerSession()
        self.results: list[dict[str, Any]] = []
        self.failures: list[str] = []

    def ask(self, action: str) -> None:
        self.session.ask("toy", {"action": action}, self.results.append, self.failures.append)

    def settle(self) -> None:
        """Let events happen until nothing is awaited."""
        deadline = time.monotonic() + 30
        while self.session.is_busy and time.monotonic() < deadline:
            QCoreApplication.processEvents()
            time.sleep(0.01)
        assert not self.session.is_busy


@pytest.fixture(scope="session")
def application() -> None:
    """An application, without which no timer runs."""
    if QCoreApplication.instance() is None:
        _applications.append(QgsApplication([], True))


@pytest.fixture
def answers() -> Iterator[Answers]:
    """A session that is closed after the test."""
    asked = Answers()
    yield asked
    asked.session.close()


def test_one_worker_answers_all(answers):
    """What a stage has kept in memory, the next finds."""
    for _ in range(3):
        answers.ask("succeed")
        answers.settle()
    assert len(answers.results) == 3
    assert len({result["pid"] for result in answers.results}) == 1
    assert answers.failures == []


def test_of_requests_that_wait_only_the_last_is_sent(answers):
    """A drag asks far more often than can be answered."""
    for _ in range(50):
        answers.ask("succeed")
    answers.settle()
    assert len(answers.results) == 2


def test_a_refusal_is_a_sentence(answers):
    """The stage's own words; the next request is answered as ever."""
    answers.ask("refuse")
    answers.settle()
    answers.ask("succeed")
    answers.settle()
    assert answers.failures == ["The raster x.tif has no band B02."]
    assert len(answers.results) == 1


def test_a_request_that_kills_the_worker_is_repeated_once(answers):
    """A second death is said, and a new worker serves the next request."""
    answers.ask("succeed")
    answers.settle()
    answers.ask("crash")
    answers.settle()
    assert len(answers.failures) == 1
    assert "The engine's process crashed" in answers.failures[0]
    answers.ask("succeed")
    answers.settle()
    first, second = (result["pid"] for result in answers.results)
    assert first != second


def test_a_closed_session_says_nothing_more(answers):
    """Who has closed the editor wants no answer; the next request starts another worker."""
    answers.ask("wait_politely")
    answers.ask("succeed")
    answers.session.close()
    answers.settle()
    assert answers.results == answers.failures == []
    answers.ask("succeed")
    answers.settle()
    assert len(answers.results) == 1
