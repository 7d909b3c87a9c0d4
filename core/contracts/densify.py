"""Options and result of the stage that makes a patch classifier dense."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class DensifyOptions(Options):
    """Convert a classifier of patches into a network that classifies every pixel of an image at once."""

    model: str = option(
        help="Patch classifier: the path of an .onnx file of convolutions, poolings and fully connected layers."
    )
    output: str = option(help="Dense network to write (.onnx).")


@dataclass(frozen=True)
class DensifyResult:
    """The dense network, the patch it stands for, and how well it agrees with the classifier.

    Attributes
    ----------
    output : str
        The dense network.
    patch_size : int
        Side of the classifier's patch, in pixels.
    halo : int
        Pixels of context on every side that an output pixel depends on; the output is smaller by as much.
    difference : float
        Largest absolute difference from the classifier on random patches.
    """

    output: str
    patch_size: int
    halo: int
    difference: float
