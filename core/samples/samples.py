"""Stage `samples`: chips of a stack with the masks of an inventory."""

from __future__ import annotations

from .. import provenance
from ..contracts.samples import SamplesOptions, SamplesResult
from ..progress import Progress
from ..reports.report_page import source_name
from .cutting import Order, cut
from .outlines import read_sources
from .report import Wording

_LAYERS = ("stack", "inventory", "area", "unsure", "look_alikes", "heatmap")


def run(options: SamplesOptions, progress: Progress) -> SamplesResult:
    """Cut chips with their masks out of a stack and divide them into training, validation and test.

    Parameters
    ----------
    options : SamplesOptions
    progress : Progress

    Returns
    -------
    SamplesResult

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit, there are too few landforms for the splits wanted, there is no room
        for negatives, or the output cannot be written; then there is no output, and an earlier one is as it was.
    """
    order = Order(
        options,
        lambda grid: read_sources(options, grid),
        provenance.step("samples", options),
        {name: getattr(options, name) for name in _LAYERS},
        _wording(options),
    )
    return cut(order, progress).result


def _wording(options: SamplesOptions) -> Wording:
    inputs = [
        ("Stack", options.stack),
        ("Inventory", options.inventory),
        ("Area searched", options.area or "all of the stack"),
        ("Unsure", options.unsure or "none"),
        ("Look-alikes", options.look_alikes or "none"),
        ("Earlier heatmap", options.heatmap or "none"),
        ("Shares of validation and test", f"{options.validation_share:g}, {options.test_share:g}"),
    ]
    return Wording(
        "Training samples",
        f"{source_name(options.stack)} with {source_name(options.inventory)}",
        inputs,
        "centred where the earlier model's heatmap is high outside the outlines",
    )
