"""Where models are: the shipped ones by name, others by path."""

from __future__ import annotations

from pathlib import Path

from ..errors import InvalidModelError
from ..version import PACKAGE_FOLDER

MODELS_FOLDER = PACKAGE_FOLDER / "models"
SUFFIX = ".onnx"


def shipped_models() -> tuple[str, ...]:
    """Return the names of the models that come with the software, in alphabetical order."""
    return tuple(sorted(path.stem for path in MODELS_FOLDER.glob(f"*{SUFFIX}")))


def find_model(name_or_path: str) -> Path:
    """Return the file of a model.

    Parameters
    ----------
    name_or_path : str
        The name of a shipped model, or the path of an .onnx file.

    Raises
    ------
    InvalidModelError
        If it is neither; the message lists the shipped models.
    """
    if name_or_path in shipped_models():
        return MODELS_FOLDER / f"{name_or_path}{SUFFIX}"
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise InvalidModelError(
        f"There is no model {name_or_path}. Give the path of an {SUFFIX} file"
        f" or one of the shipped models: {', '.join(shipped_models()) or 'none'}."
    )
