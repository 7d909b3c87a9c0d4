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
    bands: tuple[str, ...] = option(
        (),
        help="Only for a model whose card does not name its bands: their roles, in the order that it was trained on.",
    )
    mean: tuple[str, ...] = option(
        (),
        help="Only for a model whose card does not normalise: what is subtracted from each band, one number a band or "
        "one for all, in the stack's units.",
    )
    std: tuple[str, ...] = option(
        (), help="Only with the mean: what each band is then divided by, one number a band or one for all."
    )
    activation: str = option(
        "card",
        help="What turns the network's numbers into probabilities; sigmoid or softmax only for a model that gives "
        "logits and whose card does not say so.",
        choices=("card", "none", "sigmoid", "softmax"),
    )


@dataclass(frozen=True)
class HeatmapResult:
    """The heatmap, where the network ran, and how many tiles were run and skipped."""

    output: str
    provider: str
    tiles: int
    skipped_tiles: int
