"""Learning: batch after batch, with checkpoints, until the last epoch or until nothing is gained any more."""

from __future__ import annotations

import contextlib
import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..background import SECONDS_BETWEEN_LOOKS, read_ahead
from ..contracts.traincnn import TrainCnnOptions
from ..errors import InvalidModelError
from ..progress import Progress
from .architectures import Network
from .batches import Batch, Batches
from .checkpoint import Arrays, Checkpoint, write_checkpoint
from .losses import masked_loss

_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_SECONDS_BETWEEN_MESSAGES = 5.0
_BATCHES_AHEAD = 2
_WARM_UP_SHARE = 0.1
_LAST_RATE = 0.01
_LARGEST_GRADIENT = 1.0
_SPARKS = "▁▂▃▄▅▆▇█"
_SPARKS_SHOWN = 30


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave.

    Attributes
    ----------
    loss : float
        Mean loss of its batches.
    average_precision : float
        Of the averaged weights on the validation chips; NaN where these hold no rock glacier.
    learning_rate : float
        At its last batch.
    """

    loss: float
    average_precision: float
    learning_rate: float


class Training:
    """A network, the moving average of its weights, the best average so far, and the optimiser.

    Parameters
    ----------
    network : Network
        With the weights to begin with.
    batches : Batches
    options : TrainCnnOptions
    device : torch.device
    setting : mapping
        What a checkpoint must have been made with.
    name : str
        How messages begin.

    Attributes
    ----------
    step : int
        Batches that were learnt.
    epochs : list of Epoch
        What was reached so far.
    best_epoch : int
        Number, from 1, of the epoch with the best averaged weights; 0 before the first.
    average : Network
        The network with averaged weights.
    setting : mapping
        What a checkpoint must have been made with.
    """

    def __init__(
        self,
        network: Network,
        batches: Batches,
        options: TrainCnnOptions,
        device: torch.device,
        setting: Mapping[str, Any],
        name: str = "",
    ) -> None:
        self.step = 0
        self.epochs: list[Epoch] = []
        self.best_epoch = 0
        # Kernels of convolutions are faster with the channels last, on CPUs and GPUs alike.
        self._network = network.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self._network).eval()
        self._best: dict[str, Tensor] = {}
        self._batches = batches
        self._options = options
        self._device = device
        self.setting = setting
        self._name = name
        self._losses = 0.0
        self._seconds = 0.0
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
        )

    @property
    def steps(self) -> int:
        """Batches until the last epoch ends."""
        return self._batches.an_epoch * self._options.epochs

    def run(self, path: Path, validated: Callable[[Network, Progress], float], progress: Progress) -> None:
        """Learn to the end, and take the best weights.

        Parameters
        ----------
        path : Path
            Where checkpoints are written: after every epoch, and every minute.
        validated : callable
            Returns the average precision of a network on the validation chips.
        progress : Progress
            Is told of every epoch and every few seconds: the curve so far, and the time left.

        Raises
        ------
        Cancelled
            With the last checkpoint kept.
        InvalidModelError
            If the weights run away.
        OutputError
            If a checkpoint cannot be written.
        """
        saved = told = time.monotonic()
        with (
            read_ahead(self._batches.from_step(self.step), _BATCHES_AHEAD, progress) as batches,
            _beside() as worker,
        ):
            while not self._is_over():
                begin = time.monotonic()
                self._learn(next(batches), worker, progress)
                ended = self.step % self._batches.an_epoch == 0
                if ended:
                    self._end_epoch(validated, progress)
                now = time.monotonic()
                self._seconds += now - begin
                if ended or now - saved > _SECONDS_BETWEEN_CHECKPOINTS:
                    write_checkpoint(path, self.checkpoint())
                    saved = now
                if ended or now - told > _SECONDS_BETWEEN_MESSAGES:
                    progress.report(self.step / self.steps, self._message())
                    told = now
        if self._best:
            self.average.load_state_dict(self._best)

    def checkpoint(self) -> Checkpoint:
        """Return the state as plain values."""
        arrays = {
            **_named("network", self._network.state_dict()),
            **_named("average", self.average.state_dict()),
            **_named("best", self._best),
        }
        for number, state in self._optimiser.state_dict()["state"].items():
            arrays |= _named(f"optimiser/{number}", state)
        facts = {
            "step": self.step,
            "losses": self._losses,
            "seconds": self._seconds,
            "best_epoch": self.best_epoch,
            "epochs": [_finite(asdict(epoch)) for epoch in self.epochs],
        }
        return Checkpoint(self.setting, facts, arrays)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take up a state.

        Raises
        ------
        InvalidModelError
            If it lacks something, or has other shapes.
        """
        facts, arrays = checkpoint.facts, checkpoint.arrays
        try:
            self._network.load_state_dict(_part(arrays, "network"))
            self.average.load_state_dict(_part(arrays, "average"))
            self._best = {name: value.to(self._device) for name, value in _part(arrays, "best").items()}
            numbers = range(len(list(self._network.parameters()))) if facts["step"] else range(0)
            state = {number: _part(arrays, f"optimiser/{number}") for number in numbers}
            groups = self._optimiser.state_dict()["param_groups"]
            self._optimiser.load_state_dict({"state": state, "param_groups": groups})
            self.step, self._losses = int(facts["step"]), float(facts["losses"])
            self._seconds, self.best_epoch = float(facts["seconds"]), int(facts["best_epoch"])
            self.epochs = [
                Epoch(**{name: math.nan if value is None else value for name, value in epoch.items()})
                for epoch in facts["epochs"]
            ]
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InvalidModelError(
                f"The checkpoint does not hold what it must ({error}). Delete it, or set `resume` to false."
            ) from error

    def _is_over(self) -> bool:
        if self.step >= self.steps:
            return True
        patience = self._options.patience
        known = [epoch.average_precision for epoch in self.epochs]
        # Of equal epochs the last one is taken, but the first one was the last rise.
        return bool(
            patience and self.best_epoch and len(known) - 1 - known.index(known[self.best_epoch - 1]) >= patience
        )

    def _learn(self, batch: Batch, worker: Executor, progress: Progress) -> None:
        running = worker.submit(self._descended, batch)
        while not wait([running], SECONDS_BETWEEN_LOOKS).done:
            progress.check()
        progress.check()
        loss = running.result()
        if not math.isfinite(loss):
            raise InvalidModelError(
                f"The loss is no number any more after {self.step} batches: the weights ran away. "
                "Choose a smaller learning rate, and precision float32."
            )
        self._losses += loss
        self.step += 1

    def _descended(self, batch: Batch) -> float:
        """Change the weights by one batch and return its loss."""
        # Dropout draws from here; a training that is taken up draws the same.
        torch.manual_seed(int(np.random.SeedSequence([self._options.seed, self.step]).generate_state(1)[0]))
        images, target, weight = (torch.from_numpy(part).to(self._device) for part in batch)
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate()
        self._network.train()
        reduced = self._options.precision == "bfloat16"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=reduced):
            logits = self._network(images.contiguous(memory_format=torch.channels_last))
        loss = masked_loss(logits.float(), target, weight, self._options)
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_GRADIENT)
        self._optimiser.step()
        self._follow()
        return float(loss.detach())

    def _learning_rate(self) -> float:
        """Return the rate of this batch: rising linearly at first, then falling as half a cosine."""
        warm_up = max(_WARM_UP_SHARE * self.steps, 1)
        if self.step < warm_up:
            return self._options.learning_rate * (self.step + 1) / (warm_up + 1)
        share = (self.step - warm_up) / max(self.steps - warm_up, 1)
        falling = _LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        return self._options.learning_rate * falling

    def _follow(self) -> None:
        """Let the averaged weights follow; at first faster, so that they do not remember the random beginning."""
        stays = min(self._options.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for average, value in zip(
                self.average.state_dict().values(), self._network.state_dict().values(), strict=True
            ):
                if average.dtype.is_floating_point:
                    average.lerp_(value, 1 - stays)
                else:
                    average.copy_(value)

    def _end_epoch(self, validated: Callable[[Network, Progress], float], progress: Progress) -> None:
        score = validated(self.average, progress)
        rate = self._optimiser.param_groups[0]["lr"]
        self.epochs.append(Epoch(self._losses / self._batches.an_epoch, score, rate))
        self._losses = 0.0
        known = [epoch.average_precision for epoch in self.epochs if math.isfinite(epoch.average_precision)]
        # Without rock glacier to validate on, the last weights are taken.
        if not known:
            self.best_epoch = 0
            self._best = _copied(self.average.state_dict())
        elif score >= max(known):
            self.best_epoch = len(self.epochs)
            self._best = _copied(self.average.state_dict())

    def _message(self) -> str:
        """Return what a user wants to know: where the training is, how it goes, and how long it takes."""
        epoch = -(-self.step // self._batches.an_epoch)
        text = f"{self._name}{'epoch' if self._name else 'Epoch'} {epoch} of {self._options.epochs}"
        if self.epochs:
            last = self.epochs[-1]
            text += f", loss {last.loss:.3f}"
            if math.isfinite(last.average_precision):
                best = self.epochs[self.best_epoch - 1].average_precision
                text += f", average precision {last.average_precision:.3f} (best {best:.3f} in epoch {self.best_epoch})"
                text += f" {_sparkline([item.average_precision for item in self.epochs])}"
        left = self._seconds / max(self.step, 1) * (self.steps - self.step)
        return f"{text}, at most {_duration(left)} left"


@contextlib.contextmanager
def _beside() -> Iterator[Executor]:
    """Yield a thread for batches, which the user need not wait for when she cancels.

    The number of cores to use is that of each thread, and a thread keeps its helpers from batch to batch.
    """
    worker = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(torch.get_num_threads(),))
    try:
        yield worker
    finally:
        worker.shutdown(wait=False, cancel_futures=True)


def _named(beginning: str, values: Mapping[str, Tensor]) -> Arrays:
    return {f"{beginning}/{name}": value.detach().cpu().numpy().copy() for name, value in values.items()}


def _part(arrays: Arrays, beginning: str) -> dict[str, Tensor]:
    names: Iterator[str] = (name for name in arrays if name.startswith(f"{beginning}/"))
    return {name[len(beginning) + 1 :]: torch.from_numpy(arrays[name].copy()) for name in names}


def _copied(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in values.items()}


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _sparkline(values: list[float]) -> str:
    """Return a curve of values as one line of text, the latest on the right."""
    shown = values[-_SPARKS_SHOWN:]
    low, high = min(shown), max(shown)
    span = max(high - low, 1e-9)
    return "".join(_SPARKS[round((value - low) / span * (len(_SPARKS) - 1))] for value in shown)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
