"""Which labels a raster holds, and where each ends."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.labels import index_labels


@pytest.mark.parametrize("height", [1, 2, 7])
@pytest.mark.parametrize("largest", [3, 60, 2**32])
def test_labels_and_last_rows(height, largest):
    """As a search for each label finds them, whatever the strips; labels need not be consecutive."""
    labels = np.random.default_rng(largest).integers(0, largest, (7, 6)).astype(np.uint32)
    index = index_labels(labels[row : row + height] for row in range(0, 7, height))
    expected = [number for number in np.unique(labels) if number]
    assert index.ids.tolist() == expected and index.ids.dtype == np.uint32 and len(index) == len(expected)
    assert index.last_rows.tolist() == [np.flatnonzero((labels == number).any(axis=1))[-1] for number in expected]
    assert (index.ids[index.places(labels[labels > 0])] == labels[labels > 0]).all()


def test_no_labels():
    """Neither an empty raster nor none at all is an error."""
    assert len(index_labels([])) == len(index_labels([np.zeros((2, 3), np.uint32)])) == 0
