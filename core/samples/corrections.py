"""Stage `corrections`: what a person accepted, drew and rejected becomes samples for the next training."""

from __future__ import annotations

from .. import provenance
from ..contracts.corrections import CorrectionsOptions, CorrectionsResult
from ..contracts.samples import SamplesOptions
from ..progress import Progress
from ..rasters.grid import Grid
from ..reports.report_page import source_name
from .cutting import Order, cut
from .outlines import Sources
from .report import Wording
from .reviewed import ACCEPTED, DRAWN, REJECTED, UNREVIEWED, UNSURE, Review, read_review


def run(options: CorrectionsOptions, progress: Progress) -> CorrectionsResult:
    """Cut chips of reviewed outlines: those accepted and drawn as rock glaciers, those rejected as hard negatives.

    Parameters
    ----------
    options : CorrectionsOptions
    progress : Progress

    Returns
    -------
    CorrectionsResult

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit, nothing was decided, there are too few landforms for the splits
        wanted, or the output cannot be written; then there is no output, and an earlier one is as it was.
    """
    reviews: list[Review] = []

    def read(grid: Grid) -> Sources:
        reviews.append(read_review(options, grid))
        return reviews[-1].sources

    order = Order(
        _as_samples(options), read, provenance.step("corrections", options), _files(options), _wording(options)
    )
    done = cut(order, progress).result
    counts = reviews[-1].counts
    return CorrectionsResult(
        done.output,
        done.train_chips,
        done.validation_chips,
        done.test_chips,
        counts[ACCEPTED],
        counts[DRAWN],
        counts[REJECTED],
        counts[UNSURE] + counts[UNREVIEWED],
        done.patch_pixels,
    )


def _as_samples(options: CorrectionsOptions) -> SamplesOptions:
    """Return how chips are placed and divided; the landforms are those of the review."""
    return SamplesOptions(
        stack=options.stack,
        inventory=options.reviewed,
        output=options.output,
        area=options.area,
        patch_size=options.patch_size,
        patch_unit=options.patch_unit,
        block_size=0.0 if options.earlier else options.block_size,
        ring_width=options.ring_width,
        chips_per_landform=options.chips_per_landform,
        jitter=options.jitter,
        negatives=options.negatives,
        validation_share=0.0 if options.earlier else options.validation_share,
        test_share=0.0 if options.earlier else options.test_share,
        seed=options.seed,
    )


def _files(options: CorrectionsOptions) -> dict[str, str]:
    return {name: getattr(options, name) for name in ("stack", "reviewed", "area", "earlier")}


def _wording(options: CorrectionsOptions) -> Wording:
    shares = f"{options.validation_share:g}, {options.test_share:g}"
    inputs = [
        ("Stack", options.stack),
        ("Reviewed outlines", options.reviewed),
        ("Area looked over", options.area or f"{options.surroundings:g} m around the outlines that were decided"),
        ("Earlier samples", options.earlier or "none"),
        ("Shares of validation and test", "those of the earlier samples" if options.earlier else shares),
    ]
    method = (
        "Outlines that a person accepted or drew are rock glacier. Each rejected outline, and each part of a large "
        "one, has chips of its own in which it is background. Unsure and unreviewed outlines do not count, and neither "
        "does ground that nobody looked at."
    )
    return Wording(
        "Corrections",
        f"{source_name(options.stack)} with {source_name(options.reviewed)}",
        inputs,
        "centred on an outline that a person rejected, or shifted from there",
        (method,),
    )
