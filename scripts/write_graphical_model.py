"""Write the graphical model that ships with the plugin: the whole chain made of the single nodes.

Run it with QGIS 3.22, whose model files every later version reads the same way, after a change of the nodes::

    python scripts/write_graphical_model.py models/map_rock_glaciers_steps.model3

The package `rock_glacier_mapper` must be importable. The inputs are those of the node `maprockglaciers`, with its
labels, helps and defaults.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # the same model gives the same file

from qgis.core import (
    QgsApplication,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
)
from qgis.core import QgsProcessingModelChildParameterSource as Source
from qgis.PyQt.QtCore import QPointF, QSizeF
from rock_glacier_mapper.algorithms.maprockglaciers import MapRockGlaciersAlgorithm
from rock_glacier_mapper.algorithms.provider import RockGlacierProvider
from rock_glacier_mapper.algorithms.reshapeparameters import RESHAPE_KEYS
from rock_glacier_mapper.core.version import version

COLUMN = 230
ROW = 75
BOX = QSizeF(200, 54)
INPUTS_IN_A_ROW = 4


class Step(NamedTuple):
    """One node of the chain.

    Attributes
    ----------
    node : str
        The node's name, which is also the step's id in the model.
    inputs : tuple of str
        Keys that the node shares with the model.
    files : dict
        Keys of the node, with what they come from: a key of the model in upper case, or the name of an earlier step.
    output : str
        Name under which the model returns the node's output, "" if it does not.
    label : str
        Label of that output.
    """

    node: str
    inputs: tuple[str, ...]
    files: dict[str, tuple[str, ...]]
    output: str = ""
    label: str = ""


_HEATMAP = ("STACK", "MODEL", "AREA", "TILE_SIZE", "DEVICE", "RESAMPLE")
_ELIGIBLE = ("MIN_ELEVATION", "MAX_ELEVATION", "MIN_SLOPE", "MAX_SLOPE")
_LAYERS = ("STACK", "smoothheatmap")
_TERRAIN = {"SLOPE": ("STACK",), "ELEVATION": ("STACK",)}
STEPS = (
    Step("heatmap", (*_HEATMAP, *_ELIGIBLE, "TIME_LIMIT", "MEMORY_LIMIT"), {}),
    Step("smoothheatmap", ("SIGMA",), {"INPUT": ("heatmap",)}, "heatmap", "Smoothed heatmap"),
    Step("segment", ("WEIGHTS", "SCALE", "SHAPE", "COMPACTNESS"), {"INPUT": ("STACK",), "HEATMAP": ("smoothheatmap",)}),
    Step("objectfeatures", (), {"LABELS": ("segment",), "LAYERS": _LAYERS}),
    Step("classify", ("RULES",), {"OBJECTS": ("objectfeatures",)}, "objects", "Classified objects"),
    Step(
        "reshape",
        RESHAPE_KEYS,
        {"OBJECTS": ("classify",), "LABELS": ("segment",), "HEATMAP": ("smoothheatmap",), **_TERRAIN},
    ),
    Step(
        "outlines",
        ("SIMPLIFY", "SMOOTH_OUTLINE"),
        {"INPUT": ("reshape",), "LAYERS": _LAYERS, "OBJECTS": ("classify",)},
        "outlines",
        "Outlines",
    ),
)


def build() -> QgsProcessingModelAlgorithm:
    """Return the model; the nodes' provider must be registered."""
    model = QgsProcessingModelAlgorithm("Map rock glaciers, step by step", "Map", "map")
    model.setName("map_rock_glaciers_steps")
    whole = MapRockGlaciersAlgorithm()
    whole.initAlgorithm()
    top = float(ROW)
    for step in STEPS:
        rows = _add_inputs(model, whole, step.inputs, top)
        _add_step(model, step, QPointF((INPUTS_IN_A_ROW + 0.5) * COLUMN, top + (rows - 1) * ROW / 2))
        top += max(rows, 2) * ROW
    # The order of the dialog is that of the node.
    order = [definition.name() for definition in whole.parameterDefinitions() if not definition.isDestination()]
    model.setParameterOrder(order)
    model.setHelpContent(_help(model))
    model.updateDestinationParameters()
    return model


def _add_inputs(
    model: QgsProcessingModelAlgorithm, whole: MapRockGlaciersAlgorithm, keys: tuple[str, ...], top: float
) -> int:
    """Add inputs of the model to the left of the step that they belong to; return the number of rows they take."""
    for number, key in enumerate(keys):
        row, column = divmod(number, INPUTS_IN_A_ROW)
        component = QgsProcessingModelParameter(key)
        component.setPosition(QPointF((column + 0.5) * COLUMN, top + row * ROW))
        component.setSize(BOX)
        model.addModelParameter(whole.parameterDefinition(key).clone(), component)
    return max(1, -(-len(keys) // INPUTS_IN_A_ROW))


def _add_step(model: QgsProcessingModelAlgorithm, step: Step, position: QPointF) -> None:
    child = QgsProcessingModelChildAlgorithm(f"rockglacier:{step.node}")
    child.setChildId(step.node)
    child.setDescription(child.algorithm().displayName())
    child.setPosition(position)
    for key in step.inputs:
        child.addParameterSources(key, [Source.fromModelParameter(key)])
    for key, origins in step.files.items():
        child.addParameterSources(key, [_source(origin) for origin in origins])
    for definition in child.algorithm().parameterDefinitions():
        is_given = definition.name() in {*step.inputs, *step.files}
        if not is_given and definition.defaultValue() is not None:
            # QGIS takes a text or a choice that has a default, but no source, for missing.
            child.addParameterSources(definition.name(), [Source.fromStaticValue(definition.defaultValue())])
    if step.output:
        output = QgsProcessingModelOutput(step.output, step.label)
        output.setChildId(step.node)
        output.setChildOutputName("OUTPUT")
        output.setPosition(QPointF(position.x() + 1.1 * COLUMN, position.y()))
        child.setModelOutputs({step.output: output})
    model.addChildAlgorithm(child)


def _source(origin: str) -> Source:
    return Source.fromModelParameter(origin) if origin.isupper() else Source.fromChildOutput(origin, "OUTPUT")


def _help(model: QgsProcessingModelAlgorithm) -> dict[str, str]:
    """Return the model's help: what it does, and the help of every input."""
    helps = {definition.name(): definition.help() for definition in model.parameterDefinitions()}
    return helps | {
        "ALG_DESC": "Maps rock glaciers from a feature stack with the single nodes of the toolbox, one after the "
        "other. The result is that of the node Map rock glaciers; open the model in the modeler to change the chain.",
        "ALG_CREATOR": "Rock Glacier Mapper contributors",
        "ALG_VERSION": version(),
    }


def write(model: QgsProcessingModelAlgorithm, path: Path) -> None:
    """Write the model without the line by which later QGIS versions rename the outputs.

    Raises
    ------
    SystemExit
        If the model is not valid or cannot be written.
    """
    valid, messages = model.validate()
    if not valid or not model.toFile(str(path)):
        raise SystemExit(f"The model {path} was not written: {messages}")
    lines = path.read_text("utf8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "internal_version" not in line), "utf8")


def main() -> None:
    """Write the model to the path given."""
    parser = argparse.ArgumentParser(description="Write the graphical model that ships with the plugin.")
    parser.add_argument("path", type=Path, help="the .model3 file to write")
    path = parser.parse_args().path
    application = QgsApplication([], False)
    application.initQgis()
    provider = RockGlacierProvider()
    if not QgsApplication.processingRegistry().addProvider(provider):
        raise SystemExit("The nodes could not be registered.")
    write(build(), path)
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    # QGIS crashes when Python takes its objects apart in the wrong order.
    os._exit(0)


if __name__ == "__main__":
    main()
