"""Options and result of the heatmap stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

# Beyond any place on land, in metres.
LOWEST_ELEVATION = -10000.0
HIGHEST_ELEVATION = 10000.0
STEEPEST_SLOPE = 90.0


@dataclass(frozen=True)
class HeatmapOptions(Options):
    """Apply a CNN to a feature stack."""

    stack: str = option(
        help="Feature stack: a raster whose band descriptions are the roles that the model's card names."
    )
    model: str = option(help="Model: the name of a shipped model, or the path of an .onnx file.")
    output: str = option(help="Heatmap to write (GeoTIFF).")
    area: str = option("", help="Polygons: only pixels inside are mapped. Empty: the whole stack.")
    tile_size: int = option(
        0,
        help="Side of the tiles that the network sees, in pixels, halo included. 0: 512, or six halos where these are "
        "more (1536 at most), so that the halo is not most of the work.",
        minimum=0,
    )
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
    resample: bool = option(
        False,
        help="Whether a stack of another pixel size than the model's is resampled for the network, and the heatmap "
        "back to the stack's pixels; otherwise such a stack is refused.",
    )
    min_elevation: float = option(
        LOWEST_ELEVATION,
        help="Pixels lower than this are not mapped, in metres; read from the stack's band `elevation`. "
        "The default leaves none out, and needs no such band.",
        minimum=LOWEST_ELEVATION,
        maximum=HIGHEST_ELEVATION,
    )
    max_elevation: float = option(
        HIGHEST_ELEVATION,
        help="Pixels higher than this are not mapped, in metres. The default leaves none out.",
        minimum=LOWEST_ELEVATION,
        maximum=HIGHEST_ELEVATION,
    )
    min_slope: float = option(
        0.0,
        help="Pixels less steep than this are not mapped, in degrees; read from the stack's band `slope`. "
        "The default leaves none out, and needs no such band.",
        minimum=0,
        maximum=STEEPEST_SLOPE,
    )
    max_slope: float = option(
        STEEPEST_SLOPE,
        help="Pixels steeper than this are not mapped, in degrees. The default leaves none out.",
        minimum=0,
        maximum=STEEPEST_SLOPE,
    )
    time_limit: float = option(
        60.0,
        help="Seconds that the network may take to load, and for one tile, before it is stopped; with loops 8 at most.",
        minimum=0.1,
    )
    memory_limit: int = option(
        4096,
        help="Memory that the stage may take beyond what it starts with, in megabytes (on Linux, without a GPU).",
        minimum=256,
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
    augment: str = option(
        "none",
        help="Apply the network to each tile in several orientations and take the mean: flips (4) or all flips and "
        "right-angle turns (8). Takes as many times longer.",
        choices=("none", "flips", "all"),
    )
    ensemble: tuple[str, ...] = option(
        (),
        help="Further models of the same classes, by name or path: the heatmap is the mean over all models.",
    )
    uncertainty: bool = option(
        False,
        help="Also write the band heatmap_std: the standard deviation of the target class over orientations and "
        "models. Needs several of either.",
    )


@dataclass(frozen=True)
class HeatmapResult:
    """The heatmap, where the network ran, how many tiles were run and skipped, and how many ran a second."""

    output: str
    provider: str
    tiles: int
    skipped_tiles: int
    tiles_per_second: float
