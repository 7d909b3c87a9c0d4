"""The map of the accuracy report: one inline SVG with mapped and reference outlines over the heatmap.

Colours are those of Okabe and Ito (2008), which readers with any colour vision tell apart; hatching and line style say
the same once more, for prints in grey.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..progress import Progress
from ..rasters.geodata import gdal
from ..rasters.picture import png
from ..rasters.raster import Raster
from ..reports.map_frame import (
    FRAME_WIDTH,
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
from .accuracylayer import FALSE, MATCHED, MERGED, MISSED, SPLIT
from .heatmapscores import heatmap_band
from .matching import Geometries

LANDFORMS_AT_ONCE = 1000
"""Landforms drawn between two looks at the cancel button."""
PICTURE_WIDTH = 1200
"""Pixels across the heatmap's picture."""
DARKEST = 112
"""Grey (0..255) of a heatmap value of 1, light enough for outlines to stand out."""


@dataclass(frozen=True)
class MapLayers:
    """What the map shows; geometries are polygons in one system of metres.

    Attributes
    ----------
    reference, mapped : ndarray of shapely polygons
    reference_status, mapped_status : ndarray of str
        As `accuracylayer.statuses` returns them.
    area : ndarray of shapely polygons
        The area that was compared; empty for no limit.
    crs : str
        WKT of the geometries' coordinate system.
    """

    reference: Geometries
    reference_status: NDArray[Any]
    mapped: Geometries
    mapped_status: NDArray[Any]
    area: Geometries
    crs: str


@dataclass(frozen=True)
class Style:
    """How one kind of outline is drawn, and what the legend calls it."""

    name: str
    label: str
    attributes: str


REFERENCE_MATCHED = Style("reference-matched", "Reference, matched", 'fill="none" stroke="#000000" stroke-width="1.5"')
REFERENCE_SPLIT = Style(
    "reference-split", "Reference, split", 'fill="none" stroke="#000000" stroke-width="1.8" stroke-dasharray="5 3"'
)
REFERENCE_MISSED = Style(
    "reference-missed", "Reference, missed", 'fill="url(#hatch-missed)" stroke="#D55E00" stroke-width="2"'
)
MAPPED_MATCHED = Style(
    "mapped-matched", "Mapped, matched", 'fill="#56B4E9" fill-opacity="0.6" stroke="#0072B2" stroke-width="0.8"'
)
MAPPED_MERGED = Style(
    "mapped-merged", "Mapped, merged", 'fill="url(#lines-merged)" stroke="#00694F" stroke-width="1.2"'
)
MAPPED_FALSE = Style("mapped-false", "Mapped, false", 'fill="url(#dots-false)" stroke="#B57D00" stroke-width="1.2"')
AREA = Style("area", "Compared area", 'fill="none" stroke="#666666" stroke-width="1.2" stroke-dasharray="7 4"')

_DEFINITIONS = (
    '<defs><pattern id="hatch-missed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#D55E00" fill-opacity="0.15"/>'
    '<path d="M0 0V6" stroke="#D55E00" stroke-width="2.4"/></pattern>'
    '<pattern id="dots-false" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="#E69F00" fill-opacity="0.75"/>'
    '<circle cx="2.5" cy="2.5" r="1" fill="#7A5400"/></pattern>'
    '<pattern id="lines-merged" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="#009E73" fill-opacity="0.45"/><path d="M0 2.5H5" stroke="#00694F"/></pattern>'
    '<linearGradient id="heat"><stop offset="0" stop-color="#ffffff"/><stop offset="1" stop-color="#707070"/>'
    "</linearGradient></defs>"
)


def draw_map(layers: MapLayers, heatmap: str, progress: Progress) -> str:
    """Draw the map.

    Parameters
    ----------
    layers : MapLayers
    heatmap : str
        Raster shown behind the outlines in grey, white for 0 and dark for 1; empty for none.
    progress : Progress

    Returns
    -------
    str
        An ``<svg>`` element that needs no other file; empty where there is nothing to show.
    """
    frame = _frame(layers)
    if frame is None:
        return ""
    parts = [
        f'<svg viewBox="{frame.view_box}" role="img" aria-label="Map of mapped and reference outlines">',
        _DEFINITIONS,
        f'<clipPath id="frame"><rect {frame.rectangle}/></clipPath>',
        f'<rect {frame.rectangle} fill="#ffffff"/>',
        '<g clip-path="url(#frame)" stroke-linejoin="round">',
        _picture(frame, layers.crs, heatmap, progress) if heatmap else "",
        *(_outlines(style, geometries, frame, progress) for style, geometries in _shown(layers)),
        "</g>",
        f'<rect {frame.rectangle} fill="none" stroke="#333333"/>',
        graticule(frame),
        north_arrow(frame),
        _legend(frame, len(layers.area) > 0, bool(heatmap)),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _shown(layers: MapLayers) -> list[tuple[Style, Geometries]]:
    """Return what is drawn, from the bottom up."""
    kinds = {
        MAPPED_MATCHED: (layers.mapped, layers.mapped_status, MATCHED),
        MAPPED_MERGED: (layers.mapped, layers.mapped_status, MERGED),
        MAPPED_FALSE: (layers.mapped, layers.mapped_status, FALSE),
        REFERENCE_MATCHED: (layers.reference, layers.reference_status, MATCHED),
        REFERENCE_SPLIT: (layers.reference, layers.reference_status, SPLIT),
        REFERENCE_MISSED: (layers.reference, layers.reference_status, MISSED),
    }
    outlines = [(style, geometries[status == wanted]) for style, (geometries, status, wanted) in kinds.items()]
    return [*([(AREA, layers.area)] if len(layers.area) else []), *outlines]


def _frame(layers: MapLayers) -> Frame | None:
    """Return the outlines' frame, or the area's if there are none."""
    outlines = np.concatenate([layers.reference, layers.mapped])
    return frame_around(outlines if len(outlines) else layers.area)


def _outlines(style: Style, geometries: Geometries, frame: Frame, progress: Progress) -> str:
    """Return one path a landform."""
    paths = []
    for start in range(0, len(geometries), LANDFORMS_AT_ONCE):
        progress.check()
        paths.extend(paths_of(geometries[start : start + LANDFORMS_AT_ONCE], frame))
    elements = "".join(f'<path d="{path}"/>' for path in paths)
    return f'<g class="{style.name}" {style.attributes} fill-rule="evenodd">{elements}</g>'


def _picture(frame: Frame, crs: str, heatmap: str, progress: Progress) -> str:
    """Return the heatmap within the frame as an embedded PNG."""
    width = PICTURE_WIDTH
    height = max(round(width * frame.height / FRAME_WIDTH), 1)
    values, valid = _resampled(frame, crs, heatmap, (width, height), progress)
    grey = np.rint(255 - np.clip(values, 0, 1) * (255 - DARKEST)).astype(np.uint8)
    content = base64.b64encode(png(np.where(valid, grey, 255)[np.newaxis].astype(np.uint8), valid)).decode("ascii")
    return f'<image {frame.rectangle} preserveAspectRatio="none" href="data:image/png;base64,{content}"/>'


def _resampled(
    frame: Frame, crs: str, heatmap: str, size: tuple[int, int], progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the heatmap's values (0..1) on the frame, averaged over each picture element, and where they are valid."""

    def go_on(*_: Any) -> int:
        return 0 if progress.cancelled() else 1

    with Raster(heatmap) as raster:
        number = heatmap_band(raster)
        band = raster.bands[number - 1]
    try:
        chosen = gdal.Translate("", heatmap, format="VRT", bandList=[number])
        warped = gdal.Warp(
            "",
            chosen,
            format="MEM",
            dstSRS=crs,
            outputBounds=(frame.left, frame.bottom, frame.right, frame.top),
            width=size[0],
            height=size[1],
            resampleAlg="average",
            dstAlpha=True,
            callback=go_on,
        )
    except RuntimeError as error:
        progress.check()
        raise InvalidRasterError(f"The heatmap {heatmap} cannot be drawn on the map: {error}.") from error
    progress.check()
    values = warped.GetRasterBand(1).ReadAsArray() * band.scale + band.offset
    return values, warped.GetRasterBand(2).ReadAsArray() > 0


def _legend(frame: Frame, area: bool, heatmap: bool) -> str:
    """Return the scale bar and the legend, below the frame: rows of references, of mapped outlines, of what else."""
    top = MARGIN[1] + frame.height + LEGEND_TOP
    styles = (
        (REFERENCE_MATCHED, REFERENCE_SPLIT, REFERENCE_MISSED),
        (MAPPED_MATCHED, MAPPED_MERGED, MAPPED_FALSE),
    )
    keys = {(column, row): _key(style) for row, line in enumerate(styles) for column, style in enumerate(line)}
    if area:
        keys[0, 2] = _key(AREA)
    if heatmap:
        ramp = '<rect width="60" height="16" fill="url(#heat)" stroke="#999999"/>'
        keys[1, 2] = ramp + text(68, 13, "Heatmap, 0 to 1")
    parts = (
        f'<g transform="translate({MARGIN[0] + 270 + 215 * column:g} {top + 30 * row:g})">{key}</g>'
        for (column, row), key in keys.items()
    )
    return f'<g class="legend">{scale_bar(frame)}{"".join(parts)}</g>'


def _key(style: Style) -> str:
    return f'<rect width="30" height="16" {style.attributes}/>{text(38, 13, style.label)}'
