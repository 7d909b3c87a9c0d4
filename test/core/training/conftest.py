"""Small samples, and a function that trains on them in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rock_glacier_mapper.core.contracts.traincnn import TrainCnnOptions
from rock_glacier_mapper.core.progress import Progress
from toy_samples import write_samples

pytest.importorskip("torch", reason="PyTorch is not installed: `make train-packages`")
pytest.importorskip("onnx", reason="the package onnx is not installed: `make train-packages`")

# Two levels and four crops: learns a square on noise in a second.
SMALL = {"widths": ("4", "8"), "steps": 3, "batch_size": 4, "epochs": 4, "threads": 1, "averaging": 0.5}


@pytest.fixture
def samples(tmp_path: Path, utm: str) -> str:
    """A folder of samples whose landforms are squares one brighter than their surroundings."""
    return write_samples(tmp_path / "samples", utm, size=32)


@pytest.fixture
def options(tmp_path: Path, samples: str) -> Callable[..., TrainCnnOptions]:
    """A function that returns the options of a small training, with changes."""

    def make(**changes: object) -> TrainCnnOptions:
        return TrainCnnOptions(**{"samples": (samples,), "output": str(tmp_path / "model.onnx"), **SMALL, **changes})

    return make


class Cancelling(Progress):
    """Is cancelled as soon as a message holds a text, and keeps what it is told."""

    def __init__(self, text: str = "never") -> None:
        self.messages: list[str] = []
        self.warnings: list[str] = []
        self._text = text

    def report(self, fraction: float, message: str = "") -> None:
        assert 0 <= fraction <= 1
        self.messages.append(message)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def cancelled(self) -> bool:
        return any(self._text in message for message in self.messages)


@pytest.fixture
def progress_until() -> type[Cancelling]:
    """A progress that is cancelled when a message holds a text."""
    return Cancelling
