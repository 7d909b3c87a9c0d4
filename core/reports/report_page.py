"""What all reports share: one HTML page that needs no other file and no network, and its pieces.

A page is well-formed XML. All text that comes from the user's data is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from ..provenance import fact
from ..version import PACKAGE_FOLDER

REPORTS = PACKAGE_FOLDER / "resources" / "report"
"""Where the templates are."""


class Page(NamedTuple):
    """A report. Texts are plain and get escaped, except for `content`, which is HTML.

    Attributes
    ----------
    title, subtitle : str
    finding : str
        The result in a sentence or two.
    notes : sequence of str
        What the reader must know before she trusts the figures.
    content : str
        HTML between these and the inputs.
    inputs : sequence of pairs of str
        What was read, and the parameters.
    provenance : JSON value
        The steps that made the inputs, and this one.
    step : dict
        The step of this stage.
    """

    title: str
    subtitle: str
    finding: str
    notes: Sequence[str]
    content: str
    inputs: Sequence[tuple[str, str]]
    provenance: Any
    step: dict[str, Any]


def html_page(page: Page) -> str:
    """Return a report as HTML text."""
    return Template((REPORTS / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(page.title),
        subtitle=escape(page.subtitle),
        finding=escape(page.finding),
        notes="\n".join(f'<p class="note">{escape(note)}</p>' for note in page.notes),
        content=page.content,
        inputs="\n".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in page.inputs),
        provenance=escape(json.dumps(page.provenance, indent=2, ensure_ascii=False)),
        footer=f"Rock Glacier Mapper {escape(str(fact([page.step], 'software_version')))}",
    )


def template(name: str) -> Template:
    """Return the template of a report's content."""
    return Template((REPORTS / name).read_text(encoding="utf-8"))


def card(label: str, figure: str, meaning: str, interval: str = "") -> str:
    """Return a figure shown large, with its name, its interval and what it means in one sentence, as HTML."""
    small = f"<small>{escape(interval)}</small>" if interval else ""
    return (
        f'<div class="card"><b>{escape(label)}</b><strong>{escape(figure)}</strong>{small}'
        f"<p>{escape(meaning)}</p></div>"
    )


def plain_table(heads: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> str:
    """Return a table of texts as HTML, all columns of one width."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    above = f"<h3>{escape(title)}</h3>\n" if title else ""
    return f'{above}<table class="even"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>'


def figure_with_caption(svg: str, caption: str) -> str:
    """Return a drawing with a sentence on what it shows, as HTML."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def paragraphs(sentences: Iterable[str]) -> str:
    """Return sentences as HTML, one paragraph each."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def source_name(source: str) -> str:
    """Return the file's name of a source, with the layer's name if one was given."""
    path, _, layer = source.partition("|layername=")
    return f"{Path(path).name}, layer {layer}" if layer else Path(path).name
