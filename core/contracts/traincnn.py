"""Options and result of the stage that trains a network."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

UNET, SYMMETRIC_UNET, PATCH_CNN = "unet", "symmetric_unet", "patch_cnn"
MIXED = "mixed"
BCE, BCE_DICE, FOCAL, FOCAL_DICE = "bce", "bce_dice", "focal", "focal_dice"
OPTICAL, RADAR, TERRAIN = "optical", "radar", "terrain"


@dataclass(frozen=True)
class TrainCnnOptions(Options):
    """Train a CNN on samples, judge it on samples that it has not seen, and write it with its card."""

    samples: tuple[str, ...] = option(
        help="Folders that the node Training samples wrote, or the file samples.json in each, of one region or of "
        "several. All must have the same bands and the same pixel size."
    )
    output: str = option(help="Model to write (.onnx); its card is also written beside it (.json).")
    report: str = option("", help="Report to write (HTML).")
    architecture: str = option(
        UNET,
        help="unet: encoder and decoder, for pixels of about 10 m or less. symmetric_unet: the same, but its heatmap "
        "turns with the picture by construction, so that it learns more from few landforms; its bands must be such as "
        "can be turned (no hillshade). mixed: the two in turns, for two or more `members`, since they err in different "
        "places. patch_cnn: a classifier of patches, simpler and coarser at borders; written so that it runs over "
        "whole rasters at once.",
        choices=(UNET, SYMMETRIC_UNET, MIXED, PATCH_CNN),
    )
    epochs: int = option(60, help="Largest number of epochs; an epoch draws each training chip once.", minimum=1)
    patience: int = option(
        12,
        help="Training ends when the average precision on the validation chips has not risen for so many epochs. "
        "0: never before the last epoch.",
        minimum=0,
    )
    seed: int = option(
        0, help="Seed of all random choices. The same seed gives the same model.", minimum=0, maximum=2**31 - 1
    )
    members: int = option(
        1,
        help="Networks in the model, not for patch_cnn: trained one after another, each with a seed of its own; their "
        "mean maps other regions better than one of them, and takes as many times as long to train and to apply.",
        minimum=1,
        maximum=16,
    )
    device: str = option(
        "automatic",
        help="Where to train. Automatic takes a GPU (CUDA) when there is one.",
        choices=("automatic", "cpu", "gpu"),
    )
    bands: tuple[str, ...] = option(
        (), help="Roles of the bands to learn from, such as B04 B03 B02. Empty: all that the samples have."
    )
    initial: str = option(
        "",
        help="Model to start from: the name of a shipped model or the path of an .onnx file that this node wrote with "
        "the same architecture and widths. Bands are matched by role; each of several networks begins as its "
        "counterpart there. Empty: random weights.",
    )
    resume: bool = option(
        True,
        help="Go on where an interrupted training of the same output stopped; otherwise begin anew.",
    )
    steps: int = option(0, help="Batches an epoch. 0: as many as the training chips fill.", minimum=0)
    batch_size: int = option(8, help="Crops in a batch.", minimum=1, maximum=1024)
    crop_size: int = option(
        0,
        help="Side of the crops that the network learns from, in pixels, cut at random from the chips. 0: the largest "
        "that the chips allow, up to 160, or twice the context (patch_cnn).",
        minimum=0,
    )
    learning_rate: float = option(0.002, help="Largest learning rate (AdamW).", minimum=1e-7, maximum=1)
    weight_decay: float = option(0.02, help="Weight decay (AdamW).", minimum=0, maximum=1)
    averaging: float = option(
        0.99,
        help="The model holds the moving average of the weights; this is the share that stays at each batch.",
        minimum=0,
        maximum=0.9999,
    )
    widths: tuple[str, ...] = option(
        (),
        help="Channels of each level; multiples of 8 for symmetric_unet and mixed. Empty: those of the model to start "
        "from (but for patch_cnn), or 32 48 64 128 192; for patch_cnn 24 48 64 128: three convolutions and the fully "
        "connected layer.",
    )
    context: int = option(
        32, help="Side of the patch that patch_cnn classifies, in pixels; a multiple of 4.", minimum=24, maximum=128
    )
    dropout: float = option(
        0.1, help="Share of the channels left out at random before the last layers.", minimum=0, maximum=0.9
    )
    loss: str = option(
        BCE_DICE,
        help="What is made small: cross-entropy (bce), or focal loss, which looks at hard pixels; with dice also the "
        "overlap of the landforms, which are rare.",
        choices=(BCE, BCE_DICE, FOCAL, FOCAL_DICE),
    )
    dice_weight: float = option(0.3, help="Weight of the Dice loss beside the other.", minimum=0)
    focal_gamma: float = option(2.0, help="How much the focal loss neglects easy pixels.", minimum=0, maximum=10)
    positive_weight: float = option(
        1.0, help="How often a rock-glacier pixel counts in the loss.", minimum=0.01, maximum=1000
    )
    positive_share: float = option(
        0.5, help="Share of the crops that are laid over a rock-glacier pixel.", minimum=0, maximum=1
    )
    orientations: str = option(
        "all",
        help="How crops are turned and mirrored at random: not at all, by flips, or by flips and quarter turns. The "
        "aspect is turned with them.",
        choices=("none", "flips", "all"),
    )
    brightness: float = option(
        0.12, help="Random change of the optical bands' brightness (standard deviation, share).", minimum=0, maximum=1
    )
    contrast: float = option(
        0.08, help="Random change of the optical bands' contrast (standard deviation, share).", minimum=0, maximum=1
    )
    gamma: float = option(
        0.08, help="Random change of the optical bands' gamma (standard deviation, share).", minimum=0, maximum=1
    )
    colour: float = option(
        0.04,
        help="Random change of single optical bands' brightness (standard deviation, share).",
        minimum=0,
        maximum=1,
    )
    haze: float = option(
        0.02,
        help="Random offset of the optical bands (standard deviation, share of their range).",
        minimum=0,
        maximum=1,
    )
    noise: float = option(
        0.01,
        help="Random noise of optical pixels (largest standard deviation, share of the range).",
        minimum=0,
        maximum=1,
    )
    radar_shift: float = option(
        0.05,
        help="Random offset of radar bands such as coherence (standard deviation, share of their range).",
        minimum=0,
        maximum=1,
    )
    elevation_shift: float = option(
        200.0, help="Random offset of the band elevation, in metres (standard deviation).", minimum=0
    )
    drop_sources: tuple[str, ...] = option(
        (RADAR, TERRAIN),
        help="Sources that are left out of some crops at random, so that the model also maps stacks that lack them. A "
        "source that the samples do not have is ignored; one at least is never left out.",
        choices=(OPTICAL, RADAR, TERRAIN),
    )
    drop_share: float = option(
        0.15, help="How often each of these sources is left out (share of the crops).", minimum=0, maximum=0.9
    )
    precision: str = option(
        "float32",
        help="bfloat16 is faster on GPUs and on the few CPUs that compute with it, and less exact.",
        choices=("float32", "bfloat16"),
    )
    threads: int = option(0, help="Processor cores to use. 0: all.", minimum=0, maximum=1024)
    title: str = option("", help="Title for the model's card. Empty: made from the architecture.")
    description: str = option("", help="What the model's card says of its use and limits.")
    licence: str = option("", help="Licence of the model for its card, such as CC-BY-4.0.")


@dataclass(frozen=True)
class TrainCnnResult:
    """The model and how it did on samples that it did not learn from; NaN where the split has no rock glacier.

    Attributes
    ----------
    output, report : str
        The files.
    epochs_run, best_epoch : int
        Epochs that were run, and the one whose weights the model holds; of several networks: those of the first.
    validation_average_precision, test_average_precision, test_f1 : float
        By pixel of the chips; F1 at the threshold that is best on the validation chips.
    threshold : float
        That threshold, 0..1.
    parameters : int
        Weights of the network.
    difference : float
        Largest difference between the trained network and the model file, as run by onnxruntime.
    """

    output: str
    report: str
    epochs_run: int
    best_epoch: int
    validation_average_precision: float
    test_average_precision: float
    test_f1: float
    threshold: float
    parameters: int
    difference: float
