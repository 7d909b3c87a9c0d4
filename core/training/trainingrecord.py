"""What a training gave, as plain values: the report is made from it, and the model's card."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from ..contracts.traincnn import TrainCnnOptions
from ..errors import MapperError
from ..networks.card import Metric, ModelCard, ModelClass, Reliability, Split
from ..networks.cardmetadata import read_card
from ..networks.modelfile import read_model
from ..networks.onnxfile import read_onnx
from ..provenance import Step
from ..rasters.roles import source_of
from ..samples.sampleset import INDEX, TEST, VALIDATION
from ..vectors.vector import read_layer
from .architectures import Network
from .preparation import Preparation
from .scores import Calibration, LogitCounts, calibration_error
from .scoring import SplitScores
from .trainer import Epoch
from .trainingset import TrainingSet

_COLOUR = "#d7191c"
_NAMES = {
    "unet": "U-Net",
    "symmetric_unet": "symmetric U-Net",
    "mixed": "U-Net, symmetric and plain in turns",
    "patch_cnn": "patch classifier, dense",
}
_RECALLS = np.linspace(0, 1, 51)
_DIGITS = 4
# WGS 84 with longitude first, as a polygon's coordinates are said.
_DEGREES = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AXIS["Longitude",EAST],AXIS["Latitude",NORTH]]'
)

Record = dict[str, Any]


class Course(NamedTuple):
    """What a network reached in training, and the number, from 1, of the epoch whose weights were taken."""

    epochs: Sequence[Epoch]
    best_epoch: int


@dataclass(frozen=True)
class Outcome:
    """A trained network with its figures.

    Attributes
    ----------
    network : Network
        With averaged weights; of several, all as one.
    courses : sequence of Course
        Of each network.
    scores : mapping of str to SplitScores
        By split.
    without : mapping of str to LogitCounts
        On the split that counts, with a source left out, by the source's name.
    calibration : Calibration or None
        None where it could not be fitted.
    logit : float
        From which on to map so that F1 is largest on the validation chips.
    parameters : int
        Weights of the network.
    """

    network: Network
    courses: Sequence[Course]
    scores: Mapping[str, SplitScores]
    without: Mapping[str, LogitCounts]
    calibration: Calibration | None
    logit: float
    parameters: int

    @property
    def judged(self) -> SplitScores:
        """The split whose figures count: test chips where they hold rock glacier, validation chips otherwise."""
        test = self.scores[TEST]
        return test if test.counts.positives.any() else self.scores[VALIDATION]

    @property
    def threshold(self) -> float:
        """The probability from which on to map."""
        return float((self.calibration or Calibration()).probability(np.array([self.logit]))[0])


def record_of(
    options: TrainCnnOptions,
    samples: TrainingSet,
    preparation: Preparation,
    outcome: Outcome,
    notes: Sequence[str],
    step: Step,
) -> Record:
    """Return the record of a training, with None for what cannot be computed."""
    judged = outcome.judged
    calibration = outcome.calibration or Calibration()
    record = {
        "samples": [item.folder for item in samples.sets],
        "roles": list(preparation.roles),
        "optional": [list(source) for source in preparation.optional],
        "ground_sample_distance_m": samples.ground_sample_distance,
        "architecture": options.architecture,
        "parameters": outcome.parameters,
        "courses": [
            {"epochs": [asdict(epoch) for epoch in course.epochs], "best_epoch": course.best_epoch}
            for course in outcome.courses
        ],
        "threshold": outcome.threshold,
        "calibration": asdict(outcome.calibration) if outcome.calibration else None,
        "splits": [_split(scores, outcome.logit) for scores in outcome.scores.values()],
        "judged": judged.split,
        "by_size": [_size(name, counts) for name, counts in judged.by_size.items()],
        "recalls": _RECALLS.tolist(),
        "precision": judged.counts.curve(_RECALLS),
        "reliability": [asdict(item) for item in judged.counts.reliability(calibration)],
        "reliability_before": [asdict(item) for item in judged.counts.reliability(Calibration())],
        "calibration_error": calibration_error(judged.counts.reliability(calibration)),
        "calibration_error_before": calibration_error(judged.counts.reliability(Calibration())),
        "without": {name: counts.average_precision for name, counts in outcome.without.items()},
        "notes": list(notes),
        "provenance": {"samples": [item.record.get("provenance", []) for item in samples.sets], "traincnn": step},
    }
    finite: Record = _finite(record)
    return finite


def card_of(
    options: TrainCnnOptions, samples: TrainingSet, preparation: Preparation, outcome: Outcome, halo: int, stride: int
) -> ModelCard:
    """Return the card of a trained network."""
    kind = _NAMES[options.architecture]
    several = f"{options.members} of " if options.members > 1 else ""
    judged = outcome.judged
    calibration = outcome.calibration or Calibration()
    splits = tuple(
        Split(scores.split, scores.chips, scores.landforms, scores.pixels, _rounded(scores.counts.prevalence))
        for scores in outcome.scores.values()
        if scores.pixels
    )
    return ModelCard(
        name=Path(options.output).stem,
        title=options.title or f"Rock glaciers, {kind}",
        description=options.description,
        roles=preparation.roles,
        normalisation=preparation.normalisation,
        classes=(ModelClass("rock_glacier", "Rock glacier", _COLOUR, target=True),),
        ground_sample_distance=float(f"{samples.ground_sample_distance:.6g}"),
        halo=halo,
        stride=stride,
        architecture=f"{several}{kind}, {outcome.parameters:,} weights in all"
        if several
        else f"{kind} of {outcome.parameters:,} weights",
        training_data=_data(samples) + _begun_from(options.initial),
        training_area=_area(samples),
        licence=options.licence,
        metrics=tuple(_metrics(outcome, samples, options.initial)),
        created=datetime.now(timezone.utc).date().isoformat(),
        optional=preparation.optional,
        splits=splits,
        seed=options.seed,
        reliability=tuple(
            Reliability(_rounded(item.predicted), _rounded(item.observed), item.pixels)
            for item in judged.counts.reliability(calibration)
        ),
    )


def _metrics(outcome: Outcome, samples: TrainingSet, initial: str) -> list[Metric]:
    """Return the figures of every split that was not learnt from, and those without a source."""
    metrics = []
    for scores in outcome.scores.values():
        counts = scores.counts
        if scores.split not in (VALIDATION, TEST) or not counts.positives.any():
            continue
        data = f"{scores.split} chips ({scores.chips}, of {scores.landforms} landforms)"
        how = (
            f"By pixel of the chips, which are drawn around landforms and look-alikes, {_weighting(scores)} "
            f"{_apart(len(samples.sets), initial)} "
            + (
                "Epoch, calibration and threshold were chosen on these chips."
                if scores.split == VALIDATION
                else "Nothing was chosen on these chips; the threshold is that of the validation chips."
            )
        )
        figures = {
            "average precision": counts.average_precision,
            "F1": counts.f1(outcome.logit),
            "threshold": outcome.threshold,
            "prevalence": counts.prevalence,
        }
        if scores is outcome.judged:
            figures |= {
                f"average precision, landforms {name} km\u00b2": part.average_precision
                for name, part in scores.by_size.items()
            }
            figures |= {
                f"average precision without {name}": part.average_precision for name, part in outcome.without.items()
            }
            figures["expected calibration error"] = calibration_error(
                counts.reliability(outcome.calibration or Calibration())
            )
        metrics += [Metric(name, _rounded(value), data, how) for name, value in figures.items() if math.isfinite(value)]
    return metrics


def _apart(folders: int, initial: str) -> str:
    """Say what a split has in common with what was learnt from."""
    shared = "No pixel" if folders > 1 else "No landform and no pixel"
    beside = "; of different folders, landforms were not compared" if folders > 1 else ""
    before = " What the model that it began from has seen is not known here." if initial else ""
    return f"{shared} is shared with the training chips{beside}.{before}"


def _begun_from(initial: str) -> str:
    """Return what a model knew before this training, as its card says it."""
    if not initial:
        return ""
    content = read_model(initial)
    card = read_card(read_onnx(content).metadata)
    digest = hashlib.sha256(content).hexdigest()
    before = card.training_data if card else ""
    return f" Begun from {Path(initial).stem} (SHA-256 {digest}){f', trained on: {before}' if before else '.'}"


def _weighting(scores: SplitScores) -> str:
    """Say how frequent rock glacier is in a split's figures."""
    if scores.counts.weighted:
        return "weighted so that rock glacier is as frequent as on all ground of the split."
    return "where rock glacier is more frequent than in the region."


def _data(samples: TrainingSet) -> str:
    parts = []
    for item in samples.sets:
        sources = item.record.get("sources", {})
        named = [f"{key} {value}" for key, value in sources.items() if value] if isinstance(sources, Mapping) else []
        parts.append(
            f"{Path(item.folder).name}: {len(item.all_chips)} chips ({', '.join(named) or 'no sources stated'})"
        )
    return "; ".join(parts) + "."


def _area(samples: TrainingSet) -> str:
    """Return where the chips lie, in degrees."""
    parts = []
    for item in samples.sets:
        try:
            chips = read_layer(f"{Path(item.folder, INDEX)}|layername=chips", crs=_DEGREES, columns=())
        except MapperError:
            continue
        west, south, east, north = shapely.total_bounds(chips.geometries)
        parts.append(
            f"{_degrees(south, 'S', 'N')} to {_degrees(north, 'S', 'N')}, {_degrees(west, 'W', 'E')} to "
            f"{_degrees(east, 'W', 'E')}"
        )
    return "; ".join(parts)


def _degrees(value: float, below: str, above: str) -> str:
    return f"{abs(value):.2f}\u00b0 {below if value < 0 else above}"


def _split(scores: SplitScores, logit: float) -> Record:
    counts = scores.counts
    return {
        "split": scores.split,
        "chips": scores.chips,
        "landforms": scores.landforms,
        "pixels": scores.pixels,
        "share": counts.prevalence,
        "weighted": counts.weighted,
        "average_precision": counts.average_precision,
        "f1": counts.f1(logit),
    }


def _size(name: str, counts: LogitCounts) -> Record:
    return {
        "group": name,
        "pixels": int(counts.positives.sum()),
        "share": counts.prevalence,
        "average_precision": counts.average_precision,
        "precision": counts.curve(_RECALLS),
    }


def source_name(source: Sequence[str]) -> str:
    """Return the name of a source of bands, such as ``terrain``."""
    return source_of(source[0])


def _rounded(value: float) -> float:
    return round(value, _DIGITS)


def _finite(value: Any) -> Any:
    """Return a value for JSON: None for what is no number."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
