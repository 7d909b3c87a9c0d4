"""What an ONNX file says of itself, read without loading it into a runtime; field numbers are those of onnx.proto3."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .protobuf import fields, varints

Value = int | memoryview

_MODEL_IR_VERSION, _MODEL_PRODUCER, _MODEL_GRAPH, _MODEL_OPSET, _MODEL_METADATA = 1, 2, 7, 8, 14
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_NODE_OPERATOR = 4
_TENSOR_DIMENSIONS, _TENSOR_NAME = 1, 8
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_KIND, _TENSOR_SHAPE = 1, 2, 1, 1, 2
_DIMENSION, _DIMENSION_LENGTH, _DIMENSION_NAME = 1, 1, 2
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_STANDARD_DOMAINS = ("", "ai.onnx")
_KINDS = {1: "float32", 2: "uint8", 3: "int8", 5: "int16", 6: "int32", 7: "int64", 10: "float16", 11: "float64"}


@dataclass(frozen=True)
class Tensor:
    """An input or output: its name, the type of its numbers, and its shape, in which a free length is a name."""

    name: str
    kind: str
    shape: tuple[str, ...]


@dataclass(frozen=True)
class OnnxFile:
    """The head of an ONNX file.

    Attributes
    ----------
    ir_version : int
        Version of the file format.
    opset : int
        Version of the standard operators; 0 where none is stated.
    producer : str
        The program that wrote the file.
    inputs, outputs : tuple of Tensor
        What the network takes and gives.
    operators : frozenset of str
        The kinds of its layers, those inside of branches and loops left out.
    parameters : int
        Number of its weights.
    metadata : dict of str to str
        The custom metadata.
    """

    ir_version: int
    opset: int
    producer: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operators: frozenset[str]
    parameters: int
    metadata: dict[str, str]


def read_onnx(content: bytes) -> OnnxFile:
    """Read the head of an ONNX file.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    ValueError
        If it is no protocol buffer, is cut off, or holds no network.
    """
    model = list(fields(memoryview(content)))
    graphs = list(_messages(model, _MODEL_GRAPH))
    if not graphs:
        raise ValueError("it holds no network")
    graph = graphs[0]
    weights = {_text(tensor, _TENSOR_NAME): _length(tensor) for tensor in _messages(graph, _GRAPH_INITIALIZER)}
    inputs = (_tensor(value) for value in _messages(graph, _GRAPH_INPUT))
    return OnnxFile(
        ir_version=_number(model, _MODEL_IR_VERSION),
        opset=_opset(model),
        producer=_text(model, _MODEL_PRODUCER),
        inputs=tuple(tensor for tensor in inputs if tensor.name not in weights),
        outputs=tuple(_tensor(value) for value in _messages(graph, _GRAPH_OUTPUT)),
        operators=frozenset(_text(node, _NODE_OPERATOR) for node in _messages(graph, _GRAPH_NODE)),
        parameters=sum(weights.values()),
        metadata=_metadata(model),
    )


Message = list[tuple[int, Value]]


def _messages(message: Message, number: int) -> Iterator[Message]:
    for found, value in message:
        if found == number and isinstance(value, memoryview):
            yield list(fields(value))


def _number(message: Message, number: int) -> int:
    return next((value for found, value in message if found == number and isinstance(value, int)), 0)


def _text(message: Message, number: int) -> str:
    texts = (bytes(value) for found, value in message if found == number and isinstance(value, memoryview))
    return next(texts, b"").decode("utf-8", "replace")


def _opset(model: Message) -> int:
    imports = _messages(model, _MODEL_OPSET)
    standard = (item for item in imports if _text(item, _OPSET_DOMAIN) in _STANDARD_DOMAINS)
    return max((_number(item, _OPSET_VERSION) for item in standard), default=0)


def _metadata(model: Message) -> dict[str, str]:
    entries: Iterator[Message] = _messages(model, _MODEL_METADATA)
    return {_text(entry, _ENTRY_KEY): _text(entry, _ENTRY_VALUE) for entry in entries}


def _length(tensor: Message) -> int:
    """Return how many numbers a tensor has; its dimensions may be packed or not."""
    lengths: list[int] = []
    for found, value in tensor:
        if found == _TENSOR_DIMENSIONS:
            lengths += varints(value) if isinstance(value, memoryview) else [value]
    return math.prod(lengths)


def _tensor(value: Message) -> Tensor:
    kind = ""
    shape: tuple[str, ...] = ()
    for holder in _messages(value, _VALUE_TYPE):
        for tensor in _messages(holder, _TYPE_TENSOR):
            number = _number(tensor, _TENSOR_KIND)
            kind = _KINDS.get(number, f"type {number}")
            shape = tuple(_dimension(item) for part in _messages(tensor, _TENSOR_SHAPE) for item in _dimensions(part))
    return Tensor(_text(value, _VALUE_NAME), kind, shape)


def _dimensions(shape: Message) -> Iterator[Message]:
    return _messages(shape, _DIMENSION)


def _dimension(item: Message) -> str:
    return str(_number(item, _DIMENSION_LENGTH) or _text(item, _DIMENSION_NAME) or "?")
