"""What a conformance check finds: one finding a rule, with how many features it concerns and which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ERROR, OPEN, NOTE = "error", "open", "note"
LEVELS = (ERROR, OPEN, NOTE)

_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    level : str
        error: it breaks the standard; open: a person has to judge it; note: one should know it.
    layer : str
        PM, GO, MA, AOI, or "" for the inventory as a whole.
    field : str
        The field that it concerns; "" for none.
    message : str
        What was found, what is expected, and what to do, in a sentence or two.
    count : int
        How many features it concerns; 0 where it concerns none in particular.
    features : tuple of str
        What identifies the first of them.
    """

    level: str
    layer: str
    field: str
    message: str
    count: int = 0
    features: tuple[str, ...] = ()


class Findings:
    """Findings of one check, collected."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(
        self, level: str, layer: str, message: str, field: str = "", features: Sequence[object] | None = None
    ) -> None:
        """Add a finding; one that concerns features is left out where there are none."""
        if features is None:
            self.found.append(Finding(level, layer, field, message))
        elif features:
            shown = tuple(str(feature) for feature in features[:_SHOWN])
            self.found.append(Finding(level, layer, field, message, len(features), shown))

    def count(self, level: str) -> int:
        """Return how many findings there are of a level."""
        return sum(finding.level == level for finding in self.found)

    def ordered(self) -> list[Finding]:
        """Return the findings, errors first, in the order in which they were made."""
        return sorted(self.found, key=lambda finding: LEVELS.index(finding.level))
