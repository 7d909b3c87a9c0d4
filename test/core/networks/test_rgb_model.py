"""The shipped model for RGB: what it sees, and what it must not see."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks.cardmetadata import read_card
from rock_glacier_mapper.core.networks.network import Network
from rock_glacier_mapper.core.networks.receptivefield import measured_halo
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from scipy.ndimage import gaussian_filter

ROLES = ("B04", "B03", "B02")


@pytest.fixture(scope="module")
def network():
    return Network("rgb_10m", "cpu", Progress())


def test_the_card_states_a_halo_that_reaches_far_enough(network):
    """Tiles are exact only if no pixel beyond the halo counts; the card's is computed from the scales."""
    card = read_card(network.metadata)
    measured = measured_halo(network, 3, 2 * card.halo + 4 * card.stride, card.stride, Progress())
    assert card.halo / 2 < measured <= card.halo and card.halo % card.stride == 0


def test_a_gap_leaves_no_trace_in_an_even_picture(network):
    """The training mosaic was cut around landforms: a model that sees its edges would find them without the ground."""
    even = np.zeros((3, 192, 192), np.float32)
    # Around a picture are gaps, as the heatmap stage lays tiles.
    even[:, 48:144, 48:144] = 0.25
    gap = even.copy()
    gap[:, 80:110, :90] = 0
    whole, holed = network.run(even, Progress()), network.run(gap, Progress())
    valid = gap[0] != 0
    assert holed[0][valid] == pytest.approx(whole[0][valid], abs=1e-4)


def test_tiles_change_nothing(network, write_raster, tmp_path):
    """Trees jump at thresholds, so that any difference of a feature between tiles would show."""
    halo = read_card(network.metadata).halo
    noise = gaussian_filter(np.random.default_rng(1).normal(0, 1, (3, 104, 600)), (0, 2, 2))
    picture = np.clip(100 + 40 * noise / noise.std(), 1, 255)
    picture[:, 60:90, 150:220] = np.nan
    stack = write_raster("stack.tif", picture, ROLES, dtype="uint8", nodata=0.0)
    heatmaps = []
    for tile_size in (2 * halo + 128, 1024):
        output = str(tmp_path / f"{tile_size}.tif")
        heatmap.run(HeatmapOptions(stack, "rgb_10m", output, tile_size=tile_size, output_type="float32"), Progress())
        with Raster(output) as raster:
            heatmaps.append(raster.read()[0])
    assert heatmaps[0] == pytest.approx(heatmaps[1], abs=1e-5, nan_ok=True)
    assert np.isnan(heatmaps[0]).sum() == 30 * 70
