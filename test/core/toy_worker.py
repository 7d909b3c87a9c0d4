"""A worker whose only stage, `toy`, behaves as its options say; started as a program by the tests of both ends."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rock_glacier_mapper.core import stages, worker
from rock_glacier_mapper.core.errors import InvalidRasterError, MissingPackageError
from rock_glacier_mapper.core.files import replacing
from rock_glacier_mapper.core.options import Options, option
from rock_glacier_mapper.core.progress import Progress


@dataclass(frozen=True)
class ToyOptions(Options):
    """Do something."""

    action: str = option(help="What to do.")


@dataclass(frozen=True)
class ToyResult:
    """Who did it, and a number."""

    pid: int
    number: float


def succeed(progress: Progress) -> None:
    progress.report(0.25, "a quarter")
    progress.warn("careful")


def print_noise(progress: Progress) -> None:
    print("noise of a Python library")  # noqa: T201
    os.system("echo noise of a C library; cat")  # noqa: S605, S607


def report_often(progress: Progress) -> None:
    for number in range(10_000):
        progress.report(number / 10_000, f"step {number}")


def refuse(progress: Progress) -> None:
    raise InvalidRasterError("The raster x.tif has no band B02.")


def lack_a_package(progress: Progress) -> None:
    raise MissingPackageError("Stage `toy` needs shapely.")


def fail(progress: Progress) -> None:
    raise ZeroDivisionError("a fault of ours")


def crash(progress: Progress) -> None:
    os.abort()


def wait_politely(progress: Progress) -> None:
    progress.report(0.1, "waiting")
    while True:
        progress.check()
        time.sleep(0.02)


def wait_deafly(progress: Progress) -> None:
    progress.report(0.1, "waiting")
    while True:
        time.sleep(0.1)


def meet(progress: Progress) -> None:
    """End only when another worker runs this action at the same time."""
    folder = os.environ["TOY_MEETING"]
    os.close(os.open(os.path.join(folder, str(os.getpid())), os.O_CREAT))
    while len(os.listdir(folder)) < 2:
        progress.check()
        time.sleep(0.02)


ACTIONS = (
    succeed, print_noise, report_often, refuse, lack_a_package, fail, crash, wait_politely, wait_deafly, meet
)  # fmt: skip


class Toy(stages.Stage):
    """The stage."""

    def run(self, options: ToyOptions, progress: Progress) -> ToyResult:
        """Do what the options say, having left a trace of this process where the test wants it."""
        if trace := os.environ.get("TOY_TRACE"):
            with replacing(trace) as path:
                Path(path).write_text(str(os.getpid()))
        {action.__name__: action for action in ACTIONS}[options.action](progress)
        return ToyResult(os.getpid(), float("nan"))


if __name__ == "__main__":
    stages.STAGES["toy"] = Toy("toy", ToyOptions, ToyResult, "toy")
    sys.exit(worker.serve())
