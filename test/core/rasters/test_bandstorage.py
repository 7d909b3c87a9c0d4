"""Steps of whole numbers: those of the role, those that fit, and what is exact."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.bandstorage import Range, stored_as, wanted_step
from rock_glacier_mapper.core.rasters.raster import to_stored


def seen(*values):
    """Return the range of some values."""
    found = Range()
    found.add(np.array(values, np.float32))
    return found


@pytest.mark.parametrize(
    ("role", "step"),
    [
        ("B04", 1e-4),
        ("B8A", 1e-4),
        ("coherence", 1e-4),
        ("slope", 0.01),
        ("tpi_250", 0.05),
        ("ndvi", 0.0),
        ("B4x", 0.0),
    ],
)
def test_step_of_a_role(role, step):
    """A radius behind a role does not change it; what is unknown has none."""
    assert wanted_step(role) == step


@pytest.mark.parametrize(
    ("role", "step", "values", "scale", "offset"),
    [
        ("B04", 0.0, (0.01, 0.9), 1e-4, 0.0),
        ("B04", 0.001, (0.01, 0.9), 0.001, 0.0),
        ("B04", 0.0, (0, 255), 1.0, 0.0),
        ("elevation", 0.0, (1500.3, 4000.1), 0.25, 0.0),
        ("elevation", 0.0, (1500.3, 8848.9), 0.5, 0.0),
        ("B04", 0.0, (0.5, 8.1), 0.0005, 0.0),
        ("unknown", 0.0, (-3.2, 1.1), 1e-4, 0.0),
        ("unknown", 0.0, (0, 65534), 1.0, 32767.0),
        ("unknown", 0.0, (0, 65536), 5.0, 0.0),
        ("unknown", 0.0, (0, 0), 1.0, 0.0),
        ("unknown", 0.0, (), 1.0, 0.0),
    ],
)
def test_step_that_fits(role, step, values, scale, offset):
    """The role's if the values fit; whole numbers as they are; else the smallest round one."""
    band = stored_as(role, step, seen(*values))
    assert (band.scale, band.offset) == (scale, offset)


def test_the_ends_of_the_range_do_not_become_nodata():
    """-32768 means no value, so that it must not be a value too."""
    values = np.array([-3.2767, 3.2767, 0.00004], np.float32)
    stored = to_stored(values, stored_as("B04", 0.0, seen(*values)))
    assert stored.tolist() == [-32767, 32767, 0]
    whole = np.array([-1, 65533], np.float32)
    assert to_stored(whole, stored_as("x", 0.0, seen(*whole))).tolist() == [-32767, 32767]
