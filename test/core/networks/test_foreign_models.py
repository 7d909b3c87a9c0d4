"""Models that others made: each segmentation and regression model of another plugin's tests gives a heatmap.

The files lie in the data folder beside the checkout, which only some machines have.
"""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import InvalidModelError, ModelMismatchError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster

COLOURS = ("B04", "B03", "B02")
STATED = {"bands": COLOURS, "mean": ("0",), "std": ("255",)}

# By file: whether its Deepness keys say enough, and the heatmap's bands. Otherwise bands and normalisation are stated.
MODELS = {
    "dummy_regression_models__dummy_regression_model": (True, ["heatmap"]),
    "dummy_regression_models__dummy_regression_model_batched": (True, ["heatmap"]),
    "dummy_regression_models__one_output_sigmoid_bsx1x512x512": (True, ["heatmap"]),
    "dummy_regression_models__one_output_sigmoid_bsx512x512": (False, ["heatmap"]),
    "dummy_regression_models__two_outputs_sigmoid_bsx1x512x512": (True, ["heatmap"]),
    "dummy_regression_models__two_outputs_sigmoid_bsx512x512": (False, ["heatmap"]),
    "dummy_segmentation_models__different_output_size_512_to_484": (False, ["heatmap", "heatmap_channel_1"]),
    "dummy_segmentation_models__dummy_model": (False, ["heatmap", "heatmap_channel_1", "heatmap_channel_2"]),
    "dummy_segmentation_models__one_output_sigmoid_bsx1x512x512": (True, ["heatmap"]),
    "dummy_segmentation_models__one_output_sigmoid_bsx512x512": (True, ["heatmap"]),
    "dummy_segmentation_models__one_output_softmax_bsx2x512x512": (False, ["heatmap", "heatmap_channel_1"]),
    "dummy_segmentation_models__two_outputs_sigmoid_bsx1x512x512": (True, ["heatmap"]),
    "dummy_segmentation_models__two_outputs_sigmoid_bsx512x512": (False, ["heatmap"]),
    "dummy_segmentation_models__two_outputs_softmax_bsx2x512x512": (True, ["heatmap", "heatmap_Coffee"]),
    "one_output_sigmoid_red_detector": (False, ["heatmap"]),
}
REFUSED = {
    "dummy_recognition_model": (InvalidModelError, "gives no heatmap"),
    "dummy_superresolution_model": (InvalidModelError, "128 x 128 pixels for a tile of 64 x 64"),
}


@pytest.fixture
def picture(write_raster, make_grid):
    """A small 8-bit picture with the pixel size of 5.5 cm that two of the models ask for."""
    values = np.random.default_rng(0).integers(1, 256, (3, 40, 52)).astype(float)
    return write_raster("s.tif", values, COLOURS, grid=make_grid(52, 40, size=0.055), dtype="uint8", nodata=0.0)


@pytest.fixture
def apply(shared_data, picture, tmp_path):
    """Return a function that runs a model of the folder and returns the heatmap's roles and values."""

    def run(name: str, **stated: object):
        model = str(shared_data / "onnx_models" / f"{name}.onnx")
        output = str(tmp_path / "heatmap.tif")
        options = HeatmapOptions(stack=picture, model=model, output=output, output_type="float32", **stated)
        heatmap.run(options, Progress())
        with Raster(output) as raster:
            return list(raster.roles), raster.read()

    return run


@pytest.mark.parametrize("name", MODELS)
def test_it_gives_a_heatmap(apply, name):
    """Several outputs, no class axis, an output smaller than its tile, no class names: none is in the way."""
    has_card, roles = MODELS[name]
    if not has_card:
        with pytest.raises(ModelMismatchError, match=r"has no card.*options bands, mean and std"):
            apply(name)
    found, values = apply(name, **({} if has_card else STATED))
    assert found == roles
    assert values.shape == (len(roles), 40, 52)
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_sentence(apply, name):
    """A classifier of whole pictures and an enlarger give no heatmap, whatever is stated."""
    error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        apply(name, **STATED)


def test_every_file_is_looked_at(shared_data):
    """A file that is added to the folder must be added here."""
    found = {path.stem for path in (shared_data / "onnx_models").glob("*.onnx")}
    assert found == {*MODELS, *REFUSED}
