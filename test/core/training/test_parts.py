"""Losses, augmentation, scores and batches on toys that can be checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from rock_glacier_mapper.core.heatmaps.orientations import Orientation
from rock_glacier_mapper.core.networks.card import Normalisation
from rock_glacier_mapper.core.rasters.roles import source_of
from rock_glacier_mapper.core.training.architectures import made_network
from rock_glacier_mapper.core.training.augmentation import Augmentation
from rock_glacier_mapper.core.training.batches import Batches
from rock_glacier_mapper.core.training.losses import masked_loss
from rock_glacier_mapper.core.training.patchcnn import PatchCnn
from rock_glacier_mapper.core.training.preparation import Preparation, measured_preparation, optional_sources
from rock_glacier_mapper.core.training.scores import Calibration, LogitCounts, calibration_error, fitted_calibration
from rock_glacier_mapper.core.training.trainingset import TrainingSet
from rock_glacier_mapper.core.training.unet import UNet

ROLES = ("B04", "coherence", "elevation", "aspect_sin", "aspect_cos")
STILL = {"brightness": 0.0, "contrast": 0.0, "gamma": 0.0, "colour": 0.0, "haze": 0.0, "noise": 0.0}
STILL |= {"radar_shift": 0.0, "elevation_shift": 0.0, "drop_share": 0.0}


@pytest.fixture
def augmentation(options, make_grid):
    """A function that makes the augmentation of the toy's bands."""

    def make(roles=ROLES, grid=None, **changes):
        chosen = options(**changes)
        optional = optional_sources(roles, chosen)
        preparation = Preparation(
            roles, (Normalisation(0.5, 1.0, 0.0, 1.0),) * len(roles), (1.0,) * len(roles), optional
        )
        return Augmentation(preparation, [grid or make_grid(8, 8)], chosen)

    return make


@pytest.mark.parametrize(
    ("role", "source"),
    [
        ("B04", "optical"),
        ("B8A", "optical"),
        ("coherence_median", "radar"),
        ("tpi_250", "terrain"),
        ("slope", "terrain"),
        ("ndvi", "other"),
    ],
)
def test_the_source_of_a_band_follows_from_its_role(role, source):
    assert source_of(role) == source


def test_one_source_always_stays(options):
    """A network must see something."""
    everything = options(drop_sources=("optical", "radar", "terrain"))
    assert optional_sources(("B04", "B03", "coherence"), everything) == (("coherence",),)
    assert optional_sources(("coherence",), options()) == ()
    assert optional_sources(("B04", "coherence"), options(drop_share=0.0)) == ()


def test_the_loss_is_the_formula(options):
    """Two pixels with logit 0: cross-entropy ln 2, focal (1/2)^2 ln 2; a pixel that does not count changes nothing."""
    logits = torch.tensor([[0.0, 0.0, 50.0]])
    target, weight = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[1.0, 1.0, 0.0]])

    def loss(**changes):
        return float(masked_loss(logits, target, weight, options(**changes)))

    assert loss(loss="bce") == pytest.approx(math.log(2))
    assert loss(loss="focal") == pytest.approx(math.log(2) / 4)
    # Soft Dice: (2 * 0.5 + 1) / (1 + 1 + 1).
    assert loss(loss="bce_dice", dice_weight=1.0) == pytest.approx(math.log(2) + 1 / 3)
    assert loss(loss="focal_dice", dice_weight=0.5) == pytest.approx(math.log(2) / 4 + 1 / 6)
    # Three times as much weight on the one of two equal terms is still their mean.
    assert loss(loss="bce", positive_weight=3.0) == pytest.approx(math.log(2))


def test_the_aspect_turns_with_the_picture(augmentation):
    """A slope to the east, turned a quarter counter-clockwise, faces north; mirrored, west."""
    changed = augmentation(**STILL)
    image = np.zeros((5, 8, 8), np.float32)
    image[3] = 1
    image[0, 0, 7] = 1
    seen = set()
    for seed in range(60):
        turned, flags = changed.turned(image, image[:1] > 0, 0, default_rng(seed))
        row, column = np.argwhere(turned[0])[0]
        assert flags[0, row, column]
        seen.add((int(row), int(column), round(float(turned[3, 0, 0])), round(float(turned[4, 0, 0]))))
    # The corner's place and the azimuth of what faced east (sine, cosine), in the eight orientations.
    expected = set()
    for turns in range(4):
        for mirrored in (False, True):
            place = np.argwhere(Orientation(turns, mirrored).apply(image[0]))[0]
            angle = math.radians((-90.0 if mirrored else 90.0) - 90.0 * turns)
            expected.add((*map(int, place), round(math.sin(angle)), round(math.cos(angle))))
    assert seen == expected


def test_what_depends_on_the_sun_is_not_turned(augmentation):
    """A shaded relief lit from below would be a valley."""
    assert "hillshade" in augmentation(("B04", "hillshade"), **STILL).note
    assert augmentation(("B04", "hillshade"), orientations="none", **STILL).note == ""


def test_light_changes_optical_bands_only(augmentation):
    """The slope of the ground does not depend on the haze."""
    light = {**STILL, "brightness": 0.2, "contrast": 0.1, "gamma": 0.1, "colour": 0.1, "haze": 0.1, "noise": 0.1}
    image = default_rng(0).uniform(0.2, 0.8, (5, 8, 8)).astype(np.float32)
    varied = augmentation(**light).varied(image, default_rng(1))
    assert (varied[1:] == image[1:]).all()
    assert (varied[0] != image[0]).all()
    still = augmentation(**STILL).varied(image, default_rng(1))
    np.testing.assert_allclose(still, image, rtol=1e-6)


def test_levels_move_as_a_whole(augmentation):
    """A coherence of another season is higher or lower everywhere; the same ground lies higher elsewhere."""
    image = np.zeros((5, 8, 8), np.float32)
    varied = augmentation(**STILL | {"radar_shift": 0.1, "elevation_shift": 50.0}).varied(image, default_rng(0))
    assert len(np.unique(varied[1])) == len(np.unique(varied[2])) == 1
    assert varied[1, 0, 0] != 0 and abs(varied[2, 0, 0]) > abs(varied[1, 0, 0])
    assert not varied[[0, 3, 4]].any()


def test_sources_are_left_out_as_a_whole(augmentation):
    """Terrain without its aspect does not exist; now and then one side of a line alone is left out."""
    image = np.zeros((5, 8, 8), np.float32)
    dropping = augmentation(**STILL | {"drop_share": 0.5})
    kinds = set()
    for seed in range(200):
        missing = np.isnan(dropping.varied(image, default_rng(seed)))
        assert not missing[0].any()
        assert (missing[2] == missing[3]).all() and (missing[2] == missing[4]).all()
        kinds.add((missing[1].mean() == 1, missing[2].mean() == 1, 0 < missing[1].mean() < 1))
    assert {(False, False, False), (True, False, False), (False, True, False), (True, True, False)} <= kinds
    assert any(partly for _, _, partly in kinds)


def test_gaps_are_filled_as_the_heatmap_fills_them(options, samples):
    """Without a required band a pixel is the mean in all bands; without an optional one, in its source."""
    from rock_glacier_mapper.core.progress import Progress

    preparation = measured_preparation(TrainingSet((samples,)), options(), Progress())
    image = np.ones((5, 1, 3), np.float32)
    image[0, 0, 0] = image[3, 0, 1] = np.nan
    prepared = preparation.apply(image)
    assert not prepared[:, 0, 0].any()
    assert not prepared[2:, 0, 1].any() and prepared[:2, 0, 1].all()
    assert prepared[:, 0, 2].all()


def test_the_normalisation_is_that_of_the_training_chips(options, samples):
    """Mean and deviation by hand, on the pixels that count; ranges of known bands are those of their nature."""
    from rock_glacier_mapper.core.progress import Progress

    data = TrainingSet((samples,))
    preparation = measured_preparation(data, options(), Progress())
    pixels = [data.read(sample) for sample in data.samples("train")]
    values = np.concatenate([np.clip(item.image[0][item.valid], 0, 1) for item in pixels])
    band = preparation.normalisation[0]
    assert (band.mean, band.std) == pytest.approx((values.mean(), values.std()), rel=1e-3)
    assert (band.minimum, band.maximum) == (0, 1)
    assert (preparation.normalisation[1].minimum, preparation.normalisation[1].maximum) == (0, 1)
    for direction in preparation.normalisation[3:]:
        assert (direction.mean, direction.std, direction.minimum, direction.maximum) == (0, 1, -1, 1)


def test_a_batch_is_the_same_whenever_it_is_made(options, samples):
    """What resuming rests on; another seed gives others."""
    from rock_glacier_mapper.core.progress import Progress

    def batches(**changes):
        chosen = options(**changes)
        data = TrainingSet((samples,))
        preparation = measured_preparation(data, chosen, Progress())
        network = made_network(chosen, data.roles)
        return Batches(data, preparation, Augmentation(preparation, data.grids, chosen), network, chosen)

    first = next(batches().from_step(3))
    again = batches()
    again.batch(1)
    for one, other in zip(first, again.batch(3), strict=True):
        assert (one == other).all()
    assert not (batches(seed=1).batch(3).images == first.images).all()
    assert first.images.shape == (4, 5, 32, 32) and first.targets.shape == (4, 1, 32, 32)
    assert first.images.dtype == first.targets.dtype == first.weights.dtype == np.float32
    assert batches(steps=0).an_epoch == 1


def test_chips_that_do_not_fit_into_memory_are_read_again(options, samples, monkeypatch):
    """A folder may be larger than the memory; a chip of 32 x 32 pixels and 5 bands takes 22 kB."""
    from rock_glacier_mapper.core.training import trainingset

    monkeypatch.setattr(trainingset, "_CACHE_BYTES", 50_000)
    data = TrainingSet((samples,))
    for sample in data.samples("train") * 2:
        data.read(sample)
    assert data._cached_bytes <= 50_000 and len(data._cache) == 2


def test_networks_answer_for_the_same_pixels(options):
    """The dense form of the classifier is the classifier at every place, and neither network sees its whole tile."""
    patch = PatchCnn(2, (3, 3, 3, 4), 0.1, 24).eval()
    image = torch.randn(1, 2, 30, 33)
    dense = patch(image)
    assert dense.shape == (1, 1, 6, 9)
    with torch.no_grad():
        for row, column in ((0, 0), (5, 8), (2, 3)):
            alone = patch.classified(image[:, :, row : row + 24, column : column + 24])
            assert float((alone[0, 0, 0, 0] - dense[0, 0, row, column]).abs()) < 1e-5
        unet = UNet(("B04", "slope"), (4, 4, 4), 0.1).eval()
        large, moved = torch.zeros(1, 2, 64, 64), torch.zeros(1, 2, 64, 64)
        moved[:, :, 0, 0] = 9
        assert (unet(large)[..., 40:, 40:] == unet(moved)[..., 40:, 40:]).all()
    parameters = sum(parameter.numel() for parameter in made_network(options(widths=()), ["band"] * 12).parameters())
    assert 1e6 < parameters < 3e6


def test_scores_are_those_of_the_pixels():
    """Four pixels; the second of three mapped ones is false: precision 1, 2/3."""
    counts = LogitCounts()
    counts.add(np.array([3.0, 1.0, 2.0, -5.0], np.float32), np.array([True, True, False, False]))
    assert counts.prevalence == 0.5
    assert counts.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert counts.f1(0.0) == pytest.approx(0.8)
    assert -5 < counts.best_logit() < 1.01
    assert counts.curve(np.array([0.5, 1.0])) == pytest.approx([1, 2 / 3])
    assert math.isnan(LogitCounts().average_precision) and math.isnan(LogitCounts().f1(0))


def test_chips_are_weighted_to_the_region():
    """Half of the chips' pixels, but a fifth of the region: each other pixel counts four times."""
    counts = LogitCounts()
    counts.add(np.array([3.0, 1.0, 2.0, -5.0], np.float32), np.array([True, True, False, False]))
    region = counts.at_prevalence(0.2)
    assert (region.prevalence, region.pixels) == (pytest.approx(0.2), 10)
    assert region.average_precision == pytest.approx((1 + 2 / 6) / 2)
    assert region.f1(0.0) == pytest.approx(2 * 2 / (2 + 4 + 2))
    assert all(counts.at_prevalence(unknown) is counts for unknown in (math.nan, 0.0, 1.0))


def test_calibration_is_for_the_region():
    """Logits that are right where rock glacier is a half are too high by log 9 where it is a tenth."""
    random = default_rng(0)
    target = random.random(200_000) < 0.5
    logits = random.normal(np.where(target, 1, -1), np.sqrt(2))
    counts = LogitCounts()
    counts.add(logits.astype(np.float32), target)
    found = fitted_calibration(counts.at_prevalence(0.1))
    assert (found.slope, found.offset) == pytest.approx((1, -math.log(9)), abs=0.03)


def test_calibration_finds_what_spoilt_the_probabilities():
    """Logits that were doubled and shifted by 1 come back; the error falls to nearly nothing."""
    random = default_rng(0)
    true = random.normal(-1, 2, 200_000)
    target = random.random(true.size) < 1 / (1 + np.exp(-true))
    counts = LogitCounts()
    counts.add((2 * true + 1).astype(np.float32), target)
    found = fitted_calibration(counts)
    assert (found.slope, found.offset) == pytest.approx((0.5, -0.5), abs=0.02)
    assert calibration_error(counts.reliability(found)) < 0.01 < calibration_error(counts.reliability(Calibration()))
    bins = counts.reliability(found)
    assert sum(item.pixels for item in bins) == true.size
    assert all(abs(item.predicted - item.observed) < 0.03 for item in bins)


def test_what_cannot_be_calibrated_is_left_alone():
    """No rock glacier, nothing else, or logits that say the opposite."""
    for target in ([False, False], [True, True], [True, False]):
        counts = LogitCounts()
        counts.add(np.array([-2.0, 2.0], np.float32), np.array(target))
        assert fitted_calibration(counts) is None
