"""Which bands make a stack: by their descriptions, by a mapping, and those that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidOptionError, InvalidRasterError
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rasters.warping import Placement
from rock_glacier_mapper.core.stacking.stackbands import StackBand, method, stack_bands

COARSER, FINER, SAME = Placement((2.0, 2.0)), Placement((0.5, 0.5)), Placement((1.0, 1.0), (0, 0))


@pytest.fixture
def layers(write_raster):
    """A colour picture without descriptions, one band without, and terrain."""
    files = {"rgb": ["", "", ""], "coherence": [""], "terrain": ["elevation", "slope", "scl"]}
    paths = [write_raster(f"{name}.tif", np.zeros((len(roles), 2, 2)), roles) for name, roles in files.items()]
    rasters = [Raster(path) for path in paths]
    yield rasters
    for raster in rasters:
        raster.__exit__()


def chosen(layers, *mapping, resampling="auto"):
    """Return role, layer and band, from 1, of a stack's bands."""
    return [(band.role, band.layer + 1, band.index + 1) for band in stack_bands(layers, mapping, resampling)]


RGB = ("role=red from=1:1", "role=B03 from=rgb:2", "role=B02 from=1:3")


def test_descriptions_are_roles(layers):
    """A layer that says what it holds needs no mapping."""
    assert chosen(layers[2:]) == [("elevation", 1, 1), ("slope", 1, 2), ("scl", 1, 3)]


def test_bands_by_number_and_by_file_name(layers):
    """Names of colours are roles too; a layer of one band needs no number of the band."""
    assert chosen(layers, *RGB, "role=coherence from=coherence")[:4] == [
        ("B04", 1, 1),
        ("B03", 1, 2),
        ("B02", 1, 3),
        ("coherence", 2, 1),
    ]


def test_only_the_bands_named_of_a_layer(layers):
    """The others of its bands stay away, so that a clash can be resolved."""
    assert chosen(layers[2:], "role=dem from=1:1") == [("dem", 1, 1)]


def test_treatment_by_role_by_layer_and_for_all(layers):
    """The nearest statement counts."""
    items = ("role=slope resampling=nearest step=0.1", "layer=1 resampling=average")
    bands = stack_bands(layers[2:], items, "cubic")
    assert [(band.resampling, band.step) for band in bands] == [("average", 0), ("nearest", 0.1), ("average", 0)]
    assert {band.resampling for band in stack_bands(layers[2:], (), "cubic")} == {"cubic"}


@pytest.mark.parametrize(
    ("role", "place", "expected"),
    [
        ("B04", COARSER, "average"),
        ("B04", FINER, "bilinear"),
        ("elevation", FINER, "cubic"),
        ("elevation", COARSER, "average"),
        ("scl", COARSER, "nearest"),
        ("B04", SAME, "nearest"),
        ("B04", Placement((2.0, 0.8)), "bilinear"),
    ],
)
def test_method_that_suits(layers, role, place, expected):
    """Means where both sides become larger; classes are never mixed; what coincides is copied."""
    assert method(StackBand(role, 2, 0, "auto"), layers[2], place) == expected
    assert method(StackBand(role, 2, 0, "cubic"), layers[2], SAME) == "nearest"


def test_a_colour_table_means_classes(tmp_path, layers):
    """Rasters of classes carry one, whatever their band is called."""
    from osgeo import gdal

    path = str(tmp_path / "cover.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_Byte)
    table = gdal.ColorTable()
    table.SetColorEntry(1, (0, 255, 0))
    dataset.GetRasterBand(1).SetColorTable(table)
    dataset = None
    with Raster(path) as raster:
        assert method(StackBand("cover", 0, 0, "auto"), raster, COARSER) == "nearest"


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([""], r"Band 1 of .*x\.tif has no description.*`role=coherence from=1:1`"),
        (["Band 1"], "has no description"),
        (["heatmap"], "is a heatmap"),
        (["heatmap_std"], "is a heatmap"),
        (["aspect"], "sine and cosine"),
        (["B04", "red"], r"Two bands have the role B04: Band 1 of .*x\.tif and Band 2 of .*x\.tif"),
    ],
)
def test_bands_that_no_stack_has(write_raster, roles, expected):
    """Each is named with its file and what to do."""
    with (
        Raster(write_raster("x.tif", np.zeros((len(roles), 2, 2)), roles)) as raster,
        pytest.raises(InvalidRasterError, match=expected),
    ):
        stack_bands([raster], (), "auto")


def test_elevations_in_feet(write_raster):
    """They would be taken for metres."""
    path = write_raster("feet.tif", np.zeros((1, 2, 2)), ["elevation"], unit="ft")
    with Raster(path) as raster, pytest.raises(InvalidRasterError, match="another unit than metres"):
        stack_bands([raster], (), "auto")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("B04=1:3", "none of its parts"),
        ("role=B04 form=1:3", "'form=1:3' is none of its parts"),
        ("role=B04 role=B03", "none of its parts"),
        ("from=1:3", "it must have a role or a layer"),
        ("layer=1 role=B04", "it must have a role or a layer"),
        ("role=B04 from=1:3 resampling=lanczos", "resampling must be one of"),
        ("role=B04 from=1:3 step=0", "step must be a number above 0"),
        ("layer=1 step=0.1", "step must be a number above 0, beside a role"),
        ("role=B04 from=4:1", "there is no layer 4: give a number from 1 to 3, or one of rgb, coherence, terrain"),
        ("role=B04 from=1:4", "has 3 bands: name one of them as `from=1:1`"),
        ("role=B04 from=1", "has 3 bands"),
        ("role=ndvi step=0.1", "names the role ndvi, which no band has"),
    ],
)
def test_items_that_cannot_be_understood(layers, item, expected):
    """A mapping is typed by hand: each fault says what it is."""
    with pytest.raises(InvalidOptionError, match=expected):
        stack_bands(layers, [item, *RGB[1:]] if "role=B04 from" in item else [item, *RGB], "auto")
