"""The description of a model: everything that a user must know, from files good and bad."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rock_glacier_mapper.core import cli
from rock_glacier_mapper.core.contracts.describe import DescribeOptions
from rock_glacier_mapper.core.errors import InvalidModelError, OutputError
from rock_glacier_mapper.core.networks.card import Metric, ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.describe import run
from rock_glacier_mapper.core.networks.modelfile import stac_item
from rock_glacier_mapper.core.progress import Progress

CARD = ModelCard(
    name="toy",
    roles=("B04", "slope"),
    normalisation=(Normalisation(0.1, 0.05, 0.0, 1.0), Normalisation(20.0, 10.0, maximum=80.0)),
    classes=(ModelClass("ice"), ModelClass("rock_glacier", "Rock glacier", "#112233", target=True)),
    title="A toy",
    ground_sample_distance=10.0,
    halo=3,
    stride=16,
    activation="softmax",
    training_data="Toy data",
    training_area="Nowhere",
    licence="MIT",
    metrics=(Metric("F1", 0.5, "toy site", "by pixel"), Metric("recall", 0.75, "toy site", "by pixel")),
)


def described(model: object, **options: str) -> str:
    """Return the description with its line breaks and indents as single spaces."""
    return " ".join(run(DescribeOptions(model=str(model), **options), Progress()).text.split())


@pytest.fixture
def model(onnx_models, tmp_path) -> Path:
    return Path(onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, card_metadata(CARD)))


def test_everything_in_the_card_is_told(model):
    """What a user needs to choose a model, to prepare a stack, and to believe a result."""
    text = described(model)
    for part in (
        "title A toy",
        "pixel size 10 m; up to 25% more or less",
        "band 1 B04; reflectance; clipped to 0 to 1, mean 0.1, standard deviation 0.05",
        "band 2 slope; degrees; clipped up to 80, mean 20, standard deviation 10",
        "class 1 ice",
        "class 2 rock_glacier (Rock glacier), shown as #112233, the one that is mapped",
        "a softmax turns",
        "3 pixels (30 m)",
        "multiples of 16 pixels",
        "data Toy data area Nowhere",
        "licence MIT",
        "F1 0.5 recall 0.75 measured on toy site how by pixel",
        f"SHA-256 {hashlib.sha256(model.read_bytes()).hexdigest()}",
        f"{model.stat().st_size:,} bytes; 2 weights, floats",
        "opset 17, IR version 8",
        "inputs input: float32 [batch, 2, height, width]",
        "outputs conv_0: float32",
    ):
        assert part in text, part


def test_the_checksum_is_compared_with_the_item_beside_the_model(model):
    """No item, the right one, and one of another file; a wrong sum is told and not raised, to be looked at."""
    assert "there is no m.json" in described(model)
    item = model.with_suffix(".json")
    item.write_text(json.dumps(stac_item(CARD, model.name, model.read_bytes())))
    assert "yes: m.json beside it states the same" in described(model)
    item.write_text(json.dumps(stac_item(CARD, model.name, b"another file")))
    assert "WRONG: m.json beside it states" in described(model)


def test_a_model_without_a_card_tells_what_must_be_stated(onnx_models, tmp_path):
    """Who downloads a model from somewhere starts here."""
    text = described(onnx_models.mean_of_bands(tmp_path / "m.onnx", 5, {}))
    assert "bands 5 in number" in text
    assert "options bands, mean and std" in text


def test_a_deepness_card_says_what_it_cannot_say(onnx_models, tmp_path):
    """Neither bands nor pixel size nor halo are in these keys."""
    text = described(onnx_models.mean_of_bands(tmp_path / "m.onnx", 3, {"model_type": '"Segmentor"'}))
    for part in ("does not name the bands", "any is accepted", "every band mean 0, standard deviation 255"):
        assert part in text
    assert "classes not stated; the last output channel" in text


def test_an_unusable_card_is_explained(onnx_models, tmp_path):
    """The file can still be looked at."""
    text = described(onnx_models.mean_of_bands(tmp_path / "m.onnx", 3, {"model_type": '"Detector"'}))
    assert "unusable The model says that it is a Detector" in text
    assert "opset 17" in text


def test_a_card_cannot_steer_the_terminal(onnx_models, tmp_path):
    """Cards are written by strangers, and escape sequences can rename windows or hide lines."""
    card = replace(CARD, title="harmless\x1b[2J\x07")
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, card_metadata(card))
    text = run(DescribeOptions(model=model), Progress()).text
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert max(len(line) for line in text.splitlines() if str(tmp_path) not in line) <= 100


def test_the_text_can_be_kept(model, tmp_path):
    """As it is shown; not over the model."""
    output = tmp_path / "card.txt"
    result = run(DescribeOptions(model=str(model), output=str(output)), Progress())
    assert output.read_text("utf-8") == result.text
    with pytest.raises(OutputError, match=r"\.txt"):
        run(DescribeOptions(model=str(model), output=str(model)), Progress())


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_what_is_no_model_is_refused(tmp_path, content):
    """One sentence, with the name."""
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(InvalidModelError, match=r"m\.onnx is no ONNX model"):
        described(tmp_path / "m.onnx")


@pytest.mark.parametrize("name", ["rgb_10m", "full_10m", "vhr_2m"])
def test_the_command_line_shows_it_as_text(capsys, name):
    """A person reads it; JSON with line breaks written as escapes would be of no use."""
    assert cli.main(["describe", "--model", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Model {name}"
    assert any(line.startswith("  checked") and "yes" in line for line in lines)
