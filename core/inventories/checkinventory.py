"""The stage that checks an inventory, one's own or that of others."""

from __future__ import annotations

import dataclasses
import json

from .. import provenance
from ..contracts.checkinventory import CheckInventoryOptions, CheckInventoryResult
from ..files import check_writable, write_text
from ..progress import Progress
from .conformance import Conformance, check_inventory
from .findings import ERROR, NOTE, OPEN
from .report import report_page


def run(options: CheckInventoryOptions, progress: Progress) -> CheckInventoryResult:
    """Compare an inventory with the RGIK standard, and report what is missing or wrong.

    Parameters
    ----------
    options : CheckInventoryOptions
    progress : Progress

    Returns
    -------
    CheckInventoryResult

    Raises
    ------
    MapperError
        If an input cannot be read, or an output cannot be written.
    """
    check_writable(options.report, ".html", ".htm", inputs=options.inventory)
    if options.json:
        check_writable(options.json, ".json", inputs=options.inventory)
    conformance = check_inventory(options.inventory, progress)
    step = provenance.step("checkinventory", options)
    write_text(options.report, report_page(conformance, options.inventory, [step]))
    if options.json:
        write_text(options.json, _json(conformance, step))
    findings = conformance.findings
    return CheckInventoryResult(
        options.report,
        options.json,
        findings.count(ERROR),
        findings.count(OPEN),
        findings.count(NOTE),
        int(conformance.conforms),
    )


def _json(conformance: Conformance, step: provenance.Step) -> str:
    record = {
        "conforms": conformance.conforms,
        "layers": [
            {
                "layer": sheet.layer.name,
                "path": sheet.table.path,
                "name": sheet.table.name,
                "spelling": sheet.spelling,
                "features": len(sheet),
            }
            for sheet in conformance.sheets
        ],
        "other_layers": [{"path": table.path, "name": table.name} for table in conformance.others],
        "findings": [dataclasses.asdict(finding) for finding in conformance.findings.ordered()],
        "provenance": step,
    }
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
