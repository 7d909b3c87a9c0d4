"""The worker process as QGIS holds it: started, spoken to in JSON lines, and ended.

A `WorkerProcess` belongs to the thread that made it, as every QProcess does.
"""

from __future__ import annotations

import contextlib
import json
import signal
from collections import deque
from collections.abc import Iterator
from typing import Any

from qgis.PyQt.QtCore import QProcess

from . import runtime
from .errors import StageFailed

SLICE_MS = 50
MS_TO_START = 10_000
MS_TO_END = 3_000
MS_TO_DIE = 2_000
LINES_KEPT = 40
LINES_SHOWN = 6


class WorkerProcess:
    """One running worker.

    Raises
    ------
    StageFailed
        If it cannot be started.
    """

    def __init__(self) -> None:
        self._last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        program = runtime.python_executable()
        if not program:
            raise StageFailed("The engine cannot be started: no Python interpreter was found beside QGIS.")
        self._process = QProcess()
        self._process.setProcessEnvironment(runtime.worker_environment())
        self._process.start(program, runtime.worker_arguments())
        if not self._process.waitForStarted(MS_TO_START):
            raise StageFailed(f"The engine cannot be started: {program}: {self._process.errorString()}.")

    @property
    def is_running(self) -> bool:
        """Whether the process lives, as of the last wait."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def send(self, message: dict[str, Any]) -> None:
        """Send one line."""
        self._process.write(json.dumps(message).encode("ascii") + b"\n")
        self._process.waitForBytesWritten(MS_TO_START)

    def replies(self) -> Iterator[dict[str, Any]]:
        """Wait at most a slice of time, then yield the replies that have come."""
        self._process.waitForReadyRead(SLICE_MS)
        self._keep_last_lines()
        while self._process.canReadLine():
            yield json.loads(bytes(self._process.readLine()))

    def is_usable(self) -> bool:
        """Whether the process can take another request; one that died in the meantime cannot."""
        return not self._process.waitForFinished(0) and self.is_running

    def end(self) -> None:
        """Close the process's input and wait until it has ended; kill it if it takes too long."""
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(MS_TO_END):
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.waitForFinished(MS_TO_DIE)

    def how_it_ended(self) -> str:
        """Say how the process ended: by a signal, or with an exit status."""
        status = self._process.exitCode()
        if self._process.exitStatus() == QProcess.ExitStatus.CrashExit:
            return f"crashed ({_signal_name(status)})"
        return f"ended with exit status {status}"

    def last_words(self) -> str:
        """Return the few lines on standard error that tell most: the beginning of a crash report, or the end."""
        lines = self.last_lines().splitlines()
        reports = [number for number, line in enumerate(lines) if line.startswith("Fatal Python error")]
        shown = lines[reports[-1] :][:LINES_SHOWN] if reports else lines[-LINES_SHOWN:]
        return "\n".join(shown)

    def last_lines(self) -> str:
        """Return what the process last wrote on standard error."""
        self._keep_last_lines()
        return "\n".join(self._last_lines)

    def forget_last_lines(self) -> None:
        """Drop what was written so far, so that it is not taken for the next stage's."""
        self._keep_last_lines()
        self._last_lines.clear()

    def _keep_last_lines(self) -> None:
        text = bytes(self._process.readAllStandardError()).decode("utf-8", errors="replace")
        self._last_lines.extend(line for line in text.splitlines() if line.strip())


def _signal_name(number: int) -> str:
    name = f"exit code {number:#x}"
    with contextlib.suppress(ValueError):
        name = signal.Signals(number).name
    return f"{name}, often a lack of memory" if name == "SIGKILL" else name
