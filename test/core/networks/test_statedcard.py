"""Cards completed by the user: what a card does not say may be stated, what it says may not be contradicted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import InvalidOptionError, ModelMismatchError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.statedcard import card_for
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster

CARD = ModelCard(
    name="toy",
    roles=("B04", "slope"),
    normalisation=(Normalisation(0.5, 0.25), Normalisation(20.0, 10.0)),
    classes=(ModelClass("rock_glacier", target=True),),
)
NOTHING: dict[str, str] = {}
DEEPNESS = {"model_type": '"Segmentor"'}


def card(metadata: dict[str, str], **stated: object) -> ModelCard:
    network = SimpleNamespace(name="model.onnx", metadata=metadata)
    return card_for(network, HeatmapOptions(stack="s", model="m", output="o", **stated))


def test_a_model_without_a_card_takes_what_is_stated():
    """One mean for all bands will do; names of colours are those of the stack's bands."""
    result = card(NOTHING, bands=("red", "slope"), mean=("0",), std=("1", "45"))
    assert result.roles == ("B04", "slope")
    assert result.normalisation == (Normalisation(0, 1), Normalisation(0, 45))
    assert result.with_classes(2).target_channel(2) == 1


@pytest.mark.parametrize("stated", [{}, {"bands": ("a",)}, {"mean": ("0",), "std": ("1",)}])
def test_half_of_it_is_not_enough(stated):
    """The message says which options there are."""
    with pytest.raises(ModelMismatchError, match="options bands, mean and std"):
        card(NOTHING, **stated)


def test_a_card_that_names_no_bands_can_be_told_them():
    """Deepness keys cannot name bands; what they say of normalisation stays, for every band."""
    result = card(DEEPNESS, bands=("B02", "B03", "B04"))
    assert result.roles == ("B02", "B03", "B04")
    assert result.normalisation == (Normalisation(0.0, 255.0),) * 3


def test_a_card_without_normalisation_can_be_told_it_and_keeps_its_clip():
    """The identity is what a card has that says nothing."""
    silent = replace(CARD, normalisation=(Normalisation(minimum=0.0, maximum=1.0), Normalisation()))
    result = card(card_metadata(silent), mean=("0.5", "20"), std=("0.25", "10"))
    assert result.normalisation == (Normalisation(0.5, 0.25, 0.0, 1.0), Normalisation(20, 10))


def test_stating_what_the_card_says_is_allowed():
    """A batch may state the same for all its models."""
    assert card(card_metadata(CARD), bands=("B4", "slope"), mean=("0.5", "20"), std=("0.25", "10")) == CARD


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"bands": ("slope", "B04")}, "bands slope B04, but the card of model.onnx says B04 slope"),
        ({"mean": ("1",), "std": ("1",)}, "mean and std 1 and 1, 1 and 1, but .* says 0.5 and 0.25, 20 and 10"),
        ({"mean": ("1",)}, "state both"),
        ({"mean": ("half",), "std": ("1",)}, "`mean` must hold numbers, but 'half'"),
        ({"mean": ("nan",), "std": ("1",)}, "`mean` must hold numbers"),
        ({"mean": ("0",), "std": ("0",)}, "`std` must hold positive numbers"),
        ({"mean": ("0", "1", "2"), "std": ("1",)}, "2 bands, but 3 values in `mean`"),
    ],
)
def test_contradictions_are_refused(stated, message):
    """Silently preferring one side would give a wrong map."""
    with pytest.raises(InvalidOptionError, match=message):
        card(card_metadata(CARD), **stated)


def test_an_activation_completes_a_card_and_does_not_replace_one():
    """Many models are exported without their last layer."""
    assert card(card_metadata(CARD), activation="softmax").activation == "softmax"
    with pytest.raises(InvalidOptionError, match=r"activation sigmoid, but .* says softmax"):
        card(card_metadata(replace(CARD, activation="softmax")), activation="sigmoid")


def test_a_model_without_a_card_runs(onnx_models, write_raster, tmp_path):
    """By hand: (0.7 - 0.5) / 0.5 and (140 - 100) / 100, mean 0.4; two channels of logits, the last one is shown."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.array([[[[0]], [[0]]], [[[0.5]], [[0.5]]]]))
    model = builder.save(tmp_path / "m.onnx", output, shape=("batch", 2, "h", "w"))
    stack = write_raster("s.tif", np.stack([np.full((3, 3), 140.0), np.full((3, 3), 0.7)]), ["x", "B04"])
    options = HeatmapOptions(
        stack=stack,
        model=model,
        output=str(tmp_path / "h.tif"),
        output_type="float32",
        bands=("B04", "x"),
        mean=("0.5", "100"),
        std=("0.5", "100"),
        activation="softmax",
    )
    heatmap.run(options, Progress())
    with Raster(options.output) as raster:
        assert raster.roles == ("heatmap", "heatmap_channel_1")
        assert raster.read()[0] == pytest.approx(np.full((3, 3), 1 / (1 + np.exp(-0.4))), abs=1e-6)
