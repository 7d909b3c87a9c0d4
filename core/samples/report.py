"""The report of a folder of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..contracts.samples import SamplesOptions
from ..progress import Progress
from ..rasters.geodata import spatial_reference
from ..reports.report_page import Page, card, html_page, paragraphs, template
from ..vectors.vector import VectorLayer
from .outlines import Polygons
from .report_figures import TITLES, draw_examples, draw_map, draw_sizes
from .samplefolder import SamplesRecord, counts_of, footprints
from .sampleset import HARD_NEGATIVE, KINDS, LOOK_ALIKE, MARGIN, POSITIVE, RANDOM, SIMILAR_TERRAIN, SPLITS, Chip

KIND_TITLES = {
    POSITIVE: "Positive",
    MARGIN: "Margin of a landform",
    SIMILAR_TERRAIN: "Similar terrain",
    LOOK_ALIKE: "Look-alike",
    HARD_NEGATIVE: "Hard negative",
    RANDOM: "Random",
}
_MEANINGS = {
    POSITIVE: "centred on a landform or a part of one, or shifted from there",
    MARGIN: "shows a landform but is centred outside the outlines",
    SIMILAR_TERRAIN: "no landform in it, its middle as high and as steep as landforms of the split",
    LOOK_ALIKE: "centred on a look-alike, classes taking turns",
    RANDOM: "no landform in it, anywhere on the ground that was searched",
}
_EXAMPLES_OF_POSITIVES, _EXAMPLES_OF_OTHERS = 8, 2


@dataclass(frozen=True)
class Wording:
    """What a report says of what the chips were made of.

    Attributes
    ----------
    title, subtitle : str
    inputs : sequence of (str, str)
        What was given, and what it was.
    hard_negative : str
        Where hard negatives are centred.
    method : sequence of str
        Further paragraphs on how they were made.
    """

    title: str
    subtitle: str
    inputs: Sequence[tuple[str, str]]
    hard_negative: str
    method: Sequence[str] = ()


def report_page(
    options: SamplesOptions,
    wording: Wording,
    record: SamplesRecord,
    chips: Sequence[Chip],
    blocks: VectorLayer,
    landforms: VectorLayer,
    progress: Progress,
) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    options : SamplesOptions
    wording : Wording
    record : SamplesRecord
    chips : sequence of Chip
    blocks, landforms : VectorLayer
        As in the index.
    progress : Progress
    """
    split = landforms.columns["split"]
    areas = {name: landforms.columns["area_m2"][split == name] / 1e6 for name in SPLITS}
    squares = footprints(record.grid, chips)
    name = escape(spatial_reference(record.grid.crs).GetName())
    drawn = draw_map(squares, chips, blocks, landforms, progress)
    examples = _examples(chips)
    content = template("samples.html").substitute(
        cards="\n".join(_cards(chips, areas)),
        map=f"<figure>{drawn}<figcaption>Coordinates in {name}.</figcaption></figure>",
        counts=_counts(chips, {**_MEANINGS, HARD_NEGATIVE: wording.hard_negative}),
        sizes=f"<figure>{draw_sizes(areas)}</figure>",
        examples=draw_examples(
            examples,
            Polygons(landforms.geometries, record.grid),
            dict(zip(record.roles, record.statistics, strict=True)),
            [_caption(chip) for chip in examples],
            progress,
        ),
        method=paragraphs([*wording.method, *_method(options, record)]),
    )
    step = record.provenance[-1]
    page = Page(
        wording.title,
        wording.subtitle,
        _finding(chips, landforms, record),
        record.notes,
        content,
        [*wording.inputs, *_inputs(options, record)],
        list(record.provenance),
        step,
    )
    return html_page(page)


def _finding(chips: Sequence[Chip], landforms: VectorLayer, record: SamplesRecord) -> str:
    shown = int((landforms.columns["chips"] > 0).sum())
    side = record.patch_size * record.grid.ground_sample_distance
    return (
        f"{len(chips)} chips of {record.patch_size} x {record.patch_size} pixels ({side:g} m) show {shown} of "
        f"{len(landforms)} landforms; no two splits share a pixel or a landform."
    )


def _cards(chips: Sequence[Chip], areas: dict[str, NDArray[np.float64]]) -> list[str]:
    cards = []
    for split in SPLITS:
        own = [chip for chip in chips if chip.split == split]
        positives = sum(chip.kind == POSITIVE for chip in own)
        meaning = (
            f"{positives} positive and {len(own) - positives} negative chips; "
            f"{len(areas[split])} landforms of {areas[split].sum():.3g} km\u00b2."
        )
        cards.append(card(TITLES[split], str(len(own)), meaning))
    size = sum(chip.size**2 for chip in chips)
    mask = sum(chip.mask_share * chip.size**2 for chip in chips) / size if size else 0.0
    valid = sum(chip.valid_share * chip.size**2 for chip in chips) / size if size else 0.0
    cards.append(
        card(
            "Rock glacier", f"{100 * mask:.1f}\u00a0%", f"Of the chips' pixels; {100 * valid:.1f}\u00a0% of all count."
        )
    )
    return cards


def _counts(chips: Sequence[Chip], meanings: Mapping[str, str]) -> str:
    """Return the table of chips by kind and split."""
    counts = counts_of(chips)
    rows = []
    for kind in KINDS:
        numbers = [counts[split][kind] for split in SPLITS]
        if sum(numbers):
            cells = "".join(f"<td>{number}</td>" for number in (*numbers, sum(numbers)))
            rows.append(f"<tr><td>{KIND_TITLES[kind]}: {meanings[kind]}</td>{cells}</tr>")
    totals = [sum(counts[split].values()) for split in SPLITS]
    cells = "".join(f"<td><b>{number}</b></td>" for number in (*totals, sum(totals)))
    rows.append(f"<tr><td><b>All</b></td>{cells}</tr>")
    heads = "".join(f'<th style="width: 11%">{title}</th>' for title in (*TITLES.values(), "All"))
    body = "\n".join(rows)
    return f"<table><thead><tr><th>Kind</th>{heads}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _examples(chips: Sequence[Chip]) -> list[Chip]:
    """Return some chips of each kind, spread over all that there are."""
    chosen = []
    for kind in KINDS:
        own = [chip for chip in chips if chip.kind == kind]
        count = min(_EXAMPLES_OF_POSITIVES if kind == POSITIVE else _EXAMPLES_OF_OTHERS, len(own))
        chosen += [own[round(place)] for place in np.linspace(0, len(own) - 1, count)]
    return chosen


def _caption(chip: Chip) -> str:
    what = f" {chip.landform}" if chip.landform else f" ({chip.look_alike})" if chip.look_alike else ""
    return f"{KIND_TITLES[chip.kind]}{what}, {TITLES[chip.split].lower()}, {chip.path[-10:-4]}"


def _method(options: SamplesOptions, record: SamplesRecord) -> list[str]:
    facts = record.facts
    centred = (
        ""
        if options.chips_per_landform == 1
        else (
            f" Each landform, and each part of a large one, has {options.chips_per_landform} chips where there is "
            f"room: one centred, the others shifted by up to {options.jitter:g} of their side."
        )
    )
    return [
        f"The stack was divided into blocks of {facts['block_width_m']:.0f} x {facts['block_height_m']:.0f} m, each of "
        "which went to one split, so that the landforms are divided as was wanted. A landform went to the split of "
        "the block that holds most of it and of those that touch it. A chip lies wholly in the ground of its split, "
        "and shows no landform of another: it was moved until it did, or left out.",
        f"Pixels do not count within {options.ring_width:g} m of an outline, where the stack lacks a value in any "
        f"band, outside the area that was searched, and where nobody is sure.{centred}",
        f"All random choices start from the seed {record.seed}: the same inputs give the same samples.",
    ]


def _inputs(options: SamplesOptions, record: SamplesRecord) -> list[tuple[str, str]]:
    distance = record.grid.ground_sample_distance
    return [
        ("Bands", ", ".join(record.roles)),
        ("Patch", f"{record.patch_size} pixels of {distance:g} m"),
        ("Negatives for each positive", f"{options.negatives:g}"),
        ("Seed", str(options.seed)),
    ]
