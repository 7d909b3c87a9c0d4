"""The report of a training, made from its record."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ..reports.report_page import Page, card, html_page, paragraphs, template
from ..reports.svg import Line, line_chart
from .examples import Example
from .trainingrecord import Record

_UNKNOWN = "n/a"
_BLUE, _ORANGE, _BLACK = 'stroke="#0072B2"', 'stroke="#D55E00"', 'stroke="#1d2530" stroke-dasharray="2 4"'
_SERIES = (
    'stroke="#1d2530"',
    'stroke="#0072B2"',
    'stroke="#D55E00" stroke-dasharray="7 4"',
    'stroke="#009E73" stroke-dasharray="2 3"',
    'stroke="#CC79A7" stroke-dasharray="9 3 2 3"',
    'stroke="#56B4E9" stroke-dasharray="4 2"',
)


def report_page(record: Record, examples: Sequence[Example]) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    record : dict
        What `trainingrecord.record_of` returns.
    examples : sequence of Example
        Chips to show.
    """
    content = template("training.html").substitute(
        cards="\n".join(_cards(record)),
        curves=_curves(record),
        splits=_splits(record),
        sizes=_sizes(record),
        reliability=_reliability(record),
        without=_without(record),
        examples=_examples(record, examples),
        method=paragraphs(_method(record)),
    )
    step = record["provenance"]["traincnn"]
    return html_page(
        Page(
            f"Training of {step['options']['output_name']}",
            ", ".join(Path(folder).name for folder in record["samples"]),
            _finding(record),
            record["notes"],
            content,
            _inputs(record),
            record["provenance"],
            step,
        )
    )


def _decimal(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.3f}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _percent(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{100 * value:.2f}\u00a0%"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")


def _judged(record: Record) -> Record:
    found: Record = next(split for split in record["splits"] if split["split"] == record["judged"])
    return found


def _finding(record: Record) -> str:
    judged = _judged(record)
    if judged["average_precision"] is None:
        return (
            "Neither the validation chips nor the test chips hold rock glacier, so that nothing can be said of how "
            "well the model maps."
        )
    chosen = "" if record["judged"] == "test" else " The epoch was chosen on these chips: the figures are too good."
    landforms = _counted(judged["landforms"], "landform")
    return (
        f"On {judged['chips']} {record['judged']} chips, of {landforms} that it has not learnt from, the model has an "
        f"average precision of {_decimal(judged['average_precision'])}, where chance gives {_decimal(judged['share'])}."
        f"{chosen}"
    )


def _cards(record: Record) -> list[str]:
    by_name = {split["split"]: split for split in record["splits"]}
    judged = _judged(record)
    return [
        card(
            "Validation", _decimal(by_name["validation"]["average_precision"]), "Average precision, validation chips."
        ),
        card("Test", _decimal(by_name["test"]["average_precision"]), "Average precision, test chips: the honest one."),
        card(
            "F1 score", _decimal(judged["f1"]), f"Mapped from {record['threshold']:.2f} on, {record['judged']} chips."
        ),
        card(
            "Calibration error",
            _decimal(record["calibration_error"]),
            f"Mean distance of probability and share, {record['judged']} chips; 0 is perfect.",
        ),
    ]


def _curves(record: Record) -> str:
    courses = record["courses"]
    charts = [_courses_chart(courses, "loss", "Loss", "Loss, training crops")]
    scores = [score for course in courses for score in _values(course["epochs"], "average_precision")]
    if any(math.isfinite(score) for score in scores):
        title = "Average precision"
        charts.append(_courses_chart(courses, "average_precision", title, f"{title}, validation chips"))
    said = "; ".join(f"{len(course['epochs'])} epochs, weights of epoch {course['best_epoch']}" for course in courses)
    return (
        "".join(f"<figure>{chart}</figure>" for chart in charts)
        + f"<p>The model holds averaged weights{', of each network' if len(courses) > 1 else ''}: {said}.</p>"
    )


def _courses_chart(courses: Sequence[Record], key: str, name: str, title: str) -> str:
    """Return the chart of a value by epoch, one line a network."""
    longest = max(len(course["epochs"]) for course in courses)
    lines = [
        Line(
            f"{name} {number}" if len(courses) > 1 else name,
            _SERIES[number % len(_SERIES)],
            [*(values := _values(course["epochs"], key)), *[math.nan] * (longest - len(values))],
        )
        for number, course in enumerate(courses, start=1)
    ]
    return line_chart(list(range(1, longest + 1)), lines, title, "Epoch")


def _splits(record: Record) -> str:
    rows = [
        (
            split["split"],
            str(split["chips"]),
            str(split["landforms"]),
            _thousands(split["pixels"]),
            _percent(split["share"]),
            _decimal(split["average_precision"]),
            _decimal(split["f1"]),
        )
        for split in record["splits"]
    ]
    heads = ("Split", "Chips", "Landforms", "Pixels", "Rock glacier", "Average precision", "F1")
    return _table(heads, rows) + f"<p>{_prevalence(record)}</p>"


def _prevalence(record: Record) -> str:
    if _judged(record)["weighted"]:
        return (
            "Chips are drawn around landforms. In all figures, pixels without rock glacier are weighted so that rock "
            "glacier is as frequent as on all ground of the split."
        )
    return "Rock glacier is more frequent in chips than in the region: on a map, precision is lower than here."


def _sizes(record: Record) -> str:
    if not record["by_size"]:
        return "<p>There is no rock glacier on these chips.</p>"
    lines = [Line("all", _SERIES[0], _numbers(record["precision"]))]
    lines += [
        Line(f"{size['group']} km\u00b2", style, _numbers(size["precision"]))
        for size, style in zip(record["by_size"], _SERIES[1:], strict=False)
    ]
    # The names of more lines than four would run into each other.
    chart = line_chart(record["recalls"], lines[:5], "", f"Recall, {record['judged']} chips")
    rows = [
        (size["group"], _thousands(size["pixels"]), _percent(size["share"]), _decimal(size["average_precision"]))
        for size in record["by_size"]
    ]
    heads = ("Landform (km\u00b2)", "Pixels of rock glacier", "Their share", "Average precision")
    note = (
        "Precision against recall, by pixel. For a size class, pixels of landforms of other sizes are left out, and "
        "all pixels without rock glacier count: precision falls with the class's share."
    )
    return f"<figure>{chart}<figcaption>{note}</figcaption></figure>{_table(heads, rows)}"


def _reliability(record: Record) -> str:
    bins = [(number + 0.5) / 10 for number in range(10)]
    lines = [
        Line("perfect", _BLACK, bins),
        Line("before calibration", _ORANGE + ' stroke-dasharray="7 4"', _by_bin(record["reliability_before"])),
        Line("as written", _BLUE, _by_bin(record["reliability"])),
    ]
    chart = line_chart(bins, lines, "Share that is rock glacier", f"Probability, {record['judged']} chips")
    rows = [
        (f"{item['predicted']:.3f}", f"{item['observed']:.3f}", _thousands(item["pixels"]))
        for item in record["reliability"]
    ]
    how = (
        "The probabilities were calibrated on the validation chips by Platt\u2019s scaling, which is part of the "
        f"model: sigmoid of {record['calibration']['slope']:.3f} x logit {record['calibration']['offset']:+.3f}."
        if record["calibration"]
        else "The probabilities are not calibrated: the validation chips do not allow it."
    )
    return (
        f"<p>{escape(how)} The expected calibration error is {_decimal(record['calibration_error'])}, before "
        f"calibration {_decimal(record['calibration_error_before'])}.</p><figure>{chart}</figure>"
        + _table(("Mean probability", "Share that is rock glacier", "Pixels"), rows)
    )


def _by_bin(items: Sequence[Record]) -> list[float]:
    found = {min(int(10 * item["predicted"]), 9): item["observed"] for item in items}
    return [found.get(number, math.nan) for number in range(10)]


def _without(record: Record) -> str:
    if not record["optional"]:
        return "<p>The model needs all of its bands.</p>"
    rows = [("none", _decimal(_judged(record)["average_precision"]))]
    rows += [(name, _decimal(score)) for name, score in record["without"].items()]
    sources = "; ".join(", ".join(source) for source in record["optional"])
    return f"<p>These bands may be absent from a stack, each group as a whole: {escape(sources)}.</p>" + _table(
        ("Left out", f"Average precision, {record['judged']} chips"), rows
    )


def _examples(record: Record, examples: Sequence[Example]) -> str:
    if not examples:
        return "<p>There is no chip to show.</p>"
    key = "".join(
        f'<span><i class="{kind}"></i>{label}</span>'
        for kind, label in (("hit", "found"), ("missed", "missed"), ("false", "mapped wrongly"))
    )
    figures = "".join(
        f"<figure><div>{_image(example.plain, 'the chip')}{_image(example.coloured, 'what was mapped')}</div>"
        f"<figcaption><b>{escape(example.title)}.</b> {escape(example.caption)}</figcaption></figure>"
        for example in examples
    )
    return (
        f"<p>Of the {escape(record['judged'])} chips, those with most pixels found, missed and mapped wrongly, from a "
        f"probability of {record['threshold']:.2f} on; pixels that do not count are not coloured.</p>"
        f'<div class="key">{key}</div><div class="chips">{figures}</div>'
    )


def _image(content: bytes, label: str) -> str:
    return f'<img alt="{label}" src="data:image/png;base64,{base64.b64encode(content).decode()}"/>'


def _method(record: Record) -> list[str]:
    options = record["provenance"]["traincnn"]["options"]
    return [
        f"The network ({record['architecture']}, {_thousands(record['parameters'])} weights) learnt from crops of the "
        f"training chips, turned and varied at random, with the loss {options['loss']}. Seed {options['seed']}."
        + (
            f" It is {options['members']} networks of one shape, each trained with the next seed, whose logits are "
            "averaged."
            if options["members"] > 1
            else ""
        ),
        "After every epoch the moving average of its weights was scored on the validation chips; the epoch with the "
        "highest average precision was taken. The threshold is that with the highest F1 on the validation chips. "
        "Nothing was chosen on the test chips.",
        "All figures count pixels of chips, not of the region: chips are drawn around landforms and look-alikes, so "
        "that rock glacier is more frequent on them, precision higher, and probabilities hold for such a mixture. "
        "Where chips overlap, pixels count more than once. Score outlines with the node Accuracy of outlines, on an "
        "area that was not trained on.",
        "The splits are blocks of one region or a few. What a model does in another region, season or sensor cannot be "
        "read from this page.",
    ]


def _inputs(record: Record) -> list[tuple[str, str]]:
    options = record["provenance"]["traincnn"]["options"]
    shown = {key: value for key, value in options.items() if value not in ("", [], ()) and key not in _NOT_SHOWN}
    return [
        ("Samples", ", ".join(record["samples"])),
        ("Bands", ", ".join(record["roles"])),
        ("Pixel size", f"{record['ground_sample_distance_m']:.6g} m"),
        ("Options", ", ".join(f"{key} {_text(value)}" for key, value in shown.items())),
    ]


_NOT_SHOWN = ("samples", "title", "description", "licence", "resume", "output_name")


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="even"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>'


def _values(items: Sequence[Record], key: str) -> list[float]:
    return _numbers([item[key] for item in items])


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]
