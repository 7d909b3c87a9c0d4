"""The environment's known trap: numpy must be the one that GDAL's bindings were built with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from osgeo import gdal_array
from rock_glacier_mapper.core.version import PACKAGE_FOLDER, version


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="says where Debian keeps numpy")
def test_numpy_is_the_systems():
    """Packages pulled in by pip bring their own numpy 2, for which osgeo.gdal_array of Debian 12 fails to import."""
    assert Path(np.__file__).is_relative_to("/usr/lib/python3/dist-packages"), (
        "pip has put another numpy into the environment: remove .venv and run `make setup`"
    )
    assert gdal_array.NumericTypeCodeToGDALTypeCode(np.uint8) == 1


def test_shapely_has_coverages():
    """Shared borders are simplified by functions that came with GEOS 3.12."""
    assert shapely.geos_version >= (3, 12)


def test_one_version():
    """pyproject.toml cannot read metadata.txt, so it must agree with it."""
    assert f'version = "{version()}"' in (PACKAGE_FOLDER / "pyproject.toml").read_text("utf8")


def test_importing_the_contracts_loads_no_heavy_package():
    """QGIS imports them into its own process, where the wheels' libraries clash with its own."""
    code = (
        "import sys, rock_glacier_mapper, rock_glacier_mapper.core.stages; "
        ""
        "heavy = {'qgis', 'numpy', 'scipy', 'skimage', 'shapely', 'onnxruntime', 'osgeo'}; "
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
