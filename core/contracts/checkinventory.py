"""Options and result of the stage that checks an inventory."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class CheckInventoryOptions(Options):
    """Compare an inventory with the RGIK standard."""

    inventory: tuple[str, ...] = option(
        help="Files of one inventory: a GeoPackage with all layers, or a file for each. Layers are told by their names "
        "(PM, GO, MA, AOI), else by their fields."
    )
    report: str = option(help="Report to write (HTML).")
    json: str = option("", help="Findings to write (JSON).")


@dataclass(frozen=True)
class CheckInventoryResult:
    """Outputs and figures.

    `errors` counts what breaks the standard, `open_questions` what is left for a person to judge, `notes` what one
    should know; each counts findings by rule and not by feature. `conforms` is 1 where there is no error, else 0.
    """

    report: str
    json: str
    errors: int
    open_questions: int
    notes: int
    conforms: int
