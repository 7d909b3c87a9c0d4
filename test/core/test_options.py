"""Options check themselves, whichever host made them."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
from rock_glacier_mapper.core.contracts.segment import SegmentOptions
from rock_glacier_mapper.core.errors import InvalidOptionError
from rock_glacier_mapper.core.options import field_info, field_types, from_json, to_json
from rock_glacier_mapper.core.stages import STAGES

MINIMAL = {"input": "stack.tif", "output": "labels.tif"}


@pytest.mark.parametrize("stage", STAGES.values(), ids=list(STAGES))
def test_every_option_has_help_and_survives_json(stage):
    """A host that has only the contract can show every option and send it through JSON."""
    required = {
        name: {str: "x", float: 1.0}.get(kind, ("x",))
        for name, kind in field_types(stage.options).items()
        if field_info(stage.options, name).required
    }
    options = stage.options(**required)
    assert from_json(stage.options, json.loads(json.dumps(to_json(options)))) == options
    assert all(field_info(stage.options, name).help.endswith(".") for name in field_types(stage.options))
    assert dataclasses.is_dataclass(stage.result)


def test_unknown_name_proposes_the_nearest():
    """A typo must not run with the default."""
    with pytest.raises(InvalidOptionError, match="Did you mean `scale`"):
        from_json(SegmentOptions, {**MINIMAL, "scael": 3})


def test_missing_and_empty_required_options_are_named():
    """What is required is said with its help."""
    with pytest.raises(InvalidOptionError, match="`output` is missing: Labels to write"):
        from_json(SegmentOptions, {"input": "a.tif"})
    with pytest.raises(InvalidOptionError, match="`output` is empty"):
        SegmentOptions(input="a.tif", output="")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scale": "30"}, "`scale` must be a number, but '30'"),
        ({"scale": True}, "`scale` must be a number, but True"),
        ({"scale": -1}, "`scale` must be at least 0"),
        ({"scale": math.nan}, "`scale` must be at least 0, but nan"),
        ({"scale": math.inf}, r"`scale` must be at most 1e\+06, but inf"),
        ({"input": "a\0.tif"}, "`input` has a null character"),
        ({"weights": ["a\0=1"]}, "`weights` has a null character"),
        ({"compactness": 1.5}, "`compactness` must be at most 1"),
        ({"weights": "B04=1"}, "`weights` must be a list of texts"),
        ({"weights": ["B04", 1]}, "`weights` must be a list of texts"),
        ({"input": None}, "`input` must be a text"),
    ],
)
def test_wrong_types_and_bounds_are_refused(values, message):
    """Each message names the option, what was expected and what was given; NaN is in no bounds, infinity no length."""
    with pytest.raises(InvalidOptionError, match=message):
        from_json(SegmentOptions, {**MINIMAL, **values})


def test_whole_numbers_serve_as_numbers_and_lists_as_tuples():
    """JSON and command lines write 3 for 3.0 and have no tuples."""
    options = from_json(SegmentOptions, {**MINIMAL, "scale": 3, "weights": ["B04=2"]})
    assert options.scale == 3.0 and isinstance(options.scale, float)
    assert options.weights == ("B04=2",)


def test_choices_are_listed():
    """A value that is none of the choices is answered with the choices."""
    with pytest.raises(InvalidOptionError, match="one of automatic, cpu, gpu, but 'tpu'"):
        from_json(STAGES["heatmap"].options, {"stack": "s", "model": "m", "output": "o", "device": "tpu"})
