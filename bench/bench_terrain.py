"""Processor time of the stage `terrain` against gdaldem run once for each attribute, on the same DEM in the same run.

Both run in this process and write the same kind of file: Float32 (gdaldem's hillshade: bytes), tiled, DEFLATE with the
options of the stage. Each figure is the least of several rounds, in which the contestants take turns, so that other
programs on the machine disturb all alike.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rock_glacier_mapper.core.contracts.terrain import ATTRIBUTES, TerrainOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Band, Grid, Raster, RasterWriter
from rock_glacier_mapper.core.terrain import terrain
from rock_glacier_mapper.core.version import PACKAGE_FOLDER

SAMPLE = PACKAGE_FOLDER / "resources" / "sample" / "simulated_stack.tif"
GDALDEM = ("slope", "aspect", "hillshade", "TRI", "TPI", "roughness")
# What gdaldem has, in the names of the stage; its topographic position is that of the eight neighbours.
SHARED = ("slope", "aspect_sin", "aspect_cos", "hillshade", "ruggedness", "tpi", "roughness")
NEAREST = "15"
OPTIONS = ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE", "ZLEVEL=1"]
HEADER = ("what", "bands", "CPU (s)", "CPU (s a band)", "times gdaldem (a band)")
PAGE = """# Benchmark of terrain attributes

Written by `make bench-inputs`: `bench/bench_terrain.py` derives terrain attributes from the elevation of the sample
scene, mirrored to {size} x {size} pixels of 10 m, by the stage `terrain` and by gdaldem (GDAL {version}) run once for
each of its six attributes. Both write tiled GeoTIFFs with DEFLATE, and reading and writing count. CPU is user and
system time, the least of {rounds} rounds in which the contestants take turns.

{table}

The stage writes the aspect as two bands, and hillshade as Float32, which gdaldem writes as bytes. *All attributes* has
the curvatures, the mean in a disc of 250 m and the relief within 250 m, which gdaldem has not; smoothing is a Gaussian
of 15 m before the derivatives.
"""


def rows(size: int, rounds: int, folder: Path) -> list[tuple[str, ...]]:
    """Measure all contestants.

    Parameters
    ----------
    size : int
        Side of the DEM in pixels.
    rounds : int
        How often each contestant runs.
    folder : Path
        Where the files are written.

    Returns
    -------
    list of tuple of str
        One a contestant, with the columns of `HEADER`.
    """
    dem = write_dem(folder / "dem.tif", size)
    contestants: dict[str, tuple[int, Callable[[], None]]] = {
        "gdaldem, once an attribute": (len(GDALDEM), lambda: run_gdaldem(dem, folder)),
        "the same attributes, one run": (
            len(SHARED),
            lambda: run_stage(dem, folder, attributes=SHARED, radius=(NEAREST,), smoothing=0.0),
        ),
        "all attributes, no smoothing": (
            len(ATTRIBUTES),
            lambda: run_stage(dem, folder, attributes=ATTRIBUTES, smoothing=0.0),
        ),
        "all attributes, smoothing": (len(ATTRIBUTES), lambda: run_stage(dem, folder, attributes=ATTRIBUTES)),
    }
    seconds = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, (_, work) in contestants.items():
            start = time.process_time()
            work()
            seconds[name] = min(seconds[name], time.process_time() - start)
    a_band = {name: seconds[name] / bands for name, (bands, _) in contestants.items()}
    peer = next(iter(a_band.values()))
    return [
        (name, str(bands), f"{seconds[name]:.1f}", f"{a_band[name]:.2f}", f"{a_band[name] / peer:.2f}")
        for name, (bands, _) in contestants.items()
    ]


def write_dem(path: Path, size: int) -> str:
    """Write the sample scene's elevation, mirrored as often as needed."""
    with Raster(str(SAMPLE)) as raster:
        elevation, sample = raster.read(roles=["elevation"])[0], raster.grid
    height, width = elevation.shape
    mirrored = np.pad(elevation, ((0, size - height), (0, size - width)), mode="symmetric")
    grid = Grid(size, size, sample.geotransform, sample.crs)
    with RasterWriter(str(path), grid, [Band("elevation", "float32", -9999.0)]) as writer:
        writer.write(grid.whole, mirrored[np.newaxis])
    return str(path)


def run_gdaldem(dem: str, folder: Path) -> None:
    """Run gdaldem once for each of its attributes."""
    for kind in GDALDEM:
        options = OPTIONS if kind == "hillshade" else [*OPTIONS, "PREDICTOR=3"]
        gdal.DEMProcessing(str(folder / f"{kind}.tif"), dem, kind, creationOptions=options)


def run_stage(dem: str, folder: Path, **options: object) -> None:
    """Run the stage once."""
    terrain.run(TerrainOptions(dem=dem, output=str(folder / "terrain.tif"), **options), Progress())


def table(lines: list[tuple[str, ...]]) -> str:
    """Return the rows as a table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [HEADER, ("---",) * len(HEADER), *lines])


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=3600, help="side of the DEM in pixels, at least 600")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, required=True, help="page to write")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = table(rows(arguments.size, arguments.rounds, Path(folder)))
    page = PAGE.format(size=arguments.size, rounds=arguments.rounds, version=gdal.__version__, table=measured)
    arguments.output.write_text(page, "utf8")
    print(measured)


if __name__ == "__main__":
    main()
