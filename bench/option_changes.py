"""Options of a stage that a command line changes, given as `NAME=VALUE`, to try things out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rock_glacier_mapper.core.options import Options, field_types


def changed_options(contract: type[Options], texts: Sequence[str]) -> dict[str, Any]:
    """Return `NAME=VALUE` texts as values of the stage's options; lists are given with blanks between."""
    kinds = field_types(contract)
    changes = dict(text.split("=", 1) for text in texts)
    return {
        name: text.split() if kinds[name] not in (str, int, float, bool) else _value(kinds[name], text)
        for name, text in changes.items()
    }


def _value(kind: type, text: str) -> Any:
    return text.lower() == "true" if kind is bool else kind(text)
