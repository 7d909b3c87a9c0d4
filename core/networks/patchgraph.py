"""A patch classifier in ONNX form, read as a chain of layers with their constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ..errors import InvalidModelError

_OLDEST_OPSET = 7
_IMAGE_DIMENSIONS = 4
# A file of a few bytes can ask for any size; this is 256 x 256 pixels of 32 bands.
_LARGEST_PATCH = 2**21
_CONSTANT_ATTRIBUTES = ("value", "value_float", "value_floats", "value_int", "value_ints")


class Layer:
    """One node of the chain.

    Parameters
    ----------
    model : str
        The model as it was given, for messages.
    node : onnx.NodeProto
        The node.
    constants : dict of str to array
        The graph's constants by name.

    Attributes
    ----------
    kind : str
        The operator.
    attributes : dict of str to object
        Attributes that are set.
    """

    def __init__(self, model: str, node: onnx.NodeProto, constants: dict[str, NDArray[Any]]) -> None:
        self._model = model
        self._node = node
        self._constants = constants
        self.kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
        self.attributes: dict[str, Any] = {item.name: helper.get_attribute_value(item) for item in node.attribute}

    @property
    def label(self) -> str:
        """The layer as a message names it; nodes need not have names, but their outputs do."""
        return f"the {self.kind} layer `{self._node.name or self._node.output[0]}`"

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs."""
        return list(self._node.input)

    @property
    def output(self) -> str:
        """Name of the first output."""
        return str(self._node.output[0])

    def pair(self, name: str, default: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        """Return an attribute of one number along the rows and one along the columns."""
        values = tuple(self.attributes.get(name, default))
        if len(values) != len(default):
            raise self.refused(f"has {len(values)} values for `{name}`; an image has two axes")
        return values[0], values[1]

    def constant(self, place: int) -> NDArray[Any] | None:
        """Return the constant at an input, or None where the input is absent.

        Raises
        ------
        InvalidModelError
            If the input is computed.
        """
        name = self.inputs[place] if place < len(self.inputs) else ""
        if name and name not in self._constants:
            raise self.refused(f"computes its input `{name}`, which must be a constant")
        return self._constants.get(name)

    def weights(self, place: int) -> NDArray[np.float32]:
        """Return the constant at an input that must be there, as float32."""
        values = self.constant(place)
        if values is None:
            raise self.refused("lacks its weights")
        return values.astype(np.float32)

    def is_constant(self, place: int) -> bool:
        """Whether the input at a place is a constant."""
        return self.inputs[place] in self._constants

    def refused(self, reason: str) -> InvalidModelError:
        """Return the error that names the layer and says why it cannot be converted."""
        return InvalidModelError(f"The model {self._model} cannot be made dense: {self.label} {reason}.")


class PatchGraph:
    """The graph of a patch classifier: one patch in, one vector out, and layers in a row between them.

    Parameters
    ----------
    content : bytes
        The content of an ONNX file.
    name : str
        The model as it was given, for messages.

    Attributes
    ----------
    channels : int
        Bands of a patch.
    patch_size : int
        Side of a patch in pixels.
    opset : int
        Version of the operators.
    metadata : dict of str to str
        The custom metadata in the file.

    Raises
    ------
    InvalidModelError
        If it is no ONNX model, or does not turn one square patch of a fixed size into one output.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        model = self._parsed(content)
        self._graph = model.graph
        self.opset = self._checked_opset(model)
        self.metadata = {entry.key: entry.value for entry in model.metadata_props}
        try:
            self._constants = dict(constants_of(model.graph))
        except (KeyError, TypeError, ValueError) as error:
            raise self.refused("it has a constant that is damaged or of an unknown type") from error
        self._input = self._only_input()
        self.channels, self.patch_size = self._checked_patch()

    def layers(self) -> Iterator[Layer]:
        """Return the layers from the patch to the output.

        Raises
        ------
        InvalidModelError
            If they are not in a row.
        """
        producers = {output: node for node in self._graph.node for output in node.output}
        if len(self._graph.output) != 1:
            raise self.refused(f"it has {len(self._graph.output)} outputs; a classifier has one")
        tensor = self._graph.output[0].name
        layers: list[Layer] = []
        while tensor != self._input.name:
            if tensor not in producers:
                raise self.refused(f"its output does not depend on its input `{self._input.name}`")
            layer = Layer(self._name, producers[tensor], self._constants)
            if layer.output != tensor:
                raise layer.refused(f"is used for its second output `{tensor}`")
            layers.append(layer)
            tensor = _data_input(layer)
        return reversed(layers)

    def _parsed(self, content: bytes) -> onnx.ModelProto:
        try:
            model = onnx.load_model_from_string(content)
            onnx.checker.check_model(model)
        except (DecodeError, onnx.checker.ValidationError) as error:
            reason = (str(error).strip().splitlines() or ["damaged"])[0]
            raise InvalidModelError(f"{self._name} is no valid ONNX model: {reason.rstrip(' .')}.") from error
        return model

    def _checked_opset(self, model: onnx.ModelProto) -> int:
        opset = max((item.version for item in model.opset_import if item.domain in ("", "ai.onnx")), default=0)
        if opset < _OLDEST_OPSET:
            raise self.refused(f"its opset is {opset}; export it with opset {_OLDEST_OPSET} or later")
        return opset

    def _only_input(self) -> onnx.ValueInfoProto:
        inputs = [item for item in self._graph.input if item.name not in self._constants]
        if len(inputs) != 1:
            raise self.refused(f"it has {len(inputs)} inputs; a classifier has one, the patch")
        source: onnx.ValueInfoProto = inputs[0]
        return source

    def _checked_patch(self) -> tuple[int, int]:
        """Return the bands and the side of a patch."""
        tensor = self._input.type.tensor_type
        shape = [item.dim_value if item.HasField("dim_value") else 0 for item in tensor.shape.dim]
        if tensor.elem_type != onnx.TensorProto.FLOAT:
            raise self.refused("its input is not float32; export it with float32 numbers")
        if len(shape) != _IMAGE_DIMENSIONS or min(shape[1:]) < 1:
            raise self.refused(
                "its input must be (batch, bands, height, width) with fixed bands, height and width, "
                f"but is ({', '.join(str(size or 'free') for size in shape)})"
            )
        _, channels, height, width = shape
        if height != width:
            raise self.refused(f"its patches have {width} x {height} pixels; they must be square")
        if channels * height * width > _LARGEST_PATCH:
            raise self.refused(f"its patches have {channels * height * width} numbers; at most {_LARGEST_PATCH} may be")
        return channels, height

    def refused(self, reason: str) -> InvalidModelError:
        """Return the error that says why the model cannot be converted."""
        return InvalidModelError(f"The model {self._name} cannot be made dense: {reason}.")


def constants_of(graph: onnx.GraphProto) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the graph's constants, be they initializers, nodes, or other names for one of these."""
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute and node.attribute[0].name in _CONSTANT_ATTRIBUTES:
            value = helper.get_attribute_value(node.attribute[0])
            found[node.output[0]] = (
                numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.array(value)
            )
        elif node.op_type == "Identity" and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    yield from found.items()


def _data_input(layer: Layer) -> str:
    """Return the input that comes from the patch; a sum may have its constant on either side."""
    if layer.kind == "Constant" or not layer.inputs:
        raise layer.refused("does not depend on the patch")
    if layer.kind == "Add" and layer.is_constant(0):
        return layer.inputs[1]
    return layer.inputs[0]
