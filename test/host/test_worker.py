"""Stages run from QGIS in a worker process: progress, cancelling, crashes, and the process's life."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessingFeedback
from rock_glacier_mapper.host import runtime, worker

pytestmark = pytest.mark.usefixtures("toy_worker")


class Feedback(QgsProcessingFeedback):
    """Keeps what it is told, and is cancelled as soon as it gets a certain message."""

    def __init__(self, cancel_at: str = "") -> None:
        super().__init__(False)
        self.cancel_at = cancel_at
        self.told: list[tuple[str, Any]] = []
        self.cancelled_at = 0.0

    def setProgress(self, percent: float) -> None:
        self.told.append(("progress", percent))

    def pushInfo(self, message: str) -> None:
        self.told.append(("info", message))
        if message == self.cancel_at:
            self.cancelled_at = time.monotonic()
            self.cancel()

    def pushWarning(self, message: str) -> None:
        self.told.append(("warning", message))

    def pushDebugInfo(self, message: str) -> None:
        self.told.append(("debug", message))


def run(action: str, feedback: QgsProcessingFeedback | None = None) -> dict[str, Any]:
    return worker.run_stage("toy", {"action": action}, feedback or Feedback())


def in_threads(*jobs: Callable[[], Any]) -> list[Any]:
    """Run every job in a thread of its own, all at once, and return their results."""
    results: list[Any] = [None] * len(jobs)

    def keep(number: int) -> None:
        results[number] = jobs[number]()

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def is_alive(pid: int) -> bool:
    """Whether a process exists; one that has ended but was not waited for exists too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_progress_messages_warnings_and_the_result_come_through():
    """Progress is 0..100 in QGIS; NaN is a result that `accuracy` may have."""
    feedback = Feedback()
    result = run("succeed", feedback)
    assert feedback.told == [("progress", 25.0), ("info", "a quarter"), ("warning", "careful")]
    assert math.isnan(result["number"])


def test_one_worker_serves_a_chain_whose_nodes_run_in_different_threads():
    """A model of ten nodes pays one start; QGIS runs each node in whatever thread it likes."""
    first = run("succeed")["pid"]
    (second,) = in_threads(lambda: run("succeed")["pid"])
    assert first == second != os.getpid()


def test_two_stages_at_the_same_time_get_two_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each of these stages ends only when the other has begun."""
    monkeypatch.setenv("TOY_MEETING", str(tmp_path))
    results = in_threads(lambda: run("meet"), lambda: run("meet"))
    assert results[0]["pid"] != results[1]["pid"]


def test_an_error_of_the_stage_is_passed_on_as_it_is():
    """It is written for the user; the worker lives on."""
    before = run("succeed")["pid"]
    with pytest.raises(worker.StageFailed, match=r"^The raster x\.tif has no band B02\.$"):
        run("refuse")
    assert run("succeed")["pid"] == before


def test_a_fault_of_the_engine_comes_with_its_traceback():
    """The message is for the user, the traceback for whoever mends it."""
    feedback = Feedback()
    with pytest.raises(worker.StageFailed, match="ZeroDivisionError: a fault of ours"):
        run("fail", feedback)
    assert any(kind == "debug" and "toy_worker.py" in text for kind, text in feedback.told)


def test_a_crash_is_a_readable_error_and_the_next_stage_gets_a_new_worker():
    """The user learns what died, where, and that no output is damaged."""
    before = run("succeed")["pid"]
    with pytest.raises(worker.StageFailed) as failure:
        run("crash")
    message = str(failure.value)
    assert "crashed (SIGABRT) while it ran stage `toy`" in message
    assert "no half-written output" in message
    assert "toy_worker.py" in message
    assert not is_alive(before)
    assert run("succeed")["pid"] != before


def test_a_worker_that_died_while_idle_is_replaced():
    """The system may kill it for its memory; the user need not know."""
    before = run("succeed")["pid"]
    os.kill(before, signal.SIGKILL)
    # It has died; whether QGIS has noticed already is a matter of chance.
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert run("succeed")["pid"] != before


def test_a_cancelled_stage_stops_and_keeps_its_worker():
    """The polite way."""
    before = run("succeed")["pid"]
    with pytest.raises(worker.StageCancelled):
        run("wait_politely", Feedback(cancel_at="waiting"))
    assert run("succeed")["pid"] == before


def test_a_stage_that_ignores_a_cancel_is_killed_within_3_seconds():
    """The promise that the user is given."""
    before = run("succeed")["pid"]
    feedback = Feedback(cancel_at="waiting")
    with pytest.raises(worker.StageCancelled):
        run("wait_deafly", feedback)
    assert time.monotonic() - feedback.cancelled_at < 3.0
    assert not is_alive(before)


def test_a_missing_package_is_explained_in_words_for_users_of_qgis(monkeypatch: pytest.MonkeyPatch):
    """The worker's own words are for the command line."""
    monkeypatch.setattr(runtime, "explain", lambda stage: f"Node {stage} needs shapely 2.1 or newer.")
    with pytest.raises(worker.StageFailed, match=r"^Node toy needs shapely 2\.1 or newer\.$"):
        run("lack_a_package")


def test_a_worker_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch):
    """An interpreter that is too old ends with a sentence before it is ready."""
    script = "import sys; sys.exit('The engine needs Python 3.10 or newer.')"
    monkeypatch.setattr(runtime, "worker_arguments", lambda: ["-c", script])
    with pytest.raises(worker.StageFailed, match=r"before it was ready.*\nThe engine needs Python 3\.10 or newer\.$"):
        run("succeed")


@pytest.mark.parametrize("found", ["", "/nowhere/python3"])
def test_a_python_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch, found: str):
    """Neither finding none nor failing to start it may hang."""
    monkeypatch.setattr(runtime, "python_executable", lambda: found)
    with pytest.raises(worker.StageFailed, match="The engine cannot be started"):
        run("succeed")


def test_an_idle_worker_ends(monkeypatch: pytest.MonkeyPatch):
    """It holds memory that others may need; a later stage starts a new one."""
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.2)
    before = run("succeed")["pid"]
    deadline = time.monotonic() + 20
    while is_alive(before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(before)
    assert run("succeed")["pid"] != before


def test_shutdown_ends_the_worker_and_leaves_no_zombie():
    """The plugin is unloaded: nothing of it stays, and it may be loaded again."""
    before = run("succeed")["pid"]
    worker.shutdown()
    assert not is_alive(before)
    assert "pid" in run("succeed")


def test_shutdown_cancels_a_stage_that_runs():
    """The user closes QGIS while a stage runs."""
    feedback = Feedback()
    started = threading.Event()
    feedback.pushInfo = lambda message: started.set()

    def wait() -> str:
        with pytest.raises(worker.StageFailed) as failure:
            run("wait_politely", feedback)
        return type(failure.value).__name__

    def close() -> None:
        started.wait(30)
        worker.shutdown()

    assert in_threads(wait, close)[0] == "StageCancelled"


SCRIPT = """
import os, sys
from qgis.core import QgsApplication, QgsProcessingFeedback
application = QgsApplication([], False)
application.initQgis()
from rock_glacier_mapper.host import runtime, worker
runtime.worker_arguments = lambda: [sys.argv[1]]
print(worker.run_stage("toy", {"action": "succeed"}, QgsProcessingFeedback(False))["pid"])
heavy = {"numba", "numpy", "scipy", "shapely", "skimage", "onnxruntime"} & set(sys.modules)
print("imported:", *sorted(heavy))
"""


def test_a_script_that_ends_leaves_nothing_behind_and_imports_nothing_heavy(request: pytest.FixtureRequest):
    """Nobody calls `shutdown` here: the exit must neither hang, nor crash, nor leave the worker."""
    toy = request.path.parents[1] / "core" / "toy_worker.py"
    environment = {**os.environ, "PYTHONPATH": runtime.plugins_folder()}
    command = [sys.executable, "-c", SCRIPT, str(toy)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "QProcess: Destroyed" not in done.stderr
    pid, imported = done.stdout.splitlines()
    assert not is_alive(int(pid))
    assert imported == "imported:"
