"""The engine's packages stay out of QGIS's process: their libraries crash it (GEOS twice, Qt and onnxruntime)."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

HEAVY = ("numba", "shapely", "scipy", "skimage", "onnx", "onnxruntime")

SCRIPT = """
import json, os, sys
from qgis.core import QgsApplication
application = QgsApplication([], True)
application.initQgis()
sys.path.insert(0, os.path.join(application.pkgDataPath(), "python", "plugins"))
from processing.core.Processing import Processing
Processing.initialize()
import processing
import rock_glacier_mapper
plugin = rock_glacier_mapper.classFactory(None)
plugin.initProcessing()
before = {name.partition(".")[0] for name in sys.modules}
results = processing.run("rockglacier:smoothheatmap", {"INPUT": %r, "SIGMA": 10, "OUTPUT": %r})
loaded = {name.partition(".")[0] for name in sys.modules} - before
maps = open("/proc/self/maps").read()
plugin.unload()
print(json.dumps({"output": results["OUTPUT"], "loaded": sorted(loaded), "maps": maps}))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def raster(stack, tmp_path):
    """One band of the scene, which will do as a heatmap."""
    from osgeo import gdal

    path = str(tmp_path / "band.tif")
    gdal.Translate(path, stack, bandList=[7])
    return path


def heavy_libraries(maps):
    """Return the packages of which a library is mapped into a process."""
    return {name for name in HEAVY if f"/{name}/" in maps or f"/{name}.libs/" in maps}


def test_a_run_loads_none_of_the_engines_packages(in_new_python, raster, tmp_path):
    """A run from a script, as the Python console of QGIS does it."""
    output = str(tmp_path / "smoothed.tif")
    seen = json.loads(in_new_python(SCRIPT % (raster, output)))
    assert Path(seen["output"]).is_file()
    assert not set(HEAVY) & set(seen["loaded"])
    assert heavy_libraries(seen["maps"]) == set()


@pytest.mark.skipif(not Path("/proc/self/maps").is_file(), reason="needs /proc, which only Linux has")
def test_headless_qgis_maps_none_of_the_engines_libraries(qgis_process, raster, tmp_path):
    """The memory map of the process is looked at while it runs; shapely's library there is the known crash."""
    output = tmp_path / "smoothed.tif"
    command = qgis_process.command("run", "rockglacier:smoothheatmap", f"--INPUT={raster}", f"--OUTPUT={output}")
    seen = set()
    with subprocess.Popen(command, env=qgis_process.environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            seen |= set(Path(f"/proc/{process.pid}/maps").read_text().split())
            time.sleep(0.05)
    assert output.is_file()
    assert any("libqgis_core" in line for line in seen)
    assert heavy_libraries("\n".join(seen)) == set()
