"""Model cards: what is written comes back, foreign cards are understood, broken ones are refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidModelError
from rock_glacier_mapper.core.networks.card import Metric, ModelCard, ModelClass, Normalisation, Reliability, Split
from rock_glacier_mapper.core.networks.carddescription import described_card
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata, read_card, stac_properties
from rock_glacier_mapper.core.networks.modelfile import attach_metadata, stac_item

ROOT = Path(__file__).parents[3]
DEEPNESS_MODELS = ROOT.parent / "shared" / "data" / "onnx_models"

CARD = ModelCard(
    name="two_bands",
    title="Zwei Bänder",
    roles=("B02", "slope"),
    normalisation=(Normalisation(0.1, 0.05, 0.0, 1.0), Normalisation(20.0, 10.0, None, 80.0)),
    classes=(ModelClass("other"), ModelClass("rock_glacier", "Rock glacier", "#d7191c", target=True)),
    ground_sample_distance=10.0,
    tolerance=0.5,
    halo=96,
    stride=16,
    activation="softmax",
    architecture="U-Net",
    training_data="Toy data",
    training_area="Nowhere",
    licence="MIT",
    metrics=(Metric("average precision", 0.5, "toy data", "by pixel"),),
    created="2026-01-02",
)


def stac_metadata(**changes: object) -> dict[str, str]:
    """Return the metadata of `CARD` as STAC only, with properties changed; None takes one away."""
    properties = {**stac_properties(CARD), **changes}
    return {"stac_mlm": json.dumps({key: value for key, value in properties.items() if value is not None})}


def foreign_input(**fields: object) -> list[dict[str, object]]:
    """Return an MLM input as somebody else may write it."""
    return [{"name": "image", "bands": ["B02", "slope"], **fields}]


def test_card_survives_its_metadata() -> None:
    """Every field must come back, or a model would lose it on its first save."""
    assert read_card(card_metadata(CARD)) == CARD


def test_unknown_facts_survive_its_metadata() -> None:
    """None (not stated) must not turn into a number."""
    card = replace(CARD, ground_sample_distance=None, halo=None, stride=None)
    assert read_card(card_metadata(card)) == card


def test_every_metadata_value_is_json() -> None:
    """A bare string crashes the plugins that read these keys."""
    values = {key: json.loads(value) for key, value in card_metadata(CARD).items()}
    assert values["model_type"] == "Segmentor"
    assert values["resolution"] == 1000  # cm


def test_deepness_keys_say_the_same() -> None:
    """Other plugins divide by 255 before they standardise; read back, the units are physical again."""
    metadata = {key: value for key, value in card_metadata(CARD).items() if key != "stac_mlm"}
    card = read_card(metadata)
    assert card is not None
    assert card.ground_sample_distance == 10.0
    assert card.roles == ()
    assert [band.mean for band in card.normalisation] == pytest.approx([0.1, 20.0])
    assert [band.std for band in card.normalisation] == pytest.approx([0.05, 10.0])
    assert [item.name for item in card.classes] == ["other", "rock_glacier"]
    assert card.target.name == "rock_glacier"


def test_deepness_defaults_divide_by_255() -> None:
    """Without standardisation the input is divided by 255, one normalisation for all bands."""
    card = read_card({"model_type": '"Regressor"'})
    assert card is not None
    assert card.normalisation == (Normalisation(0.0, 255.0),)
    assert card.ground_sample_distance is None


def test_deepness_classes_of_several_outputs() -> None:
    """Class names may be a list with one dictionary an output, as real files show; the first output is used."""
    card = read_card({"model_type": '"Segmentor"', "class_names": '[{"0": "Coffee", "1": "Tea"}, {"0": "Juice"}]'})
    assert card is not None
    assert [item.name for item in card.classes] == ["Coffee", "Tea"]
    assert card.target.name == "Tea"


def test_deepness_classes_are_sorted_as_numbers() -> None:
    """Sorted as text, channel 10 would come before channel 2."""
    names = json.dumps({str(value): f"c{value}" for value in (10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9)})
    card = read_card({"model_type": '"Segmentor"', "class_names": names})
    assert card is not None
    assert [item.name for item in card.classes] == [f"c{value}" for value in range(11)]


@pytest.mark.parametrize("metadata", [{}, {"names": "{0: 'a'}"}, {"producer": "x"}])
def test_no_card_is_none(metadata: dict[str, str]) -> None:
    """Metadata of other tools is no card and no error."""
    assert read_card(metadata) is None


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        ({"type": "z-score", "mean": 1, "stddev": 2}, Normalisation(1.0, 2.0)),
        ({"type": "min-max", "minimum": 10, "maximum": 30}, Normalisation(10.0, 20.0)),
        ({"type": "offset", "value": 3}, Normalisation(mean=3.0)),
        ({"type": "scale", "value": 10000}, Normalisation(std=10000.0)),
        ({"type": "clip", "minimum": 0, "maximum": 5}, Normalisation(minimum=0.0, maximum=5.0)),
        ({"type": "clip-max", "maximum": 5}, Normalisation(maximum=5.0)),
        ({"type": None}, Normalisation()),
    ],
)
def test_value_scalings_of_the_standard(scaling: dict[str, object], expected: Normalisation) -> None:
    """Each of the standard's operations is (clip - mean) / std partly left out; one entry is for all bands."""
    card = read_card(stac_metadata(**{"mlm:input": foreign_input(value_scaling=[scaling])}))
    assert card is not None
    assert card.normalisation == (expected, expected)


def test_bands_may_be_objects_and_target_the_last_class() -> None:
    """A card by another author has no marks of ours; bands may be objects with a name."""
    output = [{"classification:classes": [{"value": 1, "name": "rock"}, {"value": 0, "name": "rest"}]}]
    changes = {"mlm:input": [{"bands": [{"name": "B02"}]}], "mlm:output": output}
    card = read_card(stac_metadata(**changes))
    assert card is not None
    assert card.roles == ("B02",)
    assert [item.name for item in card.classes] == ["rest", "rock"]
    assert card.target.name == "rock"


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        ({"stac_mlm": "{"}, "not valid JSON"),
        ({"stac_mlm": "[" * 100_000}, "not valid JSON"),
        ({"stac_mlm": "[]"}, "object"),
        ({"model_type": "Segmentor"}, "not valid JSON"),
        ({"model_type": '"Detector"'}, "Detector"),
        ({"model_type": '"Segmentor"', "class_names": '{"a": "b"}'}, "class_names"),
        ({"model_type": '"Segmentor"', "resolution": '"ten"'}, "resolution"),
        (stac_metadata(**{"mlm:name": None}), "mlm:name"),
        (stac_metadata(**{"mlm:input": []}), "mlm:input"),
        (stac_metadata(gsd="10 m"), "gsd"),
        (stac_metadata(gsd=0), "pixel size"),
        (stac_metadata(**{"rock_glacier_mapper:halo": -1}), "halo"),
        (stac_metadata(**{"rock_glacier_mapper:halo": True}), "halo"),
        (stac_metadata(**{"rock_glacier_mapper:nodata": "zero"}), "nodata"),
        (stac_metadata(**{"mlm:input": foreign_input(value_scaling=[{"type": "processing"}])}), "processing"),
        (stac_metadata(**{"mlm:input": foreign_input(value_scaling=[{"type": "scale", "value": 0}])}), "deviation"),
        (stac_metadata(**{"mlm:input": foreign_input(value_scaling=[{}, {}, {}])}), "3 entries for 2 bands"),
        (stac_metadata(**{"mlm:input": [{"bands": [{"name": "n", "expression": "B08/B04"}]}]}), "expression"),
    ],
)
def test_broken_cards_are_refused(metadata: dict[str, str], word: str) -> None:
    """Whatever is wrong in a file from elsewhere becomes one sentence that names it, never another exception."""
    with pytest.raises(InvalidModelError, match=word):
        read_card(metadata)


def test_nan_in_a_card_is_refused() -> None:
    """Python's JSON reader accepts NaN, which would spoil every pixel."""
    text = stac_metadata()["stac_mlm"].replace('"mean": 20.0', '"mean": NaN')
    assert "NaN" in text
    with pytest.raises(InvalidModelError, match="mean"):
        read_card({"stac_mlm": text})


def test_repeated_role_is_refused() -> None:
    """The same band twice is a slip of the card's author."""
    with pytest.raises(InvalidModelError, match="twice"):
        replace(CARD, roles=("B02", "B02"))


def test_empty_clip_is_refused() -> None:
    """A minimum above the maximum would make a band constant."""
    with pytest.raises(InvalidModelError, match="empty"):
        replace(CARD, roles=("B02",), normalisation=(Normalisation(minimum=1.0, maximum=0.0),))


def test_target_channel() -> None:
    """One channel is the target; more must match the classes."""
    assert CARD.target_channel(1) == 0
    assert CARD.target_channel(2) == 1
    with pytest.raises(InvalidModelError, match="3 channels"):
        CARD.target_channel(3)


def test_metadata_is_appended_as_protocol_buffer() -> None:
    """The bytes of a hand-encoded entry: field 14 with two texts; lengths above 127 take two bytes."""
    assert attach_metadata(b"x", {"k": "v"}) == b"x" + bytes([0x72, 6, 0x0A, 1, 0x6B, 0x12, 1, 0x76])
    long = attach_metadata(b"", {"k": "v" * 200})
    assert long.startswith(bytes([0x72, 0xCE, 0x01, 0x0A, 1, 0x6B, 0x12, 0xC8, 0x01]))


def test_item_beside_the_model() -> None:
    """The checksum is a multihash: 12 (SHA-256), 20 (32 bytes), digest; here of nothing."""
    item = stac_item(CARD, "two_bands.onnx", b"")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert item["assets"]["model"]["file:checksum"] == "1220" + digest
    assert item["properties"]["mlm:name"] == "two_bands"
    assert read_card({"stac_mlm": json.dumps(item["properties"])}) == CARD


@pytest.mark.parametrize("path", sorted((ROOT / "models").glob("*.onnx")), ids=lambda path: path.stem)
def test_shipped_models_match_their_cards(path: Path) -> None:
    """A shipped model has a card that fits it and the file beside it, and takes any multiple of its stride."""
    onnxruntime = pytest.importorskip("onnxruntime")
    model = path.read_bytes()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    card = read_card(session.get_modelmeta().custom_metadata_map)
    assert card is not None
    assert card.name == path.stem
    assert json.loads(path.with_suffix(".json").read_text()) == stac_item(card, path.name, model)
    image = np.zeros((1, len(card.roles), 5 * card.stride, 6 * card.stride), np.float32)
    heatmap = session.run(None, {session.get_inputs()[0].name: image})[0]
    assert heatmap.shape == (1, 1, 5 * card.stride, 6 * card.stride)
    assert (heatmap >= 0).all() and (heatmap <= 1).all()


@pytest.mark.skipif(not DEEPNESS_MODELS.is_dir(), reason="the models of ../shared/data/onnx_models are absent")
def test_real_deepness_models() -> None:
    """Real files: those with the keys have a card, those without have none, one is no segmentation model."""
    onnxruntime = pytest.importorskip("onnxruntime")
    found: dict[str, int] = {"card": 0, "none": 0, "refused": 0}
    for path in DEEPNESS_MODELS.glob("*.onnx"):
        session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
        try:
            card = read_card(session.get_modelmeta().custom_metadata_map)
        except InvalidModelError:
            found["refused"] += 1
        else:
            found["card" if card else "none"] += 1
    assert found == {"card": 8, "none": 8, "refused": 1}


TRAINED = ModelCard(
    name="trained",
    roles=("B04", "coherence", "slope"),
    normalisation=(Normalisation(),) * 3,
    classes=(ModelClass("rock_glacier", target=True),),
    optional=(("coherence",), ("slope",)),
    splits=(Split("train", 10, 4, 1000, 0.1),),
    seed=3,
    reliability=(Reliability(0.1, 0.2, 900), Reliability(0.9, 0.8, 100)),
)


def test_a_card_keeps_how_a_network_was_trained():
    """Sources that may be absent, splits, seed and reliability survive the file, and are told to people."""
    card = read_card(card_metadata(TRAINED))
    assert card == TRAINED
    assert card.required_roles == ("B04",)
    text = "\n".join(section.text() for section in described_card(card))
    for words in ("may be absent", "10 chips of 4 landforms", "seed", "0.20 is rock glacier"):
        assert words in text


@pytest.mark.parametrize(
    ("optional", "words"),
    [
        ((("elevation",),), "must be bands that it"),
        ((("coherence",), ("coherence",)), "each in one source"),
        ((("B04", "coherence", "slope"),), "one at least must be there"),
        (((),), "nothing may be absent"),
    ],
)
def test_a_card_cannot_do_without_what_it_does_not_name(optional, words):
    with pytest.raises(InvalidModelError, match=words):
        replace(TRAINED, optional=optional)


@pytest.mark.parametrize("value", ['"coherence"', "[3]", '[["coherence"], "slope"]'])
def test_sources_that_are_no_lists_are_refused(value):
    metadata = card_metadata(TRAINED)
    properties = json.loads(metadata["stac_mlm"])
    properties["rock_glacier_mapper:optional"] = json.loads(value)
    with pytest.raises(InvalidModelError, match="optional"):
        read_card({"stac_mlm": json.dumps(properties)})


def test_bands_are_named_by_roles():
    """A stack's band red has the role B04; a card that says red means the same."""
    named = read_card(stac_metadata(**{"mlm:input": foreign_input(bands=["red", "Slope"])}))
    assert named.roles[0] == "B04"


@pytest.mark.parametrize(("names", "target"), [(["Rock glacier", "forest"], 0), (["other", "debris", "ice"], 2)])
def test_the_class_that_is_meant_where_none_is_marked(names, target):
    """That of rock glaciers, else the last, since background comes first."""
    metadata = {"model_type": '"Segmentor"', "class_names": json.dumps({str(n): name for n, name in enumerate(names)})}
    card = read_card(metadata)
    assert card.classes.index(card.target) == target


def test_numbers_of_any_length_are_refused_with_a_sentence():
    """JSON knows no largest integer."""
    with pytest.raises(InvalidModelError, match="`gsd` must be a number"):
        read_card(stac_metadata(gsd=10**400))
