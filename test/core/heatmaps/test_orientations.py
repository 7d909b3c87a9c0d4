"""Turned and mirrored tiles: what is undone is as before, and directions on the ground go along."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidOptionError
from rock_glacier_mapper.core.heatmaps.orientations import AS_IS, Orientation, aspect_bands, orientations

ALL = orientations("all")
PICTURE = np.arange(18).reshape(2, 3, 3)


def aspect(elevation: np.ndarray, geotransform: tuple[float, ...]) -> np.ndarray:
    """Return sine and cosine of the downslope azimuth from grid north, by the chain rule from rows and columns."""
    by_row, by_column = np.gradient(elevation)
    pixels = np.array([geotransform[1:3], geotransform[4:6]])
    east, north = np.linalg.inv(pixels).T @ np.stack([by_column.ravel(), by_row.ravel()])
    azimuth = np.arctan2(-east, -north)
    return np.stack([np.sin(azimuth), np.cos(azimuth)]).reshape(2, *elevation.shape)


def test_the_choices_are_groups_without_repeats():
    """None 1, flips 4, all 8 different pictures; the first is the picture itself."""
    for name, count in (("none", 1), ("flips", 4), ("all", 8)):
        chosen = orientations(name)
        assert len({item.apply(PICTURE).tobytes() for item in chosen}) == count
        assert chosen[0] == AS_IS


@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_undoing_gives_the_picture_back(orientation):
    """Also of another height and width, as outputs of a network without padding have them."""
    picture = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(orientation.undo(orientation.apply(picture)), picture)


def test_flips_and_turns_are_what_they_say():
    """By hand: rows 0 1 2 / 3 4 5 / 6 7 8; a turn takes the right column to the top."""
    picture = np.arange(9).reshape(3, 3)
    assert Orientation(1).apply(picture)[0].tolist() == [2, 5, 8]
    assert Orientation(0, mirrored=True).apply(picture)[0].tolist() == [2, 1, 0]
    assert Orientation(2, mirrored=True).apply(picture)[0].tolist() == [6, 7, 8]


def test_a_slope_to_the_east_faces_north_after_a_turn(make_grid):
    """Azimuth 90 becomes 0 after a counter-clockwise quarter turn, and 270 when mirrored left to right."""
    east = np.array([1.0, 0.0])
    grid = make_grid(3, 3)
    np.testing.assert_allclose(Orientation(1).on_ground(grid) @ east, [0, 1], atol=1e-12)
    np.testing.assert_allclose(Orientation(0, mirrored=True).on_ground(grid) @ east, [-1, 0], atol=1e-12)


@pytest.mark.parametrize(
    "geotransform",
    [(0, 10, 0, 0, 0, -10), (0, 10, 0, 0, 0, 10), (0, 8, 6, 0, 6, -8)],
    ids=["north up", "south up", "rotated"],
)
@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_changed_aspect_is_the_aspect_of_the_changed_elevation(make_grid, orientation, geotransform):
    """A tilted plane: turn the elevation model and derive, or derive and turn."""
    rows, columns = np.mgrid[0:5, 0:5]
    elevation = 3.0 * columns - 1.0 * rows
    grid = make_grid(5, 5)
    grid = type(grid)(5, 5, tuple(map(float, geotransform)), grid.crs)
    derived_last = aspect(orientation.apply(elevation), geotransform)
    derived_first = np.tensordot(orientation.on_ground(grid), aspect(elevation, geotransform), 1)
    np.testing.assert_allclose(orientation.apply(derived_first), derived_last, atol=1e-12)


def test_pixels_that_are_not_square_can_be_flipped_but_not_turned(make_grid):
    """A turn would show pixels of 9 x 11 m as 11 x 9 m; sheared or rotated ones not even flipped."""
    grid = make_grid(3, 3)
    oblong = type(grid)(3, 3, (0.0, 9.0, 0.0, 0.0, 0.0, -11.0), grid.crs)
    for orientation in orientations("flips"):
        orientation.on_ground(oblong)
    with pytest.raises(InvalidOptionError, match=r"no squares.*`augment` to flips"):
        Orientation(1).on_ground(oblong)
    sheared = type(grid)(3, 3, (0.0, 10.0, 3.0, 0.0, 0.0, -10.0), grid.crs)
    with pytest.raises(InvalidOptionError, match="no squares"):
        Orientation(0, mirrored=True).on_ground(sheared)


def test_both_aspect_bands_are_found_in_any_order():
    """Models name their bands in the order of their training; most have no aspect."""
    assert aspect_bands(["slope", "aspect_cos", "B04", "aspect_sin"], "m") == (3, 1)
    assert aspect_bands(["B04", "elevation", "coherence", "profile_curvature"], "m") is None


@pytest.mark.parametrize(
    "roles", [["hillshade_315"], ["Insolation"], ["illumination"], ["local_incidence"], ["aspect"], ["northness"]]
)
def test_bands_of_a_fixed_direction_are_refused(roles):
    """The sun would shine from another side of the turned picture."""
    with pytest.raises(InvalidOptionError, match=rf"model m uses {roles[0]}.*cannot be turned.*`augment` to none"):
        aspect_bands(["B04", *roles], "m")


def test_half_an_aspect_is_refused():
    """The sine of a turned aspect is the cosine before."""
    with pytest.raises(InvalidOptionError, match="aspect_sin alone"):
        aspect_bands(["B04", "aspect_sin"], "m")
