"""Folders of samples of the shared data: simulated landscapes by the stage, pictures of Los Helados as they came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.samples.chipstorage import ChipStorage
from rock_glacier_mapper.core.samples.samplefolder import SamplesRecord, footprints, write_index, write_record
from rock_glacier_mapper.core.samples.sampleset import BandStatistics, Chip
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer
from scene_stack import read_scene, write_stack

PICTURE_ROLES = ("B04", "B03", "B02")
_PICTURE_SIZE = 128
_PIXEL = 10.0

Picture = tuple[NDArray[np.float32], NDArray[np.bool_], str, str]
"""Bands, mask, split, and the landform's name, empty where there is none."""


def landscape_samples(scene: Path, output: Path, **options: object) -> str:
    """Cut samples of a simulated landscape by the stage; return the folder."""
    output.mkdir(parents=True, exist_ok=True)
    stack, folder = output / f"{scene.name}_stack.tif", output / f"{scene.name}_samples"
    read = read_scene(scene)
    write_stack(stack, read, read.grid.whole)
    inventory = f"{scene / 'reference.gpkg'}|layername=rock_glaciers"
    given = SamplesOptions(stack=str(stack), inventory=inventory, output=str(folder), **options)
    stage_named("samples").run(given, Progress())
    return str(folder)


def picture_samples(data: Path, output: Path, splits: dict[int, str]) -> str:
    """Write the clear pictures of some sites of Los Helados, and those without rock glaciers, as samples.

    Parameters
    ----------
    data : Path
        The folder los_helados.
    output : Path
        Where to write the folder `pictures`, which must not exist.
    splits : dict of int to str
        Split of each site. Pictures without rock glaciers, whose place is not known, are trained on.

    Returns
    -------
    str
        The folder. The pictures' coordinates in it carry no meaning.
    """
    return written_pictures(output / "pictures", [*_site_pictures(data, splits), *_negatives(data)])


def written_pictures(folder: Path, pictures: Sequence[Picture]) -> str:
    """Write pictures side by side as one stack, and that as a folder of samples."""
    (folder / "chips").mkdir(parents=True)
    grid = Grid(_PICTURE_SIZE * len(pictures), _PICTURE_SIZE, (0.0, _PIXEL, 0.0, 0.0, 0.0, -_PIXEL), _crs())
    strip = folder / "strip.tif"
    whole = Window(0, 0, _PICTURE_SIZE, _PICTURE_SIZE)
    with RasterWriter(str(strip), grid, [Band(role, "float32", -9999.0) for role in PICTURE_ROLES]) as writer:
        for number, (image, *_) in enumerate(pictures):
            writer.write(whole._replace(x=number * _PICTURE_SIZE), image)
    chips = []
    with Raster(str(strip)) as stack:
        storage = ChipStorage.of(stack)
        for number, (image, mask, split, landform) in enumerate(pictures):
            window = whole._replace(x=number * _PICTURE_SIZE)
            path = str(folder / "chips" / f"{number + 1:06d}.tif")
            valid = np.isfinite(image).all(axis=0)
            storage.write(path, stack, window, mask & valid, valid)
            kind = "positive" if mask.any() else "random"
            shares = float((mask & valid).mean()), float(valid.mean())
            place = (window.x, window.y, PICTURE_ROLES, _PICTURE_SIZE)
            chips.append(Chip(path, split, number, kind, landform, *shares, *place))
    strip.unlink()
    _write_lists(folder, grid, chips, pictures)
    return str(folder)


def _write_lists(folder: Path, grid: Grid, chips: Sequence[Chip], pictures: Sequence[Picture]) -> None:
    squares = footprints(grid, chips)
    split = np.array([chip.split for chip in chips], object)
    blocks = VectorLayer(squares, {"block": np.arange(len(chips)), "split": split}, grid.crs)
    # The pictures' places are not those of the landforms, so that no outline would fit.
    none = {"landform": np.array([], object), "split": np.array([], object)}
    landforms = VectorLayer(squares[:0], none, grid.crs)
    write_index(str(folder), grid, chips, blocks, landforms)
    trained = np.concatenate([image.reshape(3, -1) for image, _, split, _ in pictures if split == "train"], axis=1)
    statistics = [
        BandStatistics(float(np.nanmean(band)), float(np.nanstd(band)), *np.nanpercentile(band, [1, 99]).tolist())
        for band in trained
    ]
    facts = {"sources": {"pictures": "Rock Glacier Dataset, Universidad de Chile, CMM (2022), MIT"}}
    record = SamplesRecord(PICTURE_ROLES, _PICTURE_SIZE, grid, 0, statistics, facts)
    write_record(str(folder), record, chips)


def _crs() -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32719)
    return str(reference.ExportToWkt())


def _site_pictures(data: Path, splits: dict[int, str]) -> list[Picture]:
    index = read_layer(str(data / "chips.gpkg"))
    pictures = []
    for site, split in splits.items():
        chosen = (index.columns["site"] == site) & (index.columns["usable"] == 1)
        for name in index.columns["chip"][chosen]:
            with Raster(str(data / "chips" / f"{Path(str(name)).stem}.tif")) as raster:
                bands = raster.read()
            pictures.append((bands[:3], bands[3] > 0, split, f"site {site}"))
    return pictures


def _negatives(data: Path) -> list[Picture]:
    pictures = []
    for path in sorted((data / "negatives").glob("*.png")):
        with Raster(str(path)) as raster:
            image = raster.read()[:3]
        pictures.append((image, np.zeros(image.shape[1:], bool), "train", ""))
    return pictures
