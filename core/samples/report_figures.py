"""Drawings of the samples' report: the map of blocks and chips, landforms by size, and example chips.

Colours are those of Okabe and Ito (2008), which readers with any colour vision tell apart; hatching says the same once
more, for prints in grey.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.picture import png
from ..reports.map_frame import (
    LEGEND_TOP,
    MARGIN,
    Frame,
    frame_around,
    graticule,
    north_arrow,
    paths_of,
    scale_bar,
)
from ..reports.svg import text
from ..vectors.vector import VectorLayer
from .outlines import Polygons
from .sampleset import POSITIVE, SPLITS, TEST, TRAIN, VALIDATION, BandStatistics, Chip

COLOURS = {TRAIN: "#0072B2", VALIDATION: "#E69F00", TEST: "#CC79A7"}
TITLES = {TRAIN: "Training", VALIDATION: "Validation", TEST: "Test"}

SIZE_CLASSES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Limits of the classes of landform size, in km2."""

_PATTERNS = "".join(
    f'<pattern id="{split}" width="9" height="9" patternUnits="userSpaceOnUse"{turn}>'
    f'<rect width="9" height="9" fill="{COLOURS[split]}" fill-opacity="0.16"/>{mark}</pattern>'
    for split, turn, mark in (
        (TRAIN, "", ""),
        (VALIDATION, ' patternTransform="rotate(45)"', '<path d="M0 0V9" stroke="#E69F00" stroke-width="1.6"/>'),
        (TEST, "", '<circle cx="4.5" cy="4.5" r="1.3" fill="#CC79A7"/>'),
    )
)
_LANDFORMS_AT_ONCE = 1000
# Bands that make a picture in natural colours, or one in grey, the first that the stack has.
_COLOUR_BANDS = ("B04", "B03", "B02")
_GREY_BANDS = ("B08", "hillshade", "slope", "coherence")
# How much of the colour is left where pixels do not count.
_PALE = 0.35


def draw_map(
    grid_of_chips: Sequence[shapely.Geometry],
    chips: Sequence[Chip],
    blocks: VectorLayer,
    landforms: VectorLayer,
    progress: Progress,
) -> str:
    """Draw blocks, landforms and chips, coloured by split.

    Parameters
    ----------
    grid_of_chips : sequence of shapely polygons
        The chips' squares.
    chips : sequence of Chip
    blocks, landforms : VectorLayer
    progress : Progress

    Returns
    -------
    str
        An ``<svg>`` element that needs no other file.
    """
    frame = frame_around(blocks.geometries)
    if frame is None:
        return ""
    parts = [
        f'<svg viewBox="{frame.view_box}" role="img" aria-label="Map of blocks, landforms and chips by split">',
        f'<defs>{_PATTERNS}<clipPath id="frame"><rect {frame.rectangle}/></clipPath></defs>',
        f'<rect {frame.rectangle} fill="#ffffff"/><g clip-path="url(#frame)" stroke-linejoin="round">',
        *(_blocks(split, blocks, frame) for split in SPLITS),
        *(_chips(split, grid_of_chips, chips, frame) for split in SPLITS),
        _landforms(landforms, frame, progress),
        f'</g><rect {frame.rectangle} fill="none" stroke="#333333"/>',
        graticule(frame),
        north_arrow(frame),
        _legend(frame),
        "</svg>",
    ]
    return "\n".join(parts)


def draw_sizes(areas_km2: Mapping[str, NDArray[np.float64]]) -> str:
    """Draw how many landforms of each size each split has.

    Parameters
    ----------
    areas_km2 : mapping of float array
        Areas of the landforms of each split.
    """
    edges = (0.0, *SIZE_CLASSES, np.inf)
    counts = {split: np.histogram(areas, edges)[0] for split, areas in areas_km2.items()}
    highest = max(1, *(int(values.max()) for values in counts.values()))
    width, bottom, height = 900.0, 210.0, 170.0
    step = (width - 70) / (len(edges) - 1)
    parts = [
        '<svg viewBox="0 0 900 270" role="img" aria-label="Landforms by size and split">',
        f"<defs>{_PATTERNS}</defs>",
    ]
    for place, (low, high) in enumerate(itertools.pairwise(edges)):
        left = 50 + place * step
        parts.append(text(left + step / 2, bottom + 18, _size_label(low, high), "middle"))
        for number, split in enumerate(SPLITS):
            count = int(counts[split][place])
            tall, wide = height * count / highest, step * 0.24
            x = left + step * 0.14 + number * wide
            parts.append(
                f'<rect x="{x:.1f}" y="{bottom - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" {_fill(split)}/>'
            )
            if count:
                parts.append(text(x + wide / 2, bottom - tall - 5, str(count), "middle"))
    parts.append(f'<path d="M50 {bottom:g}H{width - 20:g}" stroke="#333333"/>')
    for number, split in enumerate(SPLITS):
        x = 50 + 150 * number
        parts.append(f'<rect x="{x}" y="244" width="26" height="14" {_fill(split)}/>{text(x + 34, 256, TITLES[split])}')
    return "\n".join([*parts, "</svg>"])


def draw_examples(
    chips: Sequence[Chip],
    outlines: Polygons,
    statistics: Mapping[str, BandStatistics],
    captions: Sequence[str],
    progress: Progress,
) -> str:
    """Draw chips with the outlines in them, side by side, as HTML.

    Parameters
    ----------
    chips : sequence of Chip
    outlines : Polygons
        The landforms.
    statistics : mapping of BandStatistics
        By role; pictures are stretched between the percentiles.
    captions : sequence of str
        What is written below each.
    progress : Progress
    """
    figures = []
    for chip, caption in progress.each(zip(chips, captions, strict=True), len(chips)):
        window = shapely.box(chip.column, chip.row, chip.column + chip.size, chip.row + chip.size)
        shown = shapely.intersection(outlines.in_pixels[np.sort(outlines.tree.query(window))], window)
        lines = "".join(_line(shape, chip) for shape in shown)
        colour = COLOURS[chip.split]
        figures.append(
            f'<figure style="width: 23%; margin: 0 1% 14px; display: inline-block; vertical-align: top">'
            f'<svg viewBox="0 0 {chip.size} {chip.size}" role="img" aria-label="{escape(caption)}" '
            f'style="border: 3px solid {colour}"><image width="{chip.size}" height="{chip.size}" '
            f'style="image-rendering: pixelated" href="data:image/png;base64,{_picture(chip, statistics)}"/>'
            f"{lines}</svg><figcaption>{escape(caption)}</figcaption></figure>"
        )
    return f'<div style="margin: 0 -1%">{"".join(figures)}</div>'


def _blocks(split: str, blocks: VectorLayer, frame: Frame) -> str:
    paths = paths_of(blocks.geometries[blocks.columns["split"] == split], frame)
    return f'<path class="{split}" d="{"".join(paths)}" fill="url(#{split})" stroke="#777777" stroke-width="0.8"/>'


def _chips(split: str, squares: Sequence[shapely.Geometry], chips: Sequence[Chip], frame: Frame) -> str:
    """Return the squares of a split's chips: positive ones with solid lines, negative ones with dashed lines."""
    drawn = []
    for is_positive, style in ((False, 'stroke-width="0.8" stroke-dasharray="3 2"'), (True, 'stroke-width="1.1"')):
        chosen = [
            square
            for square, chip in zip(squares, chips, strict=True)
            if chip.split == split and (chip.kind == POSITIVE) == is_positive
        ]
        path = "".join(paths_of(np.array(chosen, object), frame)) if chosen else ""
        drawn.append(f'<path d="{path}" fill="none" stroke="{COLOURS[split]}" {style}/>')
    return "".join(drawn)


def _landforms(landforms: VectorLayer, frame: Frame, progress: Progress) -> str:
    groups = []
    for split in (*SPLITS, None):
        chosen = landforms.geometries[landforms.columns["split"] == split]
        paths = []
        for start in range(0, len(chosen), _LANDFORMS_AT_ONCE):
            progress.check()
            paths += paths_of(chosen[start : start + _LANDFORMS_AT_ONCE], frame)
        fill = COLOURS[split] if split else "#ffffff"
        groups.append(
            f'<path class="landforms" d="{"".join(paths)}" fill="{fill}" fill-rule="evenodd" stroke="#111111" '
            'stroke-width="0.7"/>'
        )
    return "".join(groups)


def _legend(frame: Frame) -> str:
    top = MARGIN[1] + frame.height + LEGEND_TOP
    keys = []
    for number, split in enumerate(SPLITS):
        x = MARGIN[0] + 270 + 130 * number
        keys.append(f'<g transform="translate({x:g} {top:g})"><rect width="30" height="16" {_fill(split)}/>')
        keys.append(f"{text(38, 13, TITLES[split])}</g>")
    second = f'transform="translate({MARGIN[0] + 270:g} {top + 30:g})"'
    keys.append(
        f'<g {second}><path d="M2 2h20v14h-20z" fill="none" stroke="#333333" stroke-width="1.1"/>'
        f"{text(38, 13, 'Positive chip')}"
        '<path d="M132 2h20v14h-20z" fill="none" stroke="#333333" stroke-width="0.8" stroke-dasharray="3 2"/>'
        f"{text(168, 13, 'Negative chip')}"
        '<path d="M274 9q4 -9 12 -6t12 6t-14 7t-10 -7z" fill="#999999" stroke="#111111" stroke-width="0.7"/>'
        f"{text(308, 13, 'Landform (white: in no chip)')}</g>"
    )
    return f'<g class="legend">{scale_bar(frame)}{"".join(keys)}</g>'


def _fill(split: str) -> str:
    return f'fill="url(#{split})" stroke="{COLOURS[split]}" stroke-width="1.6"'


def _size_label(low: float, high: float) -> str:
    if not low:
        return f"below {high:g} km\u00b2"
    return f"{low:g} \u2013 {high:g}" if np.isfinite(high) else f"{low:g} and more"


def _line(shape: shapely.Geometry, chip: Chip) -> str:
    """Return the outline of a landform in a chip."""
    rings = shapely.get_rings(shapely.get_parts(shape)[shapely.get_dimensions(shapely.get_parts(shape)) == 2])
    path = "".join(
        "M" + "L".join(f"{x - chip.column:.2f} {y - chip.row:.2f}" for x, y in shapely.get_coordinates(ring)) + "Z"
        for ring in rings
    )
    width = chip.size / 90
    return (
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="{2 * width:.2f}"/>'
        f'<path d="{path}" fill="none" stroke="#000000" stroke-width="{width:.2f}"/>'
    )


def _picture(chip: Chip, statistics: Mapping[str, BandStatistics]) -> str:
    """Return a chip's picture as a PNG in base 64."""
    pixels = chip.read()
    roles = _shown_roles(chip.roles)
    values = np.stack([pixels.image[chip.roles.index(role)] for role in roles])
    low, high = (np.array([statistics[role][end] for role in roles])[:, np.newaxis, np.newaxis] for end in (2, 3))
    span = np.where(high > low, high - low, 1)
    stretched = np.clip((values - low) / span, 0, 1)
    shade = np.where(pixels.valid, stretched, 1 - _PALE * (1 - stretched))
    visible = np.isfinite(values).all(axis=0)
    channels = np.where(visible, np.rint(255 * np.nan_to_num(shade)), 255).astype(np.uint8)
    return base64.b64encode(png(channels, visible)).decode("ascii")


def _shown_roles(roles: Sequence[str]) -> Sequence[str]:
    if set(_COLOUR_BANDS) <= set(roles):
        return _COLOUR_BANDS
    return [next((role for role in _GREY_BANDS if role in roles), roles[0])]
