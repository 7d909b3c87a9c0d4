"""Figures of the accuracy report as texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_UNKNOWN = "n/a"


def percent(value: float | None) -> str:
    """Return a share as text, such as ``75.4 %``; n/a for None."""
    return _UNKNOWN if value is None else f"{100 * value:.1f}\u00a0%"


def signed_percent(value: float | None) -> str:
    """Return a bias as text with its sign, such as ``+28.0 %``; n/a for None."""
    if value is None:
        return _UNKNOWN
    # Rounded first, so that what is written as 0.0 has no minus.
    tenths = round(100 * value, 1) or 0.0
    return f"{tenths:+.1f}\u00a0%".replace("-", "\u2212")


def decimal(value: float | None) -> str:
    """Return a coefficient with three decimals; n/a for None."""
    return _UNKNOWN if value is None else f"{value:.3f}"


def metres(value: float | None) -> str:
    """Return a distance in metres; n/a for None."""
    return _UNKNOWN if value is None else f"{value:.{0 if value >= 100 else 1}f}\u00a0m"


def square_kilometres(area_m2: float | None) -> str:
    """Return an area in km², with as many decimals as one landform needs; n/a for None."""
    if area_m2 is None:
        return _UNKNOWN
    return f"{area_m2 / 1e6:.{2 if area_m2 >= 1e8 else 4}f}\u00a0km\u00b2"


def range_text(ends: Sequence[float] | None, text: Callable[[float | None], str]) -> str:
    """Return an interval such as ``61.3 to 75.4 %``; empty for None."""
    if ends is None:
        return ""
    low, high = (text(end) for end in ends)
    unit = high.partition("\u00a0")[2]
    return f"{low.removesuffix(f'{chr(160)}{unit}') if unit else low} to {high}"
