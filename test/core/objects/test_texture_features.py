"""Texture against the worked example of Haralick et al. (1973), by hand, and against scikit-image."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.objects.featurecatalogue import DIRECTIONS, TEXTURE
from rock_glacier_mapper.core.objects.texture_features import GREY_LEVELS, grey_levels
from skimage.feature import graycomatrix, graycoprops
from toy_objects import grid_of, measured, objects, random_objects

# Figure 3 of the paper: an image of four grey levels and its matrices in the four directions.
IMAGE = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])
MATRICES = {
    0: [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]],
    45: [[4, 1, 0, 0], [1, 2, 2, 0], [0, 2, 4, 1], [0, 0, 1, 0]],
    90: [[6, 0, 2, 0], [0, 4, 2, 0], [2, 2, 2, 2], [0, 0, 2, 0]],
    135: [[2, 1, 3, 0], [1, 2, 1, 0], [3, 1, 0, 2], [0, 0, 2, 0]],
}


def texture(labels: np.ndarray, levels: np.ndarray, rows: int = 100) -> dict[str, np.ndarray]:
    """Measure texture on an image of grey levels; negative ones are nodata."""
    values = np.where(levels < 0, np.nan, levels + 0.5)
    groups = ("texture", "texture_directions")
    found = measured(labels, groups, {"v": values}, rows=rows, texture=(0, GREY_LEVELS))
    return {name.removeprefix("v_glcm_"): column for name, column in found.items()}


def measures(matrix: np.ndarray) -> dict[str, float]:
    """Return the measures of a symmetric matrix of counts, cell by cell after the definitions."""
    p = matrix / matrix.sum()
    i, j = np.indices(p.shape)
    mean = (i * p).sum()
    variance = ((i - mean) ** 2 * p).sum()
    return {
        "contrast": (p * (i - j) ** 2).sum(),
        "dissimilarity": (p * abs(i - j)).sum(),
        "homogeneity": (p / (1 + (i - j) ** 2)).sum(),
        "angular_second_moment": (p**2).sum(),
        "entropy": -(p[p > 0] * np.log(p[p > 0])).sum(),
        "correlation": ((i - mean) * (j - mean) * p).sum() / variance if variance > 0 else math.nan,
    }


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_example_of_the_paper(direction: int) -> None:
    """The matrices are printed in the paper; the measures follow from them."""
    found = texture(np.ones((4, 4), np.uint32), IMAGE)
    expected = measures(np.array(MATRICES[direction]))
    assert {name: found[f"{name}_{direction}"][0] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize("row_step", [-10.0, 10.0], ids=["north-up", "south-up"])
def test_directions_are_those_on_the_map(row_step: float) -> None:
    """Stripes that run from north-west to south-east have contrast across, towards the north-east."""
    stripes = np.add.outer(np.arange(6), -np.arange(6)) % 3
    image = stripes if row_step < 0 else stripes[::-1]
    labels = np.ones((6, 6), np.uint32)
    grid = grid_of(labels, (500000.0, 10.0, 0.0, 6900000.0, 0.0, row_step))
    found = measured(labels, ("texture_directions",), {"v": image + 0.5}, grid, texture=(0, GREY_LEVELS))
    assert found["v_glcm_contrast_135"].tolist() == [0]
    assert found["v_glcm_contrast_45"][0] > 0


def test_average_over_directions() -> None:
    """The paper's first set of 14 features are the means over the four directions."""
    found = texture(np.ones((4, 4), np.uint32), IMAGE)
    expected = [measures(np.array(matrix))["entropy"] for matrix in MATRICES.values()]
    assert found["entropy"] == pytest.approx([np.mean(expected)])


def test_by_hand() -> None:
    """Three by three pixels, two levels in columns: half of the pairs along the rows are unlike, none of the others."""
    found = texture(np.ones((3, 3), np.uint32), np.array([[0, 0, 1]] * 3))
    assert found["contrast_0"] == pytest.approx([1 / 2])
    assert found["homogeneity_0"] == pytest.approx([1 / 2 + 1 / 4])
    assert found["angular_second_moment_0"] == pytest.approx([1 / 4 + 2 / 16])
    assert found["entropy_0"] == pytest.approx([math.log(2) / 2 + math.log(4) / 2])
    assert found["contrast_90"].tolist() == [0]
    assert found["correlation_90"] == pytest.approx([1])


def test_only_pairs_inside_the_object() -> None:
    """Two even objects side by side have no contrast, although their levels differ."""
    found = texture(objects("1122", "1122"), np.array([[0, 0, 9, 9]] * 2))
    assert found["contrast"].tolist() == [0, 0]
    assert found["angular_second_moment"].tolist() == [1, 1]
    assert found["entropy"].tolist() == [0, 0]
    assert np.isnan(found["correlation"]).all()


def test_objects_without_pairs() -> None:
    """One pixel has no texture; a row of pixels has one direction, which alone counts in the mean."""
    found = texture(objects("1222"), np.array([[5, 0, 2, 0]]))
    assert np.isnan([column[0] for column in found.values()]).all()
    assert found["contrast"][1] == found["contrast_0"][1] == 4
    assert np.isnan(found["contrast_90"][1])


def test_nodata_makes_no_pairs() -> None:
    """A gap separates the pixels on both sides of it."""
    found = texture(objects("1111"), np.array([[3, -1, 0, 1]]))
    assert found["contrast_0"].tolist() == [1]


def test_levels_by_hand() -> None:
    """Sixteen levels of equal width; what lies beyond the ends gets the first and the last."""
    values = np.array([[-5, 0.5, 1.5, 15.5, 16, 99, np.nan]], np.float32)
    assert grey_levels(values, 0, 16).tolist() == [[0, 0, 1, 15, 15, 15, 255]]
    assert grey_levels(np.float32([[3, np.nan]]), 3, 3).tolist() == [[0, 255]]


@pytest.mark.parametrize("seed", range(2))
def test_against_scikit_image(seed: int) -> None:
    """The matrices of scikit-image, one object at a time with the rest as a level of its own that is left out."""
    labels = random_objects(seed, size=16, count=6)
    levels = np.random.default_rng(seed).integers(0, GREY_LEVELS, labels.shape)
    levels[np.random.default_rng(seed + 5).random(labels.shape) < 0.1] = -1
    found = texture(labels, levels)
    # Its angles turn clockwise.
    angles = [-math.radians(direction) for direction in DIRECTIONS]
    for number in range(1, labels.max() + 1):
        inside = np.where((labels == number) & (levels >= 0), levels, GREY_LEVELS).astype(np.uint8)
        matrices = graycomatrix(inside, [1], angles, levels=GREY_LEVELS + 1, symmetric=True)[:-1, :-1]
        pairs = matrices.sum(axis=(0, 1))[0]
        for name, own in (("contrast", "contrast"), ("homogeneity", "homogeneity"), ("ASM", "angular_second_moment")):
            expected = np.where(pairs > 0, graycoprops(matrices, name)[0], np.nan)
            mine = [found[f"{own}_{direction}"][number - 1] for direction in DIRECTIONS]
            assert mine == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_strips_change_nothing(rows: int) -> None:
    """Pairs across the cut are counted once, with all their object's others."""
    labels = random_objects(4)
    levels = np.random.default_rng(4).integers(0, 5, labels.shape)
    whole, cut = texture(labels, levels), texture(labels, levels, rows)
    assert len(whole) == len(TEXTURE) * (1 + len(DIRECTIONS))
    assert all(np.array_equal(whole[name], cut[name], equal_nan=True) for name in whole)
