"""Maps in reports: the ground that is shown, outlines as paths, coordinates, north arrow and scale bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .svg import multiples, round_length, text

Geometries = NDArray[np.object_]

FRAME_WIDTH = 900.0
MARGIN = (70.0, 12.0, 18.0, 142.0)
"""Room left, above, right and below the frame, in SVG units: coordinates and legend."""
ASPECTS = (0.45, 1.1)
"""Least and largest height of the frame, as shares of its width."""
LEGEND_TOP = 48.0
"""Where the legend starts, below the frame."""


@dataclass(frozen=True)
class Frame:
    """The ground that the map shows (metres) and its place in the drawing."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def scale(self) -> float:
        """SVG units a metre."""
        return FRAME_WIDTH / (self.right - self.left)

    @property
    def height(self) -> float:
        """Height of the frame in SVG units."""
        return (self.top - self.bottom) * self.scale

    def drawn(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ground coordinates (n, 2) as places in the drawing; its y axis points down."""
        origin = np.array([self.left, self.top])
        return np.asarray((coordinates - origin) * [self.scale, -self.scale] + MARGIN[:2])

    @property
    def rectangle(self) -> str:
        """The frame's SVG attributes as a rectangle."""
        return f'x="{MARGIN[0]:g}" y="{MARGIN[1]:g}" width="{FRAME_WIDTH:g}" height="{self.height:.2f}"'

    @property
    def view_box(self) -> str:
        """The drawing's ``viewBox``: the frame with its margins."""
        return f"0 0 {MARGIN[0] + FRAME_WIDTH + MARGIN[2]:.0f} {MARGIN[1] + self.height + MARGIN[3]:.0f}"


def frame_around(shown: Geometries) -> Frame | None:
    """Return the extent of geometries with some room around, of a pleasant shape; None where there are none."""
    if len(shown) == 0:
        return None
    left, bottom, right, top = shapely.total_bounds(shown)
    width, height = max(right - left, 1.0) * 1.08, max(top - bottom, 1.0) * 1.08
    width = max(width, height / ASPECTS[1])
    height = max(height, width * ASPECTS[0])
    middle_x, middle_y = (left + right) / 2, (bottom + top) / 2
    return Frame(middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)


def paths_of(geometries: Geometries, frame: Frame) -> list[str]:
    """Return each polygon as SVG path data; detail finer than a tenth of an SVG unit is left out."""
    parts, owners = shapely.get_parts(shapely.simplify(geometries, 0.1 / frame.scale), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    places = [f"{x:.1f} {y:.1f}" for x, y in frame.drawn(shapely.get_coordinates(rings)).tolist()]
    ends = np.cumsum(shapely.get_num_coordinates(rings)).tolist()
    paths = [""] * len(geometries)
    for start, end, owner in zip([0, *ends], ends, owners[part_of_ring].tolist(), strict=False):
        # The last place of a ring repeats the first.
        paths[owner] += f"M{'L'.join(places[start : end - 1])}Z"
    return paths


def graticule(frame: Frame) -> str:
    """Return ticks along the frame with the ground coordinates, and faint crosses where they meet."""
    step = round_length((frame.right - frame.left) / 5)
    columns = multiples(frame.left, frame.right, step)
    rows = multiples(frame.bottom, frame.top, step)
    bottom = MARGIN[1] + frame.height
    parts = []
    for easting in columns:
        x = frame.drawn(np.array([[easting, frame.top]]))[0, 0]
        parts.append(f'<path d="M{x:.1f} {bottom:.1f}v6"/>')
        parts.append(text(x, bottom + 19, grouped(easting), "middle"))
    for northing in rows:
        y = frame.drawn(np.array([[frame.left, northing]]))[0, 1]
        parts.append(f'<path d="M{MARGIN[0]:g} {y:.1f}h-6"/>')
        parts.append(text(MARGIN[0] - 9, y + 4, grouped(northing), "end"))
    for x, y in (frame.drawn(np.array([[column, row]]))[0] for column in columns for row in rows):
        parts.append(f'<path d="M{x - 4:.1f} {y:.1f}h8M{x:.1f} {y - 4:.1f}v8" stroke-opacity="0.35"/>')
    return f'<g class="graticule" stroke="#333333">{"".join(parts)}</g>'


def grouped(number: float) -> str:
    """Return a whole number with thin spaces between groups of three digits."""
    return f"{number:,.0f}".replace(",", "\u2009")


def north_arrow(frame: Frame) -> str:
    """Return an arrow in the frame's upper right corner; maps have north up."""
    x, y = MARGIN[0] + FRAME_WIDTH - 28, MARGIN[1] + 14
    return (
        f'<g class="north"><circle cx="{x:g}" cy="{y + 17:g}" r="24" fill="#ffffff" fill-opacity="0.8"/>'
        f'<path d="M{x:g} {y:g}l8 24l-8 -6l-8 6z" fill="#222222"/>{text(x, y + 36, "N", "middle")}</g>'
    )


def scale_bar(frame: Frame) -> str:
    """Return a bar of two halves with its length, at most 190 SVG units long, below the frame."""
    y = MARGIN[1] + frame.height + LEGEND_TOP
    length = round_length(180 / frame.scale)
    half = length * frame.scale / 2
    unit = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    x = MARGIN[0]
    return (
        f'<g class="scale-bar"><rect x="{x:g}" y="{y + 18:g}" width="{half:.1f}" height="6" fill="#222222"/>'
        f'<rect x="{x + half:.1f}" y="{y + 18:g}" width="{half:.1f}" height="6" fill="#ffffff" stroke="#222222"/>'
        f"{text(x, y + 12, '0')}{text(x + 2 * half, y + 12, unit, 'end')}</g>"
    )
