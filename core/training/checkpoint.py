"""The state of a training on disk, so that it can be taken up where it stopped: plain arrays, nothing that is run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidSamplesError, OutputError
from ..files import replacing

SUFFIX = ".checkpoint.npz"
_FACTS = "facts"
_VERSION = 1

Arrays = dict[str, NDArray[Any]]


class Checkpoint(NamedTuple):
    """A training between two batches.

    Attributes
    ----------
    setting : mapping
        What must be the same to go on, by name in words that a user understands.
    facts : mapping
        Numbers and texts of the training.
    arrays : mapping of str to array
        Weights and the optimiser's numbers.
    """

    setting: Mapping[str, Any]
    facts: Mapping[str, Any]
    arrays: Arrays


def checkpoint_path(output: str, number: int = 0) -> Path:
    """Return where the checkpoint of a model's network, counted from 0, lies while it is trained."""
    return Path(output).with_suffix(f".{number + 1}{SUFFIX}" if number else SUFFIX)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all; the one before stays until then.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    head = {"version": _VERSION, "setting": checkpoint.setting, "facts": checkpoint.facts}
    text = np.frombuffer(json.dumps(head).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, **{_FACTS: text}, **checkpoint.arrays)
    with replacing(str(path)) as temporary:
        try:
            Path(temporary).write_bytes(content.getbuffer())
        except OSError as error:
            raise OutputError(f"The checkpoint {path} cannot be written: {error.strerror or error}.") from error


def read_checkpoint(path: Path, setting: Mapping[str, Any]) -> Checkpoint | None:
    """Read a checkpoint of a training with this setting.

    Returns
    -------
    Checkpoint or None
        None where there is none.

    Raises
    ------
    InvalidSamplesError
        If it is damaged, or of another setting; the message names what differs.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(arrays.pop(_FACTS).tobytes())
        version, found, facts = head["version"], head["setting"], head["facts"]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InvalidSamplesError(
            f"The checkpoint {path} cannot be read ({error}). Delete it, or set `resume` to false, to begin anew."
        ) from error
    differing = [name for name in setting if found.get(name) != setting[name]]
    if version != _VERSION or differing:
        raise InvalidSamplesError(_other_setting(path, setting, found, differing))
    return Checkpoint(found, facts, arrays)


def _other_setting(path: Path, setting: Mapping[str, Any], found: Mapping[str, Any], differing: list[str]) -> str:
    said = "; ".join(f"{name}: {_shown(found.get(name))} then, {_shown(setting[name])} now" for name in differing)
    return (
        f"The interrupted training in {path} was another one ({said or 'of another version of this software'}). "
        "Give the same samples and options to go on, delete the file or set `resume` to false to begin anew, or name "
        "another output."
    )


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
