"""Write the reference of the toolbox from the nodes themselves, so that it cannot say anything else than the dialogs.

Called by ``make docs``::

    python scripts/write_toolbox_reference.py docs/toolbox.md

Prose that no node knows is in this file; everything else is the nodes' own titles, helps, defaults and bounds.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingModelAlgorithm,
    QgsProcessingOutputDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
)
from rock_glacier_mapper.algorithms.provider import ALGORITHMS, RockGlacierProvider

INTRODUCTION = """\
<!-- Written by `make docs` from the nodes. Do not edit: change the node, then run `make docs`. -->
# Toolbox reference

All nodes of the provider *Rock Glacier Mapper*, in the order of the work. [guide.md](guide.md) says how to use them,
[formats.md](formats.md) what their files hold.

- **use**: *required* must be given; *optional* may be left out; *advanced* may be left out, and is folded away in the
  dialog.
- **allowed**: bounds are inclusive. Lengths are in metres and areas in square metres, whatever the raster's pixels are.
- A command line names the required keys, and those that a step works by. It runs where `qgis_process` finds the plugin
  (see [guide.md](guide.md#with-qgis_process)). A list is given by repeating its key. `qgis_process` ignores keys that
  it does not know without a word, so look at the spelling.
- `python -m rock_glacier_mapper` has the stages with the same parameters (the steps of
  reshaping are options of `reshape`), in lower case and with hyphens: `MIN_AREA` is
  `--min-area`.
"""

_PRODUCTS = ("S2A_MSIL2A_20240802T103031_N0511_R108_T32TPT.zip", "S2B_MSIL2A_20240817T103029_N0511_R108_T32TPT.zip")
# Files of one chain, so that each example goes on where the one before it ended.
_EXAMPLES = {
    "STACK": ("stack.tif",),
    "MODEL": ("full_10m",),
    "RULES": ("full_stack",),
    "LAYERS": ("stack.tif", "smoothed.tif"),
    "LABELS": ("labels.tif",),
    "MAPPED": ("rock_glaciers.gpkg",),
    "OUTLINES": ("rock_glaciers.gpkg",),
    "INVENTORY": ("inventory.gpkg",),
    "REFERENCE": ("inventory.gpkg",),
    "outlines:outlines": ("rock_glaciers.gpkg",),
    "smoothheatmap:heatmap": ("smoothed.tif",),
    "classify:objects": ("classified.gpkg",),
    "opticalcomposite:composite": ("composite.tif",),
    "coherence:coherence": ("coherence.tif",),
    "terrain:terrain": ("terrain.tif",),
    "featurestack:stack": ("stack.tif",),
    "DEM": ("dem.tif",),
    "PRODUCTS": _PRODUCTS,
    "FIRST_IMAGE": ("slc_20220802.tif",),
    "SECOND_IMAGE": ("slc_20220814.tif",),
}
_EXAMPLES_OF_NODES = {
    "opticalcomposite": {
        "INPUTS": _PRODUCTS,
        "OUTPUT": ("composite.tif",),
    },
    "terrain": {"OUTPUT": ("terrain.tif",)},
    "featurestack": {
        "REFERENCE": ("composite.tif",),
        "LAYERS": ("composite.tif", "coherence.tif", "terrain.tif"),
        "OUTPUT": ("stack.tif",),
    },
    "coherence": {
        "REFERENCE": ("slc_20220802.tif",),
        "SECONDARY": ("slc_20220814.tif",),
        "OUTPUT": ("20220802_20220814_coherence.tif",),
    },
    "coherencestatistics": {
        "INPUTS": ("20220802_20220814_coherence.tif", "20220814_20220826_coherence.tif"),
        "OUTPUT": ("coherence.tif",),
    },
    "traincnn": {"SAMPLES": ("samples",), "OUTPUT": ("my_region.onnx",), "REPORT": ("training.html",)},
    "densify": {"MODEL": ("patch_classifier.onnx",), "OUTPUT": ("dense.onnx",)},
    "samples": {"INVENTORY": ("inventory.gpkg",), "AREA": ("searched.gpkg",), "OUTPUT": ("samples",)},
    "quantise": {"OUTPUT": ("full_stack_int8.onnx",)},
    "heatmap": {"OUTPUT": ("heatmap.tif",)},
    "smoothheatmap": {"INPUT": ("heatmap.tif",), "OUTPUT": ("smoothed.tif",)},
    "previewsegmentation": {"INPUT": ("stack.tif",), "OUTPUT": ("preview.tif",)},
    "scaleparameter": {"INPUT": ("stack.tif",), "REPORT": ("scale.html",)},
    "segment": {"INPUT": ("stack.tif",), "OUTPUT": ("labels.tif",)},
    "objectfeatures": {"OUTPUT": ("objects.gpkg",)},
    "classify": {"OBJECTS": ("objects.gpkg",), "OUTPUT": ("classified.gpkg",)},
    "reshape": {"OBJECTS": ("classified.gpkg",), "HEATMAP": ("smoothed.tif",), "OUTPUT": ("landforms.tif",)},
    "mergebyclass": {"OBJECTS": ("classified.gpkg",), "OUTPUT": ("merged.tif",)},
    "growlandforms": {
        "LABELS": ("merged.tif",),
        "HEATMAP": ("smoothed.tif",),
        "GROW": ("0.2",),
        "GROW_DISTANCE": ("50",),
        "OUTPUT": ("grown.tif",),
    },
    "shrinklandforms": {"LABELS": ("grown.tif",), "SHRINK_TENSION": ("0.4",), "OUTPUT": ("shrunk.tif",)},
    "fillholes": {"LABELS": ("shrunk.tif",), "OUTPUT": ("filled.tif",)},
    "smoothlandforms": {"LABELS": ("filled.tif",), "OUTPUT": ("rounded.tif",)},
    "splitlandforms": {
        "LABELS": ("rounded.tif",),
        "ELEVATION": ("stack.tif",),
        "SPLIT_ANGLE": ("90",),
        "OUTPUT": ("parts.tif",),
    },
    "removesmall": {"LABELS": ("parts.tif",), "OUTPUT": ("landforms.tif",)},
    "outlines": {"INPUT": ("landforms.tif",), "OUTPUT": ("rock_glaciers.gpkg",)},
    "maprockglaciers": {"OUTPUT": ("rock_glaciers.gpkg",)},
    "samplepoints": {"OUTPUT": ("sample_points.gpkg",)},
    "change": {
        "BEFORE": ("outlines_2016.gpkg",),
        "AFTER": ("outlines_2024.gpkg",),
        "BOUNDARY_ERROR": ("5",),
        "OUTPUT": ("change.gpkg",),
    },
    "inventory": {"DEM": ("dem.tif",), "OUTPUT": ("inventory.gpkg",)},
    "checkinventory": {"REPORT": ("conformance.html",)},
    "corrections": {"REVIEWED": ("rock_glaciers.gpkg",), "OUTPUT": ("corrections",)},
    "accuracy": {"OUTPUT": ("accuracy.gpkg",)},
    "tunerules": {"OBJECTS": ("objects_a.gpkg", "objects_b.gpkg"), "OUTPUT": ("my_rules.json",)},
}

_PARAMETER_TYPES = {
    "folderDestination": "folder to write",
    "raster": "raster",
    "multilayer": "rasters",
    "source": "polygons",
    "file": "file, or name of a shipped one",
    "field": "columns of a layer",
    "string": "text",
    "boolean": "true or false",
    "crs": "reference system, such as EPSG:32719",
    "extent": "extent: xmin,xmax,ymin,ymax, with its system in brackets if it is not the raster's",
    "rasterDestination": "GeoTIFF to write",
    "vectorDestination": "GeoPackage to write",
}
_OUTPUT_TYPES = {
    "outputFolder": "folder",
    "outputRaster": "raster",
    "outputVector": "polygons",
    "outputHtml": "HTML file",
    "outputFile": "file",
    "outputNumber": "number",
    "outputString": "text",
}
# QGIS says "no upper bound" by the largest number that it has; every number of the nodes has a lower one.
_UNBOUNDED = 1e300


def main() -> None:
    """Write the reference to the path given."""
    parser = argparse.ArgumentParser(description="Write the reference of the toolbox.")
    parser.add_argument("path", type=Path, help="the Markdown file to write")
    path = parser.parse_args().path
    application = QgsApplication([], False)
    application.initQgis()
    path.write_text(reference(registered_provider()), "utf8")
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    # QGIS crashes when Python takes its objects apart in the wrong order.
    os._exit(0)


def registered_provider() -> RockGlacierProvider:
    """Register the nodes with the QGIS of this process; only then does the graphical model find its steps.

    Raises
    ------
    SystemExit
        If QGIS refuses the provider.
    """
    provider = RockGlacierProvider()
    if not QgsApplication.processingRegistry().addProvider(provider):
        raise SystemExit("The nodes could not be registered.")
    provider.refreshAlgorithms()
    return provider


def reference(provider: RockGlacierProvider) -> str:
    """Return the whole reference as Markdown."""
    nodes = list(in_order(provider))
    contents = [f"- [{node.displayName()}](#{node.name()})" for node in nodes]
    return "\n".join([INTRODUCTION, *contents, "", *(section(node) for node in nodes)])


def in_order(provider: RockGlacierProvider) -> Iterator[QgsProcessingAlgorithm]:
    """Yield the nodes in the order of the work, then the graphical models by name."""
    names = [algorithm().name() for algorithm in ALGORITHMS]
    models = sorted({algorithm.name() for algorithm in provider.algorithms()} - {*names})
    for name in [*names, *models]:
        yield provider.algorithm(name)


def section(node: QgsProcessingAlgorithm) -> str:
    """Return the section of one node; the anchor is the one that the node's help button opens."""
    parts = [
        f'<a id="{node.name()}"></a>\n\n## {node.displayName()}',
        f"`{node.id()}`, group *{node.group()}*",
        description(node),
        parameters_table(node),
        outputs_table(node),
        f"```sh\n{command_line(node)}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def description(node: QgsProcessingAlgorithm) -> str:
    """Return the node's help as Markdown; of a graphical model, its description alone."""
    if isinstance(node, QgsProcessingModelAlgorithm):
        return str(node.helpContent()["ALG_DESC"])
    text = node.shortHelpString()
    for tag, sign in (("b", "**"), ("i", "*"), ("code", "`")):
        text = re.sub(f"</?{tag}>", sign, text)
    paragraphs = text.replace("<p>", "").split("</p>")
    return "\n\n".join(filter(None, paragraphs))


def parameters_table(node: QgsProcessingAlgorithm) -> str:
    """Return the table of the node's parameters."""
    rows = (
        (
            f"`{definition.name()}`",
            definition.description(),
            parameter_type(definition),
            use(definition),
            default(definition),
            allowed(definition),
            definition.help(),
        )
        for definition in node.parameterDefinitions()
    )
    return table(("key", "label", "type", "use", "default", "allowed", "what it is"), rows)


def outputs_table(node: QgsProcessingAlgorithm) -> str:
    """Return the table of what the node returns."""
    rows = ((f"`{item.name()}`", item.description(), output_type(item)) for item in node.outputDefinitions())
    return table(("output", "label", "type"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def parameter_type(definition: QgsProcessingParameterDefinition) -> str:
    """Return what a parameter takes, in words."""
    kind = definition.type()
    if kind == "number":
        return "whole number" if definition.dataType() == definition.Type.Integer else "number"
    if kind == "enum":
        return "several of a list" if definition.allowMultiple() else "one of a list"
    if kind == "fileDestination":
        return f"{definition.defaultFileExtension().upper()} file to write"
    if kind == "file" and definition.behavior() == QgsProcessingParameterFile.Behavior.Folder:
        return "folder"
    if kind == "source" and QgsProcessing.SourceType.TypeVectorPoint in definition.dataTypes():
        return "points"
    if kind == "multilayer" and definition.layerType() == QgsProcessing.SourceType.TypeVectorPolygon:
        return "layers of polygons"
    return _PARAMETER_TYPES[kind]


def output_type(definition: QgsProcessingOutputDefinition) -> str:
    """Return what an output is, in words."""
    if definition.type() == "outputVector" and definition.dataType() == QgsProcessing.SourceType.TypeVectorPoint:
        return "points"
    return _OUTPUT_TYPES[definition.type()]


def use(definition: QgsProcessingParameterDefinition) -> str:
    """Return whether a parameter must be given, and whether the dialog folds it away."""
    if definition.flags() & definition.Flag.FlagAdvanced:
        return "advanced"
    return "required" if is_required(definition) else "optional"


def is_required(definition: QgsProcessingParameterDefinition) -> bool:
    """Return whether the node cannot run without the parameter."""
    return not definition.flags() & definition.Flag.FlagOptional and definition.defaultValue() is None


def default(definition: QgsProcessingParameterDefinition) -> str:
    """Return the default as one would type it."""
    value: Any = definition.defaultValue()
    if value in (None, ""):
        return ""
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def allowed(definition: QgsProcessingParameterDefinition) -> str:
    """Return the bounds of a number, or the items of a list."""
    if definition.type() == "enum":
        return ", ".join(definition.options())
    if definition.type() != "number":
        return ""
    low, high = definition.minimum(), definition.maximum()
    return f"{low:g} to {high:g}" if high < _UNBOUNDED else f"from {low:g}"


def command_line(node: QgsProcessingAlgorithm) -> str:
    """Return a run of the node with the keys that it requires, and those that its example has."""
    own = _EXAMPLES_OF_NODES.get(node.name(), {})
    values = {**_EXAMPLES, **own}
    definitions = node.parameterDefinitions()
    keys = [item.name() for item in definitions if is_required(item) or item.name() in own]
    words = [f"--{key}={value}" for key in keys for value in values[key]]
    return " \\\n    ".join([f"qgis_process run {node.id()}", *words])


if __name__ == "__main__":
    main()
