"""Pieces of drawings in reports: texts, round lengths and their multiples, line charts."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import NamedTuple


def text(x: float, y: float, content: str, anchor: str = "start") -> str:
    """Return a text of the drawing; `anchor` is start, middle or end."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="13" fill="#222222" stroke="none">'
        f"{html.escape(content)}</text>"
    )


def round_length(largest: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, 50 ... that is not more than `largest`."""
    power = 10.0 ** math.floor(math.log10(largest))
    return next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= largest * (1 + 1e-9))


def multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of a step from `low` to `high`."""
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


class Line(NamedTuple):
    """A line of a chart: its name (empty for none), its SVG attributes, and its values, NaN where there is none."""

    name: str
    attributes: str
    values: Sequence[float]


class Mark(NamedTuple):
    """A place of a chart that is marked: position along the axes, and what is written there."""

    x: float
    y: float
    label: str


_WIDTH, _HEIGHT = 900.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 18.0, 34.0, 48.0


class _Axes(NamedTuple):
    """The values at the ends of a chart's axes."""

    left: float
    right: float
    bottom: float
    top: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the drawing of a point of the chart."""
        across = (x - self.left) / (self.right - self.left)
        up = (y - self.bottom) / (self.top - self.bottom)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)


def line_chart(x: Sequence[float], lines: Sequence[Line], title: str, x_label: str, marks: Sequence[Mark] = ()) -> str:
    """Return a line chart as an ``<svg>`` element that needs no other file.

    Parameters
    ----------
    x : sequence of float
        Positions of all lines' values, ascending.
    lines : sequence of Line
    title : str
        What the vertical axis shows.
    x_label : str
        What the horizontal axis shows.
    marks : sequence of Mark
        Places to mark by a dot and a text.
    """
    values = [value for line in lines for value in line.values if math.isfinite(value)]
    axes = _axes(x, values)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="{html.escape(title)}">',
        text(_LEFT, 18, title),
        _grid(axes, x_label),
        *(_line(axes, x, line) for line in lines),
        *(_mark(axes, mark) for mark in marks),
        _names([line for line in lines if line.name]) if len(lines) > 1 else "",
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _axes(x: Sequence[float], values: Sequence[float]) -> _Axes:
    low, high = min([0.0, *values]), max([0.0, *values])
    room = 0.08 * (high - low) or 1.0
    return _Axes(x[0], max(x[-1], x[0] + 1e-9), low - (room if low < 0 else 0), high + room)


def _grid(axes: _Axes, x_label: str) -> str:
    """Return both axes with their numbers, and faint lines at those of the vertical one."""
    parts = []
    for value in multiples(axes.bottom, axes.top, round_length((axes.top - axes.bottom) / 4)):
        x, y = axes.place(axes.left, value)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{_WIDTH - _RIGHT:g}" stroke="#d9dee4"/>')
        parts.append(text(x - 8, y + 4, f"{value:.6g}".replace("-", "\u2212"), "end"))
    for value in multiples(axes.left, axes.right, round_length((axes.right - axes.left) / 8)):
        x, _ = axes.place(value, axes.bottom)
        parts.append(f'<path d="M{x:.1f} {_HEIGHT - _BOTTOM:g}v5" stroke="#333333"/>')
        parts.append(text(x, _HEIGHT - _BOTTOM + 20, f"{value:.6g}", "middle"))
    parts.append(f'<path d="M{_LEFT:g} {_TOP:g}V{_HEIGHT - _BOTTOM:g}H{_WIDTH - _RIGHT:g}" stroke="#333333"/>')
    parts.append(text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, x_label, "middle"))
    return f'<g fill="none">{"".join(parts)}</g>'


def _line(axes: _Axes, x: Sequence[float], line: Line) -> str:
    """Return a line, broken where it has no value."""
    path, pen_down = [], False
    for position, value in zip(x, line.values, strict=True):
        if math.isfinite(value):
            across, down = axes.place(position, value)
            path.append(f"{'L' if pen_down else 'M'}{across:.1f} {down:.1f}")
        pen_down = math.isfinite(value)
    return f'<path class="line" d="{"".join(path)}" fill="none" stroke-width="2" {line.attributes}/>'


def _mark(axes: _Axes, mark: Mark) -> str:
    x, y = axes.place(mark.x, mark.y)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#D55E00" stroke="#ffffff"/>'
    return f'<g class="mark">{dot}{text(x, y - 10, mark.label, "middle")}</g>'


def _names(lines: Sequence[Line]) -> str:
    """Return the lines' names with samples of them, above the chart on the right."""
    parts = []
    for number, line in enumerate(lines):
        x = _WIDTH - _RIGHT - 170 * (len(lines) - number)
        parts.append(f'<path d="M{x:.1f} 14h26" fill="none" stroke-width="2" {line.attributes}/>')
        parts.append(text(x + 34, 18, line.name))
    return f'<g class="names">{"".join(parts)}</g>'
