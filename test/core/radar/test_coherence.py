"""Coherence: the estimator's definition, its expected value on speckle, exact tiles, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.coherence import CoherenceOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.radar import coherence
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Raster

TILED = ("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16")


class Recorded(Progress):
    """Keeps what the stage says."""

    def __init__(self):
        self.messages = []
        self.warnings = []

    def report(self, fraction, message=""):
        self.messages.append(message)

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def estimate(tmp_path):
    """Return a function that runs the stage and returns its result."""

    def run(reference, secondary, progress=None, **options):
        settings = {"window_range": 3, "window_azimuth": 3, "output": str(tmp_path / "coherence.tif"), **options}
        return coherence.run(
            CoherenceOptions(reference=reference, secondary=secondary, **settings), progress or Progress()
        )

    return run


@pytest.fixture
def values_of(estimate, read_all):
    """Return a function that runs the stage and returns the coherence, shape (height, width)."""

    def run(*arguments, **options):
        return read_all(estimate(*arguments, **options).output)[0]

    return run


def speckle(true_coherence, shape, seed=0):
    """Return two images of circular Gaussian speckle; the second has a phase of its own and twice the amplitude."""
    random = np.random.default_rng(seed)
    first, other = random.normal(size=(2, *shape)) + 1j * random.normal(size=(2, *shape))
    second = true_coherence * first + math.sqrt(1 - true_coherence**2) * other
    return first, 2 * np.exp(1j) * second


def holed(shape, seed=0):
    """Return two images of low coherence with a fifth of their pixels missing, in different places."""
    images = speckle(0.5, shape, seed)
    random = np.random.default_rng(seed + 1)
    for image in images:
        image[random.random(shape) < 0.2] = 0
    return images


def by_definition(first, second, rows, columns, min_valid=0.5):
    """Return the coherence, window by window."""
    result = np.full(first.shape, np.nan)
    valid = (first != 0) & (second != 0)
    for row, column in np.argwhere(valid):
        window = np.s_[
            max(row - rows // 2, 0) : row + rows // 2 + 1, max(column - columns // 2, 0) : column + columns // 2 + 1
        ]
        counts = valid[window]
        if counts.sum() >= min_valid * rows * columns:
            a, b = first[window][counts], second[window][counts]
            powers = (abs(a) ** 2).sum() * (abs(b) ** 2).sum()
            result[row, column] = abs((a * b.conj()).sum()) / math.sqrt(powers)
    return result


def expected(true_coherence, looks):
    """Return the expected estimate of independent looks, from the series of the hypergeometric function 3F2.

    Touzi et al. (1999), IEEE Transactions on Geoscience and Remote Sensing 37(1), 135-149.
    """
    square = true_coherence**2
    series = term = 1.0
    for n in range(2000):
        term *= (1.5 + n) * (looks + n) ** 2 / ((looks + 0.5 + n) * (1 + n)) * square / (n + 1)
        series += term
    factor = math.exp(math.lgamma(looks) + math.lgamma(1.5) - math.lgamma(looks + 0.5))
    return factor * series * (1 - square) ** looks


def test_three_by_three_pixels_by_hand(values_of, write_complex):
    """Nine ones; of the secondary, one pixel points the other way: |9 - 2| / 9 in the middle, 5 / 6 above it."""
    first = np.ones((3, 3), complex)
    second = 2j * first
    second[2, 1] = -2j
    values = values_of(write_complex("a.tif", first), write_complex("b.tif", second))
    assert values[1, 1] == pytest.approx(7 / 9)
    assert values[0, 1] == pytest.approx(1)
    assert values[2, 1] == pytest.approx(4 / 6)
    assert np.isnan(values[0, 0])  # four of nine pixels are less than half


@pytest.mark.parametrize("size", [(3, 3), (1, 5), (7, 1), (15, 15)])
def test_the_estimate_equals_its_definition(values_of, write_complex, size):
    """Gaps, edges, and a window larger than the image."""
    first, second = holed((11, 13))
    paths = write_complex("a.tif", first), write_complex("b.tif", second)
    values = values_of(*paths, window_azimuth=size[0], window_range=size[1], min_valid=0.3)
    np.testing.assert_allclose(values, by_definition(first, second, *size, min_valid=0.3), atol=1e-6)


@pytest.mark.parametrize("true_coherence", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("looks", [2, 4])
def test_the_mean_on_speckle_is_the_expected_value(values_of, write_complex, true_coherence, looks):
    """Blocks that do not overlap are independent, so five standard errors bound the mean."""
    first, second = speckle(true_coherence, (400, 400))
    paths = write_complex("a.tif", first), write_complex("b.tif", second)
    values = values_of(*paths, window_range=1, window_azimuth=1, looks_range=looks, looks_azimuth=looks)
    bound = 5 * values.std() / math.sqrt(values.size)
    assert values.mean(dtype=float) == pytest.approx(expected(true_coherence, looks * looks), abs=bound)
    assert bound < 0.01


def test_one_look_has_coherence_one_and_more_have_the_bias_of_the_theory(estimate, write_complex):
    """The figure that the stage tells is the expected value of the theory where there is no coherence."""
    assert coherence.mean_without_coherence(1) == pytest.approx(1)
    assert coherence.mean_without_coherence(45) == pytest.approx(expected(0, 45))
    image = write_complex("a.tif", np.ones((8, 8), complex))
    progress = Recorded()
    result = estimate(image, image, progress, looks_range=2, looks_azimuth=1)
    assert result.looks == 18
    assert result.bias == pytest.approx(expected(0, 18))
    assert f"from 18 pixels. Were they independent, the mean estimate would be {expected(0, 18):.3f}" in str(
        progress.messages
    )


@pytest.mark.parametrize("options", [(), TILED], ids=["rows", "blocks"])
@pytest.mark.parametrize("looks", [(1, 1), (3, 2)])
def test_tiles_leave_no_trace(values_of, write_complex, monkeypatch, options, looks):
    """To the last bit, in whatever pieces output and images are worked on, with a bright point among them."""
    first, second = holed((70, 83))
    first[20, 30] = 1e9
    paths = write_complex("a.tif", first, options=options), write_complex("b.tif", second, options=options)
    settings = {"window_azimuth": 5, "window_range": 7, "looks_azimuth": looks[0], "looks_range": looks[1]}
    whole = values_of(*paths, **settings)
    for name, number in (("_TILE_SIZE", 16), ("_OUTPUT_PIXELS", 300), ("_IMAGE_PIXELS", 200)):
        monkeypatch.setattr(coherence, name, number)
    np.testing.assert_array_equal(values_of(*paths, **settings), whole)


def test_removing_a_ramp_restores_the_coherence(values_of, write_complex, write_raster):
    """The phase is that of the reference times the conjugate of the secondary; the other sign would double it."""
    first, second = speckle(0.8, (30, 30))
    rows, columns = np.mgrid[:30, :30]
    ramp = (0.9 * columns - 0.7 * rows).astype(np.float32)
    paths = write_complex("a.tif", first * np.exp(1j * ramp.astype(float))), write_complex("b.tif", second)
    flat = values_of(write_complex("flat.tif", first), paths[1])
    removed = values_of(*paths, phase=write_raster("phase.tif", ramp[None], ["phase"]))
    np.testing.assert_allclose(removed, flat, atol=1e-7)
    assert np.nanmean(values_of(*paths)) < 0.6 < np.nanmean(flat)


def test_pixels_without_a_phase_do_not_count(values_of, write_complex, write_raster):
    """A gap in the DEM is a gap in the phase."""
    phase = np.zeros((1, 3, 3))
    phase[0, 1, 1] = np.nan
    image = write_complex("a.tif", np.ones((3, 3), complex))
    values = values_of(image, image, phase=write_raster("phase.tif", phase, ["phase"]))
    assert np.isnan(values[1, 1])
    assert values[0, 1] == 1


def test_looks_make_the_grid_coarser_from_the_same_corner(estimate, write_complex):
    """Seven columns hold two blocks of three; the last column is left out."""
    image = write_complex("a.tif", np.ones((5, 7), complex))
    with Raster(estimate(image, image, looks_range=3, looks_azimuth=2, min_valid=0).output) as raster:
        assert (raster.grid.width, raster.grid.height) == (2, 2)
        assert raster.grid.geotransform == (5e5, 30, 0, 7e6, 0, -20)
        assert raster.roles == ("coherence",)
        assert raster.provenance[-1]["looks"] == 54
    with pytest.raises(InvalidOptionError, match="give less"):
        estimate(image, image, looks_range=8)


def test_the_share_of_valid_pixels_decides(values_of, write_complex):
    """Five of nine pixels: a coherence where half is asked for, none where two thirds are; none where the centre is."""
    values = np.ones((3, 3), complex)
    values[0, :] = values[1, 0] = 0
    image = write_complex("a.tif", values)
    assert values_of(image, image)[1, 1] == 1
    assert np.isnan(values_of(image, image, min_valid=0.66)[1, 1])
    assert np.isnan(values_of(image, image, min_valid=0)[0, 1])


@pytest.mark.parametrize(("kind", "step"), [("byte", 0.004), ("uint16", 0.0001)])
def test_small_types_are_scaled(estimate, write_complex, read_all, kind, step):
    """QGIS shows 0..1 with either."""
    first, second = holed((9, 9))
    paths = write_complex("a.tif", first), write_complex("b.tif", second)
    exact = read_all(estimate(*paths).output)
    stored = read_all(estimate(*paths, output_type=kind).output)
    np.testing.assert_allclose(stored, exact, atol=step / 2 + 1e-6)


def test_dates_of_the_names_are_kept(estimate, write_complex):
    """The statistics select by them."""
    image = np.ones((3, 3), complex)
    later = write_complex("t042_iw1_20220814_VV.tif", image)
    earlier = write_complex("t042_iw1_20220802_VV.tif", image)
    with Raster(estimate(later, earlier).output) as raster:
        assert raster.metadata["ACQUISITION_DATES"] == "20220802-20220814"


def test_radar_geometry_is_allowed_with_a_warning(estimate, write_complex):
    """Most processors write single-look images without a reference system."""
    image = write_complex("a.tif", np.ones((3, 3), complex), crs="")
    progress = Recorded()
    with Raster(estimate(image, image, progress).output) as raster:
        assert raster.grid.crs == ""
    assert "radar geometry" in progress.warnings[0]


def test_images_that_do_not_fit_are_refused(estimate, write_complex, write_raster, tmp_path):
    """Each with what is to be done, and without an output."""
    image = write_complex("a.tif", np.ones((3, 3), complex))
    larger = write_complex("larger.tif", np.ones((3, 4), complex))
    shifted = write_complex("shifted.tif", np.ones((3, 3), complex), west=5e5 + 10)
    real = write_complex("real.tif", np.ones((3, 3)), gdal.GDT_Float32)
    with pytest.raises(InvalidGridError, match=r"3 x 3 pixels, but .*larger.tif has 4 x 3; coregister"):
        estimate(image, larger)
    with pytest.raises(InvalidGridError, match=r"shifted.tif lies on another grid"):
        estimate(image, shifted)
    with pytest.raises(InvalidRasterError, match="real numbers"):
        estimate(image, real)
    with pytest.raises(InvalidGridError, match=r"The phase .* lies on another grid"):
        estimate(image, image, phase=write_raster("phase.tif", np.zeros((1, 3, 4)), ["phase"]))
    with pytest.raises(InvalidRasterError, match="2 bands, but one with the phase"):
        estimate(image, image, phase=write_raster("two.tif", np.zeros((2, 3, 3)), ["a", "b"]))
    with pytest.raises(InvalidOptionError, match="`window_azimuth` must be odd"):
        estimate(image, image, window_azimuth=4)
    with pytest.raises(OutputError, match="is also an input"):
        estimate(image, image, output=image)
    assert not (tmp_path / "coherence.tif").exists()


def test_a_cancelled_run_leaves_nothing(estimate, write_complex, tmp_path):
    """Neither the output nor a temporary file."""

    class Cancelling(Progress):
        def cancelled(self):
            return True

    image = write_complex("a.tif", np.ones((3, 3), complex))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        estimate(image, image, Cancelling())
    assert sorted(tmp_path.iterdir()) == before
