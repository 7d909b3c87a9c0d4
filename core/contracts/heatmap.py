"""Options and result of the heatmap stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class HeatmapOptions(Options):
    """Apply a CNN to a feature stack."""

    stack: str = option(
        help="Feature stack: a raster whose band descriptions are the roles that the model's card names."
    )
    model: str = option(help="Model: the name of a shipped model, or the path of an .onnx file.")
    output: str = option(help="Heatmap to write (GeoTIFF).")
    area: str = option("", help="Polygons: only pixels inside are mapped. Empty: the whole stack.")
    tile_size: int = option(512, help="Side of the tiles that the network sees, in pixels, halo included.", minimum=32)
    device: str = option(
        "automatic",
        help="Where the network runs. Automatic takes a GPU when there is one.",
        choices=("automatic", "cpu", "gpu"),
    )
    output_type: str = option(
        "byte",
        help="Byte stores steps of 0.004 (small files); float32 stores the network's numbers.",
        choices=("byte", "float32"),
    )


@dataclass(frozen=True)
class HeatmapResult:
    """The heatmap, where the network ran, and how many tiles were run and skipped."""

    output: str
    provider: str
    tiles: int
    skipped_tiles: int
