"""The stage: bands and units, any grid, degrees as metres, voids and edges, no trace of tiles, GDAL's answers."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.terrain import ATTRIBUTES, TerrainOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidCRSError, InvalidOptionError, InvalidRasterError
from rock_glacier_mapper.core.options import from_json
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal, osr
from rock_glacier_mapper.core.rasters.raster import Grid, Raster
from rock_glacier_mapper.core.terrain import demgrid, terrain
from rock_glacier_mapper.core.version import PACKAGE_FOLDER

ROLES = [name for name in ATTRIBUTES if name not in ("tpi", "relief")]


@pytest.fixture
def derive(tmp_path):
    """Return a function that runs the stage and returns its bands by role; smoothing is off unless asked for."""

    def run(dem: str, progress: Progress | None = None, **options: object) -> dict[str, np.ndarray]:
        settings = {"attributes": ATTRIBUTES, "radius": ("50",), "smoothing": 0.0, **options}
        output = str(tmp_path / "terrain.tif")
        terrain.run(TerrainOptions(dem=dem, output=output, **settings), progress or Progress())
        with Raster(output) as raster:
            return dict(zip(raster.roles, raster.read(), strict=True))

    return run


@pytest.fixture
def write_dem(write_raster):
    """Return a function that writes a DEM."""

    def write(z: np.ndarray, grid: Grid | None = None, name: str = "dem.tif", **band: object) -> str:
        return write_raster(name, np.asarray(z)[None], ["elevation"], grid=grid, **band)

    return write


def hills(height: int, width: int) -> np.ndarray:
    """Return smooth hills with some roughness."""
    rows, columns = np.mgrid[:height, :width]
    roughness = np.random.default_rng(3).normal(size=(height, width))
    return (3000 + 60 * np.sin(columns / 9) * np.cos(rows / 7) + 2 * columns - rows + roughness).astype(np.float32)


def crs(definition: str | int) -> str:
    reference = osr.SpatialReference()
    reference.SetFromUserInput(f"EPSG:{definition}" if isinstance(definition, int) else definition)
    return str(reference.ExportToWkt())


def test_bands_are_named_as_stacks_name_them_and_say_their_unit(derive, write_dem, tmp_path):
    """In the order asked for; tpi and relief once a radius; names given twice count once."""
    derive(
        write_dem(hills(20, 20)),
        attributes=("slope", "tpi", "relief", "aspect_sin", "tpi"),
        radius=("50", "70.5", "50.0"),
    )
    with Raster(str(tmp_path / "terrain.tif")) as raster:
        assert raster.roles == ("slope", "tpi_50", "tpi_70.5", "relief_50", "relief_70.5", "aspect_sin")
        assert [band.unit for band in raster.bands] == ["degree", "m", "m", "m", "m", ""]
        assert {(band.dtype, band.nodata) for band in raster.bands} == {("float32", -9999.0)}
        assert raster.provenance[-1]["stage"] == "terrain"
        assert raster.provenance[-1]["options"]["dem"] == "dem.tif"


def test_the_defaults_give_what_the_shipped_model_takes():
    """Names alone: the values are compared with the sample scene below."""
    roles = {layer.role for layer in terrain._layers(TerrainOptions(dem="d", output="o"))}
    assert {"elevation", "slope", "profile_curvature", "plan_curvature", "tpi_250"} <= roles


def test_the_defaults_give_the_terrain_of_the_sample_scene(derive):
    """The model was trained on such bands; they are stored in steps, and so is the elevation they are derived from."""
    stack = str(PACKAGE_FOLDER / "resources" / "sample" / "simulated_stack.tif")
    options = TerrainOptions(dem="d", output="o")
    found = derive(stack, attributes=options.attributes, radius=options.radius, smoothing=options.smoothing)
    inner = np.s_[30:-30, 30:-30]
    with Raster(stack) as raster:
        for role in ("slope", "profile_curvature", "plan_curvature", "tpi_250"):
            expected = raster.read(roles=[role])[0][inner]
            apart = np.abs(found[role][inner] - expected)
            assert apart.mean() < 0.03 * expected.std(), role


@pytest.mark.parametrize("holes", [0.0, 0.02])
@pytest.mark.parametrize("in_degrees", [False, True])
def test_tiles_leave_no_trace(derive, write_dem, monkeypatch, degrees, holes, in_degrees):
    """In one piece and in tiles of 48 pixels, to the last bit, every attribute."""
    z = hills(150, 140)
    z[np.random.default_rng(4).random(z.shape) < holes] = np.nan
    grid = Grid(140, 150, (86.0, 3e-4, 0.0, 28.0, 0.0, -3e-4), degrees) if in_degrees else None
    dem = write_dem(z, grid)
    whole = derive(dem, radius=("120", "300"), smoothing=40.0)
    monkeypatch.setattr(terrain, "_TILE_SIZE", 48)
    tiled = derive(dem, radius=("120", "300"), smoothing=40.0)
    assert len(whole) == 14
    for role, values in whole.items():
        np.testing.assert_array_equal(tiled[role], values, err_msg=role)


def test_degrees_are_measured_on_the_ellipsoid_row_by_row(derive, write_dem, degrees):
    """A plane in metres, put on a grid in degrees at 60 degrees north, where a degree east is half a degree north."""
    grid = Grid(40, 1400, (10.0, 1e-3, 0.0, 60.7, 0.0, -1e-3), degrees)
    latitude = np.radians(60.7 - 1e-3 * (np.arange(1400) + 0.5))[:, None]
    flattening = 1 / 298.257223563
    e2 = flattening * (2 - flattening)
    metres_east = np.radians(1e-3) * 6378137 * np.cos(latitude) / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    found = derive(write_dem(1000 + 0.2 * metres_east * np.arange(40), grid), attributes=("slope", "aspect_sin"))
    # The plane is one along each row; between rows its contours turn a little with the meridians.
    np.testing.assert_allclose(found["slope"][:, 0], np.degrees(np.arctan(0.2)), rtol=2e-4)
    np.testing.assert_allclose(found["aspect_sin"][:, 0], -1, atol=1e-4)


def test_a_dem_in_degrees_agrees_with_the_same_surface_in_metres(derive, write_dem, degrees):
    """One formula sampled on a UTM grid and on a grid in degrees; compared where their pixels coincide."""
    metric = crs(32645)
    to_metres = osr.CoordinateTransformation(_reference(degrees), _reference(metric))
    to_degrees = osr.CoordinateTransformation(_reference(metric), _reference(degrees))
    utm_grid = Grid(121, 121, (500000 - 605.0, 10.0, 0.0, 3080605.0, 0.0, -10.0), metric)
    longitude, latitude, _ = to_degrees.TransformPoint(500000, 3080000)
    step = 1e-4
    degree_grid = Grid(121, 121, (longitude - 60.5 * step, step, 0.0, latitude + 60.5 * step, 0.0, -step), degrees)
    rows, columns = np.mgrid[:121, :121] + 0.5
    points = np.column_stack([axis.ravel() for axis in degree_grid.coordinates(columns, rows)])
    there = np.array(to_metres.TransformPoints(points))
    here = [axis.ravel() for axis in utm_grid.coordinates(columns, rows)]
    settings = {"radius": ("200",), "smoothing": 15.0}
    a = derive(write_dem(_wave(*here).reshape(121, 121), utm_grid), **settings)
    b = derive(write_dem(_wave(there[:, 0], there[:, 1]).reshape(121, 121), degree_grid, "d.tif"), **settings)
    tolerance = {"slope": 0.1, "aspect_sin": 0.01, "aspect_cos": 0.01, "hillshade": 0.005, "local_incidence": 0.1}
    tolerance |= {"profile_curvature": 0.02, "plan_curvature": 0.02, "tpi_200": 0.5}
    for role, most in tolerance.items():
        assert a[role][60, 60] == pytest.approx(b[role][60, 60], abs=most), role


def _reference(text: str) -> osr.SpatialReference:
    reference = osr.SpatialReference(text)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def _wave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 4000 + 80 * np.sin((np.asarray(x) - 499800) / 150) + 50 * np.cos((np.asarray(y) - 3080070) / 110)


@pytest.mark.parametrize("flip", ["south up", "turned by 90 degrees"])
def test_the_order_of_the_pixels_does_not_matter(derive, write_dem, make_grid, utm, flip):
    """The same ground stored in another order gives the same values on the ground, aspect and hillshade included."""
    z = hills(30, 40)
    expected = derive(write_dem(z, make_grid(40, 30)))
    if flip == "south up":
        other, grid, back = z[::-1], Grid(40, 30, (5e5, 10.0, 0.0, 7e6 - 300, 0.0, 10.0), utm), lambda v: v[::-1]
    else:  # rows run south, columns east: stored column by column
        other, grid, back = z.T, Grid(30, 40, (5e5, 0.0, 10.0, 7e6, -10.0, 0.0), utm), lambda v: v.T
    found = derive(write_dem(other, grid, "other.tif"))
    for role, values in expected.items():
        np.testing.assert_allclose(back(found[role]), values, atol=2e-4, err_msg=role)


@pytest.mark.parametrize(
    ("stated", "option", "factor"),
    [
        ({}, "metre", 1.0),
        ({}, "foot", 0.3048),
        ({"unit": "ft"}, "auto", 0.3048),
        ({"unit": "US survey foot"}, "auto", 1200 / 3937),
        ({"unit": "m"}, "auto", 1.0),
        ({"unit": "ft"}, "metre", 1.0),
    ],
)
def test_feet_become_metres(derive, write_dem, stated, option, factor):
    """As the file says, or as the user says, who knows better."""
    z = hills(10, 10)
    found = derive(write_dem(z, **stated), z_unit=option)
    np.testing.assert_allclose(found["elevation"], z * factor, rtol=1e-6)
    gradient_x = (z[5, 6] - z[5, 4]) * factor / 20
    assert np.tan(np.radians(found["slope"][5, 5])) > 0.3 * abs(gradient_x)


def test_feet_of_the_vertical_reference_system_become_metres(derive, write_dem):
    """NAVD88 in feet, over UTM in metres: the map is metric, the elevations are not."""
    z = hills(5, 5)
    path = write_dem(z, Grid(5, 5, (5e5, 10.0, 0.0, 4e6, 0.0, -10.0), crs("EPSG:26911+8228")))
    np.testing.assert_allclose(derive(path)["elevation"], z * 0.3048, rtol=1e-5)


def test_a_map_in_feet_must_say_the_unit_of_its_elevations(derive, write_dem):
    """Either guess could be wrong by a factor of three; stated, the map's feet count as what they are."""
    grid = Grid(9, 9, (2e6, 30.0, 0.0, 7e5, 0.0, -30.0), crs(2227))
    plane = np.tile(np.arange(9.0) * 30, (9, 1))
    path = write_dem(plane, grid)
    with pytest.raises(InvalidRasterError, match="z_unit"):
        derive(path)
    assert derive(path, z_unit="us_survey_foot")["slope"] == pytest.approx(np.full((9, 9), 45), abs=1e-3)


def test_voids_stay_and_harm_their_neighbours_no_more_than_edges_do(derive, write_dem, make_grid):
    """A plane with holes: the slope is right up to each hole and edge, and nodata in the hole in every band."""
    z = np.tile(3000 + 5 * np.arange(60.0), (50, 1))
    z[20:24, 30:33] = z[40, 10] = np.nan
    found = derive(write_dem(z), smoothing=20.0)
    void = np.isnan(z)
    for role, values in found.items():
        np.testing.assert_array_equal(np.isnan(values), void, err_msg=role)
    np.testing.assert_allclose(found["slope"][~void], np.degrees(np.arctan(0.5)), atol=1e-3)
    np.testing.assert_allclose(found["aspect_sin"][~void], -1, atol=1e-5)
    np.testing.assert_allclose(found["profile_curvature"][~void], 0, atol=1e-3)


def test_voids_are_filled_on_request_as_far_as_asked(derive, write_dem):
    """A hole of 3 pixels is filled, the middle of one of 13 stays; what had a value keeps it."""
    z = np.tile(3000 + 5 * np.arange(60.0), (50, 1)).astype(np.float32)
    z[10:13, 10:13] = np.nan
    z[25:38, 25:38] = np.nan
    found = derive(write_dem(z), fill=30.0)
    np.testing.assert_allclose(found["elevation"][11, 9:14], 3000 + 5 * np.arange(9, 14), atol=5)
    assert np.isnan(found["elevation"][31, 31])
    assert np.isfinite(found["elevation"][26, 26])
    valid = np.isfinite(z)
    np.testing.assert_array_equal(found["elevation"][valid], z[valid])


@pytest.mark.parametrize("shape", [(1, 1), (1, 12), (12, 1), (2, 2)])
def test_tiny_dems_work(derive, write_dem, shape):
    """A line has an elevation and a position, but no slope; two rows have one."""
    found = derive(write_dem(np.full(shape, 2500.0)), smoothing=15.0)
    assert (found["elevation"] == 2500).all()
    assert (found["tpi_50"] == 0).all()
    assert (found["relief_50"] == 0).all()
    assert np.isnan(found["slope"]).all() == (1 in shape)
    assert np.isnan(found["ruggedness"]).all() == (1 in shape)


def test_a_dem_without_values_stays_empty(derive, write_dem):
    """No warning of numpy, no number from nowhere."""
    found = derive(write_dem(np.full((8, 8), np.nan)), smoothing=15.0)
    assert all(np.isnan(values).all() for values in found.values())


def test_gdal_gives_the_same_where_it_defines_the_same(derive, write_dem, tmp_path):
    """Slope, aspect, hillshade, ruggedness and roughness of gdaldem; its TPI leaves the centre out of the mean.

    GDAL sums the elevations themselves in single precision, so they are low here.
    """
    path = write_dem(hills(40, 50) - 3000)
    found = derive(path, radius=("15",), sun_azimuth=300.0, sun_altitude=40.0)

    def by_gdal(kind: str, **options: object) -> np.ndarray:
        dataset = gdal.DEMProcessing("", path, kind, format="MEM", **options)
        return dataset.GetRasterBand(1).ReadAsArray()[1:-1, 1:-1]

    inner = {role: values[1:-1, 1:-1] for role, values in found.items()}
    np.testing.assert_allclose(inner["slope"], by_gdal("slope"), atol=1e-3)
    aspect = np.radians(by_gdal("aspect"))
    np.testing.assert_allclose(inner["aspect_sin"], np.sin(aspect), atol=3e-4)
    np.testing.assert_allclose(inner["aspect_cos"], np.cos(aspect), atol=3e-4)
    np.testing.assert_allclose(1 + 254 * inner["hillshade"], by_gdal("hillshade", azimuth=300, altitude=40), atol=1)
    np.testing.assert_allclose(inner["ruggedness"], by_gdal("TRI", alg="Riley"), atol=1e-3)
    np.testing.assert_allclose(inner["roughness"], by_gdal("roughness"), atol=1e-3)
    np.testing.assert_allclose(inner["tpi_15"] * 9 / 8, by_gdal("TPI"), atol=3e-3)


def test_smoothing_touches_the_shape_but_not_what_it_would_wipe_out(derive, write_dem):
    """Elevation, position, relief, ruggedness and roughness are of the DEM as it is."""
    path = write_dem(hills(40, 40))
    rough, smooth = derive(path), derive(path, smoothing=30.0)
    changed = {role for role, values in rough.items() if not np.array_equal(values, smooth[role], equal_nan=True)}
    assert changed == {
        "slope",
        "aspect_sin",
        "aspect_cos",
        "profile_curvature",
        "plan_curvature",
        "hillshade",
        "local_incidence",
    }
    assert smooth["plan_curvature"].std() < 0.3 * rough["plan_curvature"].std()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"radius": ("5",)}, "smaller than a pixel"),
        ({"radius": ("wide",)}, "'wide' was given"),
        ({"radius": ("-3",)}, "'-3' was given"),
        ({"radius": ("nan",)}, "'nan' was given"),
        ({"radius": ("20000",)}, "reaches farther than 1000 pixels"),
        ({"radius": ()}, "`radius` is empty"),
        ({"smoothing": 9000.0}, "reaches farther than 1000 pixels"),
        ({"attributes": ()}, "name at least one attribute"),
        ({"attributes": ("steepness",)}, "must be one of"),
        ({"z_unit": "fathom"}, "must be one of"),
    ],
)
def test_options_that_make_no_sense_are_refused(derive, write_dem, options, words):
    """Each says what was given and what to do."""
    with pytest.raises(InvalidOptionError, match=words):
        derive(write_dem(hills(5, 5)), **options)


def test_misspelt_options_name_the_nearest():
    """The command line and the worker hand on whatever they are given."""
    with pytest.raises(InvalidOptionError, match="attributes"):
        from_json(TerrainOptions, {"dem": "d", "output": "o", "atributes": ["slope"]})


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("", "no coordinate reference system"),
        (3857, "does not give lengths"),
        (4978, "does not give lengths"),
    ],
)
def test_what_has_no_metres_on_the_ground_is_refused(derive, write_dem, make_grid, system, words):
    """Mercator's metres are twice too long at 60 degrees."""
    grid = make_grid(5, 5, crs=system and crs(system))
    with pytest.raises(InvalidCRSError, match=words):
        derive(write_dem(hills(5, 5), grid))


def test_degrees_that_cannot_be_measured_are_refused(derive, write_dem, degrees):
    """At a pole the pixels of a row have no width; a rotated one has no rows of one latitude."""
    for transform, words in [
        ((0.0, 0.1, 0.0, 90.0, 0.0, -0.1), "reaches latitude 90"),
        ((0.0, 0.1, 0.02, 50.0, 0.02, -0.1), "rotated"),
        ((5e5, 10.0, 0.0, 7e6, 0.0, -10.0), "reaches latitude 7e"),
    ]:
        with pytest.raises(InvalidCRSError, match=words):
            derive(write_dem(hills(5, 5), Grid(5, 5, transform, degrees)))


def test_rasters_that_are_no_dem_are_refused(derive, write_raster, write_dem, tmp_path, utm):
    """Pictures, complex numbers, voids without a nodata value, units of no length."""
    with pytest.raises(InvalidRasterError, match="none described as elevation"):
        derive(write_raster("rgb.tif", np.zeros((3, 4, 4)), ["red", "green", "blue"]))
    with pytest.raises(InvalidRasterError, match="complex"):
        path = str(tmp_path / "slc.tif")
        dataset = gdal.GetDriverByName("GTiff").Create(path, 4, 4, 1, gdal.GDT_CFloat32)
        dataset.SetGeoTransform((5e5, 10, 0, 7e6, 0, -10))
        dataset.SetProjection(utm)
        del dataset
        derive(path)
    undeclared = hills(6, 6)
    undeclared[2, 2] = -32768
    for void in (-9999.0, -32768.0):
        with pytest.raises(InvalidRasterError, match=f"has {void:g} for an elevation, .*-a_nodata {void:g}"):
            derive(
                write_dem(np.array([[3000.0, void], [3000.0, 3000.0]]), name="voids.tif", nodata=None), z_unit="foot"
            )
    with pytest.raises(InvalidRasterError, match="a_nodata"):
        derive(write_dem(undeclared))
    with pytest.raises(InvalidRasterError, match="'fathom'"):
        derive(write_dem(hills(5, 5), unit="fathom"))
    with pytest.raises(InvalidRasterError, match="cannot be read"):
        derive(str(tmp_path / "missing.tif"))


def test_a_stack_with_an_elevation_is_a_dem(derive, write_raster):
    """The band is found by its role."""
    z = hills(6, 6)
    found = derive(write_raster("stack.tif", np.stack([z * 0, z]), ["B02", "elevation"]))
    np.testing.assert_array_equal(found["elevation"], z)


@pytest.mark.parametrize("fill", [0.0, 50.0])
def test_cancelling_leaves_nothing(derive, write_dem, tmp_path, fill):
    """No output under the final name, no temporary file, nothing of the filled DEM."""

    class Cancelling(Progress):
        def __init__(self) -> None:
            self.looks = 0

        def cancelled(self) -> bool:
            self.looks += 1
            return self.looks > 3

    z = hills(300, 20)
    z[100:103] = np.nan
    path = write_dem(z)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        derive(path, Cancelling(), fill=fill)
    assert sorted(tmp_path.iterdir()) == before


def test_windows_in_degrees_do_not_cross_the_rows_where_sizes_change(degrees):
    """Otherwise the size of a neighbourhood would depend on the tile."""
    ground = demgrid.DemGrid(Grid(10, 300, (0.0, 1e-3, 0.0, 50.0, 0.0, -1e-3), degrees))
    assert [(piece.y, piece.height) for piece in ground.pieces(100)] == [
        (0, 100),
        (100, 28),
        (128, 72),
        (200, 56),
        (256, 44),
    ]
