"""Requests to a worker of one's own, answered later in QGIS's main thread, so that no widget ever waits.

While one request is at work others wait, of each stage only the last: who drags a ramp asks for far more than can be
answered, and only what she sees last counts.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, NamedTuple

from qgis.PyQt.QtCore import QObject, QTimer

from .errors import StageFailed, WorkerDied
from .worker import Job, ReservedWorker

MS_BETWEEN_LOOKS = 15

Answered = Callable[[dict[str, Any]], None]
Failed = Callable[[str], None]


class _Request(NamedTuple):
    """What was asked, and whom to answer."""

    stage: str
    options: dict[str, Any]
    answered: Answered
    failed: Failed
    is_repeated: bool = False


class WorkerSession(QObject):
    """A conversation with one worker, from the main thread.

    Parameters
    ----------
    parent : QObject
        Ends with it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = ReservedWorker()
        self._waiting: dict[str, _Request] = {}
        self._job: Job | None = None
        self._request: _Request | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(MS_BETWEEN_LOOKS)
        self._timer.timeout.connect(self._look)

    def ask(self, stage: str, options: dict[str, Any], answered: Answered, failed: Failed) -> None:
        """Ask for a run of a stage. A request that the worker did not survive is sent once more, to a new one.

        Parameters
        ----------
        stage : str
        options : dict
        answered : callable
            Called with the result.
        failed : callable
            Called with a sentence, if there is no result. Neither is called if another request of the same stage
            takes this one's place before it was sent.
        """
        self._waiting[stage] = _Request(stage, options, answered, failed)
        self._next()

    @property
    def is_busy(self) -> bool:
        """Whether a request is at work or waits."""
        return self._job is not None or bool(self._waiting)

    def close(self) -> None:
        """Forget all requests and end the worker; the next request starts another."""
        self._waiting.clear()
        self._timer.stop()
        self._job = self._request = None
        self._worker.release()

    def _next(self) -> None:
        if self._job is not None or not self._waiting:
            return
        stage = next(iter(self._waiting))
        self._request = self._waiting.pop(stage)
        self._job = self._worker.start(stage, self._request.options)
        self._timer.start()

    def _look(self) -> None:
        """Take what the worker has replied; the last reply ends the request."""
        while self._job is not None:
            can_answer = self._worker.can_answer()
            try:
                reply = self._job.replies.get_nowait()
            except queue.Empty:
                if not can_answer:
                    self._end(StageFailed("The engine was ended."))
                return
            if isinstance(reply, StageFailed) or "result" in reply:
                self._end(reply)

    def _end(self, reply: dict[str, Any] | StageFailed) -> None:
        request = self._request
        self._timer.stop()
        self._job = self._request = None
        if request is None:
            return
        if isinstance(reply, WorkerDied) and not request.is_repeated:
            # A newer request of the same stage has the same right to be answered.
            self._waiting.setdefault(request.stage, request._replace(is_repeated=True))
            self._next()
            return
        self._next()
        if isinstance(reply, StageFailed):
            request.failed(str(reply))
        else:
            request.answered(reply["result"])
