"""The worker's protocol, spoken to a real worker process with a toy stage."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rock_glacier_mapper
from rock_glacier_mapper.core.version import version

TOY_WORKER = str(Path(__file__).with_name("toy_worker.py"))


class Connection:
    """A worker process and what it says."""

    def __init__(self, *arguments: str) -> None:
        folder = os.path.dirname(os.path.dirname(rock_glacier_mapper.__file__))
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.hello = self.receive()["hello"]

    def send(self, message: object) -> None:
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        return json.loads(self.process.stdout.readline())

    def run(self, number: int, action: str) -> list[dict[str, Any]]:
        """Run the toy stage and return all replies."""
        self.send({"id": number, "stage": "toy", "options": {"action": action}})
        return self.until_end()

    def until_end(self) -> list[dict[str, Any]]:
        """Return the replies up to the one that ends a request."""
        replies = [self.receive()]
        while not replies[-1].keys() & {"result", "error", "cancelled"}:
            replies.append(self.receive())
        return replies


@pytest.fixture
def worker() -> Iterator[Connection]:
    connection = Connection(TOY_WORKER)
    yield connection
    connection.process.kill()
    with contextlib.suppress(ValueError):  # the test has closed the pipes
        connection.process.communicate()
    connection.process.wait()


def test_says_who_it_is_first(worker: Connection):
    """The host must know which software answers before it asks for anything."""
    assert worker.hello["version"] == version()
    assert worker.hello["pid"] == worker.process.pid


def test_the_command_line_starts_a_worker_with_the_real_stages():
    """The plugin starts it in this way."""
    worker = Connection("-m", "rock_glacier_mapper", "worker")
    worker.send({"id": 1, "stage": "segment", "options": {"input": "a.tif"}})
    error = worker.until_end()[-1]["error"]
    assert error["type"] == "InvalidOptionError"
    assert "`output` is missing" in error["message"]
    worker.process.communicate()
    assert worker.process.returncode == 0


def test_progress_and_warnings_come_before_the_result(worker: Connection):
    """The round trip of one request; NaN must pass."""
    first, second, last = worker.run(7, "succeed")
    assert first == {"id": 7, "progress": 0.25, "message": "a quarter"}
    assert second == {"id": 7, "warning": "careful"}
    assert last["id"] == 7
    assert last["result"]["pid"] == worker.process.pid
    assert math.isnan(last["result"]["number"])


def test_prints_of_libraries_do_not_break_the_protocol(worker: Connection):
    """Python's print and a C library's write both go to standard error, and child processes find no input."""
    (reply,) = worker.run(1, "print_noise")
    assert "result" in reply
    noise = worker.process.communicate()[1]
    assert b"Python library" in noise
    assert b"C library" in noise


def test_reports_are_few_and_the_last_message_is_not_lost(worker: Connection):
    """A stage may report for every pixel row; the host must not drown, and must learn how it ended."""
    replies = worker.run(1, "report_often")
    assert len(replies) < 1_000
    assert replies[-2]["message"] == "step 9999"


@pytest.mark.parametrize(
    ("action", "kind", "message"),
    [
        ("refuse", "InvalidRasterError", "The raster x.tif has no band B02."),
        ("fail", "InternalError", "fault in the engine (ZeroDivisionError: a fault of ours)"),
    ],
)
def test_an_error_is_readable_and_the_worker_survives_it(worker: Connection, action: str, kind: str, message: str):
    """Neither bad input nor a fault of a stage costs the host its worker."""
    error = worker.run(1, action)[-1]["error"]
    assert error["type"] == kind
    assert message in error["message"]
    assert "result" in worker.run(2, "succeed")[-1]


def test_the_traceback_of_a_fault_goes_to_standard_error(worker: Connection):
    """Whoever reports the fault needs it."""
    worker.run(1, "fail")
    assert b"toy_worker.py" in worker.process.communicate()[1]


def test_an_unknown_stage_is_named(worker: Connection):
    """The list of stages tells what was meant."""
    worker.send({"id": 1, "stage": "segmnt", "options": {}})
    assert "There is no stage `segmnt`" in worker.receive()["error"]["message"]


@pytest.mark.parametrize("line", [b"no json\n", b"[1]\n"])
def test_a_line_that_is_no_request_is_refused(worker: Connection, line: bytes):
    """A confused host gets an answer instead of silence."""
    worker.process.stdin.write(line)
    worker.process.stdin.flush()
    assert worker.receive()["error"]["type"] == "ProtocolError"
    assert "result" in worker.run(1, "succeed")[-1]


def test_a_cancel_stops_its_own_request_only(worker: Connection):
    """A cancel may also come before its request is begun."""
    worker.send({"id": 1, "stage": "toy", "options": {"action": "wait_politely"}})
    worker.send({"id": 2, "stage": "toy", "options": {"action": "succeed"}})
    worker.send({"id": 3, "stage": "toy", "options": {"action": "succeed"}})
    worker.send({"cancel": 2})
    worker.send({"cancel": 1})
    ends = [worker.until_end()[-1] for _ in range(3)]
    assert ends[0] == {"id": 1, "cancelled": True}
    assert ends[1] == {"id": 2, "cancelled": True}
    assert "result" in ends[2]


@pytest.mark.parametrize(("action", "status"), [("wait_politely", 0), ("wait_deafly", 1)])
def test_ends_with_its_host_even_in_the_middle_of_a_stage(worker: Connection, action: str, status: int):
    """No orphan may stay behind when QGIS is killed."""
    worker.send({"id": 1, "stage": "toy", "options": {"action": action}})
    assert worker.receive()["message"] == "waiting"
    worker.process.stdin.close()
    worker.process.stdout.close()
    assert worker.process.wait(timeout=30) == status


def test_an_interrupt_is_the_hosts_to_handle(worker: Connection):
    """Ctrl-C in a terminal reaches QGIS and the worker; only QGIS knows what shall happen."""
    worker.process.send_signal(2)
    assert "result" in worker.run(1, "succeed")[-1]
