"""Models that can do without a source of bands: on stacks that lack it, wholly or in places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import ModelMismatchError
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster

ROLES = ("B04", "coherence", "aspect_sin", "aspect_cos")
# The mean of the four bands, each 0 where it is missing.
CARD = ModelCard(
    name="toy",
    roles=ROLES,
    normalisation=(Normalisation(),) * 4,
    classes=(ModelClass("rock_glacier", target=True),),
    ground_sample_distance=10.0,
    halo=0,
    stride=1,
    optional=(("coherence",), ("aspect_sin", "aspect_cos")),
)
VALUES = np.array([0.8, 0.4, 0.2, 0.6], np.float32)


class Listener(Progress):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


@pytest.fixture
def model(onnx_models, tmp_path):
    return onnx_models.mean_of_bands(tmp_path / "model.onnx", 4, card_metadata(CARD))


def image(gaps=()):
    """Return bands of one value each, shape (4, 8, 8), without a value at the given places."""
    values = np.broadcast_to(VALUES[:, None, None], (4, 8, 8)).copy()
    for place in gaps:
        values[place] = np.nan
    return values


@pytest.mark.parametrize(
    ("present", "absent"),
    [
        ((0, 1, 2, 3), ""),
        ((0, 2, 3), "coherence"),
        ((0, 1), "aspect_sin, aspect_cos"),
        # A source that lacks one band is of no use.
        ((0, 1, 3), "aspect_sin, aspect_cos"),
        ((0,), "coherence, aspect_sin, aspect_cos"),
    ],
)
@pytest.mark.parametrize("augment", ["none", "all"])
def test_zero_takes_the_place_of_an_absent_source(apply, write_raster, model, present, absent, augment):
    """The user is told; where tiles are turned, an aspect that is not there is not turned."""
    listener = Listener()
    stack = write_raster("stack.tif", image()[list(present)], [ROLES[place] for place in present])
    _, values = apply(stack, model, listener, augment=augment)
    used = [place for place in present if ROLES[place] not in absent]
    expected = VALUES[[place for place in used if augment == "none" or place < 2]].sum() / 4
    np.testing.assert_allclose(values[0], expected, atol=1e-6)
    said = [text for text in listener.warnings if "maps without" in text]
    assert [text.count(f"has no {absent};") for text in said] == ([1] if absent else [])


def test_gaps_of_an_optional_source_are_mapped_and_others_are_not(apply, write_raster, model):
    """A swath that ends within the stack leaves no hole in the heatmap."""
    gaps = ((0, 1, 1), (1, 2, 2), (3, 3, 3))
    _, values = apply(write_raster("stack.tif", image(gaps), ROLES), model)
    assert np.isnan(values[0, 1, 1]) and np.isnan(values[0]).sum() == 1
    assert values[0, 2, 2] == pytest.approx((0.8 + 0.2 + 0.6) / 4)
    assert values[0, 3, 3] == pytest.approx((0.8 + 0.4) / 4)
    assert values[0, 4, 4] == pytest.approx(0.5)


def test_resampled_stacks_keep_such_pixels(apply, write_raster, model, make_grid):
    """The way back to the stack's grid masks by what the network needs, not by all bands."""
    stack = write_raster("stack.tif", image(((0, 1, 1), (1, 6, 6)))[:3], ROLES[:3], make_grid(8, 8, 20.0))
    _, values = apply(stack, model, resample=True)
    assert np.isnan(values[0, 1, 1]) and np.isfinite(values[0, 6, 6])


def test_what_a_model_needs_is_still_refused(apply, write_raster, model):
    """Only the band that must be there is named as needed."""
    stack = write_raster("stack.tif", image()[1:], ROLES[1:])
    with pytest.raises(ModelMismatchError, match=r"needs the bands B04; .* has no B04"):
        apply(stack, model)


def test_provenance_says_what_was_absent(apply, write_raster, model):
    result, _ = apply(write_raster("stack.tif", image()[:1], ROLES[:1]), model)
    with Raster(result.output) as raster:
        assert raster.provenance[-1]["absent"] == ["coherence", "aspect_sin", "aspect_cos"]


def test_a_card_without_optional_sources_needs_all(apply, write_raster, onnx_models, tmp_path):
    model = onnx_models.mean_of_bands(tmp_path / "strict.onnx", 4, card_metadata(replace(CARD, optional=())))
    with pytest.raises(ModelMismatchError, match="has no coherence"):
        apply(write_raster("stack.tif", image()[[0, 2, 3]], [ROLES[0], *ROLES[2:]]), model)
