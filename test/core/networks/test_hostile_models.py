"""Models that are broken or mean harm: each ends in one clear sentence, and nothing is left of it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidModelError, InvalidOptionError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.memorylimit import limited_memory
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.modelfile import stac_item
from rock_glacier_mapper.core.networks.network import Network
from rock_glacier_mapper.core.progress import Progress

CARD = ModelCard(
    name="toy",
    roles=("a",),
    normalisation=(Normalisation(),),
    classes=(ModelClass("rock_glacier", target=True),),
    halo=1,
    stride=1,
)
METADATA = card_metadata(CARD)


@pytest.fixture
def refused(tmp_path, write_raster):
    """Return a function that runs a model and returns the message it is refused with; nothing may be left."""
    stack = write_raster("s.tif", np.full((1, 40, 40), 0.5), ["a"])

    def run(model: object, **options: object) -> str:
        before, threads = sorted(tmp_path.iterdir()), set(threading.enumerate())
        settings = HeatmapOptions(stack=stack, model=str(model), output=str(tmp_path / "h.tif"), **options)
        with pytest.raises(InvalidModelError) as caught:
            heatmap.run(settings, Progress())
        assert sorted(tmp_path.iterdir()) == before
        assert set(threading.enumerate()) <= threads
        return str(caught.value)

    return run


def test_a_truncated_model(onnx_models, tmp_path, refused):
    """An interrupted download."""
    path = Path(onnx_models.box_blur(tmp_path / "m.onnx", METADATA))
    path.write_bytes(path.read_bytes()[:200])
    assert "m.onnx" in refused(path)


def test_a_flipped_byte_is_found_by_the_checksum_beside_the_model(onnx_models, tmp_path, refused):
    """The runtime loads damaged weights without complaint; the STAC item beside the file knows better."""
    path = Path(onnx_models.box_blur(tmp_path / "m.onnx", METADATA))
    content = bytearray(path.read_bytes())
    (tmp_path / "m.json").write_text(json.dumps(stac_item(CARD, "m.onnx", bytes(content))))
    assert Network(str(path), "cpu", Progress()).channels == 1
    kernel = content.index(np.float32(1 / 9).tobytes())
    content[kernel] ^= 1
    path.write_bytes(content)
    message = refused(path)
    assert "SHA-256" in message
    assert "m.json" in message


@pytest.mark.parametrize("text", ["", "[]", '{"assets": {"model": {"href": "./other.onnx", "file:checksum": "12"}}}'])
def test_another_file_beside_the_model_is_no_checksum(onnx_models, tmp_path, text):
    """Files of that name may be anything."""
    path = onnx_models.box_blur(tmp_path / "m.onnx", METADATA)
    (tmp_path / "m.json").write_text(text)
    assert Network(path, "cpu", Progress()).channels == 1


@pytest.mark.parametrize("kind", ["parent folder", "absolute", "hard link", "symbolic link", "plain"])
def test_weights_in_another_file(onnx_models, tmp_path_factory, tmp_path, refused, kind):
    """Whatever the name, and also where the file lies beside the model, as runtimes would accept."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.bin"
    secret.write_bytes(np.full(9, 1 / 9, np.float32).tobytes())
    beside = tmp_path / "weights.bin"
    location = "weights.bin"
    if kind == "parent folder":
        location = os.path.relpath(secret, tmp_path)
    elif kind == "absolute":
        location = str(secret)
    elif kind == "hard link":
        os.link(secret, beside)
    elif kind == "symbolic link":
        beside.symlink_to(secret)
    else:
        beside.write_bytes(secret.read_bytes())
    assert "weights in other files" in refused(onnx_models.external_weights(tmp_path / "m.onnx", location, METADATA))


def test_an_endless_loop(onnx_models, tmp_path, refused):
    """Stopped by the time limit; the message says what to do."""
    message = refused(onnx_models.endless_loop(tmp_path / "m.onnx", METADATA), time_limit=0.3)
    assert "more than 0.3 seconds" in message
    assert "time limit" in message


def test_a_loop_is_not_trusted_for_as_long_as_other_networks(onnx_models, tmp_path, monkeypatch):
    """Networks without loops end by themselves some time; the default limit is for them."""
    monkeypatch.setattr("rock_glacier_mapper.core.networks.network._SECONDS_OF_A_LOOP", 0.2)
    network = Network(onnx_models.endless_loop(tmp_path / "m.onnx"), "cpu", Progress(), 60)
    with pytest.raises(InvalidModelError, match=r"0\.2 seconds at most"):
        network.run(np.zeros((1, 4, 4), np.float32), Progress())


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone limits memory")
@pytest.mark.parametrize("at_load", [False, True])
def test_a_giant_allocation(onnx_models, tmp_path, refused, at_load):
    """A file of a few hundred bytes that asks for 16 GiB."""
    resource = pytest.importorskip("resource")
    path = Path(onnx_models.giant_allocation(tmp_path / "m.onnx", METADATA, at_load=at_load))
    assert path.stat().st_size < 5000
    limits = resource.getrlimit(resource.RLIMIT_AS)
    message = refused(path)
    assert "memory" in message
    assert "m.onnx" in message
    assert resource.getrlimit(resource.RLIMIT_AS) == limits


def test_a_model_that_takes_for_ever_to_load(onnx_models, tmp_path, monkeypatch):
    """What does not depend on the tile is computed while the model is loaded, and cannot be interrupted."""
    release = threading.Event()
    model = onnx_models.box_blur(tmp_path / "m.onnx", METADATA)
    monkeypatch.setattr("onnxruntime.InferenceSession", lambda *_, **__: release.wait(20))
    monkeypatch.setattr("rock_glacier_mapper.core.networks.network._SECONDS_TO_STOP", 0.1)
    with pytest.raises(InvalidModelError, match=r"more than 0\.1 seconds to load"):
        Network(model, "cpu", Progress(), 0.1)
    release.set()


@pytest.mark.parametrize("stride", [10**9, 10**18])
def test_a_card_with_a_giant_stride(onnx_models, tmp_path, write_raster, stride):
    """Tiles are multiples of it; the card may state any number."""
    model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(replace(CARD, stride=stride, halo=0)))
    stack = write_raster("s.tif", np.full((1, 4, 4), 0.5), ["a"])
    with pytest.raises(InvalidOptionError, match="do not fit into this computer's memory"):
        heatmap.run(HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "h.tif")), Progress())


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone limits memory")
def test_the_memory_limit_holds_inside_the_statement_only():
    """Other stages of the same process are not limited."""
    with limited_memory(256), pytest.raises(MemoryError):
        np.ones(2**27)
    assert np.ones(2**27, np.uint8).all()


def test_an_input_of_wrong_rank(onnx_models, tmp_path, refused):
    """A network for series, say."""
    builder = onnx_models.NetworkBuilder()
    path = builder.save(tmp_path / "m.onnx", builder.node("Neg", "input"), shape=("b", 1, "n"), metadata=METADATA)
    assert "3 dimensions" in refused(path)


def test_an_output_of_wrong_rank(onnx_models, tmp_path, refused):
    """A vector of scores."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("Flatten", "input")
    path = builder.save(tmp_path / "m.onnx", output, output_shape=None, metadata=METADATA)
    assert "gives no heatmap" in refused(path)


def test_an_output_of_size_zero(onnx_models, tmp_path, refused):
    """A slice of nothing."""
    builder = onnx_models.NetworkBuilder()
    bounds = [builder.weight(np.array([value], np.int64)) for value in (0, 0, 3)]
    path = builder.save(tmp_path / "m.onnx", builder.node("Slice", "input", *bounds), metadata=METADATA)
    assert "expected" in refused(path)


def test_weights_that_are_no_numbers(onnx_models, tmp_path, refused):
    """The place is named, though every pixel is affected."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, 3, 3), np.nan))
    assert "column 0, row 0" in refused(builder.save(tmp_path / "m.onnx", output, metadata=METADATA))


def test_a_layer_that_cannot_be_interrupted_is_left_behind(onnx_models, tmp_path, monkeypatch):
    """The runtime looks between two layers only; the user gets her answer all the same."""
    network = Network(onnx_models.box_blur(tmp_path / "m.onnx", METADATA), "cpu", Progress(), 0.1)
    release = threading.Event()

    class Stuck:
        def run(self, *_: object) -> list[np.ndarray]:
            release.wait(20)
            return []

    monkeypatch.setattr(network, "_session", Stuck())
    monkeypatch.setattr("rock_glacier_mapper.core.networks.network._SECONDS_TO_STOP", 0.1)
    with pytest.raises(InvalidModelError, match=r"more than 0\.1 seconds"):
        network.run(np.zeros((1, 4, 4), np.float32), Progress())
    release.set()


class CancelledAfter(Progress):
    """Is cancelled a moment after it was made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def cancelled(self) -> bool:
        return time.monotonic() > self._end


def test_cancelling_while_measuring_stops_a_loop(onnx_models, tmp_path, write_raster):
    """The first run of a model whose halo is not stated is on a large tile."""
    stack = write_raster("s.tif", np.full((1, 40, 40), 0.5), ["a"])
    model = onnx_models.endless_loop(tmp_path / "m.onnx", card_metadata(replace(CARD, halo=None)))
    threads = set(threading.enumerate())
    with pytest.raises(Cancelled):
        heatmap.run(HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "h.tif")), CancelledAfter(0.3))
    assert set(threading.enumerate()) <= threads
