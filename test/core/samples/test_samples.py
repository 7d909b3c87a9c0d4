"""The stage `samples`: chips of toy stacks whose landforms are squares and triangles."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely
from osgeo import ogr
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidOptionError,
    InvalidVectorError,
    MapperError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.samples import samples
from rock_glacier_mapper.core.samples.samplefolder import footprints
from rock_glacier_mapper.core.samples.sampleset import KINDS, SPLITS, SampleSet
from rock_glacier_mapper.core.vectors.vector import burn, read_layer

SIZE, PATCH = 160, 16


class Listening(Progress):
    """Keeps the warnings, and cancels when a share of the work is done."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.notes: list[str] = []
        self.done = 0.0
        self.cancel_at = cancel_at

    def report(self, fraction: float, message: str = "") -> None:
        self.done = fraction

    def warn(self, message: str) -> None:
        self.notes.append(message)

    def cancelled(self) -> bool:
        return self.done >= self.cancel_at


def square(column: float, row: float, side: float = 6) -> shapely.Polygon:
    """Return a square given in pixels of the toy stack: the first pixel, and the side."""
    left, top = 500000 + 10 * column, 7000000 - 10 * row
    return shapely.box(left, top - 10 * side, left + 10 * side, top)


def scattered(count: int = 14, seed: int = 1) -> list[shapely.Polygon]:
    """Return squares that do not touch, some of which lie across the borders of blocks."""
    rng = np.random.default_rng(seed)
    found: list[shapely.Polygon] = []
    while len(found) < count:
        column, row = rng.integers(2, SIZE - 12, 2)
        candidate = square(column, row, int(rng.integers(4, 9)))
        if all(candidate.distance(other) > 60 for other in found):
            found.append(candidate)
    return found


@pytest.fixture
def stack(write_raster):
    """A stack of 160 x 160 pixels: noise, a height that rises southwards, and a slope that rises eastwards."""
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    noise = np.random.default_rng(0).normal(0, 1, (SIZE, SIZE))
    return write_raster("stack.tif", np.stack([noise, 4000 + rows, columns / 4]), ["B04", "elevation", "slope"])


@pytest.fixture
def inventory(write_polygons):
    return write_polygons("inventory.gpkg", scattered())


@pytest.fixture
def cut(tmp_path, stack, inventory):
    """Return a function that runs the stage and gives the result, the samples and the warnings."""

    def run(output: str = "out", **options):
        progress = Listening()
        given = {"stack": stack, "inventory": inventory, "patch_size": PATCH, "block_size": 320.0, **options}
        result = samples.run(SamplesOptions(output=str(tmp_path / output), **given), progress)
        return result, SampleSet.read(result.output), progress.notes

    return run


def test_how_much_ground_a_split_has(cut, stack, inventory):
    """Rock glacier is counted by pixel, all ground at every second pixel; both are those of the splits' blocks."""
    _, found, _ = cut(validation_share=0.3, test_share=0.0)
    landforms = read_layer(f"{found.folder}/index.gpkg|layername=landforms")
    blocks = read_layer(f"{found.folder}/index.gpkg|layername=blocks")
    for split in ("train", "validation"):
        ground = found.ground(split)
        own = landforms.columns["split"] == split
        assert ground.rock_glacier_pixels == pytest.approx(landforms.columns["area_m2"][own].sum() / 100)
        area = shapely.area(blocks.geometries[blocks.columns["split"] == split]).sum() / 100
        assert ground.pixels == pytest.approx(area, rel=0.02)
    assert found.ground("test") == (0, 0)


def test_overlapping_outlines_are_counted_once(cut, write_polygons):
    """Two squares of 6 x 6 pixels that share 6 x 3: 54 pixels of ground."""
    overlapping = write_polygons("overlapping.gpkg", [square(30, 30), square(33, 30)])
    _, found, _ = cut(inventory=overlapping, validation_share=0.0, test_share=0.0)
    assert found.ground("train").rock_glacier_pixels == 54


def test_ground_without_data_in_one_band_does_not_count(cut, write_raster):
    """The southern half has no data in the last band, which says nothing of the terrain."""
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    values = np.stack([4000 + rows, columns / 4, np.where(rows < SIZE / 2, 1, np.nan)])
    stack = write_raster("stack.tif", values, ["elevation", "slope", "B04"])
    _, found, _ = cut(stack=stack, validation_share=0.0, test_share=0.0)
    assert found.ground("train").pixels == pytest.approx(SIZE**2 / 2, rel=0.03)


def test_rejected_and_restricted_outlines_are_no_landforms(cut, write_polygons):
    """What a reviewer rejected is background, and an inventory's restricted outlines hold ground a second time."""
    inventory = write_polygons(
        "inventory.gpkg",
        [square(30, 30), square(31, 31, 4), square(90, 90)],
        review_status=np.array(["accepted", "accepted", "Rejected"], object),
        OutType=np.array(["Extended", "Restricted", "Extended"], object),
        PrimaryID=np.array(["a", "a", "b"], object),
    )
    result, found, notes = cut(inventory=inventory, validation_share=0.0, test_share=0.0)
    assert result.landforms == 1
    assert {chip.landform for chip in found.all_chips if chip.kind == "positive"} == {"a"}
    assert any("rejected in the review and are left out: 1" in note for note in notes)
    assert any("Restricted outlines" in note for note in notes)
    rejected = write_polygons("rejected.gpkg", [square(90, 90)], review_status=np.array(["rejected"], object))
    with pytest.raises(InvalidVectorError, match=r"All 1 outlines .* were rejected"):
        cut(inventory=rejected)


def check_splits(found: SampleSet) -> None:
    """Check by pixels that no two splits share ground or a landform, and that labels are what the index says."""
    landforms = read_layer(f"{found.folder}/index.gpkg|layername=landforms")
    with Raster(str(Path(found.folder).parent / "stack.tif")) as stack:
        grid = stack.grid
        numbers = burn(landforms.geometries, np.arange(1, len(landforms) + 1), grid, np.uint32)
        claimed = np.zeros((grid.height, grid.width), int)
        split_of_landform: dict[int, str] = {}
        for chip in found.all_chips:
            window = np.s_[chip.row : chip.row + chip.size, chip.column : chip.column + chip.size]
            code = SPLITS.index(chip.split) + 1
            assert set(np.unique(claimed[window])) <= {0, code}
            claimed[window] = code
            for number in set(np.unique(numbers[window])) - {0}:
                assert split_of_landform.setdefault(int(number), chip.split) == chip.split
            image, mask, valid = chip.read()
            assert np.array_equal(mask, numbers[window] > 0)
            assert mask.mean() == pytest.approx(chip.mask_share)
            assert valid.mean() == pytest.approx(chip.valid_share)
            expected = stack.read(Window(chip.column, chip.row, chip.size, chip.size))
            assert np.array_equal(image, expected, equal_nan=True)
            middle = numbers[chip.row + chip.size // 2, chip.column + chip.size // 2]
            assert middle == 0 or chip.kind == "positive"
        split = landforms.columns["split"]
        assert {number: split[number - 1] for number in split_of_landform} == split_of_landform


@pytest.mark.parametrize("seed", range(3))
def test_splits_share_neither_ground_nor_landforms(cut, seed):
    result, found, _ = cut(seed=seed)
    check_splits(found)
    assert min(result.train_chips, result.validation_chips, result.test_chips) > 0
    assert result.landforms == 14
    assert {chip.landform for chip in found.all_chips if chip.kind == "positive"} == {str(i + 1) for i in range(14)}
    assert found.seed == seed


def test_the_same_seed_gives_the_same_files_and_another_does_not(cut):
    first, again, other = (cut(f"out{i}", seed=seed)[1] for i, seed in enumerate((5, 5, 6)))
    rows = [
        [dataclasses.replace(chip, path=Path(chip.path).name) for chip in item.all_chips] for item in (first, again)
    ]
    assert rows[0] == rows[1]
    pairs = zip(first.all_chips, again.all_chips, strict=True)
    assert all(Path(one.path).read_bytes() == Path(two.path).read_bytes() for one, two in pairs)
    records = [json.loads(Path(item.folder, "samples.json").read_text()) for item in (first, again)]
    assert records[0] == records[1]
    assert [(c.column, c.row) for c in other.all_chips] != [(c.column, c.row) for c in first.all_chips]


def test_kinds_of_negatives_are_what_they_say(cut, write_polygons, write_raster, make_grid):
    look_alikes = [square(40, 40), square(100, 40), square(40, 100), square(100, 100), square(120, 20), square(20, 120)]
    classes = np.array(["moraine", "fan"] * 3, object)
    layer = write_polygons("others.gpkg", look_alikes, **{"class": classes})
    heat = np.zeros((1, SIZE, SIZE))
    heat[0, 70:74, 70:74] = heat[0, 20:23, 140:143] = 0.9
    heatmap = write_raster("heat.tif", heat, ["heatmap"])
    _, found, _ = cut(look_alikes=layer, heatmap=heatmap, negatives=3.0)
    check_splits(found)
    by_kind: dict[str, list] = {}
    for chip in found.all_chips:
        by_kind.setdefault(chip.kind, []).append(chip)
    assert set(by_kind) == {"positive", "margin", "similar_terrain", "look_alike", "hard_negative", "random"}
    assert all(chip.mask_share == 0 for kind in ("similar_terrain", "random") for chip in by_kind[kind])
    assert {chip.look_alike for chip in by_kind["look_alike"]} == {"moraine", "fan"}
    for chip in by_kind["hard_negative"]:
        assert heat[0, chip.row : chip.row + PATCH, chip.column : chip.column + PATCH].max() == pytest.approx(0.9)
    outlines = np.array(scattered())
    named = outlines[[int(chip.landform) - 1 for chip in by_kind["margin"]]]
    assert shapely.intersects(footprints(make_grid(SIZE, SIZE), by_kind["margin"]), named).all()


def test_similar_terrain_is_as_high_and_as_steep_as_the_landforms(cut, write_polygons):
    """Landforms lie in the northern rows only, so similar terrain does, too; random chips do not."""
    north = [square(column, row) for row in (6, 38) for column in range(4, 150, 20)]
    weights = ("similar_terrain=1", "random=1", "margin=0")
    _, found, _ = cut(inventory=write_polygons("north.gpkg", north), kind_weights=weights)
    rows = {
        kind: [c.row + PATCH / 2 for c in found.all_chips if c.kind == kind] for kind in ("similar_terrain", "random")
    }
    # Chips move by up to half a patch to stay in their block.
    assert max(rows["similar_terrain"]) < 44 + PATCH / 2 + 1
    assert max(rows["random"]) > 80


def test_what_was_not_searched_does_not_count(cut, write_polygons):
    area = shapely.box(500000, 6999200, 501600, 7000000)
    unsure = square(60, 20, 20)
    result, found, notes = cut(
        area=write_polygons("area.gpkg", [area]), unsure=write_polygons("unsure.gpkg", [unsure]), test_share=0.0
    )
    assert result.test_chips == 0
    check_splits(found)
    outside = 0
    for chip in found.all_chips:
        valid = chip.read().valid
        rows, columns = np.mgrid[chip.row : chip.row + PATCH, chip.column : chip.column + PATCH]
        assert not valid[rows >= 80].any()
        assert not valid[(rows >= 20) & (rows < 40) & (columns >= 60) & (columns < 80)].any()
        outside += int((rows >= 80).sum())
    assert outside
    assert any("outside the area that was searched" in note for note in notes)
    assert not any("No area was given" in note for note in notes)


def test_the_ring_around_outlines_does_not_count(cut, write_polygons):
    """A square of 6 pixels keeps its 4 x 4 inner ones; one of 2 pixels, all ring, keeps its own."""
    polygons = [square(20, 20, 6), square(60, 60, 2), square(100, 20), square(20, 100), square(100, 100)]
    _, found, _ = cut(inventory=write_polygons("few.gpkg", polygons), jitter=0.0, ring_width=10.0, negatives=0.5)
    by_landform = {chip.landform: chip.read() for chip in found.all_chips if chip.kind == "positive"}
    large, small = by_landform["1"], by_landform["2"]
    assert (large.mask.sum(), (large.mask & large.valid).sum()) == (36, 16)
    assert (small.mask.sum(), (small.mask & small.valid).sum()) == (4, 4)
    assert (~small.valid).sum() == 12
    _, without, _ = cut("bare", inventory=write_polygons("few.gpkg", polygons), ring_width=0.0)
    assert all(chip.valid_share == 1 for chip in without.all_chips)


def test_a_large_landform_has_chips_all_over_it(cut, write_polygons):
    large = square(10, 10, 60)
    others = [square(120, 120), square(120, 20), square(20, 130), square(140, 70)]
    _, found, _ = cut(inventory=write_polygons("large.gpkg", [large, *others]), block_size=800.0, test_share=0.0)
    check_splits(found)
    own = [chip for chip in found.all_chips if chip.landform == "1" and chip.kind == "positive"]
    assert len(own) > 20


def test_touching_landforms_go_to_one_split(cut, write_polygons):
    """They lie on both sides of a border of blocks, at column 64."""
    pairs = [polygon for row in range(8, 150, 24) for polygon in (square(56, row, 8), square(64, row, 8))]
    _, found, _ = cut(inventory=write_polygons("pairs.gpkg", pairs, id=np.arange(len(pairs))))
    check_splits(found)
    landforms = read_layer(f"{found.folder}/index.gpkg|layername=landforms")
    split = landforms.columns["split"]
    assert (split[::2] == split[1::2]).all()


def test_statistics_are_those_of_the_training_pixels(cut):
    _, found, _ = cut()
    pixels = [chip.read() for chip in found.chips("train")]
    values = np.concatenate([image[:, valid] for image, _, valid in pixels], axis=1).astype(float)
    for role, band in zip(found.roles, values, strict=True):
        mean, deviation, low, high = found.statistics[role]
        assert (mean, deviation) == (pytest.approx(band.mean()), pytest.approx(band.std()))
        assert low == pytest.approx(np.quantile(band, 0.01, method="lower"), abs=1e-3)
        assert high == pytest.approx(np.quantile(band, 0.99, method="higher"), abs=1e-3)


def test_metres_degrees_and_other_formats(cut, write_polygons, tmp_path, degrees):
    """The inventory as GeoJSON in degrees gives the positive chips of the one in metres."""
    from osgeo import gdal

    source = write_polygons("utm.gpkg", scattered(), id=np.arange(14))
    path = str(tmp_path / "degrees.geojson")
    gdal.VectorTranslate(
        path, source, format="GeoJSON", dstSRS="EPSG:4326", layerCreationOptions=["COORDINATE_PRECISION=12"]
    )
    _, one, _ = cut("one", inventory=source)
    _, two, _ = cut("two", inventory=path, patch_size=160.0, patch_unit="metres")
    first, second = (
        [(c.column, c.row, c.split, c.landform) for c in found.all_chips if c.kind == "positive"]
        for found in (one, two)
    )
    assert first == second


def write_ogr(
    path: Path, wkts: list[str], crs: int | None = 32719, driver: str = "GPKG", kind: int = ogr.wkbUnknown
) -> str:
    """Write geometries given as WKT with OGR itself, whatever they are."""
    from osgeo import osr

    reference = None
    if crs:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
    source = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    layer = source.CreateLayer("outlines", reference, kind)
    for wkt in wkts:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    del layer, source
    return str(path)


def test_invalid_and_curved_outlines_with_heights_are_taken(cut, tmp_path):
    """A bow tie is repaired with a note, heights are dropped, a curve is drawn as a polygon, no area is left out."""
    wkts = [shapely.to_wkt(polygon) for polygon in scattered()[:10]]
    x, y = 500000 + 800, 7000000 - 1500
    wkts.append(f"POLYGON (({x} {y}, {x + 80} {y + 80}, {x + 80} {y}, {x} {y + 80}, {x} {y}))")
    wkts.append(f"POLYGON Z (({x} {y + 1300} 1, {x + 60} {y + 1300} 2, {x} {y + 1360} 3, {x} {y + 1300} 1))")
    wkts.append(
        f"CURVEPOLYGON (CIRCULARSTRING ({x - 700} {y}, {x - 650} {y + 50}, {x - 600} {y}, {x - 650} {y - 50}, "
        f"{x - 700} {y}))"
    )
    wkts.append(f"POLYGON (({x} {y}, {x + 10} {y}, {x} {y}))")
    result, found, notes = cut(inventory=write_ogr(tmp_path / "odd.gpkg", wkts))
    check_splits(found)
    assert result.landforms == 13
    assert any("repaired" in note for note in notes)
    record = json.loads(Path(found.folder, "samples.json").read_text())
    assert any("repaired" in note for note in record["notes"])
    assert "repaired" in Path(found.folder, "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"points": True}, InvalidVectorError, "POINT geometries; polygons are expected"),
        ({"crs": None}, InvalidVectorError, "no coordinate reference system"),
        ({"empty": True}, InvalidVectorError, "has no polygons"),
        ({"far": True}, InvalidVectorError, "lies on the stack"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_inventory_that_does_not_fit_is_refused(cut, tmp_path, given, error, message):
    wkts = ["POINT (500100 6999900)"] if "points" in given else [shapely.to_wkt(p) for p in scattered()]
    wkts = [] if "empty" in given else wkts
    if "far" in given:
        wkts = ["POLYGON ((700000 6000000, 700100 6000000, 700100 6000100, 700000 6000000))"]
    kind, driver = (ogr.wkbPoint, "GPKG") if "points" in given else (ogr.wkbPolygon, "ESRI Shapefile")
    path = write_ogr(
        tmp_path / ("bad.gpkg" if driver == "GPKG" else "bad.shp"), wkts, given.get("crs", 32719), driver, kind
    )
    with pytest.raises(error, match=message):
        cut(inventory=path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch_size": 200.0}, "200 pixels a side, but the stack has 160 x 160"),
        ({"patch_size": 3.0}, "must have 8 to 4096"),
        ({"patch_size": 20.0, "patch_unit": "metres"}, "20 metres is 2 pixels"),
        ({"block_size": 100.0}, "smaller than a patch of 160 m"),
        ({"block_size": 5000.0}, r"lie in 1 block\(s\) of 1600 x 1600 m, but 3 are needed"),
        ({"validation_share": 0.9, "test_share": 0.1}, "leaves nothing to train on"),
        ({"kind_weights": ("margins=1",)}, "each kind once"),
        ({"kind_weights": ("margin=-1",)}, "each kind once"),
        ({"kind_weights": ("margin=1", "margin=2")}, "each kind once"),
        ({"kind_weights": tuple(f"{kind}=0" for kind in KINDS[1:])}, "set `negatives` to 0"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(cut, options, message):
    with pytest.raises(MapperError, match=message):
        cut(**options)


def test_one_landform_can_be_trained_on_but_not_tested(cut, write_polygons):
    lonely = write_polygons("one.gpkg", [square(70, 70, 10)])
    with pytest.raises(InvalidVectorError, match=r"1 landform.* set the validation share or the test share to 0"):
        cut(inventory=lonely)
    result, found, _ = cut(inventory=lonely, validation_share=0.0, test_share=0.0)
    assert (result.landforms, result.validation_chips, result.test_chips) == (1, 0, 0)
    check_splits(found)


def test_an_area_without_room_for_negatives_is_refused(cut, write_polygons, tmp_path):
    polygons = scattered()
    area = write_polygons("tight.gpkg", [shapely.buffer(polygon, 5) for polygon in polygons])
    with pytest.raises(InvalidVectorError, match="no room for negatives"):
        cut(area=area)
    result, _, _ = cut(area=area, negatives=0.0)
    assert result.landforms == 14
    assert not list(tmp_path.glob("*.part"))


def test_a_stack_in_degrees_and_a_heatmap_of_another_grid_are_refused(cut, write_raster, make_grid, degrees):
    grid = make_grid(SIZE, SIZE, 0.001, degrees)
    with pytest.raises(InvalidCRSError, match="in degrees"):
        cut(stack=write_raster("d.tif", np.zeros((1, SIZE, SIZE)), ["B04"], grid))
    with pytest.raises(InvalidGridError, match="heatmap"):
        cut(heatmap=write_raster("h.tif", np.zeros((1, 20, 20)), ["heatmap"]))


def test_nodata_is_never_a_sample(cut, write_raster):
    """The eastern half has no data in one of the bands: its landforms are in no chip, and no negative lies there."""
    values = np.random.default_rng(0).normal(size=(2, SIZE, SIZE))
    values[1, :, 80:] = np.nan
    result, found, notes = cut(stack=write_raster("stack.tif", values, ["B04", "B08"]), test_share=0.0)
    assert result.landforms < 14
    assert any("landforms are in no chip" in note for note in notes)
    assert any("no bands elevation and slope" in note for note in notes)
    for chip in found.all_chips:
        assert chip.column < 80
        columns = np.arange(chip.column, chip.column + PATCH)
        assert not chip.read().valid[:, columns >= 80].any()


@pytest.mark.parametrize("kind", ["int16", "uint8"])
def test_chips_are_stored_as_the_stack_is(cut, write_raster, kind):
    values = np.random.default_rng(0).integers(1, 200, (3, SIZE, SIZE)).astype(float)
    stored = {"dtype": kind, "nodata": 0 if kind == "uint8" else -32768, "scale": 0.5}
    _, found, _ = cut(stack=write_raster("stack.tif", values / 2, ["B04", "elevation", "slope"], **stored))
    check_splits(found)
    with Raster(found.all_chips[0].path) as chip:
        assert [(band.dtype, band.nodata) for band in chip.bands] == [(kind, stored["nodata"])] * 5
        assert chip.bands[0].scale == 0.5


def test_samples_are_replaced_as_a_whole_and_other_folders_never(cut, tmp_path, stack):
    first, _, _ = cut(seed=1)
    before = sorted(os.listdir(first.output))
    (Path(first.output) / "chips" / "000999.tif").touch()
    again, found, _ = cut(seed=2)
    assert sorted(os.listdir(again.output)) == before
    assert not (Path(again.output) / "chips" / "000999.tif").exists()
    assert found.seed == 2
    (Path(first.output) / "thesis.docx").touch()
    with pytest.raises(OutputError, match=r"thesis\.docx"):
        cut()
    (tmp_path / "other" / "chips").mkdir(parents=True)
    with pytest.raises(OutputError, match="something else in it"):
        cut("other")
    with pytest.raises(OutputError, match="is a file"):
        cut("stack.tif")
    with pytest.raises(OutputError, match="holds the input"):
        cut(".")
    with pytest.raises(OutputError, match="does not exist"):
        cut("nowhere/out")


def test_cancelled_samples_leave_the_earlier_ones(cut, tmp_path, stack, inventory):
    first, _, _ = cut(chips_per_landform=1)
    before = {path: path.read_bytes() for path in Path(first.output).rglob("*") if path.is_file()}
    options = SamplesOptions(stack=stack, inventory=inventory, output=first.output, patch_size=PATCH, block_size=320.0)
    for share in (0.05, 0.3, 0.85):
        with pytest.raises(Cancelled):
            samples.run(options, Listening(share))
    assert {path: path.read_bytes() for path in Path(first.output).rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inventory.gpkg", "out", "stack.tif"]


def test_a_full_disk_leaves_the_earlier_samples(cut, small_disk, stack, inventory):
    target = small_disk / "out"
    target.mkdir()
    options = SamplesOptions(stack=stack, inventory=inventory, output=str(target), patch_size=PATCH, block_size=320.0)
    with pytest.raises(OutputError, match=r"disk/out/\S+ cannot be written"):
        samples.run(options, Progress())
    assert list(small_disk.iterdir()) == [target]
    assert not list(target.iterdir())
    shutil.rmtree(target)


def test_the_index_opens_with_its_styles_and_attributes(cut, write_polygons):
    polygons = scattered()
    names = np.array([f"form {number}" for number in range(14)], object)
    _, found, _ = cut(inventory=write_polygons("named.gpkg", polygons, id=names, split=np.arange(14)))
    with closing(sqlite3.connect(Path(found.folder, "index.gpkg"))) as connection:
        styles = dict(connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
    assert set(styles) == {"chips", "landforms", "blocks"}
    assert all('attr="split"' in style for style in styles.values())
    landforms = read_layer(f"{found.folder}/index.gpkg|layername=landforms")
    assert landforms.columns["landform"].tolist() == landforms.columns["id"].tolist() == names.tolist()
    assert set(landforms.columns["split"]) == set(SPLITS)


def test_option_bounds_are_checked():
    with pytest.raises(InvalidOptionError, match="jitter"):
        SamplesOptions(stack="s", inventory="i", output="o", jitter=0.7)
