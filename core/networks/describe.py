"""Stage `describe`: what there is to know of a model, written for a person."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..contracts.describe import DescribeOptions, DescribeResult
from ..errors import InvalidModelError
from ..files import check_writable, write_text
from ..progress import Progress
from .card import ModelCard
from .carddescription import Section, described_card, described_without_card
from .cardmetadata import read_card
from .modelfile import stated_sha256
from .models import find_model
from .onnxfile import OnnxFile, Tensor, read_onnx

_QUANTISED = "QuantizeLinear"


def run(options: DescribeOptions, progress: Progress) -> DescribeResult:
    """Describe a model; it is read but not run, so that a damaged or distrusted one can be looked at.

    Parameters
    ----------
    options : DescribeOptions
    progress : Progress

    Returns
    -------
    DescribeResult

    Raises
    ------
    InvalidModelError
        If there is no such file, it cannot be read, or is no ONNX model.
    OutputError
        If the text cannot be written.
    """
    path = find_model(options.model)
    if options.output:
        check_writable(options.output, ".txt", inputs=[str(path)])
    progress.check()
    text = _description(options.model, path)
    if options.output:
        write_text(options.output, text)
    return DescribeResult(text)


def _description(name: str, path: Path) -> str:
    content = _content(name, path)
    try:
        file = read_onnx(content)
    except ValueError as error:
        raise InvalidModelError(
            f"{name} is no ONNX model, or only a part of one ({error}). Give a complete .onnx file."
        ) from error
    sections = [*_sections_of_card(file), _section_of_file(path, content, file)]
    return "\n".join([f"Model {path.stem}", "", *(section.text() for section in sections)])


def _sections_of_card(file: OnnxFile) -> list[Section]:
    try:
        card: ModelCard | None = read_card(file.metadata)
    except InvalidModelError as error:
        return [Section("Card", [("unusable", str(error))])]
    return described_card(card) if card is not None else described_without_card(file)


def _section_of_file(path: Path, content: bytes, file: OnnxFile) -> Section:
    sha256 = hashlib.sha256(content).hexdigest()
    precision = "8-bit integers and floats (quantised)" if _QUANTISED in file.operators else "floats"
    section = Section("File")
    section.add("path", str(path))
    section.add("size", f"{len(content):,} bytes; {file.parameters:,} weights, {precision}")
    section.add("SHA-256", sha256)
    section.add("checked", _agreement(path, sha256))
    section.add("ONNX", f"opset {file.opset}, IR version {file.ir_version}, written by {file.producer or 'unknown'}")
    section.add("inputs", "; ".join(_shown(tensor) for tensor in file.inputs) or "none")
    section.add("outputs", "; ".join(_shown(tensor) for tensor in file.outputs) or "none")
    section.add("metadata", ", ".join(file.metadata) or "none")
    return section


def _agreement(path: Path, sha256: str) -> str:
    stated, item = stated_sha256(path), path.with_suffix(".json").name
    if stated is None:
        return f"no: there is no {item} beside it that states its SHA-256"
    if stated == sha256:
        return f"yes: {item} beside it states the same SHA-256"
    return f"WRONG: {item} beside it states {stated}. The file is damaged or another one, and will be refused"


def _shown(tensor: Tensor) -> str:
    return f"{tensor.name}: {tensor.kind or 'no tensor'} [{', '.join(tensor.shape)}]"


def _content(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidModelError(f"The model {name} cannot be read: {error.strerror}.") from error
