"""The node that trains a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class TrainCnnAlgorithm(StageAlgorithm):
    """Train a CNN."""

    STAGE = "traincnn"
    SAMPLES = "SAMPLES"
    ARCHITECTURE = "ARCHITECTURE"
    EPOCHS = "EPOCHS"
    SEED = "SEED"
    DEVICE = "DEVICE"
    PATIENCE = "PATIENCE"
    MEMBERS = "MEMBERS"
    BANDS = "BANDS"
    INITIAL = "INITIAL"
    RESUME = "RESUME"
    DROP_SOURCES = "DROP_SOURCES"
    DROP_SHARE = "DROP_SHARE"
    LOSS = "LOSS"
    DICE_WEIGHT = "DICE_WEIGHT"
    FOCAL_GAMMA = "FOCAL_GAMMA"
    POSITIVE_WEIGHT = "POSITIVE_WEIGHT"
    POSITIVE_SHARE = "POSITIVE_SHARE"
    STEPS = "STEPS"
    BATCH_SIZE = "BATCH_SIZE"
    CROP_SIZE = "CROP_SIZE"
    LEARNING_RATE = "LEARNING_RATE"
    WEIGHT_DECAY = "WEIGHT_DECAY"
    AVERAGING = "AVERAGING"
    WIDTHS = "WIDTHS"
    CONTEXT = "CONTEXT"
    DROPOUT = "DROPOUT"
    ORIENTATIONS = "ORIENTATIONS"
    BRIGHTNESS = "BRIGHTNESS"
    CONTRAST = "CONTRAST"
    GAMMA = "GAMMA"
    COLOUR = "COLOUR"
    HAZE = "HAZE"
    NOISE = "NOISE"
    RADAR_SHIFT = "RADAR_SHIFT"
    ELEVATION_SHIFT = "ELEVATION_SHIFT"
    PRECISION = "PRECISION"
    THREADS = "THREADS"
    TITLE = "TITLE"
    DESCRIPTION = "DESCRIPTION"
    LICENCE = "LICENCE"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    EPOCHS_RUN = "EPOCHS_RUN"
    BEST_EPOCH = "BEST_EPOCH"
    VALIDATION_AVERAGE_PRECISION = "VALIDATION_AVERAGE_PRECISION"
    TEST_AVERAGE_PRECISION = "TEST_AVERAGE_PRECISION"
    TEST_F1 = "TEST_F1"
    THRESHOLD = "THRESHOLD"
    PARAMETERS = "PARAMETERS"
    DIFFERENCE = "DIFFERENCE"

    FIGURES: ClassVar = {
        EPOCHS_RUN: "epochs_run",
        BEST_EPOCH: "best_epoch",
        VALIDATION_AVERAGE_PRECISION: "validation_average_precision",
        TEST_AVERAGE_PRECISION: "test_average_precision",
        TEST_F1: "test_f1",
        THRESHOLD: "threshold",
        PARAMETERS: "parameters",
        DIFFERENCE: "difference",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Train CNN")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Train")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "train"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("deep learning,neural network,training,unet,patch,pytorch,torch,onnx,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Trains a convolutional network on samples of your own region, and says how well it does.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Trains a convolutional network on samples, judges it on samples that it has not learnt from, and "
            "writes it for the node Heatmap.</p>"
            "<p><b>Input</b>: one or more folders that the node Training samples wrote. <b>Output</b>: a model with "
            "its card (bands, normalisation, data, accuracy), and a report with curves, precision and recall by size "
            "of the landforms, reliability of the probabilities, and example chips.</p>"
            "<p><b>How to choose</b>: begin with the defaults. On a CPU a few hundred chips take minutes to hours; the "
            "log shows the time left. Training that was stopped goes on where it was when it is started again with the "
            "same output. With few landforms, start from a shipped model instead of random weights. Believe the "
            "figures of the test chips only, and score outlines of another area with Accuracy of outlines.</p>"
            "<p><b>PyTorch</b> is needed, and does not come with QGIS. Install the CPU build into a folder of its own, "
            "<tt>python -m pip install --target FOLDER numpy==VERSION torch onnx onnxruntime numba scikit-image scipy "
            "'shapely&gt;=2.1' --extra-index-url https://download.pytorch.org/whl/cpu</tt>, where VERSION is that of "
            "QGIS's own numpy (<tt>numpy.__version__</tt> in its Python console), and let the environment variable "
            "ROCK_GLACIER_MAPPER_RUNTIME name the folder. All other nodes work without PyTorch.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_files(self.SAMPLES, self.tr("Folders of samples (or samples.json in each)"))
        self.add_choice(self.ARCHITECTURE, self.tr("Architecture"))
        self.add_number(self.EPOCHS, self.tr("Largest number of epochs"))
        self.add_number(self.SEED, self.tr("Seed"))
        self.add_choice(self.DEVICE, self.tr("Device"))
        self.add_number(self.PATIENCE, self.tr("Epochs without gain until training ends (0: never)"), advanced=True)
        self.add_number(self.MEMBERS, self.tr("Networks in the model"), advanced=True)
        self.add_text(self.BANDS, self.tr("Bands to learn from"), advanced=True)
        self.add_text(self.INITIAL, self.tr("Model to start from"), advanced=True)
        self.add_truth(self.RESUME, self.tr("Go on with an interrupted training"), advanced=True)
        self.add_choice(self.DROP_SOURCES, self.tr("Sources that may be absent later"), advanced=True)
        self.add_number(self.DROP_SHARE, self.tr("How often each of them is left out (share)"), advanced=True)
        self._declare_learning()
        self._declare_augmentation()
        self.add_choice(self.PRECISION, self.tr("Precision of the arithmetic"), advanced=True)
        self.add_number(self.THREADS, self.tr("Processor cores (0: all)"), advanced=True)
        self.add_text(self.TITLE, self.tr("Title of the model"), advanced=True)
        self.add_text(self.DESCRIPTION, self.tr("Description of the model"), advanced=True)
        self.add_text(self.LICENCE, self.tr("Licence of the model"), advanced=True)
        self.add_file_output(self.OUTPUT, self.tr("Model"), self.tr("ONNX models (*.onnx)"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self._declare_figures()

    def _declare_learning(self) -> None:
        """Declare how the network learns."""
        self.add_choice(self.LOSS, self.tr("Loss"), advanced=True)
        self.add_number(self.DICE_WEIGHT, self.tr("Weight of the Dice loss"), advanced=True)
        self.add_number(self.FOCAL_GAMMA, self.tr("Gamma of the focal loss"), advanced=True)
        self.add_number(self.POSITIVE_WEIGHT, self.tr("Weight of a rock-glacier pixel"), advanced=True)
        self.add_number(self.POSITIVE_SHARE, self.tr("Crops over rock glaciers (share)"), advanced=True)
        self.add_number(self.STEPS, self.tr("Batches an epoch (0: all chips)"), advanced=True)
        self.add_number(self.BATCH_SIZE, self.tr("Crops in a batch"), advanced=True)
        self.add_number(self.CROP_SIZE, self.tr("Side of the crops (pixels, 0: automatic)"), advanced=True)
        self.add_number(self.LEARNING_RATE, self.tr("Learning rate"), advanced=True)
        self.add_number(self.WEIGHT_DECAY, self.tr("Weight decay"), advanced=True)
        self.add_number(self.AVERAGING, self.tr("Averaging of the weights"), advanced=True)
        self.add_text(self.WIDTHS, self.tr("Channels of each level"), advanced=True)
        self.add_number(self.CONTEXT, self.tr("Patch of the patch CNN (pixels)"), advanced=True)
        self.add_number(self.DROPOUT, self.tr("Dropout"), advanced=True)

    def _declare_augmentation(self) -> None:
        """Declare how crops are changed at random."""
        self.add_choice(self.ORIENTATIONS, self.tr("Orientations of the crops"), advanced=True)
        self.add_number(self.BRIGHTNESS, self.tr("Change of brightness, optical"), advanced=True)
        self.add_number(self.CONTRAST, self.tr("Change of contrast, optical"), advanced=True)
        self.add_number(self.GAMMA, self.tr("Change of gamma, optical"), advanced=True)
        self.add_number(self.COLOUR, self.tr("Change of colour, optical"), advanced=True)
        self.add_number(self.HAZE, self.tr("Haze, optical"), advanced=True)
        self.add_number(self.NOISE, self.tr("Noise, optical"), advanced=True)
        self.add_number(self.RADAR_SHIFT, self.tr("Offset, radar"), advanced=True)
        self.add_number(self.ELEVATION_SHIFT, self.tr("Offset, elevation (metres)"), advanced=True)

    def _declare_figures(self) -> None:
        """Declare the figures that the node returns."""
        self.add_number_result(self.EPOCHS_RUN, self.tr("Epochs that were run"))
        self.add_number_result(self.BEST_EPOCH, self.tr("Epoch whose weights were taken"))
        self.add_number_result(self.VALIDATION_AVERAGE_PRECISION, self.tr("Average precision on the validation chips"))
        self.add_number_result(self.TEST_AVERAGE_PRECISION, self.tr("Average precision on the test chips"))
        self.add_number_result(self.TEST_F1, self.tr("F1 score on the test chips"))
        self.add_number_result(self.THRESHOLD, self.tr("Threshold with the best F1 on the validation chips"))
        self.add_number_result(self.PARAMETERS, self.tr("Weights of the network"))
        self.add_number_result(self.DIFFERENCE, self.tr("Largest difference of the model file from the network"))
