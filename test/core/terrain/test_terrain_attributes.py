"""Attributes of a pixel and its neighbours against closed forms: planes, paraboloids, sine waves."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.terrain import terrain_attributes as attributes
from rock_glacier_mapper.core.terrain.demgrid import Steps

NORTH_UP = Steps(10.0, 0.0, 0.0, -10.0)
# Pixels of 10 m x 20 m, turned, sheared, and south up: each another way from pixels to the ground.
GRIDS = {
    "north up": NORTH_UP,
    "oblong": Steps(10.0, 0.0, 0.0, -20.0),
    "south up": Steps(10.0, 0.0, 0.0, 10.0),
    "rotated": Steps(8.0, 6.0, 6.0, -8.0),
    "sheared": Steps(10.0, 0.0, 4.0, -10.0),
}


@pytest.fixture(params=GRIDS)
def steps(request):
    """Each grid in turn."""
    return GRIDS[request.param]


def ground(steps: Steps, height: int = 9, width: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Return metres east and north of the centre of a block's middle pixel."""
    row, column = np.mgrid[:height, :width]
    row, column = row - height // 2, column - width // 2
    return (
        column * steps.column_east + row * steps.row_east,
        column * steps.column_north + row * steps.row_north,
    )


def surface(z: np.ndarray, steps: Steps) -> tuple[attributes.Gradient, attributes.Derivatives]:
    near = attributes.neighbours(z)
    return attributes.gradient(near, steps), attributes.derivatives(near, steps)


@pytest.mark.parametrize("direction", range(0, 360, 45))
def test_a_plane_has_its_slope_and_aspect_everywhere(direction, steps):
    """All eight directions, on every kind of grid: a sign that is wrong in one shows here."""
    turn = np.radians(direction)
    east, north = ground(steps)
    descent = np.tan(np.radians(30))
    gradient, derivatives = surface(3000 - descent * (east * np.sin(turn) + north * np.cos(turn)), steps)
    sine, cosine = attributes.aspect(gradient)
    np.testing.assert_allclose(attributes.slope(gradient), 30, atol=1e-4)
    np.testing.assert_allclose(sine, np.sin(turn), atol=1e-5)
    np.testing.assert_allclose(cosine, np.cos(turn), atol=1e-5)
    np.testing.assert_allclose(attributes.profile_curvature(derivatives), 0, atol=1e-6)
    np.testing.assert_allclose(attributes.plan_curvature(derivatives), 0, atol=1e-6)


def test_level_ground_faces_nowhere():
    """Neither north nor NaN: the vector of the aspect has no length."""
    gradient, derivatives = surface(np.full((5, 5), 4000.0), NORTH_UP)
    for values in (
        attributes.slope(gradient),
        *attributes.aspect(gradient),
        attributes.profile_curvature(derivatives),
        attributes.plan_curvature(derivatives),
    ):
        assert (values == 0).all()


def test_a_paraboloid_has_the_curvature_of_its_closed_form(steps):
    """The derivatives of -(a x2 + 2 b x y + c y2) / 2 put into the definition; central differences are exact there."""
    a, b, c = 0.004, 0.001, -0.002
    east, north = ground(steps)
    _, derivatives = surface(-(a * east**2 + 2 * b * east * north + c * north**2) / 2, steps)
    x, y = east[1:-1, 1:-1], north[1:-1, 1:-1]
    p, q, r, s, t = -(a * x + b * y), -(b * x + c * y), -a, -b, -c
    steepness = p**2 + q**2
    with np.errstate(invalid="ignore"):
        profile = -100 * (p**2 * r + 2 * p * q * s + q**2 * t) / (steepness * (1 + steepness) ** 1.5)
        plan = -100 * (q**2 * r - 2 * p * q * s + p**2 * t) / (steepness * (1 + steepness) ** 0.5)
    sloping = steepness > 1e-6
    np.testing.assert_allclose(attributes.profile_curvature(derivatives)[sloping], profile[sloping], atol=1e-5)
    np.testing.assert_allclose(attributes.plan_curvature(derivatives)[sloping], plan[sloping], atol=1e-5)
    assert (attributes.profile_curvature(derivatives)[~sloping] == 0).all()


def test_a_dome_is_convex_both_ways_and_a_cylinder_curves_one_way():
    """The sphere of radius 500 m: normal curvature 1/500 in every direction. Signs can be checked by eye."""
    east, north = ground(Steps(1.0, 0.0, 0.0, -1.0), 61, 61)
    sphere = np.sqrt(500.0**2 - (east + 100) ** 2 - north**2)
    _, derivatives = surface(sphere, Steps(1.0, 0.0, 0.0, -1.0))
    np.testing.assert_allclose(attributes.profile_curvature(derivatives), 100 / 500, rtol=1e-3)
    np.testing.assert_allclose(attributes.plan_curvature(derivatives), 100 / 500, rtol=1e-3)
    ridge = np.sqrt(500.0**2 - (east + 100) ** 2)  # runs north: curved along its slope line only
    _, derivatives = surface(ridge, Steps(1.0, 0.0, 0.0, -1.0))
    np.testing.assert_allclose(attributes.profile_curvature(derivatives), 100 / 500, rtol=1e-3)
    np.testing.assert_allclose(attributes.plan_curvature(derivatives), 0, atol=1e-6)


def test_a_sine_wave_is_met_within_the_error_of_central_differences():
    """Wavelength 40 pixels: k h = 0.157, the relative error of differences is (k h)2 / 6 and (k h)2 / 12."""
    k, height = 2 * np.pi / 400, 20.0
    east, _ = ground(NORTH_UP, 5, 83)
    gradient, derivatives = surface(1000 + height * np.sin(k * east), NORTH_UP)
    x = east[1:-1, 1:-1]
    exact_slope = np.degrees(np.arctan(np.abs(height * k * np.cos(k * x))))
    p, r = height * k * np.cos(k * x), -height * k**2 * np.sin(k * x)
    exact_profile = np.where(p**2 > 1e-6, -100 * r / (1 + p**2) ** 1.5, 0)
    error = (k * 10) ** 2 / 6
    np.testing.assert_allclose(attributes.slope(gradient), exact_slope, atol=exact_slope.max() * error)
    steep = np.abs(p) > 0.02
    np.testing.assert_allclose(
        attributes.profile_curvature(derivatives)[steep], exact_profile[steep], atol=exact_profile.max() * error
    )


def test_hillshade_is_the_cosine_of_the_angle_to_the_sun():
    """A slope that faces the sun squarely is 1, level ground the sine of its altitude, the far side dark."""
    east, north = ground(NORTH_UP)
    for descent, azimuth, expected in [(1.0, 90, 1.0), (0.0, 315, np.sqrt(0.5)), (1.5, 270, 0.0), (1.0, 180, 0.5)]:
        gradient, _ = surface(-descent * east + 0 * north, NORTH_UP)
        np.testing.assert_allclose(attributes.hillshade(gradient, azimuth, 45), expected, atol=1e-6)


def test_local_incidence_is_that_of_a_right_looking_radar():
    """Flying north it looks east: slopes that face west face the sensor, those that face east turn away."""
    east, _ = ground(NORTH_UP)
    tilt = np.tan(np.radians(20))
    for rise, heading, expected in [
        (tilt, 0, 19),
        (-tilt, 0, 59),
        (tilt, 180, 59),
        (0, 77, 39),
        (-np.tan(np.radians(60)), 0, 99),
    ]:
        gradient, _ = surface(rise * east, NORTH_UP)
        np.testing.assert_allclose(attributes.local_incidence(gradient, heading, 39), expected, atol=1e-3)


def test_ruggedness_and_roughness_by_hand():
    """A single rise of 3 m: the root of 8 x 9, and 3; beside it, 3 and 3."""
    z = np.zeros((3, 5))
    z[1, 1] = 3
    near = attributes.neighbours(z)
    np.testing.assert_allclose(attributes.ruggedness(near), [[np.sqrt(72), 3, 0]])
    np.testing.assert_allclose(attributes.roughness(near), [[3, 3, 0]])


@pytest.mark.parametrize("missing", range(9))
def test_a_plane_keeps_its_slope_beside_a_missing_neighbour(missing):
    """GDAL would leave out the pixel, or take the centre's elevation for the neighbour's and flatten the slope."""
    east, north = ground(NORTH_UP, 3, 3)
    z = 0.3 * east - 0.4 * north
    z.flat[missing] = np.nan
    gradient, derivatives = surface(z, NORTH_UP)
    expected = np.nan if missing == 4 else np.degrees(np.arctan(0.5))
    np.testing.assert_allclose(attributes.slope(gradient), expected, rtol=1e-6)
    np.testing.assert_allclose(attributes.profile_curvature(derivatives), expected * 0, atol=1e-6)


def test_a_corner_knows_its_slope_from_two_neighbours_but_a_line_does_not():
    """Of a corner's neighbours three are known; a line says nothing of the slope across it."""
    east, north = ground(NORTH_UP, 3, 3)
    corner = 0.3 * east - 0.4 * north
    corner[0] = corner[:, 0] = np.nan
    np.testing.assert_allclose(attributes.slope(surface(corner, NORTH_UP)[0]), np.degrees(np.arctan(0.5)), rtol=1e-6)
    line = 0.3 * east
    line[[0, 2]] = np.nan
    gradient, derivatives = surface(line, NORTH_UP)
    near = attributes.neighbours(line)
    for values in (
        attributes.slope(gradient),
        *attributes.aspect(gradient),
        attributes.plan_curvature(derivatives),
        attributes.ruggedness(near),
        attributes.roughness(near),
    ):
        assert np.isnan(values).all()
