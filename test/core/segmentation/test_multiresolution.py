"""Segmentation by tiles: equal to the segmentation without, in every pixel."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import Cancelled, InvalidRasterError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.segmentation import multiresolution
from rock_glacier_mapper.core.segmentation.heterogeneity import Criterion
from rock_glacier_mapper.core.segmentation.image import Image
from rock_glacier_mapper.core.segmentation.multiresolution import (
    InMemory,
    Tiling,
    merged,
    reads_by_columns,
    segmented,
)
from rock_glacier_mapper.core.segmentation.references import ReferencesInMemory
from scipy import ndimage

CRITERION = Criterion((0.6, 0.4), shape=0.2, compactness=0.5)


def noise(height, width, smooth=1.5, seed=2):
    values = np.random.default_rng(seed).normal(size=(2, height, width))
    values = ndimage.gaussian_filter(values, (0, smooth, smooth))
    return ((values - values.min()) / np.ptp(values) * 255).astype(np.float32)


def bowl(height, width):
    row, column = np.mgrid[:height, :width]
    distance = np.hypot(row - height / 2, column - width / 2).astype(np.float32)
    return np.stack((distance, distance**2 / 100))


def all_valid(bands):
    return Image(bands, np.ones(bands.shape[1:], bool))


def half_valid(bands):
    """Leave out a half with a ragged edge, and holes."""
    valid = noise(*bands.shape[1:], smooth=4, seed=9)[0] > 120
    return Image(np.where(valid, bands, 0), valid)


def in_parents(bands):
    row, column = np.indices(bands.shape[1:])
    return replace(all_valid(bands), parent=(row // 13 * 7 + column // 17).astype(np.uint32))


IMAGES = {
    "float": all_valid(noise(60, 75)),
    "square": all_valid(noise(64, 64)),
    "high": all_valid(noise(80, 55)),
    "6 grey levels": all_valid(np.floor(noise(64, 70) / 43) * 51),
    "2 grey levels": all_valid(np.floor(noise(64, 64) / 128) * 90),
    "half nodata": half_valid(noise(64, 75)),
    "constant": all_valid(np.full((2, 40, 50), 7, np.float32)),
    "bowl": all_valid(bowl(61, 61)),
    "thin": all_valid(noise(5, 300)),
    "parents": in_parents(noise(60, 75)),
}


def tiled(image, size, scale=14.0, threads=1, criterion=CRITERION):
    references = np.zeros(image.valid.shape, np.uint32)
    number = merged(
        InMemory(image), criterion, scale, Tiling(size, threads), ReferencesInMemory(references), Progress()
    )
    return number.take(references)


@pytest.fixture
def halos(monkeypatch):
    """Start with a halo of 4 pixels, so that it is often too narrow; return the halos that were tried."""
    tried = []
    whole = multiresolution.merged_tile

    def recorded(image, frame, core, *rest):
        piece = whole(image, frame, core, *rest)
        tried.append((frame.window.width - core.width, piece is not None))
        return piece

    monkeypatch.setattr(multiresolution, "HALO", 4)
    monkeypatch.setattr(multiresolution, "merged_tile", recorded)
    return tried


@pytest.mark.parametrize("size", [16, 37])
@pytest.mark.parametrize("name", IMAGES)
def test_tiles_change_no_pixel(name, size, halos):
    """Ties and carried statistics included; integers were wrong in most pixels where these were left out."""
    image = IMAGES[name]
    labels = segmented(image, CRITERION, 14.0, Progress())
    np.testing.assert_array_equal(tiled(image, size), labels)
    assert len(halos) > 1
    assert labels.max() > (0 if name == "constant" else 3)


def test_usual_halo_and_larger_raster():
    """The halo that is tried first elsewhere, on a raster of several hundred objects."""
    image = all_valid(noise(200, 230, smooth=2))
    labels = segmented(image, CRITERION, 14.0, Progress())
    np.testing.assert_array_equal(tiled(image, 100), labels)
    assert labels.max() > 100


def chain(length=200):
    """Return a line of pixels of which each is nearer to the next than to the one before.

    Only at the far end is a pixel the best of its best neighbour, so that what happens anywhere depends on all that
    lies beyond.
    """
    values = np.cumsum(np.linspace(3, 1, length)).astype(np.float32)
    bands = np.zeros((2, 3, length), np.float32)
    bands[:, 1] = values
    valid = np.zeros((3, length), bool)
    valid[1] = True
    return Image(bands, valid)


def test_halo_grows_until_it_is_certain(halos):
    """Along a chain, merging comes from far away; a tile is done again until its halo is wide enough."""
    image = chain()
    np.testing.assert_array_equal(tiled(image, 50), segmented(image, CRITERION, 14.0, Progress()))
    assert (8, False) in halos
    assert max(width for width, _ in halos) > 8
    assert sum(certain for _, certain in halos) == 4 + 1


def test_a_guessed_halo_would_be_wrong(halos, monkeypatch):
    """Were the tiles taken as they are with a narrow halo, tiles would disagree: the certificate is needed."""
    monkeypatch.setattr("rock_glacier_mapper.core.segmentation.image._UNKNOWN_LINES", 0)
    monkeypatch.setattr(multiresolution, "HALO", 1)
    image = IMAGES["float"]
    try:
        labels = tiled(image, 16)
    except RuntimeError as error:
        assert "disagree" in str(error)
    else:
        assert not np.array_equal(labels, segmented(image, CRITERION, 14.0, Progress()))


def test_true_edges_and_nodata_need_no_halo(halos):
    """Where a raster ends, or nodata parts it along the tiles' borders, nothing is uncertain."""
    valid = np.ones((40, 40), bool)
    valid[17:23] = valid[:, 17:23] = False
    tiled(Image(noise(40, 40), valid), 20)
    tiled(Image(noise(40, 40), valid), 40)
    assert len(halos) == 4 + 1
    assert all(certain for _, certain in halos)


def test_threads_change_no_pixel():
    """Several tiles at once give the result of one after the other."""
    image = IMAGES["6 grey levels"]
    np.testing.assert_array_equal(tiled(image, 20, threads=3), tiled(image, 20))


def test_transposition_with_tiles():
    """The transposed raster gives the transposed objects, though tiles lie elsewhere in it."""
    for name in ("square", "6 grey levels", "2 grey levels"):
        image = IMAGES[name]
        there, back = tiled(image, 37), tiled(image.transposed, 41).T
        pairs = np.unique(np.stack((there.ravel(), back.ravel())), axis=1)
        assert pairs.shape[1] == there.max() == back.max()


def test_comparison_with_the_transpose_does_not_need_all(monkeypatch):
    """Two images that are each other's transpose are worked on the same way round, also where they differ late."""
    monkeypatch.setattr(multiresolution, "_BLOCK", 8)
    bands = np.zeros((2, 20, 20), np.float32)
    bands[1, 3, 17] = 1
    image = all_valid(bands)
    assert reads_by_columns(InMemory(image)) != reads_by_columns(InMemory(image.transposed))
    assert not reads_by_columns(InMemory(all_valid(bands * 0)))


def test_sides_over_32767_pixels():
    """A line of steps, beyond what 16 bits count."""
    steps = np.repeat(np.arange(8) % 2 * 100.0, 5000).astype(np.float32)
    image = all_valid(np.tile(steps, (2, 6, 1)))
    labels = tiled(image, 8000, scale=200.0, criterion=Criterion((0.5, 0.5), 0.0, 0.5))
    np.testing.assert_array_equal(labels, np.tile(np.repeat(np.arange(1, 9), 5000), (6, 1)))


def test_thirty_bands():
    """The number of bands is not limited."""
    image = all_valid(np.concatenate([noise(40, 50, seed=seed) for seed in range(15)]))
    criterion = Criterion((1 / 30,) * 30, 0.1, 0.5)
    labels = segmented(image, criterion, 14.0, Progress())
    np.testing.assert_array_equal(tiled(image, 20, criterion=criterion), labels)
    assert labels.max() > 3


def test_tiles_cover_the_raster_once():
    """Their sides differ by a pixel at most, and none is larger than asked for."""
    counts = np.zeros((70, 101), int)
    for tile in Tiling(30).cores(101, 70):
        counts[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] += 1
        assert 23 <= tile.width <= 30
        assert 23 <= tile.height <= 30
    assert (counts == 1).all()
    assert Tiling().cores(5, 4) == [Window(0, 0, 5, 4)]


def first_level(image):
    return replace(image, children=segmented(image, CRITERION, 6.0, Progress()))


def test_a_level_upon_another_is_nested_and_complete():
    """Each smaller object is part of one larger one, and no cheap merge is left between these."""
    image = first_level(IMAGES["half nodata"])
    labels = segmented(image, CRITERION, 14.0, Progress())
    pairs = np.unique(np.stack((image.children.ravel(), labels.ravel())), axis=1)
    assert pairs.shape[1] == image.children.max() + 1
    assert 1 < labels.max() < image.children.max()
    np.testing.assert_array_equal(labels > 0, image.valid)
    again = segmented(replace(image, children=labels), CRITERION, 14.0, Progress())
    np.testing.assert_array_equal(again, labels)


def test_pixels_as_objects_give_what_pixels_give():
    """A level upon single pixels is a segmentation from pixels, blocks or not."""
    image = IMAGES["6 grey levels"]
    pixels = np.arange(1, image.valid.size + 1, dtype=np.uint32).reshape(image.valid.shape)
    labels = segmented(replace(image, children=pixels), CRITERION, 14.0, Progress())
    expected = segmented(image, CRITERION, 14.0, Progress())
    # Sums in float64 and in float32 break some ties differently.
    assert abs(int(labels.max()) - int(expected.max())) < 0.1 * expected.max()


def test_objects_across_blocks_are_measured_whole(monkeypatch):
    """Blocks of a few pixels give the level that one block gives, and labels need not be consecutive."""
    image = first_level(IMAGES["float"])
    expected = segmented(image, CRITERION, 14.0, Progress())
    monkeypatch.setattr(multiresolution, "BLOCK", 23)
    sparse = replace(image, children=image.children * np.uint32(400_001))
    np.testing.assert_array_equal(segmented(sparse, CRITERION, 14.0, Progress()), expected)


def test_levels_transpose():
    """Objects of a high raster are numbered in the order of their first pixels, as those of a wide one."""
    image = first_level(IMAGES["high"])
    labels = segmented(image, CRITERION, 14.0, Progress())
    present, first = np.unique(labels, return_index=True)
    assert (np.diff(first) > 0).all()
    assert present[0] == 1


def test_parents_and_children_together():
    """Objects stay within parents and are made of children, if these lie within parents."""
    image = first_level(IMAGES["parents"])
    labels = segmented(image, CRITERION, 30.0, Progress())
    for layer in (image.children, labels):
        assert np.unique(np.stack((layer.ravel(), image.parent.ravel())), axis=1).shape[1] == layer.max()
    crossing = replace(image, children=np.ones_like(image.children))
    with pytest.raises(InvalidRasterError, match=r"such as object 1 in 0 and \d+"):
        segmented(crossing, CRITERION, 30.0, Progress())


class StopAfter(Progress):
    """Cancelled after being asked a number of times."""

    def __init__(self, questions):
        self.left = questions

    def cancelled(self):
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("questions", [0, 2])
def test_cancel_among_tiles(threads, questions):
    """A cancel is heard between tiles and within one, and leaves no thread behind."""
    references = np.zeros((64, 64), np.uint32)
    image = InMemory(IMAGES["square"])
    before = set(threading.enumerate())
    with pytest.raises(Cancelled):
        merged(image, CRITERION, 14.0, Tiling(20, threads), ReferencesInMemory(references), StopAfter(questions))
    assert set(threading.enumerate()) <= before


def test_fault_in_a_thread_is_its_own_message():
    """What is raised where a tile is read is raised here."""

    class Damaged(InMemory):
        def read(self, window):
            raise InvalidRasterError("damaged")

    references = ReferencesInMemory(np.zeros((60, 75), np.uint32))
    with pytest.raises(InvalidRasterError, match="damaged"):
        merged(Damaged(IMAGES["float"]), CRITERION, 14.0, Tiling(20, 2), references, Progress())
