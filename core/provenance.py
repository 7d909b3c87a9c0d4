"""Where an output comes from: the list of steps that led to it, kept as JSON in the file's metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from .options import Options, to_json
from .version import version

METADATA_KEY = "ROCK_GLACIER_MAPPER_PROVENANCE"
Step = dict[str, Any]

# What an output is called says nothing about how it was made, and would make equal outputs differ.
_OUTPUTS = ("output", "report", "json", "picture")
# Options that name no file, though a slash may be in them: "WGS 84 / UTM zone 45N".
_TEXTS = (
    "extent",
    "crs",
    "mapping",
    "bands",
    "picture_bands",
    "texture_layers",
    "weights",
    "look_alike_column",
    "group_by",
    "title",
    "description",
    "licence",
)


def step(stage: str, options: Options, **facts: Any) -> Step:
    """Describe one run of a stage.

    Parameters
    ----------
    stage : str
        The stage's name.
    options : Options
        Its options; the names of its outputs and the folders of its inputs are left out.
    **facts : JSON values
        What else is worth knowing, such as ``model_sha256``.

    Returns
    -------
    dict
        The step, with the software's version.
    """
    parameters = {
        name: value if name in _TEXTS else _without_folder(value)
        for name, value in to_json(options).items()
        if name not in _OUTPUTS
    }
    return {"stage": stage, "software_version": version(), "options": parameters, **facts}


def _without_folder(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_without_folder(item) for item in value]
    if not isinstance(value, str):
        return value
    path, bar, layer = value.partition("|")
    return f"{os.path.basename(path)}{bar}{layer}"


def joined(*chains: Iterable[Step]) -> list[Step]:
    """Return the steps of several inputs in order, each once."""
    steps: list[Step] = []
    for chain in chains:
        steps.extend(item for item in chain if item not in steps)
    return steps


def fact(chain: Iterable[Step], name: str) -> Any:
    """Return the newest value of a fact in a provenance, or None where no step states it."""
    return next((item[name] for item in reversed(list(chain)) if name in item), None)


def to_text(chain: Iterable[Step]) -> str:
    """Return a provenance as JSON text."""
    return json.dumps(list(chain), sort_keys=True)


def from_text(text: str | None) -> list[Step]:
    """Return the provenance in a metadata text; a text that is none gives an empty one."""
    try:
        steps = json.loads(text or "[]")
    except json.JSONDecodeError:
        return []
    return steps if isinstance(steps, list) else []
