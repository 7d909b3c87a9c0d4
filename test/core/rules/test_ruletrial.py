"""Trying a rule set out: counts, picture and explanation are those of the classification."""

from __future__ import annotations

import base64
import json
import math
import os
import zlib
from collections import Counter

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.classify import ClassifyOptions
from rock_glacier_mapper.core.contracts.ruletrial import (
    ExplainObjectOptions,
    ObjectColumnsOptions,
    TryRulesOptions,
)
from rock_glacier_mapper.core.errors import InvalidOptionError, InvalidRuleSetError, InvalidVectorError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules import classify, explainobject, objectcolumns, tryrules
from rock_glacier_mapper.core.rules.tryrules import BORDER
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers

CLASSES = [
    {"name": "warm", "title": "Warm", "color": "#ff0000"},
    {"name": "cold", "title": "Cold", "color": "#0000ff"},
]


def condition(feature, membership, *ramp):
    return {"feature": feature, "membership": membership, "ramp": list(ramp)}


def document(*passes, **changes):
    """Return the text of a rule set; a pass is a list of (class, conditions)."""
    rules = [
        {
            "title": "Pass",
            "rules": [{"class": name, "combine": "and", "conditions": conditions} for name, conditions in rules],
        }
        for rules in passes
    ]
    base = {
        "name": "toy",
        "title": "Toy",
        "description": "",
        "target": "warm",
        "minimum_membership": 0.5,
        "classes": CLASSES,
        "passes": rules,
    }
    return json.dumps({**base, **changes})


WARM = ("warm", [condition("heat", "above", 10, 20)])
COLD = ("cold", [condition("heat", "below", 0, 10)])
BESIDE = ("warm", [condition("relative_border_to:warm", "above", 0.1, 0.2)])
DOCUMENT = document([WARM, COLD])


@pytest.fixture
def objects(tmp_path, utm):
    """Four squares of 100 m in a row, with the heat 0, 14, 16 and NULL."""
    path = str(tmp_path / "objects.gpkg")
    write_heat(path, utm, [0.0, 14.0, 16.0, math.nan])
    return path


def write_heat(path, crs, heat):
    squares = np.array([shapely.box(500000 + 100 * i, 0, 500100 + 100 * i, 100) for i in range(len(heat))], object)
    columns = {"heat": np.array(heat), "kind": np.array(["a"] * len(heat), object)}
    write_layers(path, {"objects": VectorLayer(squares, columns, crs)})


def tried(path, text=DOCUMENT, **options):
    return tryrules.run(TryRulesOptions(path, text, **options), Progress())


def explained(path, x, y, text=DOCUMENT, crs=""):
    return explainobject.run(ExplainObjectOptions(path, text, x, y, crs), Progress())


def pixels(result, width, height):
    return np.frombuffer(zlib.decompress(base64.b64decode(result.picture)), np.uint8).reshape(height, width)


def test_columns_are_described(objects):
    """Numbers with their ends and histogram, NULL counted apart; texts by name."""
    result = objectcolumns.run(ObjectColumnsOptions(objects, bins=2), Progress())
    assert result.objects == 4
    assert result.texts == ("kind",)
    (heat,) = result.columns
    assert (heat.name, heat.low, heat.high, heat.nulls, heat.histogram) == ("heat", 0.0, 16.0, 1, (1, 2))


def test_columns_of_immense_numbers(tmp_path, utm):
    """The span of the largest numbers is none that a computer knows; they are counted all the same."""
    largest, path = float(np.finfo(float).max), str(tmp_path / "immense.gpkg")
    write_heat(path, utm, [-largest, 0.0, 1e300, largest])
    (heat,) = objectcolumns.run(ObjectColumnsOptions(path, bins=2), Progress()).columns
    assert (heat.low, heat.high, heat.histogram) == (-largest, largest, (1, 3))


def test_counts_by_hand(objects):
    """Heat 16 is warm (0.6), 14 is not (0.4), 0 is cold, and NULL is nothing."""
    result = tried(objects)
    assert result.objects == 4
    assert result.classes == (1, 1, 2)
    assert [(item.place, item.asked, item.passed) for item in result.counts] == [
        ("passes[0].rules[0]", 4, 1),
        ("passes[0].rules[0].conditions[0]", 4, 1),
        ("passes[0].rules[1]", 4, 1),
        ("passes[0].rules[1].conditions[0]", 4, 1),
    ]
    assert result.picture == ""


def test_a_later_pass_counts_those_it_looked_at(objects):
    """Two objects without a class; of them only the one beside the warm object shares a border with it."""
    text = json.loads(document([WARM, COLD], [BESIDE]))
    text["passes"][1]["domain"] = ["unclassified"]
    result = tried(objects, json.dumps(text))
    # The square of 14 degrees and the one of NULL both border on the warm one.
    assert result.classes == (3, 1, 0)
    assert [(item.asked, item.passed) for item in result.counts[4:]] == [(2, 2), (2, 2)]


def test_the_trial_agrees_with_the_classification(objects, tmp_path):
    """The same classes and the same words."""
    text = document([WARM, COLD], [BESIDE])
    rules, output = tmp_path / "rules.json", str(tmp_path / "classified.gpkg")
    rules.write_text(text)
    classify.run(ClassifyOptions(objects, str(rules), output), Progress())
    written = read_layer(output).columns
    counts = Counter(written["class"].tolist())
    assert tried(objects, text).classes == (counts["warm"], counts["cold"], counts[""])
    for number in range(4):
        answer = explained(objects, 500050 + 100 * number, 50, text)
        assert answer.explanation == written["explanation"][number]
        assert answer.object_class == written["class"][number]


def test_the_picture_has_a_code_a_class(objects):
    """Two pixels a square; those to the right end at a border or at nothing."""
    result = tried(objects, extent="500000,500500,-100,100", width=10, height=4)
    picture = pixels(result, 10, 4)
    assert (picture[2:] == 0).all()
    assert (picture[:, 8:] == 0).all()
    np.testing.assert_array_equal(picture[0, :8] & ~BORDER, [2, 2, 3, 3, 1, 1, 3, 3])


def test_borders_are_marked_where_there_is_room(objects):
    """With ten pixels a square, the last column and the last row of each are border; with one, none is."""
    large = pixels(tried(objects, extent="500000,500400,0,100", width=40, height=10), 40, 10)
    np.testing.assert_array_equal(np.flatnonzero(large[0] & BORDER), [9, 19, 29])
    small = pixels(tried(objects, extent="500000,500400,0,100", width=4, height=1), 4, 1)
    assert not (small & BORDER).any()


def test_memberships_are_shown_in_99_steps(objects):
    """0, 0.4, 0.6 and 0 for NULL, of a condition and of its rule."""
    for shown in ("passes[0].rules[0]", "passes[0].rules[0].conditions[0]"):
        result = tried(objects, extent="500000,500400,0,100", width=4, height=1, shown=shown)
        np.testing.assert_array_equal(pixels(result, 4, 1)[0], [2, 41, 61, 2])


def test_objects_that_were_not_asked_have_a_code_of_their_own(objects):
    """A pass with a domain does not look at all."""
    text = json.loads(document([WARM, COLD], [BESIDE]))
    text["passes"][1]["domain"] = ["unclassified"]
    options = {"extent": "500000,500400,0,100", "width": 4, "height": 1, "shown": "passes[1].rules[0]"}
    np.testing.assert_array_equal(pixels(tried(objects, json.dumps(text), **options), 4, 1)[0], [1, 100, 1, 100])


def test_the_map_may_be_in_another_system(objects):
    """A place in degrees finds the same object, and its outline is in degrees."""
    from osgeo import osr

    own, other = osr.SpatialReference(), osr.SpatialReference()
    own.ImportFromWkt(read_layer(objects).crs)
    other.ImportFromEPSG(4326)
    for system in (own, other):
        system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    x, y, _ = osr.CoordinateTransformation(own, other).TransformPoint(500250, 50)
    answer = explained(objects, x, y, crs="EPSG:4326")
    assert answer.object_class == "warm"
    assert shapely.from_wkt(answer.outline).contains(shapely.Point(x, y))
    view = f"{x - 1e-3},{x + 1e-3},{y - 1e-3},{y + 1e-3} [EPSG:4326]"
    assert pixels(tried(objects, extent=view, width=101, height=101), 101, 101)[50, 50] & ~BORDER == 1


def test_a_place_without_object_is_no_error(objects):
    """The cursor is beside the objects."""
    assert explained(objects, 0, 0).outline == ""


def test_the_answers_are_values_and_memberships(objects):
    """NULL is NaN with the membership 0."""
    warm, cold = explained(objects, 500150, 50).answers
    assert (warm.place, warm.value, warm.membership) == ("passes[0].rules[0].conditions[0]", 14.0, 0.4)
    assert (cold.value, cold.membership) == (14.0, 0.0)
    answer = explained(objects, 500350, 50).answers[0]
    assert math.isnan(answer.value)
    assert answer.membership == 0


def test_a_file_that_changes_is_read_again(objects, utm):
    """What is kept is that of the file as it was."""
    assert tried(objects).classes == (1, 1, 2)
    before = os.stat(objects).st_mtime_ns
    write_heat(objects, utm, [20.0, 20.0, 20.0, 20.0])
    os.utime(objects, ns=(before + 1, before + 1))
    assert tried(objects).classes == (4, 0, 0)


def test_no_objects_are_counted_as_none(tmp_path, utm):
    """An empty layer has columns, no values and an empty picture."""
    path = str(tmp_path / "empty.gpkg")
    write_heat(path, utm, [])
    result = objectcolumns.run(ObjectColumnsOptions(path), Progress())
    assert result.objects == 0
    assert math.isnan(result.columns[0].low)
    for text in (DOCUMENT, document([WARM, COLD], [BESIDE])):
        trial = tried(path, text, extent="0,1,0,1", width=3, height=2)
        assert trial.classes == (0, 0, 0)
        assert not pixels(trial, 3, 2).any()
    assert explained(path, 0, 0).outline == ""


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        ("{", {}, InvalidRuleSetError, "not valid JSON"),
        (document([("warm", [condition("haet", "above", 0, 1)])]), {}, InvalidRuleSetError, "Did you mean `heat`"),
        (document([("warm", [condition("kind", "above", 0, 1)])]), {}, InvalidRuleSetError, "is a text"),
        (DOCUMENT, {"extent": "a"}, InvalidOptionError, "`extent` is 'a'"),
        (DOCUMENT, {"extent": "0,1,0,1"}, InvalidOptionError, "`width` and `height` must be above 0"),
        (
            DOCUMENT,
            {"extent": "0,1,0,1", "width": 1, "height": 1, "shown": "passes[7]"},
            InvalidOptionError,
            "no such rule or condition",
        ),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(objects, text, options, error, message):
    """A slip in the rules or in the request."""
    with pytest.raises(error, match=message):
        tried(objects, text, **options)


def test_a_file_that_is_gone_is_a_sentence(tmp_path):
    """The layer was deleted on disk."""
    with pytest.raises(InvalidVectorError, match="cannot be read"):
        tried(str(tmp_path / "gone.gpkg"))
