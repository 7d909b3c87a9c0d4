"""Write the graphical models that ship with the plugin: chains made of the single nodes.

Run it with QGIS 3.22, whose model files every later version reads the same way, after a change of the nodes::

    python scripts/write_graphical_model.py models/map_rock_glaciers_steps.model3 models/prepare_feature_stack.model3

The package `rock_glacier_mapper` must be importable. The inputs of the chain that maps are those of the node
`maprockglaciers`, with its labels, helps and defaults; those of the other are those of its nodes.
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
    QgsProcessingAlgorithm,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
)
from qgis.core import QgsProcessingModelChildParameterSource as Source
from qgis.PyQt.QtCore import QPointF, QSizeF
from rock_glacier_mapper.algorithms.graphicalmodel import TITLES
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
    renamed : tuple of pairs
        Keys of the node that the model calls otherwise, with the model's key.
    """

    node: str
    inputs: tuple[str, ...]
    files: dict[str, tuple[str, ...]]
    output: str = ""
    label: str = ""
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> dict[str, str]:
        """Keys of the node that are inputs of the model, with the model's keys."""
        return {key: dict(self.renamed).get(key, key) for key in self.inputs}


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


PREPARING_STEPS = (
    Step(
        "opticalcomposite",
        ("INPUTS", "BANDS", "METHOD", "MASK_CLASSES", "EXTENT", "CRS", "RESOLUTION"),
        {},
        "composite",
        "Optical composite",
        (("INPUTS", "PRODUCTS"),),
    ),
    Step(
        "coherence",
        ("REFERENCE", "SECONDARY", "WINDOW_RANGE", "WINDOW_AZIMUTH"),
        {},
        "coherence",
        "Coherence",
        (("REFERENCE", "FIRST_IMAGE"), ("SECONDARY", "SECOND_IMAGE")),
    ),
    Step("terrain", ("DEM", "ATTRIBUTES", "RADIUS", "SMOOTHING", "FILL"), {}, "terrain", "Terrain attributes"),
    Step(
        "featurestack",
        ("MAPPING", "COMMON_VALID"),
        {"REFERENCE": ("opticalcomposite",), "LAYERS": ("opticalcomposite", "coherence", "terrain")},
        "stack",
        "Feature stack",
    ),
)


class Chain(NamedTuple):
    """A graphical model.

    Attributes
    ----------
    group, group_id : str
        Title and id of its group in the toolbox.
    steps : tuple of Step
        In the order of the work.
    description : str
        What it does.
    whole : str
        The node whose parameters are its inputs; empty where they are those of the single nodes.
    """

    group: str
    group_id: str
    steps: tuple[Step, ...]
    description: str
    whole: str = ""


CHAINS = {
    "map_rock_glaciers_steps": Chain(
        "Map",
        "map",
        STEPS,
        "Maps rock glaciers from a feature stack with the single nodes of the toolbox, one after the other. The result "
        "is that of the node Map rock glaciers; open the model in the modeler to change the chain.",
        "maprockglaciers",
    ),
    "prepare_feature_stack": Chain(
        "Prepare",
        "prepare",
        PREPARING_STEPS,
        "Makes a feature stack of Sentinel-2 products, two coregistered complex radar images in map geometry, and a "
        "DEM. The pixels are those of the optical composite. Open the model in the modeler to change the chain: with "
        "the coherence of many pairs, put Coherence statistics in the place of Coherence.",
    ),
}


def build(name: str) -> QgsProcessingModelAlgorithm:
    """Return a model; the nodes' provider must be registered."""
    chain = CHAINS[name]
    model = QgsProcessingModelAlgorithm(TITLES[name], chain.group, chain.group_id)
    model.setName(name)
    order = []
    top = float(ROW)
    for step in chain.steps:
        rows = _add_inputs(model, chain.whole or step.node, step, top)
        _add_step(model, step, QPointF((INPUTS_IN_A_ROW + 0.5) * COLUMN, top + (rows - 1) * ROW / 2))
        order += step.keys.values()
        top += max(rows, 2) * ROW
    if chain.whole:
        # The order of the dialog is that of the node.
        node = _node(chain.whole)
        order = [definition.name() for definition in node.parameterDefinitions() if not definition.isDestination()]
    model.setParameterOrder(order)
    model.setHelpContent(_help(model, chain.description))
    model.updateDestinationParameters()
    return model


def _node(name: str) -> QgsProcessingAlgorithm:
    """Return a node; its definitions live as long as it does."""
    return QgsApplication.processingRegistry().createAlgorithmById(f"rockglacier:{name}")


def _add_inputs(model: QgsProcessingModelAlgorithm, owner: str, step: Step, top: float) -> int:
    """Add inputs of the model to the left of the step that they belong to; return the number of rows they take.

    They are parameters of the node `owner`.
    """
    node = _node(owner)
    for number, (key, name) in enumerate(step.keys.items()):
        row, column = divmod(number, INPUTS_IN_A_ROW)
        component = QgsProcessingModelParameter(name)
        component.setPosition(QPointF((column + 0.5) * COLUMN, top + row * ROW))
        component.setSize(BOX)
        definition = node.parameterDefinition(key).clone()
        definition.setName(name)
        model.addModelParameter(definition, component)
    return max(1, -(-len(step.inputs) // INPUTS_IN_A_ROW))


def _add_step(model: QgsProcessingModelAlgorithm, step: Step, position: QPointF) -> None:
    child = QgsProcessingModelChildAlgorithm(f"rockglacier:{step.node}")
    child.setChildId(step.node)
    child.setDescription(child.algorithm().displayName())
    child.setPosition(position)
    for key, name in step.keys.items():
        child.addParameterSources(key, [Source.fromModelParameter(name)])
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


def _help(model: QgsProcessingModelAlgorithm, description: str) -> dict[str, str]:
    """Return the model's help: what it does, and the help of every input."""
    helps = {definition.name(): definition.help() for definition in model.parameterDefinitions()}
    return helps | {
        "ALG_DESC": description,
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
    """Write the models to the paths given."""
    parser = argparse.ArgumentParser(description="Write graphical models that ship with the plugin.")
    parser.add_argument("paths", type=Path, nargs="+", help=f"files to write: {', '.join(CHAINS)}, each .model3")
    paths = parser.parse_args().paths
    application = QgsApplication([], False)
    application.initQgis()
    provider = RockGlacierProvider()
    if not QgsApplication.processingRegistry().addProvider(provider):
        raise SystemExit("The nodes could not be registered.")
    for path in paths:
        write(build(path.stem), path)
        sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    # QGIS crashes when Python takes its objects apart in the wrong order.
    os._exit(0)


if __name__ == "__main__":
    main()
