"""Measuring what a command takes: time, processor time and memory of its whole tree of processes."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

BENCH = Path(__file__).resolve().parent
_KIB = 1024
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes
    ----------
    wall : float
        Seconds on the clock.
    seconds : float
        Processor time (user + system), that of all descendants included.
    megabytes : float
        Most memory that the tree of processes had resident at once, shared pages counted once. Looked at
        twenty times a second; never less than the most that one process ever had.
    printed : str
        What it printed.
    """

    wall: float
    seconds: float
    megabytes: float
    printed: str = ""


class TooSlowError(Exception):
    """A command was stopped at its time limit."""


def measured(command: Sequence[str], time_limit: float = float("inf")) -> Cost:
    """Run a command and return what it took.

    Parameters
    ----------
    command : sequence of str
    time_limit : float
        Seconds after which the command is killed, with all that it started.

    Raises
    ------
    TooSlowError
        If it was killed.
    RuntimeError
        If it fails; the message ends with what it printed as errors.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as errors:
        # A session of its own: its number is on every process that the command starts.
        process = subprocess.Popen(
            command, stdout=printed, stderr=errors, env=environment(), start_new_session=True, stdin=subprocess.DEVNULL
        )
        largest = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if time.monotonic() - started > time_limit:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise TooSlowError(f"{command[0]} was stopped after {time_limit:g} s.")
            largest = max(largest, _session_megabytes(process.pid))
            time.sleep(_POLL_SECONDS)
        wall, (_, status, usage) = time.monotonic() - started, ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed with status {process.returncode}:\n{errors.read()[-2000:]}")
        printed.seek(0)
        memory = max(largest, usage.ru_maxrss / _KIB)
        return Cost(wall, usage.ru_utime + usage.ru_stime, memory, printed.read())


def least(
    runs: Sequence[Callable[[], Cost]], repetitions: int, key: Callable[[Cost], float] = lambda cost: cost.seconds
) -> list[Cost]:
    """Run in turns; return the cheapest run of each by `key`, with the largest memory of all of its runs."""
    costs: list[list[Cost]] = [[] for _ in runs]
    for _ in range(repetitions):
        for kept, run in zip(costs, runs, strict=True):
            kept.append(run())
    return [replace(min(kept, key=key), megabytes=max(cost.megabytes for cost in kept)) for kept in costs]


def environment() -> dict[str, str]:
    """Return the environment in which the package is found and nothing is kept."""
    return {**os.environ, "PYTHONPATH": str(BENCH.parent / "build" / "plugins"), "PYTHONDONTWRITEBYTECODE": "1"}


def _session_megabytes(session: int) -> float:
    """Return the memory of the processes of a session; a page that several share counts once."""
    kibibytes = 0
    for folder in Path("/proc").iterdir():
        # A process may end at any moment.
        with contextlib.suppress(OSError, ValueError):
            if folder.name.isdigit() and os.getsid(int(folder.name)) == session:
                found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                kibibytes += int(found[1]) if found else 0
    return kibibytes / _KIB
