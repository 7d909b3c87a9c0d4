"""The whole chain, from a feature stack to outlines: the one place that knows the order of the map stages."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .contracts.classify import ClassifyOptions
from .contracts.heatmap import HeatmapOptions
from .contracts.maprockglaciers import MapRockGlaciersOptions, MapRockGlaciersResult
from .contracts.objectfeatures import ObjectFeaturesOptions
from .contracts.outlines import OutlinesOptions, OutlinesResult
from .contracts.reshape import ReshapeOptions
from .contracts.segment import SegmentOptions
from .contracts.smoothheatmap import SmoothHeatmapOptions
from .errors import InvalidRasterError, OutputError
from .files import check_writable, replacing
from .landforms.reshapeinput import needed_terrain
from .objects.featurecatalogue import layer_of
from .options import Options, field_types
from .progress import Progress
from .rasters.raster import Raster
from .rasters.roles import HEATMAP
from .rules.rules import load_rule_set
from .stages import stage_named

# Share of the work done when a stage ends, as seen on scenes of a few megapixels.
_ENDS = {
    "heatmap": 0.5,
    "smoothheatmap": 0.52,
    "segment": 0.75,
    "objectfeatures": 0.87,
    "classify": 0.92,
    "reshape": 0.95,
    "outlines": 1.0,
}
_TITLES = {
    "heatmap": "Applying the CNN",
    "smoothheatmap": "Smoothing the heatmap",
    "segment": "Segmenting",
    "objectfeatures": "Measuring objects",
    "classify": "Classifying objects",
    "reshape": "Reshaping",
    "outlines": "Drawing outlines",
}


def run(options: MapRockGlaciersOptions, progress: Progress) -> MapRockGlaciersResult:
    """Map rock glaciers: run every map stage, each on the files of the ones before.

    Parameters
    ----------
    options : MapRockGlaciersOptions
        The stack, the model, the rule set, the outputs, and each stage's main parameters.
    progress : Progress
        Reports over the whole chain.

    Returns
    -------
    MapRockGlaciersResult

    Raises
    ------
    MapperError
        Whatever a stage raises; no output is written then.
    """
    _check_outputs(options)
    _check_inputs(options)
    folder = os.path.dirname(os.path.abspath(options.output))
    with tempfile.TemporaryDirectory(prefix=".rock-glacier-mapper-", dir=folder) as scratch:
        chain = _Chain(options, progress, Path(scratch))
        outlines = chain.run()
        _keep({chain.smoothed: options.heatmap, chain.classified: options.objects, chain.outlines: options.output})
    return MapRockGlaciersResult(options.output, outlines.landforms, outlines.area_m2, options.heatmap, options.objects)


class _Chain:
    """The stages in order, with their files in one folder."""

    def __init__(self, options: MapRockGlaciersOptions, progress: Progress, folder: Path) -> None:
        self._options = options
        self._progress = progress
        self._done = 0.0
        self._heatmap = str(folder / "heatmap.tif")
        self._labels = str(folder / "labels.tif")
        self._objects = str(folder / "objects.gpkg")
        self._landforms = str(folder / "landforms.tif")
        self.smoothed = str(folder / "smoothed.tif")
        self.classified = str(folder / "classified.gpkg")
        self.outlines = str(folder / "outlines.gpkg")

    def run(self) -> OutlinesResult:
        """Run all stages; return the result of the last."""
        layers = (self._options.stack, self.smoothed)
        self._stage("heatmap", HeatmapOptions, output=self._heatmap)
        self._stage("smoothheatmap", SmoothHeatmapOptions, input=self._heatmap, output=self.smoothed)
        self._stage(
            "segment",
            SegmentOptions,
            input=self._options.stack,
            heatmap=self.smoothed,
            output=self._labels,
            # The chain's tile size is that of the heatmap.
            tile_size=SegmentOptions.tile_size,
        )
        self._stage("objectfeatures", ObjectFeaturesOptions, labels=self._labels, layers=layers, output=self._objects)
        self._stage("classify", ClassifyOptions, objects=self._objects, output=self.classified)
        self._stage(
            "reshape",
            ReshapeOptions,
            objects=self.classified,
            labels=self._labels,
            heatmap=self.smoothed,
            slope=self._options.stack,
            elevation=self._options.stack,
            output=self._landforms,
        )
        result: OutlinesResult = self._stage(
            "outlines",
            OutlinesOptions,
            input=self._landforms,
            layers=layers,
            objects=self.classified,
            output=self.outlines,
        )
        return result

    def _stage(self, name: str, contract: type[Options], **files: Any) -> Any:
        """Run one stage with the given files; its other options are those of the chain that have the same name."""
        shared = {key: getattr(self._options, key) for key in field_types(contract) if hasattr(self._options, key)}
        self._progress.report(self._done, _TITLES[name])
        part = self._progress.part(self._done, _ENDS[name])
        result = stage_named(name).run(contract(**{**shared, **files}), part)
        self._done = _ENDS[name]
        return result


def _check_inputs(options: MapRockGlaciersOptions) -> None:
    """Refuse at once what the stages would find only after the network has run."""
    rules = load_rule_set(options.rules)
    with Raster(options.stack) as stack:
        roles = stack.roles
        if HEATMAP in roles:
            raise InvalidRasterError(
                f"{options.stack} has a band `{HEATMAP}`, which is what the model makes; give a stack without it."
            )
        layers = dict.fromkeys(filter(None, map(layer_of, rules.features)))
        missing = [layer for layer in layers if layer not in roles and not layer.startswith(HEATMAP)]
    if missing:
        raise InvalidRasterError(
            f"The rule set {rules.name} needs the bands {', '.join(missing)}, which {options.stack} does not have: "
            "add them, or choose a rule set that fits the stack."
        )
    absent = [layer for layer in needed_terrain(options) if layer not in roles]
    if absent:
        raise InvalidRasterError(
            f"The reshaping needs the bands {', '.join(absent)}, which {options.stack} does not have: add them, or "
            "leave ranges of slope and the split by direction out."
        )


def _check_outputs(options: MapRockGlaciersOptions) -> None:
    inputs = (options.stack, options.area)
    check_writable(options.output, ".gpkg", inputs=inputs)
    if options.heatmap:
        check_writable(options.heatmap, ".tif", ".tiff", inputs=inputs)
    if options.objects:
        check_writable(options.objects, ".gpkg", inputs=inputs)
        if os.path.realpath(options.objects) == os.path.realpath(options.output):
            raise OutputError(f"The outlines and the objects are both to be {options.output}; give them two names.")


def _keep(files: Mapping[str, str]) -> None:
    """Move files to where they shall be kept; they get their final names only when every one of them is there."""
    with contextlib.ExitStack() as outputs:
        for made, path in files.items():
            if not path:
                continue
            temporary = outputs.enter_context(replacing(path))
            try:
                shutil.move(made, temporary)
            except OSError as error:
                raise OutputError(f"The output {path} cannot be written: {error.strerror}.") from error
