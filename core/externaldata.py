"""Whether an ONNX file keeps weights outside itself, found without loading it.

A network that refers to other files could make a runtime read files that its user never named. The runtime is given
the model's bytes only after this look at the protocol buffer itself, whatever the runtime's version would do.
Field numbers are those of onnx.proto3.
"""

from __future__ import annotations

from collections.abc import Mapping

from .protobuf import fields

_DATA_LOCATION = 14
_EXTERNAL = 1

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
    pending = [("model", memoryview(model))]
    while pending:
        kind, message = pending.pop()
        for number, value in fields(message):
            if isinstance(value, memoryview):
                if number in _LEADS[kind]:
                    pending.append((_LEADS[kind][number], value))
            elif kind == "tensor" and number == _DATA_LOCATION and value == _EXTERNAL:
                return True
    return False
