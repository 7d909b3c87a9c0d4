"""What an ONNX file must not or may do, found without loading it: keep weights outside itself, or loop.

A network that refers to other files could make a runtime read files that its user never named. The runtime is given
the model's bytes only after this look at the protocol buffer itself, whatever the runtime's version would do.
Field numbers are those of onnx.proto3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .protobuf import fields

_DATA_LOCATION = 14
_EXTERNAL = 1
_OPERATOR = 4
_LOOPS = (b"Loop", b"Scan")

# For each kind of message that leads to a tensor: the fields that do, and the kind found there.
_LEADS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse_tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse_tensor", 23: "sparse_tensor"},
    "sparse_tensor": {1: "tensor", 2: "tensor"},
    "tensor": {},
}


def has_external_data(model: bytes) -> bool:
    """Whether any tensor of an ONNX model lies in another file.

    Parameters
    ----------
    model : bytes
        Content of an .onnx file.

    Raises
    ------
    ValueError
        If the bytes are no protocol buffer, or end too early.
    """
    return any(
        kind == "tensor" and number == _DATA_LOCATION and value == _EXTERNAL for kind, number, value in _walk(model)
    )


def has_loop(model: bytes) -> bool:
    """Whether an ONNX model repeats a part of itself as often as it likes, so that it may never end.

    Parameters
    ----------
    model : bytes
        Content of an .onnx file.

    Raises
    ------
    ValueError
        If the bytes are no protocol buffer, or end too early.
    """
    return any(
        kind == "node" and number == _OPERATOR and isinstance(value, memoryview) and bytes(value) in _LOOPS
        for kind, number, value in _walk(model)
    )


def _walk(model: bytes) -> Iterator[tuple[str, int, int | memoryview]]:
    """Yield kind of message, field and value for a model and for all messages in it that may lead to a tensor."""
    pending = [("model", memoryview(model))]
    while pending:
        kind, message = pending.pop()
        for number, value in fields(message):
            if number in _LEADS[kind] and isinstance(value, memoryview):
                pending.append((_LEADS[kind][number], value))
            yield kind, number, value
