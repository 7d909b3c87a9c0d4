"""Single-look complex images: the formats of the processors, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidRasterError
from rock_glacier_mapper.core.radar import complexraster
from rock_glacier_mapper.core.radar.complexraster import open_complex, read_complex
from rock_glacier_mapper.core.rasters.geodata import gdal, same_crs, spatial_reference

VALUES = np.array([[3 + 4j, 0], [-1 - 2j, -99]])


@pytest.mark.parametrize(
    ("driver", "kind"),
    [
        ("GTiff", gdal.GDT_CInt16),
        ("GTiff", gdal.GDT_CInt32),
        ("GTiff", gdal.GDT_CFloat32),
        ("GTiff", gdal.GDT_CFloat64),
        ("ENVI", gdal.GDT_CFloat32),
        ("ENVI", gdal.GDT_CFloat64),
    ],
)
def test_every_complex_type_is_read(write_complex, driver, kind):
    """Sentinel-1 has whole numbers of 16 bits, processors write floats."""
    with open_complex(write_complex("a.img", VALUES, kind, driver)) as raster:
        real, imaginary = read_complex(raster, raster.grid.whole)
    assert real.tolist() == [[3, 0], [-1, -99]]
    assert imaginary.tolist() == [[4, 0], [-2, 0]]


def test_declared_nodata_and_numbers_that_are_none_become_zero(write_complex):
    """Zero is what the estimator takes for missing."""
    values = VALUES.copy()
    values[0, 1] = complex(np.nan, 1)
    with open_complex(write_complex("a.tif", values, nodata=-99)) as raster:
        real, imaginary = read_complex(raster, raster.grid.whole)
    assert real.tolist() == [[3, 0], [-1, 0]]
    assert imaginary.tolist() == [[4, 0], [-2, 0]]


def test_a_real_part_of_nodata_alone_is_a_value(write_complex):
    """With 0 for nodata, and small whole numbers, every second pixel of dark ground would be lost."""
    values = np.array([[0 + 3j, 0 + 0j], [2 + 0j, -1 + 1j]], np.complex64)
    with open_complex(write_complex("a.tif", values, nodata=0)) as raster:
        real, imaginary = read_complex(raster, raster.grid.whole)
    assert imaginary.tolist() == [[3, 0], [0, 1]] and real.tolist() == [[0, 0], [2, -1]]


def test_real_numbers_and_several_bands_are_refused(write_complex):
    """An amplitude has no phase; of two polarisations one must be chosen."""
    with pytest.raises(InvalidRasterError, match=r"real numbers \(float32\).*complex image is expected"):
        open_complex(write_complex("real.tif", VALUES.real, gdal.GDT_Float32))
    with pytest.raises(InvalidRasterError, match="has 2 bands"):
        open_complex(write_complex("two.tif", VALUES, bands=2))


def write_container(path, utm, **rasters):
    """Write arrays as an OPERA product holds them: a group `data`, a committed complex type, coordinates of pixels."""
    kind = gdal.ExtendedDataType
    real = kind.Create(gdal.GDT_Float32)
    parts = [gdal.EDTComponent.Create(name, offset, real) for name, offset in (("r", 0), ("i", 4))]
    complex_type = kind.CreateCompound("complex64", 8, parts)
    dataset = gdal.GetDriverByName("netCDF").CreateMultiDimensional(str(path))
    group = dataset.GetRootGroup().CreateGroup("data")
    dimensions = []
    for name, start, step in (("y", 7e6, -10), ("x", 5e5, 5)):
        dimension = group.CreateDimension(f"{name}_coordinates", f"HORIZONTAL_{name.upper()}", "", 2)
        line = group.CreateMDArray(f"{name}_coordinates", [dimension], kind.Create(gdal.GDT_Float64))
        line.Write(np.array([start, start + step]))
        for key, text in (("standard_name", f"projection_{name}_coordinate"), ("units", "m")):
            line.CreateAttribute(key, [], kind.CreateString()).Write(text)
        dimensions.append(dimension)
    for name, values in rasters.items():
        is_complex = np.iscomplexobj(values)
        array = group.CreateMDArray(name, dimensions, complex_type if is_complex else real)
        array.SetSpatialRef(spatial_reference(utm))
        array.Write(values.astype(np.complex64 if is_complex else np.float32).tobytes())
    return str(path)


def test_the_one_complex_raster_of_a_container_is_found_with_its_place(tmp_path, utm):
    """OPERA's CSLC: GDAL's HDF5 driver would read the same numbers without saying where they lie."""
    path = write_container(tmp_path / "cslc.h5", utm, VV=VALUES, flattening_phase=VALUES.real)
    for given in (path, f'NETCDF:"{path}":/data/VV'):
        with open_complex(given) as raster:
            real, imaginary = read_complex(raster, raster.grid.whole)
        assert real.tolist() == [[3, 0], [-1, -99]]
        assert imaginary.tolist() == [[4, 0], [-2, 0]]
        assert raster.grid.geotransform == (499997.5, 5, 0, 7000005, 0, -10)
        assert same_crs(raster.grid.crs, utm)


def test_without_the_netcdf_driver_the_other_one_reads(tmp_path, utm, monkeypatch):
    """Numbers without a place are better than none; the stage warns of it."""
    path = write_container(tmp_path / "cslc.h5", utm, VV=VALUES)
    monkeypatch.setattr(complexraster, "_CONTAINERS", {"HDF5": "{}"})
    with open_complex(path) as raster:
        assert raster.read_raw().tolist() == VALUES.tolist()
        assert raster.grid.crs == ""


def test_a_container_without_one_complex_raster_is_refused(tmp_path, utm):
    """Two polarisations are named, so that the user can copy one."""
    path = write_container(tmp_path / "both.h5", utm, VV=VALUES, VH=VALUES)
    with pytest.raises(InvalidRasterError, match=r"several complex rasters.*data/V[HV], .*data/V[HV]"):
        open_complex(path)
    path = write_container(tmp_path / "static.h5", utm, incidence=VALUES.real, layover=VALUES.real)
    with pytest.raises(InvalidRasterError, match="none of complex numbers"):
        open_complex(path)


def test_a_missing_driver_is_said(monkeypatch, tmp_path):
    """Builds of GDAL differ; `not recognized as a supported file format` helps nobody."""
    path = tmp_path / "cslc.h5"
    path.write_bytes(b"no HDF5")
    monkeypatch.setattr(complexraster, "_CONTAINERS", {"no such driver": "{}"})
    with pytest.raises(InvalidRasterError, match="neither the netCDF nor the HDF5 driver"):
        open_complex(str(path))
