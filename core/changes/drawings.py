"""Drawings of the report on change: a map of what was gained and lost, and the changes with their errors.

Colours are those of Okabe and Ito (2008), which readers with any colour vision tell apart; what was lost is hatched
as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from ..reports.svg import multiples, round_length, text
from ..vectors.localmetres import LocalMetres
from .changerecord import UNCHANGED, Landform

_WIDTH, _HIGHEST, _MARGIN = 900.0, 900.0, 12.0
_LEGEND = 70.0
_KEPT = 'fill="#d9dee4" stroke="#5b6673" stroke-width="0.6"'
_GAINED = 'fill="#0072B2" stroke="none"'
_LOST = 'fill="url(#lost)" stroke="#D55E00" stroke-width="0.4"'
# A landform smaller than this on the map is marked by a ring.
_SMALLEST = 14.0
_BAR_HEIGHT, _CHART_LEFT, _CHART_RIGHT, _CHART_TOP = 15.0, 190.0, 20.0, 30.0
_MOST_BARS = 60
_HATCH = (
    '<defs><pattern id="lost" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#f6dccb"/><rect width="2.4" height="5" fill="#D55E00"/></pattern></defs>'
)


def change_map(landforms: Sequence[Landform]) -> str:
    """Return a map of the landforms with what they gained and lost, as an ``<svg>`` element."""
    whole = shapely.MultiPoint([shape.point_on_surface() for shape in _outlines(landforms)])
    metres = LocalMetres.around(whole)
    outlines = [metres.geometry(shape) for shape in _outlines(landforms)]
    left, bottom, right, top = shapely.total_bounds(outlines)
    room = 0.04 * max(right - left, top - bottom)
    left, right, bottom, top = left - room, right + room, bottom - room, top + room
    scale = min((_WIDTH - 2 * _MARGIN) / (right - left), _HIGHEST / (top - bottom))
    height = (top - bottom) * scale
    indent = (_WIDTH - (right - left) * scale) / 2

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([(xy[:, 0] - left) * scale + indent, (top - xy[:, 1]) * scale])

    def drawn(shape: shapely.Geometry) -> str:
        points = shapely.transform(
            metres.geometry(shape),
            placed,
        )
        return _path(points)

    size = f'width="{(right - left) * scale:.1f}" height="{height:.1f}"'
    parts = [f'<rect x="{indent:.1f}" {size} fill="#fbfcfd" stroke="#333333"/>']
    for landform, outline in zip(landforms, outlines, strict=True):
        parts.append(f'<path d="{drawn(landform.before.intersection(landform.after))}" {_KEPT}/>')
        parts.append(f'<path d="{drawn(landform.after.difference(landform.before))}" {_GAINED}/>')
        parts.append(f'<path d="{drawn(landform.before.difference(landform.after))}" {_LOST}/>')
        x0, y0, x1, y1 = outline.bounds
        if max(x1 - x0, y1 - y0) * scale < _SMALLEST:
            x, y = ((x0 + x1) / 2 - left) * scale + indent, (top - (y0 + y1) / 2) * scale
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_SMALLEST / 2 + 2:g}" fill="none" stroke="#1d2530"/>')
    parts.append(_legend(height, round_length(180 / scale), scale))
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {height + _LEGEND:.1f}" role="img" aria-label="Map of the changes">{_HATCH}'
        + "".join(parts)
        + "</svg>"
    )


def _outlines(landforms: Iterable[Landform]) -> list[shapely.Geometry]:
    return [
        landform.before if landform.after.is_empty else landform.after.union(landform.before) for landform in landforms
    ]


def _path(shape: shapely.Geometry) -> str:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in shapely.get_rings(polygon)]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )


def _legend(top: float, length: float, scale: float) -> str:
    unit = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    y = top + 34
    parts = [
        f'<rect x="{_MARGIN:g}" y="{y:g}" width="{length * scale:.1f}" height="6" fill="#222222"/>',
        text(_MARGIN, y - 6, unit),
    ]
    for number, (style, label) in enumerate(((_KEPT, "At both dates"), (_GAINED, "Gained"), (_LOST, "Lost"))):
        x = 330 + 190 * number
        parts.append(f'<rect x="{x}" y="{y - 8:g}" width="30" height="16" {style}/>{text(x + 38, y + 5, label)}')
    return "".join(parts)


def change_chart(landforms: Sequence[Landform]) -> str:
    """Return bars of the changes of area with their errors, the largest growth on top, as an ``<svg>`` element."""
    shown = sorted(landforms, key=lambda item: -abs(item.change.area_change))[:_MOST_BARS]
    shown.sort(key=lambda item: -item.change.area_change)
    low = min(min(item.change.area_change - item.change.area_error for item in shown), 0.0) / 1e4
    high = max(max(item.change.area_change + item.change.area_error for item in shown), 0.0) / 1e4
    span = (high - low) or 1.0
    wide = _WIDTH - _CHART_LEFT - _CHART_RIGHT
    bottom = _CHART_TOP + _BAR_HEIGHT * len(shown)

    def place(hectares: float) -> float:
        return _CHART_LEFT + (hectares - low) / span * wide

    title = "Change of area (hectares) with its error" + ("" if len(shown) == len(landforms) else ", largest changes")
    parts = [text(_CHART_LEFT, 16, title)]
    for value in multiples(low, high, round_length(span / 5)):
        parts.append(f'<path d="M{place(value):.1f} {_CHART_TOP:g}V{bottom:.1f}" stroke="#d9dee4"/>')
        parts.append(text(place(value), bottom + 18, f"{value:.6g}".replace("-", "\u2212"), "middle"))
    for number, item in enumerate(shown):
        parts.append(_bar(item, _CHART_TOP + _BAR_HEIGHT * number, place))
    parts.append(f'<path d="M{place(0):.1f} {_CHART_TOP:g}V{bottom:.1f}" stroke="#333333"/>')
    label = "Change of the area of each landform"
    size = f"0 0 {_WIDTH:g} {bottom + 28:.1f}"
    return f'<svg viewBox="{size}" role="img" aria-label="{label}">{_HATCH}{"".join(parts)}</svg>'


def _bar(landform: Landform, top: float, place: Callable[[float], float]) -> str:
    """Return one bar with its whisker and the landform's name; pale where it does not exceed the error."""
    value, error = landform.change.area_change / 1e4, landform.change.area_error / 1e4
    left, right = sorted((place(0), place(value)))
    style = 'fill="#c9d1d9"' if landform.trend == UNCHANGED else (_GAINED if value > 0 else _LOST)
    y, middle = top + 2, top + _BAR_HEIGHT / 2
    name = landform.name if len(landform.name) <= 24 else landform.name[:23] + "\u2026"
    return (
        f'<rect x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}" height="{_BAR_HEIGHT - 4:g}" {style}/>'
        f'<path d="M{place(value - error):.1f} {middle:.1f}H{place(value + error):.1f}" stroke="#1d2530"/>'
        f"{text(_CHART_LEFT - 8, middle + 4, name, 'end')}"
    )
