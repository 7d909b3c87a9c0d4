"""Runs stages in worker processes, from whatever thread QGIS runs an algorithm in.

A QProcess may be used only by the thread that made it, while the nodes of a chain may each run in another thread. So
every worker process has a thread of its own, an `_Engine`, which takes one job after the other from a queue; the
thread of the algorithm hands over a job and passes the replies on to the feedback itself, because QGIS's feedback
signals must come from there.

Two stages at the same time (two open dialogs) get two workers: a short node does not wait for hours behind a long one,
no thread of QGIS ever waits for another one's stage, and a crash takes only its own stage along. The memory budget
holds for each stage, as it does for two runs of the command line. Chains run one stage at a time and so keep to one
worker. A worker that has been idle for `IDLE_SECONDS` ends; all end with QGIS, if need be by the end of their input.
"""

from __future__ import annotations

import atexit
import itertools
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

from . import runtime
from .errors import StageCancelled, StageFailed, WorkerDied
from .process import WorkerProcess

__all__ = ["Job", "ReservedWorker", "StageCancelled", "StageFailed", "WorkerDied", "run_stage", "shutdown"]

IDLE_SECONDS = 300.0
SECONDS_TO_HELLO = 60.0
# A worker that has not stopped by itself this long after a cancel is killed, so that it is gone within 3 s.
SECONDS_TO_CANCEL = 2.5
SECONDS_TO_SHUT_DOWN = 6.0
SECONDS_BETWEEN_LOOKS = 0.1

_job_numbers = itertools.count(1)


def run_stage(stage: str, options: dict[str, Any], feedback: QgsProcessingFeedback) -> dict[str, Any]:
    """Run a stage in a worker process and wait for its end.

    Parameters
    ----------
    stage : str
        Name of the stage.
    options : dict
        Its options as plain values; those left out have their defaults.
    feedback : QgsProcessingFeedback
        Gets progress, messages and warnings, and is asked whether to cancel.

    Returns
    -------
    dict
        The stage's result.

    Raises
    ------
    StageFailed
        If the stage refuses its input, the worker dies, a package is missing or Python is too old.
    StageCancelled
        If the feedback was cancelled; the worker has stopped by then, or has been killed.
    """
    job = Job(stage, options)
    engine = _engines.take()
    try:
        engine.give(job)
        return _follow(job, engine, feedback)
    finally:
        job.cancelled.set()  # without effect on a job that has ended
        _engines.put_back(engine)


def shutdown() -> None:
    """End every worker, cancelling what still runs; a later `run_stage` starts a new one."""
    _engines.close()


class ReservedWorker:
    """A worker kept for requests that build on each other: what one has read, the next finds in its memory.

    The worker starts with the first request, and again with the next one if it has died.
    """

    def __init__(self) -> None:
        self._engine: _Engine | None = None

    def start(self, stage: str, options: dict[str, Any]) -> Job:
        """Ask for a run of a stage and return at once; the job's replies tell how it goes."""
        if self._engine is None or not self._engine.is_alive():
            self._engine = _engines.take()
        job = Job(stage, options)
        self._engine.give(job)
        return job

    def can_answer(self) -> bool:
        """Whether a reply may still come."""
        return self._engine is not None and self._engine.is_alive()

    def release(self) -> None:
        """End the worker, which gives its memory back."""
        if self._engine is not None:
            _engines.drop(self._engine)
            self._engine = None


class Job:
    """One run of a stage: the request, whether it is cancelled, and the replies as they come."""

    def __init__(self, stage: str, options: dict[str, Any]) -> None:
        self.number = next(_job_numbers)
        self.stage = stage
        self.options = options
        self.cancelled = threading.Event()
        self.replies: queue.SimpleQueue[dict[str, Any] | StageFailed] = queue.SimpleQueue()


def _follow(job: Job, engine: _Engine, feedback: QgsProcessingFeedback) -> dict[str, Any]:
    """Pass replies on to the feedback until the last one, and its wish to cancel to the job."""
    while True:
        _let_signals_in()
        if feedback.isCanceled():
            job.cancelled.set()
        can_answer = engine.is_alive()
        try:
            reply = job.replies.get(timeout=SECONDS_BETWEEN_LOOKS)
        except queue.Empty:
            if not can_answer:
                raise StageFailed(f"Stage `{job.stage}` was stopped because QGIS ends the engine.") from None
            continue
        if isinstance(reply, StageFailed):
            raise reply
        if "result" in reply:
            result: dict[str, Any] = reply["result"]
            return result
        _show(reply, feedback)


def _let_signals_in() -> None:
    """Let QGIS notice an interrupt from the terminal, which its event loop delivers, if this is that loop's thread."""
    application = QCoreApplication.instance()
    if application is not None and application.thread() == QThread.currentThread():
        application.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


def _show(reply: dict[str, Any], feedback: QgsProcessingFeedback) -> None:
    if "warning" in reply:
        feedback.pushWarning(reply["warning"])
        return
    if "details" in reply:
        feedback.pushDebugInfo(reply["details"])
        return
    feedback.setProgress(100 * min(max(reply["progress"], 0.0), 1.0))
    if reply["message"]:
        feedback.pushInfo(reply["message"])


class _Engine(threading.Thread):
    """A thread that owns at most one worker process and gives it one job after the other."""

    def __init__(self) -> None:
        super().__init__(name="rock_glacier_mapper worker", daemon=True)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._process: WorkerProcess | None = None

    def give(self, job: Job) -> None:
        """Queue a job; its replies tell how it went."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Cancel the job that runs, then end the process and the thread."""
        self._stopping.set()
        self._jobs.put(None)

    def run(self) -> None:
        """Do jobs until told to stop or idle for long."""
        for job in self._arriving():
            try:
                job.replies.put(self._result_of(job))
            except StageFailed as error:
                # The traceback holds the process, which must not be deleted by the thread that shows the error.
                job.replies.put(error.with_traceback(None))
            except Exception as error:
                self._drop_process()
                job.replies.put(StageFailed(f"The connection to the engine failed: {error!r}."))
        if self._process is not None:
            self._process.end()
            self._process = None

    def _arriving(self) -> Iterator[Job]:
        while not self._stopping.is_set():
            try:
                job = self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                if _engines.dismiss(self):
                    return
                continue
            if job is not None:
                yield job

    def _result_of(self, job: Job) -> dict[str, Any]:
        process = self._ready_process(job)
        process.forget_last_lines()
        process.send({"id": job.number, "stage": job.stage, "options": job.options})
        for reply in self._replies(process, job):
            if reply.get("id") != job.number:
                continue
            if "result" in reply:
                return reply
            if "cancelled" in reply:
                raise StageCancelled
            if "error" in reply:
                if reply["error"]["type"] == "InternalError":
                    job.replies.put({"details": process.last_lines()})
                raise StageFailed(_advice(job.stage, reply["error"]))
            job.replies.put(reply)
        raise WorkerDied(_obituary(process, f"while it ran stage `{job.stage}`; no half-written output is left"))

    def _ready_process(self, job: Job) -> WorkerProcess:
        """Return the process, started and greeted if there was none or if it died while it was idle."""
        if self._process is not None and self._process.is_usable():
            return self._process
        self._process = process = WorkerProcess()
        deadline = time.monotonic() + SECONDS_TO_HELLO
        for reply in self._replies(process, job, deadline):
            if "hello" in reply:
                return process
        raise WorkerDied(_obituary(process, "before it was ready"))

    def _replies(self, process: WorkerProcess, job: Job, deadline: float = float("inf")) -> Iterator[dict[str, Any]]:
        """Yield replies until the process has died; on the way, cancel it and kill it when time is up."""
        cancel_sent = False
        running = True
        while running:
            if not cancel_sent and (job.cancelled.is_set() or self._stopping.is_set()):
                process.send({"cancel": job.number})
                cancel_sent, deadline = True, time.monotonic() + SECONDS_TO_CANCEL
            if time.monotonic() > deadline:
                self._drop_process()
                raise StageCancelled if cancel_sent else StageFailed("The engine did not start in time.")
            running = process.is_running
            yield from process.replies()
        self._process = None
        if cancel_sent:
            raise StageCancelled

    def _drop_process(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


def _obituary(process: WorkerProcess, when: str) -> str:
    last_words = process.last_words()
    heard = f"It last wrote:\n{last_words}" if last_words else "It wrote nothing about the cause."
    return f"The engine's process {process.how_it_ended()} {when}. {heard}"


def _advice(stage: str, error: dict[str, Any]) -> str:
    """Return an error's message; for a missing package, what the user of QGIS can do about it."""
    message: str = error["message"]
    return (error["type"] == "MissingPackageError" and runtime.explain(stage)) or message


class _Engines:
    """The engines that live: those at work, and those that wait for the next job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: set[_Engine] = set()
        self._idle: list[_Engine] = []
        self._ending: list[_Engine] = []
        self._ends_with_qgis = False

    def take(self) -> _Engine:
        """Return an engine for one job, the one used last if one is idle, so that a chain keeps its worker."""
        with self._lock:
            self._end_with_qgis()
            if self._idle:
                return self._idle.pop()
            engine = _Engine()
            self._all.add(engine)
            engine.start()
            return engine

    def put_back(self, engine: _Engine) -> None:
        """Take an engine back after its job."""
        with self._lock:
            if engine in self._all:
                self._idle.append(engine)

    def drop(self, engine: _Engine) -> None:
        """End an engine after its job, which is cancelled."""
        with self._lock:
            self._all.discard(engine)
            self._ending = [one for one in self._ending if one.is_alive()] + [engine]
        engine.stop()

    def dismiss(self, engine: _Engine) -> bool:
        """Forget an idle engine so that it may end; False if it has just been taken for a job."""
        with self._lock:
            if engine in self._idle:
                self._idle.remove(engine)
                self._all.discard(engine)
            return engine not in self._all

    def close(self) -> None:
        """Stop all engines and wait for their ends."""
        with self._lock:
            engines, self._all, self._idle = [*self._all, *self._ending], set(), []
        for engine in engines:
            engine.stop()
        for engine in engines:
            engine.join(SECONDS_TO_SHUT_DOWN)

    def _end_with_qgis(self) -> None:
        application = QCoreApplication.instance()
        if not self._ends_with_qgis and application is not None:
            application.aboutToQuit.connect(self.close)
            self._ends_with_qgis = True


_engines = _Engines()
# A plain Python script with QGIS's libraries has no event loop that would announce its end.
atexit.register(shutdown)
