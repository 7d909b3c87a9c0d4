"""Models and rule sets that ship with the plugin and may be given by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.version import PACKAGE_FOLDER


@dataclass(frozen=True)
class ShippedFiles:
    """A folder of the plugin whose files may be given by their bare names.

    Attributes
    ----------
    what : str
        What the files are, for messages.
    folder : str
        The folder within the plugin.
    suffix : str
        The suffix of the files.
    """

    what: str
    folder: str
    suffix: str

    def names(self) -> list[str]:
        """Return the names of the shipped files, without suffix."""
        stems = (path.stem for path in (PACKAGE_FOLDER / self.folder).glob(f"*{self.suffix}"))
        return sorted(stem for stem in stems if not stem.endswith(".schema"))

    def path(self, text: str) -> Path:
        """Return the file that a name or path means."""
        return PACKAGE_FOLDER / self.folder / f"{text}{self.suffix}" if text in self.names() else Path(text)

    def problem(self, text: str) -> str:
        """Return what is wrong with a name or path that was given, "" if nothing is."""
        if text in self.names() or Path(text).is_file():
            return ""
        if Path(text).name == text and not Path(text).suffix:
            return f"There is no shipped {self.what} {text}; give {self._choice()}, or a {self.suffix} file."
        return f"The {self.what} {text} does not exist; give a {self.suffix} file, or {self._choice()}."

    def _choice(self) -> str:
        *others, last = self.names()
        return f"{', '.join(others)} or {last}" if others else last


MODELS = ShippedFiles("model", "models", ".onnx")
RULE_SETS = ShippedFiles("rule set", "resources/rules", ".json")
SHIPPED = {"MODEL": MODELS, "RULES": RULE_SETS}
