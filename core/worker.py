"""The engine's end of the worker process: stages on request, as JSON lines over standard input and output.

A request is ``{"id": 1, "stage": "segment", "options": {...}}``, and ``{"cancel": 1}`` stops it. The first reply is
``{"hello": {"version": ..., "python": ..., "pid": ...}}``; every other one has the id of its request and one of

- ``"progress"`` (0..1) and ``"message"`` (text, may be empty), at most 20 a second,
- ``"warning"`` (text),
- as the last ``"result"`` (the stage's), ``"error"`` (``{"type": ..., "message": ...}``) or ``"cancelled"`` (true).

Both ends are Python's `json`, so that NaN passes. The end of standard input ends the process: it cannot outlive its
host. What is printed on standard output by any library lands on standard error and cannot break the protocol.
"""

from __future__ import annotations

import faulthandler
import json
import os
import platform
import queue
import signal
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO

from .errors import OUT_OF_MEMORY, Cancelled, MapperError
from .options import from_json, to_json
from .progress import Progress
from .stages import stage_named
from .version import version

Message = dict[str, Any]

SECONDS_BETWEEN_REPORTS = 0.05
SECONDS_TO_STOP = 3.0


def serve() -> int:
    """Serve requests from standard input until it ends; return the exit status."""
    # The terminal sends an interrupt to the host and to its worker; the host decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(all_threads=False)
    requests, replies = _take_standard_streams()
    Worker(requests, replies).serve()
    return 0


class Worker:
    """Runs one stage after the other in the calling thread, while another thread listens for requests and cancels."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self._incoming = requests
        self._outgoing = replies
        self._sending = threading.Lock()
        self._waiting: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._cancelled: set[Any] = set()
        self._host_gone = threading.Event()
        self._finished = threading.Event()

    def serve(self) -> None:
        """Answer requests until the host closes its end."""
        self.send({"hello": {"version": version(), "python": platform.python_version(), "pid": os.getpid()}})
        threading.Thread(target=self._listen, daemon=True).start()
        while (request := self._waiting.get()) is not None:
            self._answer(request)
            self._cancelled.discard(request.get("id"))
        self._finished.set()

    def send(self, reply: Message) -> None:
        """Write one reply; a host that is gone gets none, and its stage is cancelled."""
        line = json.dumps(reply).encode("ascii") + b"\n"
        try:
            with self._sending:
                self._outgoing.write(line)
                self._outgoing.flush()
        except OSError:
            self._host_gone.set()

    def cancelled(self, request_id: Any) -> bool:
        """Whether the request should stop: the host said so, or is gone."""
        return self._host_gone.is_set() or request_id in self._cancelled

    def _listen(self) -> None:
        for line in self._incoming:
            self._accept(line)
        self._host_gone.set()
        self._waiting.put(None)
        if not self._finished.wait(SECONDS_TO_STOP):
            os._exit(1)  # the stage does not listen, and nobody is left to kill this process

    def _accept(self, line: bytes) -> None:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            self.send({"id": None, "error": {"type": "ProtocolError", "message": f"Not a request: {line!r}"}})
        elif "cancel" in request:
            self._cancelled.add(request["cancel"])
        else:
            self._waiting.put(request)

    def _answer(self, request: Message) -> None:
        request_id = request.get("id")
        progress = WorkerProgress(self, request_id)
        try:
            reply = {"result": _run(request, progress)}
            progress.flush()
            self.send({"id": request_id, **reply})
        except Cancelled:
            self.send({"id": request_id, "cancelled": True})
        except Exception as error:
            self.send({"id": request_id, "error": _described(error, request)})


class WorkerProgress(Progress):
    """Progress of one request, told to the host in few enough lines that it never waits for them."""

    def __init__(self, worker: Worker, request_id: Any) -> None:
        self._worker = worker
        self._id = request_id
        self._told_at = -SECONDS_BETWEEN_REPORTS
        self._fraction = 0.0
        self._message = ""

    def report(self, fraction: float, message: str = "") -> None:
        """Send the report, or keep its message for the next one when the last was sent just now."""
        self._fraction = float(fraction)
        self._message = message or self._message
        now = time.monotonic()
        if now - self._told_at >= SECONDS_BETWEEN_REPORTS:
            self._told_at = now
            self._tell()

    def flush(self) -> None:
        """Send the message that has been kept, if there is one."""
        if self._message:
            self._tell()

    def warn(self, message: str) -> None:
        """Send the warning."""
        self._worker.send({"id": self._id, "warning": message})

    def cancelled(self) -> bool:
        """Whether the host wants the request to stop, or is gone."""
        return self._worker.cancelled(self._id)

    def _tell(self) -> None:
        self._worker.send({"id": self._id, "progress": self._fraction, "message": self._message})
        self._message = ""


def _run(request: Message, progress: Progress) -> Message:
    stage = stage_named(request.get("stage", ""))
    options = from_json(stage.options, request.get("options", {}))
    progress.check()
    result = to_json(stage.run(options, progress))
    json.dumps(result)  # a result that is no plain data is the stage's fault, and must not break the connection
    return result


def _described(error: Exception, request: Message) -> Message:
    """Return the error reply; a stage's own errors are written for the user, others are faults of the engine."""
    if isinstance(error, MapperError):
        return {"type": type(error).__name__, "message": str(error)}
    traceback.print_exception(error)
    if isinstance(error, MemoryError):
        sentence = OUT_OF_MEMORY
    else:
        sentence = f"failed because of a fault in the engine ({_last_line(error)}); please report it"
    return {"type": "InternalError", "message": f"Stage `{request.get('stage')}` {sentence}."}


def _last_line(error: Exception) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes from and to the host, and leave an empty input and standard error in their places."""
    sys.stdout.flush()
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies
