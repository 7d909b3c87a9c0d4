"""The whole training: what it writes, that it can be stopped anywhere, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidModelError,
    InvalidOptionError,
    InvalidSamplesError,
    MapperError,
    OutputError,
)
from rock_glacier_mapper.core.networks.cardmetadata import read_card
from rock_glacier_mapper.core.networks.onnxfile import read_onnx
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.training.trainer import Training
from toy_samples import SPLITS, write_samples

ROLES = ("B04", "coherence", "elevation", "aspect_sin", "aspect_cos")


def train(options, progress=None):
    return stage_named("traincnn").run(options, progress or Progress())


def test_a_unet_learns_and_says_what_it_is(options, samples, tmp_path, progress_until):
    """Model, card and report of a square that is brighter than noise."""
    progress = progress_until()
    result = train(options(epochs=12, report=str(tmp_path / "report.html"), licence="CC0-1.0"), progress)
    assert result.test_average_precision > 0.9
    assert result.difference <= 1e-4
    content = Path(result.output).read_bytes()
    file = read_onnx(content)
    assert (file.opset, file.ir_version) == (17, 8)
    card = read_card(file.metadata)
    assert card.roles == ROLES
    assert card.optional == (("coherence",), ("elevation", "aspect_sin", "aspect_cos"))
    assert (card.ground_sample_distance, card.seed, card.licence, card.name) == (10, 0, "CC0-1.0", "model")
    assert [(split.name, split.chips, split.landforms) for split in card.splits] == [
        ("train", 4, 2),
        ("validation", 2, 1),
        ("test", 2, 1),
    ]
    assert sum(item.pixels for item in card.reliability) == card.splits[2].pixels
    named = {metric.name: metric.value for metric in card.metrics if metric.data.startswith("test")}
    assert named["average precision"] == pytest.approx(result.test_average_precision, abs=1e-4)
    assert {"F1", "average precision without radar", "average precision without terrain"} <= set(named)
    assert "19" not in card.training_area and "\u00b0 S" in card.training_area
    item = json.loads(Path(tmp_path, "model.json").read_text("utf-8"))
    assert item["properties"]["rock_glacier_mapper:seed"] == 0
    report = Path(result.report).read_text("utf-8")
    assert report.count("data:image/png;base64,") >= 2 and "Reliability" in report
    assert any("Epoch 12 of 12" in message and "left" in message for message in progress.messages)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "model.json",
        "model.onnx",
        "report.html",
        "samples_stack.tif",
    ]


def test_the_heatmap_is_what_was_judged(options, tmp_path, read_all):
    """The written model, run by the heatmap stage over the stack, finds the squares, also without a source."""
    from osgeo import gdal

    train(options(epochs=12))
    stack = str(tmp_path / "samples_stack.tif")
    without = str(tmp_path / "without.tif")
    gdal.Translate(without, stack, bandList=[1, 3, 4, 5])
    for source, progress in ((stack, Progress()), (without, Progress())):
        output = str(tmp_path / "heatmap.tif")
        options_of_heatmap = HeatmapOptions(
            stack=source, model=str(tmp_path / "model.onnx"), output=output, tile_size=64, output_type="float32"
        )
        stage_named("heatmap").run(options_of_heatmap, progress)
        heatmap = read_all(output)[0]
        squares = heatmap[12:20].reshape(8, 8, 32)
        assert squares[:, ::2, 12:20].mean() > squares[:, 1::2, 12:20].mean() + 0.2


def test_several_networks_are_one_model(options, tmp_path):
    """Each is what a training with its own seed gives; the model's logit is the mean of theirs, calibrated."""
    kind = {"averaging": 0.0, "drop_share": 0.0}
    both = train(options(**kind, members=2, report=str(tmp_path / "report.html")))
    alone = [train(options(**kind, seed=seed, output=str(tmp_path / f"{seed}.onnx"))) for seed in (0, 1)]
    assert both.parameters == 2 * alone[0].parameters
    # Kernels have 16 bits a weight.
    assert {values.dtype.itemsize for values in named_weights(both.output).values() if values.ndim == 4} == {2, 4}
    learnt = named_weights(both.output)
    for number, result in enumerate(alone):
        for name, values in named_weights(result.output).items():
            if name.startswith(("first", "encoder", "decoder")):
                np.testing.assert_array_equal(learnt[f"members.{number}.{name}"], values, err_msg=name)
    image = np.random.default_rng(0).standard_normal((1, len(ROLES), 32, 32), np.float32)
    logits = [logits_of(path, image) for path in (both.output, *(result.output for result in alone))]
    # Each file holds a calibration of its own: a line in the logit.
    design = np.stack([*logits[1:], np.ones_like(image[0, 0]).ravel()], axis=1)
    factors, residue, *_ = np.linalg.lstsq(design, logits[0], rcond=None)
    assert residue.item() < 1e-3 and (factors[:2] > 0).all()
    card = read_card(read_onnx(Path(both.output).read_bytes()).metadata)
    assert card.architecture.startswith("2 of U-Net, ")
    assert "Average precision 2" in Path(both.report).read_text("utf-8")


def logits_of(path, image):
    """Return what a model file gives for an image, before the sigmoid."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    probability = session.run(None, {session.get_inputs()[0].name: image})[0].ravel().astype(np.float64)
    return np.log(probability / (1 - probability))


def named_weights(path):
    """Return the weights of a model file by the network's names for them."""
    from onnx import load, numpy_helper

    tensors = load(path).graph.initializer
    return {tensor.name.removeprefix("network."): numpy_helper.to_array(tensor) for tensor in tensors}


def test_a_network_that_is_finished_is_not_trained_again(options, tmp_path, progress_until):
    """The second of two is interrupted; the first stays."""
    with pytest.raises(Cancelled):
        train(options(members=2), progress_until("Network 2 of 2, epoch 2 of 4"))
    assert {path.name for path in tmp_path.glob("*.npz")} == {"model.checkpoint.npz", "model.2.checkpoint.npz"}
    progress = progress_until()
    train(options(members=2), progress)
    assert not any(message.startswith("Network 1") for message in progress.messages)
    assert not list(tmp_path.glob("*.npz"))


def test_a_patch_classifier_is_written_dense(options):
    """Trained on crops, judged patch by patch, written as a network that runs over images."""
    result = train(options(architecture="patch_cnn", context=24, widths=("4", "4", "4", "8"), epochs=2, drop_share=0.0))
    card = read_card(read_onnx(Path(result.output).read_bytes()).metadata)
    assert (card.halo, card.stride, card.optional) == (12, 1, ())
    assert result.difference <= 1e-4


def test_a_training_that_was_killed_ends_with_the_same_weights(options, tmp_path):
    """Power fails at any moment; the second half must not notice."""
    whole = train(options(output=str(tmp_path / "whole.onnx")))
    killed = options(output=str(tmp_path / "model.onnx"))
    script = (
        "import sys, json\n"
        "from rock_glacier_mapper.core.contracts.traincnn import TrainCnnOptions\n"
        "from rock_glacier_mapper.core.progress import Progress\n"
        "from rock_glacier_mapper.core.training import trainer\n"
        "from rock_glacier_mapper.core.training.traincnn import run\n"
        "trainer._SECONDS_BETWEEN_CHECKPOINTS = 0\n"
        "class Slow(Progress):\n"
        "    def report(self, fraction, message=''):\n"
        "        print(message, flush=True)\n"
        "run(TrainCnnOptions(**json.loads(sys.argv[1])), Slow())\n"
    )
    given = json.dumps(vars(killed))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script, given], stdout=subprocess.PIPE, text=True, env=environment
    )
    for line in process.stdout:
        if line.startswith("Epoch 2"):
            time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    assert Path(tmp_path, "model.checkpoint.npz").is_file() and not Path(killed.output).exists()
    result = train(killed)
    assert result.validation_average_precision == whole.validation_average_precision
    assert weights(killed.output) == weights(whole.output)
    assert not Path(tmp_path, "model.checkpoint.npz").exists()


def weights(path):
    import onnx

    model = onnx.load(path)
    return [(tensor.name, tensor.raw_data) for tensor in model.graph.initializer]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 7}, "seed: 0 then, 7 now"),
        ({"learning_rate": 0.01}, "learning_rate: 0.002 then, 0.01 now"),
        ({"samples": "other"}, "bands: B04, coherence, elevation, aspect_sin, aspect_cos then, B04, slope now"),
    ],
)
def test_another_training_is_not_gone_on_with(options, tmp_path, utm, progress_until, change, words):
    """Weights of other bands or settings would be mixed up silently."""
    with pytest.raises(Cancelled):
        train(options(), progress_until("Epoch 2"))
    if "samples" in change:
        change = {"samples": (write_samples(tmp_path / "other", utm, roles=("B04", "slope"), size=32),)}
    with pytest.raises(InvalidSamplesError, match="was another one") as error:
        train(options(**change))
    assert words in str(error.value)
    train(options(**change, resume=False, epochs=1))


def test_training_stops_at_any_time_and_goes_on(options, tmp_path, progress_until):
    """A cancel leaves the checkpoint and nothing else; what was there stays."""
    Path(tmp_path, "model.onnx").write_text("mine")
    for text in ("Reading the training chips", "Epoch 1", "Epoch 3", "Scoring the test", "Writing the model"):
        with pytest.raises(Cancelled):
            train(options(), progress_until(text))
        assert Path(tmp_path, "model.onnx").read_text() == "mine"
        assert {path.suffix for path in tmp_path.glob("model*")} <= {".onnx", ".npz"}
    progress = progress_until()
    train(options(), progress)
    assert any(message.startswith("Going on after 12 batches") for message in progress.messages)


def test_a_damaged_checkpoint_is_told(options, tmp_path):
    """It is never run as code."""
    Path(tmp_path, "model.checkpoint.npz").write_bytes(b"no archive")
    with pytest.raises(InvalidSamplesError, match="cannot be read"):
        train(options())


def test_two_regions_are_learnt_together(options, tmp_path, utm, samples):
    """The bands may come in another order."""
    other = write_samples(tmp_path / "other", utm, roles=ROLES[::-1], size=40, seed=1, west=600000.0)
    result = train(options(samples=(samples, other)))
    card = read_card(read_onnx(Path(result.output).read_bytes()).metadata)
    assert card.roles == ROLES
    assert card.splits[0].chips == 8


def test_test_ground_of_one_folder_is_not_learnt_from_in_another(options, tmp_path, utm, samples, progress_until):
    """Two chips of another folder's training lie on this one's validation and test; the card says what is known."""
    splits = ("validation", "validation", "train", "test", "train", "validation", "train", "train")
    other = write_samples(tmp_path / "other", utm, size=32, seed=1, splits=splits)
    progress = progress_until()
    result = train(options(samples=(samples, other)), progress)
    card = read_card(read_onnx(Path(result.output).read_bytes()).metadata)
    # 0, 1 and 3 here are held out there; 4, 6 and 7 there are held out here.
    assert card.splits[0].chips == 2
    assert any("are not learnt from: 6" in warning for warning in progress.warnings)
    how = next(metric.how for metric in card.metrics)
    assert "No pixel is shared with the training chips; of different folders, landforms were not compared." in how
    mirrored = tuple({"train": "test", "validation": "train", "test": "train"}[split] for split in SPLITS)
    with pytest.raises(InvalidSamplesError, match=r"All training chips .* take samples of other ground"):
        train(options(samples=(samples, write_samples(tmp_path / "mirrored", utm, size=32, splits=mirrored))))


def test_a_folder_that_was_made_again_is_another_one(options, tmp_path, utm, samples, progress_until):
    """The same number of chips in the same folder, of a stack in other units."""
    with pytest.raises(Cancelled):
        train(options(), progress_until("epoch 2"))
    shutil.rmtree(samples)
    write_samples(Path(samples), utm, size=32, seed=5)
    with pytest.raises(InvalidSamplesError, match="samples"):
        train(options())


def test_a_model_that_was_begun_from_another_says_so(options, tmp_path):
    """What the first one was trained on is not lost, and nothing is claimed of ground that it may have seen."""
    first = train(options(output=str(tmp_path / "first.onnx"))).output
    card = read_card(read_onnx(Path(train(options(initial=first)).output).read_bytes()).metadata)
    assert "Begun from first (SHA-256 " in card.training_data and "trained on: samples: 8 chips" in card.training_data
    assert all("What the model that it began from has seen" in metric.how for metric in card.metrics)


def test_equal_epochs_are_no_rise(options, monkeypatch):
    """A score that stays as high as it can be ends the training; the last of the equal epochs is taken."""
    end_epoch = Training._end_epoch
    monkeypatch.setattr(
        Training, "_end_epoch", lambda self, _validated, progress: end_epoch(self, lambda *_: 1.0, progress)
    )
    result = train(options(epochs=30, patience=2))
    assert (result.epochs_run, result.best_epoch) == (3, 3)


def test_some_bands_alone_are_learnt_from(options):
    """A model for pictures, of samples that have more."""
    card = read_card(read_onnx(Path(train(options(bands=("red", "coherence"))).output).read_bytes()).metadata)
    assert (card.roles, card.optional) == (("B04", "coherence"), (("coherence",),))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"roles": ("B04", "slope")}, "have the bands B04, slope"),
        ({"pixel": 30.0}, "have pixels of 30 m"),
    ],
)
def test_regions_that_do_not_fit_are_refused(options, tmp_path, utm, samples, other, words):
    """Before anything is trained."""
    with pytest.raises(InvalidSamplesError, match=words):
        train(options(samples=(samples, write_samples(tmp_path / "other", utm, size=32, **other))))


def test_the_same_folder_twice_is_refused(options, samples):
    """Its chips would count twice; its file samples.json means the folder."""
    with pytest.raises(InvalidSamplesError, match="given twice"):
        train(options(samples=(samples, f"{samples}/samples.json")))


def test_without_landforms_there_is_nothing_to_learn(options, tmp_path, utm):
    """All landforms fell into another split."""
    folder = write_samples(tmp_path / "other", utm, size=32, splits=("test", "train", "validation", "train"))
    with pytest.raises(InvalidSamplesError, match="hold no rock glacier"):
        train(options(samples=(folder,)))


def test_without_anything_else_there_is_nothing_to_learn(options, monkeypatch):
    """Chips within one large landform."""
    from rock_glacier_mapper.core.samples.sampleset import Chip

    read = Chip.read

    def covered(chip):
        pixels = read(chip)
        return pixels._replace(valid=pixels.valid & pixels.mask)

    monkeypatch.setattr(Chip, "read", covered)
    with pytest.raises(InvalidSamplesError, match="nothing but rock glacier"):
        train(options())


def test_one_landform_alone_is_learnt_without_figures(options, tmp_path, utm, progress_until):
    """It can only be learnt from or scored; the user is told that nothing is known."""
    folder = write_samples(tmp_path / "one", utm, size=32, splits=("train", "train"))
    progress = progress_until()
    result = train(options(samples=(folder,), report=str(tmp_path / "report.html"), patience=1), progress)
    assert result.epochs_run == result.best_epoch == 4
    assert np.isnan([result.validation_average_precision, result.test_average_precision, result.test_f1]).all()
    assert any("neither accuracy nor calibration is known" in warning for warning in progress.warnings)
    assert "nothing can be said" in Path(result.report).read_text("utf-8")


def test_training_ends_when_nothing_is_gained(options, monkeypatch):
    """The best epoch's weights are taken, not the last one's."""
    from rock_glacier_mapper.core.training.scores import LogitCounts

    scores = iter([0.1, 0.5, 0.4, 0.3] + [0.2] * 50)
    monkeypatch.setattr(LogitCounts, "average_precision", property(lambda _self: next(scores)))
    result = train(options(epochs=30, patience=2))
    assert (result.epochs_run, result.best_epoch) == (4, 2)


def test_training_goes_on_from_a_model(options, tmp_path, utm):
    """Weights are taken over by role; a new band begins without effect."""
    from rock_glacier_mapper.core.training.export import started_network

    for architecture, widths in (("unet", ("4", "8")), ("patch_cnn", ("4", "4", "4", "8"))):
        kind = {"architecture": architecture, "widths": widths, "context": 24, "epochs": 1}
        first = train(options(**kind))
        again = options(**kind, initial=first.output, output=str(tmp_path / "again.onnx"))
        network = started_network(again, ("slope", *ROLES[::-1]))
        kernel = network.state_dict()["first.0.weight" if architecture == "unet" else "convolutions.0.weight"]
        known = next(iter(started_network(again, ROLES).state_dict().values()))
        bands = len(ROLES)
        assert (kernel[:, 0] == 0).all()
        assert (kernel[:, 1 : bands + 1] == known[:, :bands].flip(1)).all()
        # A U-Net reads the contrasts of optical bands after them.
        assert (kernel[:, bands + 1 :] == known[:, bands:].flip(1)).all()
        train(again)
        with pytest.raises(InvalidModelError, match=r"other widths|another architecture"):
            train(replace(again, widths=("6", "8") if architecture == "unet" else ("4", "4", "8", "8")))


def test_a_network_without_contrasts_goes_on(options):
    """U-Nets were made without them once: its bands are taken over, and contrasts begin without effect."""
    from rock_glacier_mapper.core.training.export import _take
    from rock_glacier_mapper.core.training.unet import UNet

    weights = {name: values.numpy() for name, values in UNet(ROLES, (4, 8), 0.1).state_dict().items()}
    weights = {name: values for name, values in weights.items() if not name.endswith("num_batches_tracked")}
    bands = weights["first.0.weight"] = weights["first.0.weight"][:, : len(ROLES)].copy()
    network = UNet(ROLES, (4, 8), 0.1)
    _take(network, weights, ROLES, ROLES, options())
    kernel = network.state_dict()["first.0.weight"].numpy()
    assert (kernel[:, : len(ROLES)] == bands).all() and (kernel[:, len(ROLES) :] == 0).all()


def test_each_of_several_networks_goes_on_as_one_of_the_model(options, tmp_path):
    """Widths need not be said; a third network begins as the first."""
    from rock_glacier_mapper.core.training.export import started_network

    first = train(options(members=2, epochs=1))
    known = named_weights(first.output)
    again = options(initial=first.output, widths=(), output=str(tmp_path / "again.onnx"), epochs=1)
    for number in range(3):
        weight = started_network(again, ROLES, number).state_dict()["encoder.0.0.0.weight"]
        np.testing.assert_array_equal(weight, known[f"members.{number % 2}.encoder.0.0.0.weight"])
    train(again)


def test_a_model_of_others_cannot_be_gone_on_from(options):
    """The shipped patch of the message says why."""
    with pytest.raises(InvalidModelError, match="not one to go on from"):
        train(options(initial="rgb_10m"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"widths": ("4", "x")}, "whole numbers"),
        ({"widths": ("4",)}, "two levels"),
        ({"widths": ("4", "8"), "architecture": "patch_cnn"}, "4 numbers"),
        ({"members": 2, "widths": (), "architecture": "patch_cnn"}, "only once"),
        ({"context": 26, "widths": (), "architecture": "patch_cnn"}, "multiple of 4"),
        ({"context": 64, "widths": (), "architecture": "patch_cnn"}, "crops of 65 pixels"),
        ({"widths": ("4", "4", "4", "4", "4", "4", "4")}, "crops of 128 pixels"),
        ({"output": "model.pt"}, "ends in .onnx"),
        ({"samples": ("nowhere",)}, "no folder of samples"),
        ({"bands": ("B04", "B99")}, "B04, B99 was given"),
    ],
)
def test_what_does_not_fit_is_named(options, change, words):
    """Before the first batch."""
    with pytest.raises(MapperError, match=words):
        train(options(**change))


def test_a_gpu_that_is_not_there_is_no_silent_cpu(options):
    """Training on the CPU instead would take days without a word."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(InvalidOptionError, match="finds none"):
        train(options(device="gpu"))


def test_a_full_disk_is_told(options, small_disk):
    """Nothing half-written stays."""
    with pytest.raises(OutputError, match="cannot be written"):
        train(options(output=str(small_disk / "model.onnx"), widths=("16", "32")))
    assert list(small_disk.iterdir()) == []


def test_a_model_file_with_other_numbers_is_not_written(options, monkeypatch, tmp_path):
    """An exporter or a runtime may have an error."""
    from rock_glacier_mapper.core.training import export

    monkeypatch.setattr(export, "PARITY", -1.0)
    with pytest.raises(InvalidModelError, match="differs from the trained network"):
        train(options(epochs=1))
    assert not Path(tmp_path, "model.onnx").exists()


def test_weights_that_run_away_are_told(options, monkeypatch):
    """A user who tries learning rates gets a sentence."""
    from rock_glacier_mapper.core.training import trainer

    monkeypatch.setattr(trainer, "masked_loss", lambda logits, *_: (logits * float("inf")).sum())
    with pytest.raises(InvalidModelError, match="smaller learning rate"):
        train(options())
