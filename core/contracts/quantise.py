"""Options and result of the stage that quantises a model."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .heatmap import HeatmapOptions


@dataclass(frozen=True)
class QuantiseOptions(Options):
    """Make a model faster on CPUs by 8-bit integers, and measure what that changes in the heatmap."""

    model: str = same_option(HeatmapOptions, "model")
    stack: str = option(help="Feature stack of the kind that the model is to be used on; it calibrates and tests.")
    output: str = option(help="Quantised model to write (.onnx); its card is also written beside it (.json).")
    calibration_tiles: int = option(
        16, help="Number of tiles from which the ranges of the network's values are taken.", minimum=1
    )
    test_tiles: int = option(16, help="Number of other tiles on which the change is measured.", minimum=1)
    tile_size: int = option(256, help="Side of these tiles, in pixels, halo included.", minimum=32)
    seed: int = option(0, help="Seed of the choice of the tiles.", minimum=0, maximum=2**31 - 1)
    max_change_share: float = option(
        0.05,
        help="Largest change that is accepted: of the pixels that either model puts at 0.5 or above, the share that "
        "the other one puts below.",
        minimum=0,
        maximum=1,
    )


@dataclass(frozen=True)
class QuantiseResult:
    """The quantised model, and what it changes in the heatmap of the test tiles.

    Attributes
    ----------
    output : str
        The quantised model.
    max_change, mean_change : float
        Largest and mean absolute difference of the heatmap, 0..1.
    crossing_share : float
        Share of all pixels that cross 0.5.
    change_share : float
        The same, of the pixels that either model puts at 0.5 or above.
    calibration_tiles, test_tiles : int
        Tiles that were used.
    size_share : float
        Size of the file, as a share of the given one's.
    """

    output: str
    max_change: float
    mean_change: float
    crossing_share: float
    change_share: float
    calibration_tiles: int
    test_tiles: int
    size_share: float
