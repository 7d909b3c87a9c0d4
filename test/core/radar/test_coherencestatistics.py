"""Statistics of many coherence rasters: which pairs count, in which unit, on which grid."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.coherencestatistics import CoherenceStatisticsOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.radar import coherencestatistics
from rock_glacier_mapper.core.radar.coherencestatistics import roles
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rasters.raster import Raster

SUMMER = "S1AA_20180806T070700_20180818T070658_VVP012_INT40_G_ueF_74C2_corr.tif"
AUTUMN = "S1AA_20181005T070700_20181017T070658_VVP012_INT40_G_ueF_8D11_corr.tif"
LONG = "S1AA_20180806T070700_20180911T070658_VVP036_INT40_G_ueF_1A0B_corr.tif"


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
def statistics(tmp_path, read_all):
    """Return a function that runs the stage and returns the values of its bands."""

    def run(*inputs, progress=None, **options):
        output = str(tmp_path / "statistics.tif")
        stage_options = CoherenceStatisticsOptions(inputs=inputs, **{"output": output, **options})
        result = coherencestatistics.run(stage_options, progress or Progress())
        return read_all(result.output)

    return run


@pytest.fixture
def constant(write_raster):
    """Return a function that writes a raster of 3 x 3 equal values."""

    def write(name, value, **band):
        return write_raster(name, np.full((1, 3, 3), value), ["band_1"], **band)

    return write


def test_three_pairs_by_hand(statistics, write_raster, tmp_path):
    """The middle pixel has two values, the last one none."""
    layers = np.array([[[0.2, 0.9, np.nan]], [[0.4, np.nan, np.nan]], [[0.9, 0.5, np.nan]]])
    paths = [write_raster(f"{number}.tif", layer[None], [""]) for number, layer in enumerate(layers)]
    values = statistics(*paths, statistic=("mean", "median", "minimum", "std"), count=True)
    expected = [
        [0.5, 0.7, np.nan],
        [0.4, 0.7, np.nan],
        [0.2, 0.5, np.nan],
        [np.std([0.2, 0.4, 0.9]), 0.2, np.nan],
        [3, 2, 0],
    ]
    np.testing.assert_allclose(values[:, 0], expected, atol=1e-6)
    with Raster(str(tmp_path / "statistics.tif")) as raster:
        assert raster.roles == (
            "coherence",
            "coherence_median",
            "coherence_minimum",
            "coherence_std",
            "coherence_count",
        )
    np.testing.assert_allclose(statistics(*paths, min_count=3)[0], [[0.5, np.nan, np.nan]], atol=1e-6)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (("std", "median"), ["coherence_std", "coherence"]),
        (("minimum",), ["coherence"]),
        (("std",), ["coherence_std"]),
        (("median", "mean"), ["coherence_median", "coherence"]),
    ],
)
def test_the_role_that_models_use_is_a_central_value(asked, given):
    """A standard deviation must never pass for a coherence."""
    assert roles(asked) == given


def test_pairs_are_selected_by_baseline(statistics, constant, tmp_path):
    """12 days, 12 days in autumn, 36 days."""
    paths = [constant(SUMMER, 0.8), constant(AUTUMN, 0.6), constant(LONG, 0.2)]
    assert statistics(*paths, max_days=12)[0, 0, 0] == pytest.approx(0.7)
    assert statistics(*paths, min_days=13)[0, 0, 0] == pytest.approx(0.2)
    assert statistics(*paths, max_days=12, season_start=152, season_end=243)[0, 0, 0] == pytest.approx(0.8)
    with Raster(str(tmp_path / "statistics.tif")) as raster:
        assert raster.provenance[-1]["dates"] == ["20180806-20180818"]


def test_bands_that_name_dates_are_pairs(statistics, write_raster):
    """As in the stacks of PyRate's test data; another band beside them is none."""
    values = np.stack([np.full((3, 3), value) for value in (0.3, 0.5, 0.9)])
    path = write_raster("stack.tif", values, ["20180106-20180130", "20180106-20180118", "amplitude"])
    assert statistics(path, statistic=("mean",))[0, 0, 0] == pytest.approx(0.4)
    assert statistics(path, max_days=12)[0, 0, 0] == pytest.approx(0.5)


def test_the_band_described_as_coherence_is_taken(statistics, write_raster):
    """Beside an amplitude; where neither is described, the user must say which is meant."""
    values = np.stack([np.full((3, 3), value) for value in (77, 0.5)])
    assert statistics(write_raster("a.tif", values, ["amplitude", "coherence"]))[0, 0, 0] == 0.5
    with pytest.raises(InvalidRasterError, match=r"2 bands \(band_1, band_2\).*gdal_translate -b 2"):
        statistics(write_raster("topophase.cor.tif", values, ["", ""]))


@pytest.mark.parametrize(
    ("value", "largest", "band", "expected"),
    [
        (0.5, 1.0, {}, 0.5),
        (51, 255, {"dtype": "uint8", "nodata": 0.0}, 0.2),
        (51, 100, {}, 0.51),
        (51, 250, {}, 0.2),
        (0.5, 1.0, {"dtype": "uint8", "nodata": 255.0, "scale": 0.004}, 0.5),
    ],
    ids=["fraction", "byte", "percent", "float byte", "scaled byte"],
)
def test_units_are_told_apart_by_the_largest_value(statistics, write_raster, value, largest, band, expected):
    """Stored numbers of one type mean different things; a declared scale counts."""
    values = np.full((1, 3, 3), value, float)
    values[0, 0, 0] = largest
    progress = Recorded()
    assert statistics(write_raster("a.tif", values, [""], **band), progress=progress)[0, 1, 1] == pytest.approx(
        expected
    )
    assert len(progress.warnings) == (1 if largest == 100 else 0)


def test_a_dark_byte_raster_is_judged_with_the_others(statistics, constant):
    """A winter pair of 0..255 without high coherence, beside a summer pair; alone it is doubtful, and said to be."""
    band = {"dtype": "uint8", "nodata": 0.0}
    dark, bright = constant("dark.tif", 51, **band), constant("bright.tif", 204, **band)
    assert statistics(dark, bright)[0, 0, 0] == pytest.approx(0.5)
    progress = Recorded()
    assert statistics(dark, progress=progress)[0, 0, 0] == pytest.approx(0.51)
    assert "set the unit to byte" in progress.warnings[0]
    assert statistics(dark, unit="byte")[0, 0, 0] == pytest.approx(0.2)


def test_mixed_units_are_each_brought_to_one_with_a_warning(statistics, constant):
    """Two processors in one list."""
    progress = Recorded()
    paths = [constant("hyp3.tif", 0.6), constant("licsar.tif", 204, dtype="uint8", nodata=0.0)]
    assert statistics(*paths, progress=progress)[0, 0, 0] == pytest.approx(0.7)
    assert "different units (1 in 0..1, 1 in 0..255)" in progress.warnings[0]


@pytest.mark.parametrize("value", [-0.3, 3000.0])
def test_values_that_are_no_coherence_are_refused(statistics, constant, tmp_path, value):
    """Phases are negative, amplitudes are large."""
    with pytest.raises(InvalidRasterError, match=r"coherence is 0\.\.1, 0\.\.100 percent or 0\.\.255"):
        statistics(constant("a.tif", value))
    assert not (tmp_path / "statistics.tif").exists()


def test_what_resampling_overshoots_is_cut_off(statistics, write_raster):
    """Cubic functions leave 1.07 beside 1, and -0.06 beside 0; that is no percent."""
    values = np.array([[[1.07, -0.06, 0.5]]])
    found = statistics(write_raster("a.tif", values, [""]))
    np.testing.assert_allclose(found[0], [[1, 0, 0.5]], atol=1e-6)


def test_rows_that_run_northwards(statistics, write_raster, make_grid, utm):
    """Two rasters of the same ground, one of them stored from south to north, are averaged pixel by pixel."""
    field = np.linspace(0.1, 0.5, 12).reshape(1, 4, 3)
    down = write_raster("down.tif", field, [""])
    turned = Grid(3, 4, (500000.0, 10.0, 0.0, 7000000.0 - 40.0, 0.0, 10.0), utm)
    up = write_raster("up.tif", field[:, ::-1], [""], grid=turned)
    for inputs in ((down, up), (up, down)):
        np.testing.assert_allclose(statistics(*inputs)[0], field[0], atol=1e-6)


def test_a_first_input_that_lies_rotated_is_refused(statistics, write_raster, utm):
    """The others would be brought onto another grid than its own."""
    turned = Grid(3, 3, (500000.0, 8.0, 6.0, 7000000.0, 6.0, -8.0), utm)
    with pytest.raises(InvalidGridError, match="lie rotated"):
        statistics(write_raster("a.tif", np.full((1, 3, 3), 0.5), [""], grid=turned))


def test_pairs_that_lie_elsewhere_do_not_count(statistics, constant, write_raster, utm):
    """A raster of another place adds nothing, and the number of pairs must not say that it did."""
    far = write_raster("b.tif", np.full((1, 3, 3), 0.1), [""], grid=Grid(3, 3, (600000.0, 10, 0, 7e6, 0, -10), utm))
    progress = Recorded()
    assert statistics(constant("a.tif", 0.5), far, progress=progress, count=True)[:, 0, 0] == pytest.approx([0.5, 1])
    assert any("1 of 2 pairs do not lie on the grid" in warning for warning in progress.warnings)


def test_a_value_beyond_the_stated_unit_is_refused(statistics, constant):
    """Rather than cut to 1."""
    with pytest.raises(InvalidRasterError, match=r"values up to 51, but its unit ends at 1\.5; .* to percent"):
        statistics(constant("a.tif", 51.0), unit="fraction")


def test_zero_is_missing_where_nothing_else_is_declared(statistics, write_raster):
    """Processors write zeros outside of the image."""
    values = np.array([[[0.0, 0.5]]])
    assert np.isnan(statistics(write_raster("a.tif", values, [""], nodata=None))[0, 0, 0])
    assert statistics(write_raster("b.tif", values, [""], nodata=-9999.0))[0, 0, 0] == 0


def test_inputs_on_another_grid_come_onto_the_first_ones(statistics, write_raster, make_grid, utm):
    """One pixel further east, read as it is; pixels of half the size, averaged."""
    first = write_raster("a.tif", np.full((1, 2, 3), 0.2), [""])
    shifted = Grid(3, 2, (500010.0, 10, 0, 7e6, 0, -10), utm)
    east = write_raster("b.tif", np.array([[[0.4, 0.6, 0.9]] * 2]), [""], grid=shifted)
    np.testing.assert_allclose(statistics(first, east)[0], [[0.2, 0.3, 0.4]] * 2, atol=1e-6)
    fine = write_raster("c.tif", np.tile([0.5, 0.7], (1, 4, 3)), [""], grid=make_grid(6, 4, size=5.0))
    np.testing.assert_allclose(statistics(first, fine)[0], np.full((2, 3), 0.4), atol=1e-6)


def test_windows_leave_no_trace(statistics, write_raster, monkeypatch):
    """In one piece and in small ones, whichever way the files are stored."""
    random = np.random.default_rng(0)
    values = random.random((7, 40, 50))
    values[random.random(values.shape) < 0.3] = np.nan
    tiled = [write_raster(f"{number}.tif", layer[None], [""]) for number, layer in enumerate(values)]
    rows = [path.replace(".tif", "_rows.tif") for path in tiled]
    for source, target in zip(tiled, rows, strict=True):
        gdal.Translate(target, source, creationOptions=["TILED=NO"])
    settings = {"statistic": ("mean", "median", "std"), "count": True}
    whole = statistics(*tiled, **settings)
    np.testing.assert_allclose(whole[1], np.nanmedian(values, axis=0), atol=1e-6)
    monkeypatch.setattr(coherencestatistics, "_BUDGET", 1000)
    np.testing.assert_array_equal(statistics(*tiled, **settings), whole)
    np.testing.assert_array_equal(statistics(*rows, **settings), whole)


def test_no_dates_and_no_pairs_are_said(statistics, constant):
    """Both only where a selection is asked for."""
    with pytest.raises(InvalidRasterError, match=r"No two dates are found for .*filt_fine\.cor\.tif"):
        statistics(constant("filt_fine.cor.tif", 0.5), max_days=12)
    paths = [constant(SUMMER, 0.8), constant(LONG, 0.2)]
    with pytest.raises(
        InvalidOptionError, match="None of the 2 pairs is left: their temporal baselines are 12, 36 days"
    ):
        statistics(*paths, max_days=6)
    with pytest.raises(InvalidOptionError, match="give them in order"):
        statistics(*paths, min_days=13, max_days=12)


def test_inputs_that_cannot_be_brought_together_are_refused(statistics, write_raster, write_complex, make_grid):
    """Without reference system only equal grids fit."""
    placed = write_raster("a.tif", np.full((1, 3, 3), 0.5), [""])
    radar = write_raster("b.tif", np.full((1, 3, 3), 0.5), [""], grid=make_grid(3, 3, crs=""))
    other = write_raster("c.tif", np.full((1, 4, 3), 0.5), [""], grid=make_grid(3, 4, crs=""))
    assert statistics(radar, radar)[0, 0, 0] == 0.5
    with pytest.raises(InvalidCRSError, match="no reference system"):
        statistics(placed, radar)
    with pytest.raises(InvalidGridError, match="geocode them first"):
        statistics(radar, other)
    with pytest.raises(InvalidRasterError, match="complex numbers"):
        statistics(write_complex("slc.tif", np.ones((3, 3), complex)))
    with pytest.raises(OutputError, match="is also an input"):
        statistics(placed, output=placed)


def test_a_count_that_does_not_fit_its_type_is_refused(statistics, write_raster):
    """255 is nodata, so that a byte counts to 254."""
    values = np.full((255, 1, 1), 0.5)
    days = np.datetime64("2018-01-01") + np.arange(256)
    names = [f"{a}-{b}".replace("-", "") for a, b in zip(days[:-1].astype(str), days[1:].astype(str), strict=True)]
    names = [f"{name[:8]}-{name[8:]}" for name in names]
    path = write_raster("stack.tif", values, names)
    with pytest.raises(InvalidOptionError, match="counts to 254"):
        statistics(path, count=True, output_type="byte")
    assert statistics(path, count=True, output_type="uint16")[1, 0, 0] == 255


def test_a_cancelled_run_leaves_nothing(statistics, constant, tmp_path):
    """Neither the output nor a temporary file."""

    class Cancelling(Progress):
        def cancelled(self):
            return True

    path = constant("a.tif", 0.5)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        statistics(path, progress=Cancelling())
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.filterwarnings("ignore:(Mean of empty|All-NaN) slice")
def test_the_stack_of_thirty_real_pairs(statistics, shared_data):
    """GAMMA's coherence of Mexico City: the statistics are numpy's, the selection goes by the bands' descriptions."""
    path = str(shared_data / "s1_samples" / "mexico_city_s1_coherence_30pairs_2018.tif")
    with Raster(path) as raster:
        known, names = raster.read(), raster.roles
    values = statistics(path, statistic=("mean", "median"), count=True)
    np.testing.assert_allclose(values[0], np.nanmean(known, axis=0), atol=1e-6)
    np.testing.assert_allclose(values[1], np.nanmedian(known, axis=0), atol=1e-6)
    np.testing.assert_array_equal(values[2], np.isfinite(known).sum(axis=0))
    days = [(np.datetime64(_iso(name[9:])) - np.datetime64(_iso(name[:8]))).astype(int) for name in names]
    chosen = np.array(days) <= 12
    assert 0 < chosen.sum() < 30
    np.testing.assert_allclose(statistics(path, max_days=12)[0], np.nanmean(known[chosen], axis=0), atol=1e-6)


def _iso(date):
    return f"{date[:4]}-{date[4:6]}-{date[6:]}"
