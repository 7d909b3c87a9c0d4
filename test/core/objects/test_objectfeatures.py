"""The object features stage: from rasters to a layer of measured polygons."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import shapely
from osgeo import osr
from rock_glacier_mapper.core.contracts.objectfeatures import FEATURE_GROUPS, STANDARD_GROUPS, ObjectFeaturesOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    OutputError,
)
from rock_glacier_mapper.core.objects import features, objectfeatures, objectpixels
from rock_glacier_mapper.core.objects.objectfeatures import run
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Grid, RasterWriter
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer

GEOTRANSFORM = (500000.0, 10.0, 0.0, 6900000.0, 0.0, -10.0)
LABELS = [[1, 1, 2], [1, 3, 0]]
GEOMETRY = (
    "area_m2",
    "perimeter_m",
    "length_m",
    "width_m",
    "elongation",
    "asymmetry",
    "main_direction_deg",
    "compactness",
    "shape_index",
    "border_index",
    "rectangularity",
    "density",
)
STATISTICS = ("mean", "std", "min", "max", "skewness", "p10", "p50", "p90")


class Scene:
    """Rasters in a folder, and the stage's options for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = str(folder / "objects.gpkg")

    def raster(
        self, name: str, bands: dict[str, Any], *, dtype: str = "float32", nodata: float = -9999, **grid: Any
    ) -> str:
        """Write a raster of bands by role; `geotransform` and `epsg` may differ from the usual ones."""
        path = str(self.folder / name)
        values = np.array(list(bands.values()), float)
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(grid.get("epsg", 32719))
        size = (values.shape[2], values.shape[1])
        pixels = Grid(*size, grid.get("geotransform", GEOTRANSFORM), reference.ExportToWkt())
        steps = [{"stage": name}]
        with RasterWriter(path, pixels, [Band(role, dtype, nodata) for role in bands], steps) as writer:
            writer.write(pixels.whole, values)
        return path

    def labels(self, values: Any = LABELS, **options: Any) -> str:
        return self.raster("labels.tif", {"labels": values}, **{"dtype": "uint32", "nodata": 0, **options})

    def measure(
        self, labels: str, *layers: str, features: tuple[str, ...] = STANDARD_GROUPS, **options: Any
    ) -> VectorLayer:
        run(ObjectFeaturesOptions(labels, layers, self.output, features, **options), Progress())
        return read_layer(f"{self.output}|layername=objects")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_objects_with_all_features(scene: Scene) -> None:
    """Each object is one polygon with its label and every feature, in the labels' reference system."""
    slope = scene.raster("slope.tif", {"slope": [[1, 2, 9], [3, -9999, 5]]})
    layer = scene.measure(scene.labels(), slope)
    statistics = [f"slope_{name}" for name in STATISTICS]
    assert list(layer.columns) == ["object_id", *statistics, *GEOMETRY, "neighbour_count", "slope_contrast"]
    assert layer.columns["object_id"].tolist() == [1, 2, 3]
    assert layer.columns["slope_mean"][:2].tolist() == [2, 9]
    assert layer.columns["slope_contrast"][:2].tolist() == [-7, 7]
    assert layer.columns["neighbour_count"].tolist() == [2, 1, 1]
    assert shapely.area(layer.geometries).tolist() == layer.columns["area_m2"].tolist() == [300, 100, 100]
    assert "32719" in layer.crs


def test_no_valid_pixel_is_null(scene: Scene) -> None:
    """An object that lies on nodata of a layer has NULL, not 0 and not the nodata value."""
    slope = scene.raster("slope.tif", {"slope": [[1, 2, 9], [3, -9999, 5]]})
    columns = scene.measure(scene.labels(), slope).columns
    assert np.isnan([columns[name][2] for name in columns if name.startswith("slope_")]).all()
    assert columns["area_m2"][2] == 100


def test_several_rasters_and_bands(scene: Scene) -> None:
    """Layers of all rasters are measured, each under its band's name."""
    stack = scene.raster("stack.tif", {"B04": np.ones((2, 3)), "B08": np.full((2, 3), 2)})
    heatmap = scene.raster("heatmap.tif", {"heatmap": np.full((2, 3), 0.5)})
    columns = scene.measure(scene.labels(), stack, heatmap, features=("statistics",)).columns
    assert [columns[f"{layer}_mean"][0] for layer in ("B04", "B08", "heatmap")] == [1, 2, 0.5]


@pytest.mark.parametrize(
    ("group", "columns"),
    [
        ("statistics", ["slope_mean", "slope_std", "slope_min", "slope_max", "slope_skewness"]),
        ("quantiles", ["slope_p10", "slope_p50", "slope_p90"]),
        ("geometry", [*GEOMETRY]),
        ("neighbours", ["neighbour_count", "slope_contrast"]),
    ],
)
def test_one_group(scene: Scene, group: str, columns: list[str]) -> None:
    """Each group can be measured alone; contrasts bring no statistics with them."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    assert list(scene.measure(scene.labels(), slope, features=(group,)).columns) == ["object_id", *columns]


@pytest.mark.parametrize(("group", "layer"), [("terrain", "elevation"), ("heatmap", "heatmap")])
def test_a_group_without_its_layer(scene: Scene, group: str, layer: str) -> None:
    """A stack of colours alone is measured without the group, with a note; asked for alone, it is an error."""

    class Noted(Progress):
        notes: ClassVar[list[str]] = []

        def warn(self, message: str) -> None:
            self.notes.append(message)

    labels, red = scene.labels(), scene.raster("red.tif", {"B04": np.ones((2, 3))})
    refused(scene, InvalidRasterError, f"{group} needs a layer {layer}.*B04", labels, red, features=(group,))
    run(ObjectFeaturesOptions(labels, (red,), scene.output, ("geometry", group)), Noted())
    assert len(Noted.notes) == 1
    assert f"{group} needs a layer {layer}, and is left out" in Noted.notes.pop()
    assert list(read_layer(scene.output).columns) == ["object_id", *GEOMETRY]


def test_terrain_and_heatmap(scene: Scene) -> None:
    """With their layers the groups are measured among the standard ones; the threshold is an option."""
    stack = scene.raster("stack.tif", {"elevation": [[9, 8, 1], [7, 5, 0]], "heatmap": [[0.2, 0.4, 1], [0.4, 0, 0]]})
    columns = scene.measure(scene.labels(), stack, heatmap_threshold=0.3).columns
    assert columns["relief_m"].tolist() == [2, 0, 0]
    assert columns["above_lowest_neighbour_m"].tolist() == [7, -7, -3]
    assert columns["heatmap_share_above"].tolist() == pytest.approx([2 / 3, 1, 0])


def test_texture(scene: Scene) -> None:
    """Texture is measured on the layers named, stretched over the whole raster."""
    stack = scene.raster("stack.tif", {"B04": [[0, 1, 0], [0, 1, 0]], "B08": np.ones((2, 3))})
    labels = scene.labels([[1, 1, 2], [1, 1, 2]])
    columns = scene.measure(labels, stack, features=("texture",), texture_layers=("B04",)).columns
    assert [name for name in columns if "contrast" in name] == ["B04_glcm_contrast"]
    assert columns["B04_glcm_contrast"].tolist() == pytest.approx([15**2 * 3 / 4, 0])
    both = scene.measure(labels, stack, features=("texture_directions",), texture_layers=("B04", "B08")).columns
    assert both["B04_glcm_contrast_0"].tolist()[0] == 225
    assert both["B08_glcm_contrast_90"].tolist() == [0, 0]


def test_texture_of_what_is_rare(scene: Scene) -> None:
    """A heatmap that is 0 but for a few pixels in a thousand has texture there, although both percentiles are 0."""
    heatmap = np.zeros((40, 40))
    heatmap[:2, :2] = [[0, 1], [1, 0]]
    numbers = np.ones((40, 40), int)
    numbers[:2, :2] = 2
    stack = scene.raster("stack.tif", {"heatmap": heatmap})
    columns = scene.measure(scene.labels(numbers), stack, features=("texture",), texture_layers=("heatmap",)).columns
    assert columns["heatmap_glcm_contrast"].tolist() == [0, 15**2 / 2]


@pytest.mark.parametrize(("layers", "problem"), [((), "is empty"), (("B4", "B08"), "names B4, which is no layer")])
def test_texture_of_what(scene: Scene, layers: tuple[str, ...], problem: str) -> None:
    """Texture of everything would be waste, and of a misspelt layer nothing."""
    stack = scene.raster("stack.tif", {"B04": np.ones((2, 3)), "B08": np.ones((2, 3))})
    message = f"{problem}; choose from B04, B08"
    refused(scene, InvalidOptionError, message, scene.labels(), stack, features=("texture",), texture_layers=layers)


def test_strips_change_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A raster read row by row gives the same features as one read at once, of every group."""
    random = np.random.default_rng(1)
    labels = scene.labels(random.integers(0, 9, (30, 20)).repeat(2, axis=0))
    stack = scene.raster("stack.tif", {name: random.random((60, 20)) for name in ("slope", "elevation", "heatmap")})
    options: Any = {"features": FEATURE_GROUPS, "texture_layers": ("slope",)}
    whole = scene.measure(labels, stack, **options).columns
    monkeypatch.setattr(objectfeatures, "_BYTES_PER_PIXEL", 2**22)
    cut = scene.measure(labels, stack, **options).columns
    # Sums along borders are added up in another order.
    assert all(np.allclose(whole[name], cut[name], rtol=1e-12, atol=1e-12, equal_nan=True) for name in whole)
    inner = [name for name in whole if name.split("_", 1)[-1] in STATISTICS or name in GEOMETRY]
    assert all(np.array_equal(whole[name], cut[name], equal_nan=True) for name in inner)


def test_an_object_of_many_pixels(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object around all others waits for the last row, and is measured layer by layer; its numbers are the same."""
    random = np.random.default_rng(2)
    values = {name: random.random((60, 20)).astype(np.float32) for name in ("slope", "B04")}
    numbers = np.ones((60, 20), int)
    numbers[5:50:9, 3:12] = np.arange(2, 7)[:, np.newaxis]
    labels, stack = scene.labels(numbers), scene.raster("stack.tif", values)
    monkeypatch.setattr(objectfeatures, "_BYTES_PER_PIXEL", 2**22)
    for module in (features, objectpixels):
        monkeypatch.setattr(module, "BLOCK", 64)
    columns = scene.measure(labels, stack, features=("statistics", "quantiles")).columns
    for number in range(1, 7):
        for name, layer in values.items():
            inside = layer[numbers == number].astype(float)
            found = {name: columns[name][number - 1] for name in columns}
            assert found[f"{name}_mean"] == pytest.approx(inside.mean(), rel=1e-12)
            assert found[f"{name}_p90"] == pytest.approx(np.percentile(inside, 90), rel=1e-12)


def test_labels_with_gaps(scene: Scene) -> None:
    """Labels of other software keep their numbers, and their own nodata value is no object."""
    labels = scene.labels([[70, 70, 5], [255, 255, 5]], dtype="uint8", nodata=255)
    slope = scene.raster("slope.tif", {"slope": [[1, 3, 4], [9, 9, 6]]})
    layer = scene.measure(labels, slope)
    assert layer.columns["object_id"].tolist() == [5, 70]
    assert layer.columns["slope_mean"].tolist() == [5, 2]
    assert shapely.bounds(layer.geometries)[0].tolist() == [500020, 6899980, 500030, 6900000]


def test_no_objects(scene: Scene) -> None:
    """Labels of nodata give a valid empty layer with its columns."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    layer = scene.measure(scene.labels(np.zeros((2, 3))), slope)
    assert len(layer) == 0
    assert "slope_mean" in layer.columns


def test_one_pixel(scene: Scene) -> None:
    """A raster of one pixel is one object."""
    layer = scene.measure(scene.labels([[1]]), scene.raster("slope.tif", {"slope": [[7]]}))
    assert layer.columns["slope_p90"].tolist() == [7]
    assert layer.columns["neighbour_count"].tolist() == [0]


def test_provenance(scene: Scene) -> None:
    """The objects tell how their layers and labels were made, and how they were measured."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    steps = scene.measure(scene.labels(), slope).provenance
    assert [step["stage"] for step in steps] == ["slope.tif", "labels.tif", "objectfeatures"]
    assert steps[-1]["options"]["features"] == list(STANDARD_GROUPS)


def refused(scene: Scene, error: type[Exception], message: str, labels: str, *layers: str, **options: Any) -> None:
    with pytest.raises(error, match=message):
        scene.measure(labels, *layers, **options)
    assert not Path(scene.output).exists()


@pytest.mark.parametrize("role", ["slope", "Slope"])
def test_two_layers_of_one_name(scene: Scene, role: str) -> None:
    """Two stacks may both have a slope; a GeoPackage takes Slope for the same column."""
    first, second = (
        scene.raster(name, {band: np.ones((2, 3))}) for name, band in (("a.tif", "slope"), ("b.tif", role))
    )
    refused(scene, InvalidRasterError, rf"layer {role} of .*b\.tif.*a\.tif", scene.labels(), first, second)


def test_a_layer_given_twice(scene: Scene) -> None:
    """The file is at fault, not the names of its bands."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    refused(scene, InvalidRasterError, r"slope\.tif is given twice", scene.labels(), slope, slope)


def test_two_features_of_one_column(scene: Scene) -> None:
    """A layer may be called like the beginning of another feature, whose values it would take the place of."""
    layers = {name: np.ones((2, 3)) for name in ("heatmap", "heatmap_border")}
    stack = scene.raster("stack.tif", layers)
    refused(scene, InvalidRasterError, "features are called heatmap_border_contrast", scene.labels(), stack)
    assert len(scene.measure(scene.labels(), stack, features=("statistics", "heatmap"))) == 3


def test_no_group(scene: Scene) -> None:
    """Nothing to measure is a mistake, told by the option's name."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    refused(scene, InvalidOptionError, "`features` is empty", scene.labels(), slope, features=())


@pytest.mark.parametrize(
    "grid", [{"geotransform": (500005.0, 10.0, 0.0, 6900000.0, 0.0, -10.0)}, {"epsg": 32718}], ids=["shift", "zone"]
)
def test_layer_on_another_grid(scene: Scene, grid: dict[str, Any]) -> None:
    """Half a pixel of shift or another zone would measure other places."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))}, **grid)
    refused(scene, InvalidGridError, "slope", scene.labels(), slope)


def test_degrees(scene: Scene) -> None:
    """Areas and lengths of borders need metres; statistics do not."""
    degrees: dict[str, Any] = {"geotransform": (-70.0, 1e-4, 0.0, -28.0, 0.0, -1e-4), "epsg": 4326}
    labels, slope = scene.labels(**degrees), scene.raster("slope.tif", {"slope": np.ones((2, 3))}, **degrees)
    refused(scene, InvalidCRSError, "degrees", labels, slope)
    refused(scene, InvalidCRSError, "degrees", labels, slope, features=("neighbours",))
    assert scene.measure(labels, slope, features=("statistics",)).columns["slope_mean"].tolist() == [1, 1, 1]


def test_labels_that_are_no_labels(scene: Scene) -> None:
    """A heatmap given by mistake has fractions, not objects."""
    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    refused(scene, InvalidRasterError, "whole numbers", slope, slope)


def test_output_is_refused_first(scene: Scene) -> None:
    """A wrong output name is told before the work."""
    scene.output = str(scene.folder / "objects.shp")
    refused(scene, OutputError, r"\.gpkg", scene.labels(), scene.labels())


def test_cancel(scene: Scene) -> None:
    """A stage that is stopped leaves no output."""

    class Stopped(Progress):
        def cancelled(self) -> bool:
            return True

    slope = scene.raster("slope.tif", {"slope": np.ones((2, 3))})
    with pytest.raises(Cancelled):
        run(ObjectFeaturesOptions(scene.labels(), (slope,), scene.output), Stopped())
    assert not Path(scene.output).exists()
