"""Stage `traincnn`: train a network on samples, judge it on others, and write it with its card and a report."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import torch

from .. import provenance
from ..contracts.traincnn import MIXED, PATCH_CNN, SYMMETRIC_UNET, UNET, TrainCnnOptions, TrainCnnResult
from ..errors import InvalidOptionError, OutputError
from ..files import check_writable, remove_file, replacing
from ..networks.card import ModelCard
from ..networks.cardmetadata import card_metadata
from ..networks.modelfile import attach_metadata, stac_item
from ..networks.models import SUFFIX
from ..options import to_json
from ..progress import Progress
from ..samples.sampleset import RECORD, SPLITS, TEST, VALIDATION, SampleSet
from .architectures import Ensemble, Network, written_out
from .augmentation import Augmentation
from .batches import Batches
from .checkpoint import checkpoint_path, read_checkpoint
from .examples import example_chips
from .export import exported, round_kernels, started_network
from .preparation import Preparation, measured_preparation
from .scores import Calibration, fitted_calibration
from .scoring import Judge
from .symmetric import require_north_up
from .trainer import Training
from .trainingrecord import Course, Outcome, card_of, record_of, source_name
from .trainingreport import report_page
from .trainingset import TrainingSet

# What does not change the weights may change between two halves of a training.
_FREE = ("output", "report", "resume", "samples", "title", "description", "licence", "device", "members")
_PREPARED, _TRAINED, _SCORED = 0.05, 0.9, 0.96


def run(options: TrainCnnOptions, progress: Progress) -> TrainCnnResult:
    """Train a network.

    It learns from the chips of the split `train`; the chips of `validation` choose the epoch, calibrate the
    probabilities and give the threshold; those of `test` choose nothing. While it learns, its state is kept beside the
    output (``NAME.checkpoint.npz``, ``NAME.2.checkpoint.npz`` for the second of several networks); the same training,
    started again, goes on from there, and on a CPU ends with the same weights. The file goes when the model is written.

    Parameters
    ----------
    options : TrainCnnOptions
    progress : Progress
        Is told every few seconds: epoch, loss, average precision with its curve, and the time left.

    Returns
    -------
    TrainCnnResult

    Raises
    ------
    InvalidSamplesError
        If samples cannot be read or do not fit together, hold no rock glacier or nothing else, or are too small; or if
        the training to go on with was another one.
    InvalidOptionError
        If options contradict each other, or a GPU is asked for and there is none.
    InvalidModelError
        If the model to start from does not fit, the weights run away, or the written model gives other numbers.
    OutputError
        If a file cannot be written.
    """
    _check_outputs(options)
    device = _device(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    samples = TrainingSet(options.samples, options.bands)
    if options.architecture in (SYMMETRIC_UNET, MIXED):
        require_north_up(samples.roles, samples.grids)
    members = _members(options)
    networks = [started_network(member, samples.roles, number) for number, member in enumerate(members)]
    preparation = measured_preparation(samples, options, progress.part(0, _PREPARED))
    augmentation = Augmentation(preparation, samples.grids, options)
    judge = Judge(samples, preparation, device)
    trainings = [
        Training(
            network,
            Batches(samples, preparation, augmentation, network, member),
            member,
            device,
            _setting(member, samples),
            f"Network {number} of {options.members}, " if options.members > 1 else "",
        )
        for number, (network, member) in enumerate(zip(networks, members, strict=True), start=1)
    ]
    notes = [note for note in (augmentation.note, _no_validation(samples), _shared_ground(samples)) if note]
    _train(trainings, judge, options, progress.part(_PREPARED, _TRAINED))
    outcome = _judged(trainings, judge, preparation, progress.part(_TRAINED, _SCORED))
    if outcome.calibration is None:
        notes.append(
            "The probabilities are not calibrated: the validation chips hold no rock glacier, nothing else, or the "
            "network does not tell the two apart."
        )
    for note in notes:
        progress.warn(note)
    return _written(options, samples, preparation, outcome, judge, notes, progress.part(_SCORED, 1))


def _members(options: TrainCnnOptions) -> list[TrainCnnOptions]:
    """Return the options of each network.

    Raises
    ------
    InvalidOptionError
        If there are several networks of a kind that must stand alone, or one where several kinds are wanted.
    """
    if options.members > 1 and options.architecture == PATCH_CNN:
        raise InvalidOptionError(
            f"Option `members` is {options.members}, but {PATCH_CNN} can be trained only once for one model. Train one "
            "network, or several models, and give them to Heatmap."
        )
    if options.architecture == MIXED and options.members < 2:
        raise InvalidOptionError(
            f"Option `architecture` is {MIXED}, which takes two networks or more, but `members` is {options.members}. "
            f"Set it to 2 or more, or choose {SYMMETRIC_UNET} or {UNET}."
        )
    kinds = (SYMMETRIC_UNET, UNET) if options.architecture == MIXED else (options.architecture,)
    return [
        replace(options, seed=options.seed + number, architecture=kinds[number % len(kinds)])
        for number in range(options.members)
    ]


def _train(trainings: Sequence[Training], judge: Judge, options: TrainCnnOptions, progress: Progress) -> None:
    """Run the trainings one after another, each from where it stopped."""
    for number, training in enumerate(trainings):
        part = progress.part(number / len(trainings), (number + 1) / len(trainings))
        path = checkpoint_path(options.output, number)
        _take_up(training, path, options, part)
        training.run(path, lambda average, said: judge.counts(average, VALIDATION, said).average_precision, part)


def _check_outputs(options: TrainCnnOptions) -> None:
    inputs = [str(Path(folder, RECORD)) for folder in options.samples]
    check_writable(options.output, SUFFIX, inputs=[*inputs, options.initial])
    check_writable(str(Path(options.output).with_suffix(".json")), ".json", inputs=inputs)
    if options.report:
        check_writable(options.report, ".html", ".htm", inputs=inputs)


def _device(options: TrainCnnOptions) -> torch.device:
    available = torch.cuda.is_available()
    if options.device == "gpu" and not available:
        raise InvalidOptionError(
            f"A GPU is asked for, but torch {torch.__version__} finds none that it can use (CUDA). Choose the device "
            "automatic or cpu, or install the CUDA build of torch and the GPU's driver."
        )
    return torch.device("cuda" if available and options.device != "cpu" else "cpu")


def _setting(options: TrainCnnOptions, samples: TrainingSet) -> dict[str, Any]:
    """Return what must be the same to go on with a training; JSON has no tuples."""
    values = {name: value for name, value in to_json(options).items() if name not in _FREE}
    chips = [
        {
            "bands": list(item.roles),
            "seed": item.seed,
            "chips": len(item.all_chips),
            "patch size": item.patch_size,
            "digest": _digest(item),
        }
        for item in samples.sets
    ]
    setting: dict[str, Any] = json.loads(json.dumps({**values, "bands": list(samples.roles), "samples": chips}))
    return setting


def _digest(samples: SampleSet) -> str:
    """Return what tells samples from others that were made in the same folder."""
    chips = [(Path(chip[0]).name, *chip[1:]) for chip in map(astuple, samples.all_chips)]
    return hashlib.sha256(json.dumps([samples.record, chips], sort_keys=True).encode()).hexdigest()


def _shared_ground(samples: TrainingSet) -> str:
    if not samples.left_out:
        return ""
    return (
        f"Training chips that lie on validation or test ground of another folder, and are not learnt from: "
        f"{len(samples.left_out)}. Of a stack whose samples you have, make corrections with these as `earlier`."
    )


def _no_validation(samples: TrainingSet) -> str:
    if any(sample.chip.mask_share > 0 for sample in samples.samples(VALIDATION)):
        return ""
    return (
        "The validation chips hold no rock glacier: the weights of the last epoch are taken, training does not end "
        "early, and neither accuracy nor calibration is known. Make samples with more landforms or smaller blocks."
    )


def _take_up(training: Training, path: Path, options: TrainCnnOptions, progress: Progress) -> None:
    """Go on where an interrupted training stopped."""
    if not options.resume:
        remove_file(str(path))
        return
    checkpoint = read_checkpoint(path, training.setting)
    if checkpoint is not None:
        training.restore(checkpoint)
        progress.report(0, f"Going on after {training.step} batches, from {path}")


def _judged(trainings: Sequence[Training], judge: Judge, preparation: Preparation, progress: Progress) -> Outcome:
    """Score the trained networks, as one, on every split."""
    averages = [written_out(training.average) for training in trainings]
    network: Network = averages[0] if len(averages) == 1 else Ensemble(averages).eval()
    round_kernels(network)
    scores = {
        split: judge.scores(network, split, progress.part(number / 4, (number + 1) / 4))
        for number, split in enumerate(SPLITS)
    }
    validation = scores[VALIDATION].counts
    judged = TEST if scores[TEST].counts.positives.any() else VALIDATION
    without = {source_name(source): judge.counts(network, judged, progress, source) for source in preparation.optional}
    return Outcome(
        network,
        [Course(training.epochs, training.best_epoch or len(training.epochs)) for training in trainings],
        scores,
        without,
        fitted_calibration(validation),
        validation.best_logit(),
        sum(parameter.numel() for training in trainings for parameter in training.average.parameters()),
    )


def _written(
    options: TrainCnnOptions,
    samples: TrainingSet,
    preparation: Preparation,
    outcome: Outcome,
    judge: Judge,
    notes: list[str],
    progress: Progress,
) -> TrainCnnResult:
    """Write model, card and report, all or none; the checkpoint goes."""
    network = outcome.network
    progress.report(0, "Writing the model and comparing it with the network")
    result = exported(network, outcome.calibration or Calibration(), len(samples.roles), progress)
    card = card_of(options, samples, preparation, outcome, result.halo, network.stride)
    model = attach_metadata(result.model, card_metadata(card))
    files = {options.output: model, str(Path(options.output).with_suffix(".json")): _item(card, options.output, model)}
    if options.report:
        step = provenance.step("traincnn", options)
        step["options"]["output_name"] = os.path.basename(options.output)
        record = record_of(options, samples, preparation, outcome, notes, step)
        examples = example_chips(samples, outcome.judged.split, judge, network, outcome.logit, progress.part(0.5, 0.9))
        files[options.report] = report_page(record, examples).encode()
    _write(files, progress)
    for number in range(options.members):
        remove_file(str(checkpoint_path(options.output, number)))
    test = outcome.scores[TEST].counts
    progress.report(1, _summary(outcome))
    return TrainCnnResult(
        options.output,
        options.report,
        len(outcome.courses[0].epochs),
        outcome.courses[0].best_epoch,
        outcome.scores[VALIDATION].counts.average_precision,
        test.average_precision,
        test.f1(outcome.logit),
        outcome.threshold,
        outcome.parameters,
        result.difference,
    )


def _item(card: ModelCard, output: str, model: bytes) -> bytes:
    item = stac_item(card, os.path.basename(output), model)
    return (json.dumps(item, indent=2, ensure_ascii=False) + "\n").encode()


def _write(files: dict[str, bytes], progress: Progress) -> None:
    with contextlib.ExitStack() as outputs:
        for name, content in files.items():
            temporary = outputs.enter_context(replacing(name))
            try:
                Path(temporary).write_bytes(content)
            except OSError as error:
                raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error
        progress.check()


def _summary(outcome: Outcome) -> str:
    parts = [
        f"{scores.split} {scores.counts.average_precision:.3f}"
        for scores in outcome.scores.values()
        if scores.split in (VALIDATION, TEST) and math.isfinite(scores.counts.average_precision)
    ]
    best = " and ".join(str(course.best_epoch) for course in outcome.courses)
    return f"Average precision: {', '.join(parts) or 'unknown'}; weights of epoch {best}"
