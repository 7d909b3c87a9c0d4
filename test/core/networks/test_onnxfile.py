"""The head of ONNX files: the same as the `onnx` package reads, and a sentence for anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.networks.onnxfile import Tensor, read_onnx


def test_the_head_is_what_was_written(onnx_models, tmp_path):
    """Names, free lengths, versions, metadata, and 9 weights of a 3 x 3 kernel."""
    file = read_onnx(Path(onnx_models.box_blur(tmp_path / "m.onnx", {"key": '"value"'})).read_bytes())
    assert (file.ir_version, file.opset, file.parameters) == (onnx_models.IR_VERSION, onnx_models.OPSET, 9)
    assert file.inputs == (Tensor("input", "float32", ("batch", "1", "height", "width")),)
    assert file.outputs == (Tensor("conv_0", "float32", ("batch", "?", "oh", "ow")),)
    assert file.operators == {"Conv"}
    assert file.metadata == {"key": '"value"'}


def test_weights_that_are_listed_as_inputs_are_none(onnx_models, tmp_path):
    """Older exporters list every weight among the inputs."""
    onnx = pytest.importorskip("onnx")
    path = onnx_models.box_blur(tmp_path / "m.onnx", {})
    model = onnx.load(path)
    weight = model.graph.initializer[0]
    model.graph.input.append(onnx.helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims))
    assert [item.name for item in read_onnx(model.SerializeToString()).inputs] == ["input"]


@pytest.mark.parametrize("content", [b"", b"text of some length", b"\x08\x08"])
def test_what_is_no_model_is_refused(content):
    """Also an empty file, which is a valid protocol buffer of nothing."""
    with pytest.raises(ValueError, match=r"it holds no network|message|integer|wire"):
        read_onnx(content)


def test_any_bytes_give_a_head_or_a_value_error():
    """Files come from strangers."""
    random = np.random.default_rng(0)
    for _ in range(300):
        with pytest.raises(ValueError, match=r"."):
            read_onnx(random.bytes(int(random.integers(1, 60))))
