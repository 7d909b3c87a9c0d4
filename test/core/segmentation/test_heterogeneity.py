"""The heterogeneity against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.segmentation.heterogeneity import Criterion
from rock_glacier_mapper.core.segmentation.image import Image
from rock_glacier_mapper.core.segmentation.multiresolution import segmented
from rock_glacier_mapper.core.segmentation.regions import Regions

# An L of four pixels (0, 0), (1, 0), (2, 0), (2, 1) with values 1, 2, 3, 6: perimeter 10, box 3 x 2 of perimeter 10,
# mean 3, squared deviations 4 + 1 + 0 + 9 = 14.
BOX, SIZE, PERIMETER, MEAN, SQUARES = [0, 0, 3, 2], 4, 10, 3, 14


def heterogeneity(criterion, *other_squares):
    """Return the heterogeneity of the L, in more bands if there are more squared deviations."""
    bands = [number for squares in (SQUARES, *other_squares) for number in (MEAN, squares)]
    regions = Regions(np.array([[*BOX, SIZE, PERIMETER, np.nan, *bands]], float), np.zeros(1, np.uint32))
    regions.measure(criterion)
    return regions.heterogeneity


@pytest.mark.parametrize(
    ("shape", "compactness", "expected"),
    [
        (0.0, 0.5, 2 * 14**0.5),  # n s = 4 sqrt(14 / 4)
        (1.0, 1.0, 20.0),  # n l / sqrt(n) = 4 * 10 / 2
        (1.0, 0.0, 4.0),  # n l / b = 4 * 10 / 10
        (0.5, 0.25, 0.5 * 2 * 14**0.5 + 0.5 * (0.25 * 20 + 0.75 * 4)),
    ],
)
def test_terms_by_hand(shape, compactness, expected):
    """Colour, compactness and smoothness of an L, alone and together."""
    assert heterogeneity(Criterion((1.0,), shape, compactness)) == pytest.approx([expected])


def test_bands_are_weighted():
    """A band of weight 0 has no say."""
    assert heterogeneity(Criterion((1.0, 0.0), 0.0, 0.5), 1e6) == pytest.approx([2 * 14**0.5])


def test_merges_of_a_3_x_3_raster_by_hand():
    """With colour alone, two columns of 10 and one of 20 merge at 0, and then together at a cost of 9 s.

    9 s = sqrt(9 * squares), squares = (6 * 3 / 9) * 10^2 = 200: 42.426, between 6.5^2 and 6.6^2.
    """
    image = Image(np.array([[[10, 10, 20]] * 3], np.float32), np.ones((3, 3), bool))
    criterion = Criterion((1.0,), 0.0, 0.5)
    assert segmented(image, criterion, 6.5, Progress()).tolist() == [[1, 1, 2]] * 3
    assert segmented(image, criterion, 6.6, Progress()).tolist() == [[1, 1, 1]] * 3


def test_shape_of_two_pixels_by_hand():
    """Compactness alone: two pixels cost 2 * 6 / sqrt(2) - 2 * 4 = 0.4853, between 0.69^2 and 0.70^2."""
    image = Image(np.zeros((1, 1, 2), np.float32), np.ones((1, 2), bool))
    criterion = Criterion((1.0,), 1.0, 1.0)
    assert segmented(image, criterion, 0.69, Progress()).tolist() == [[1, 2]]
    assert segmented(image, criterion, 0.70, Progress()).tolist() == [[1, 1]]
