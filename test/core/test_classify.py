"""The classification stage: objects in, the same objects with classes out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.classify import run
from rock_glacier_mapper.core.contracts.classify import ClassifyOptions, ClassifyResult
from rock_glacier_mapper.core.errors import InvalidRuleSetError, InvalidVectorError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.provenance import fact
from rock_glacier_mapper.core.vector import VectorLayer, read_layer, write_layers


def rules(folder: Path, *names: str, feature: str = "heatmap_mean") -> str:
    """Write a rule set whose classes want the feature above 0.5, 0.6, ..., crisply."""
    classes = [
        {
            "name": name,
            "title": name,
            "color": "#000000",
            "combine": "and",
            "conditions": [{"feature": feature, "membership": "above", "ramp": [0, 0.5 + number / 10]}],
        }
        for number, name in enumerate(names)
    ]
    document = {"name": "toy", "title": "Toy rules", "description": "", "minimum_membership": 0.5, "classes": classes}
    path = folder / "toy.json"
    path.write_text(json.dumps(document))
    return str(path)


def objects(folder: Path, **columns: Any) -> str:
    """Write three square objects, the last without a heatmap."""
    path = str(folder / "objects.gpkg")
    squares = np.array([shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)], object)
    values = {
        "object_id": np.array([4, 5, 6]),
        "heatmap_mean": np.array([0.4, 0.1, np.nan]),
        "note": np.array(["a", None, "c"], object),
        **columns,
    }
    write_layers(path, {"objects": VectorLayer(squares, values, provenance=[{"stage": "objectfeatures"}])})
    return path


def classify(
    folder: Path, source: str, rule_set: str, output: str = "classified.gpkg"
) -> tuple[ClassifyResult, VectorLayer]:
    result = run(ClassifyOptions(source, rule_set, str(folder / output)), Progress())
    return result, read_layer(f"{folder / output}|layername=objects")


def test_classes_are_added(tmp_path: Path) -> None:
    """Every column and polygon stays, and classes, memberships and reasons come with them."""
    source = objects(tmp_path)
    result, layer = classify(tmp_path, source, rules(tmp_path, "rock_glacier", "other"))
    before = read_layer(source)
    assert (result.objects, result.classified) == (3, 1)
    assert list(layer.columns) == [
        *before.columns,
        "class",
        "membership",
        "membership_rock_glacier",
        "membership_other",
        "limited_by",
    ]
    assert layer.columns["class"].tolist() == ["rock_glacier", "", ""]
    assert layer.columns["membership"] == pytest.approx([0.8, 0.2, 0])
    assert layer.columns["membership_other"] == pytest.approx([0.4 / 0.6, 0.1 / 0.6, 0])
    assert layer.columns["limited_by"].tolist() == [
        "heatmap_mean above 0.5",
        "rock_glacier: heatmap_mean above 0.5",
        "rock_glacier: heatmap_mean above 0.5",
    ]
    assert layer.columns["note"].tolist() == ["a", None, "c"]
    assert shapely.equals(layer.geometries, before.geometries).all()


def test_classifying_again_replaces(tmp_path: Path) -> None:
    """Columns of an earlier rule set would be mistaken for those of this one."""
    classify(tmp_path, objects(tmp_path), rules(tmp_path, "moraine"), "first.gpkg")
    result, layer = classify(tmp_path, str(tmp_path / "first.gpkg"), rules(tmp_path, "rock_glacier"))
    assert "membership_moraine" not in layer.columns
    assert layer.columns["class"].tolist() == ["rock_glacier", "", ""]
    assert result.classified == 1


def test_in_place(tmp_path: Path) -> None:
    """The output may be the input: it is read whole before it is replaced."""
    source = objects(tmp_path)
    _, layer = classify(tmp_path, source, rules(tmp_path, "rock_glacier"), "objects.gpkg")
    assert layer.columns["class"].tolist() == ["rock_glacier", "", ""]


def test_no_objects(tmp_path: Path) -> None:
    """An empty layer stays a valid empty layer."""
    path = str(tmp_path / "empty.gpkg")
    write_layers(path, {"objects": VectorLayer(np.empty(0, object), {"heatmap_mean": np.zeros(0)})})
    result, layer = classify(tmp_path, path, rules(tmp_path, "rock_glacier"))
    assert (result.objects, result.classified, len(layer)) == (0, 0, 0)
    assert {"class", "membership", "membership_rock_glacier", "limited_by"} < set(layer.columns)


def test_provenance(tmp_path: Path) -> None:
    """The output names the very rules: their name, title and digest."""
    rule_set = rules(tmp_path, "rock_glacier")
    _, layer = classify(tmp_path, objects(tmp_path), rule_set)
    assert [step["stage"] for step in layer.provenance] == ["objectfeatures", "classify"]
    assert fact(layer.provenance, "rule_set") == "toy"
    assert fact(layer.provenance, "rule_set_title") == "Toy rules"
    assert fact(layer.provenance, "rule_set_sha256") == hashlib.sha256(Path(rule_set).read_bytes()).hexdigest()


def test_misspelt_feature(tmp_path: Path) -> None:
    """One clear sentence with the near name, and no output."""
    with pytest.raises(InvalidRuleSetError, match=r"`heatmap_maen`.*Did you mean `heatmap_mean`"):
        classify(tmp_path, objects(tmp_path), rules(tmp_path, "rock_glacier", feature="heatmap_maen"))
    assert not (tmp_path / "classified.gpkg").exists()


def test_classification_is_no_feature(tmp_path: Path) -> None:
    """Results of an earlier classification are gone before the rules look at the objects."""
    source = objects(tmp_path, membership=np.ones(3))
    with pytest.raises(InvalidRuleSetError, match="`membership`"):
        classify(tmp_path, source, rules(tmp_path, "rock_glacier", feature="membership"))


def test_missing_objects(tmp_path: Path) -> None:
    """A path without a file is named."""
    with pytest.raises(InvalidVectorError, match="nowhere"):
        classify(tmp_path, str(tmp_path / "nowhere.gpkg"), "rgb")


def test_output_is_refused_first(tmp_path: Path) -> None:
    """A wrong output name is told before the work."""
    with pytest.raises(OutputError, match=r"\.gpkg"):
        classify(tmp_path, "nowhere.gpkg", "rgb", "classified.shp")


def test_own_columns_are_replaced_whatever_their_case(tmp_path: Path) -> None:
    """A GeoPackage takes `Class` and `class` for one column and would refuse the second."""
    source = objects(tmp_path, Class=np.array(["x", "y", "z"], object), MEMBERSHIP=np.array([1.0, 2.0, 3.0]))
    _, layer = classify(tmp_path, source, rules(tmp_path, "rock_glacier"))
    assert layer.columns["class"].tolist() == ["rock_glacier", "", ""] and "Class" not in layer.columns
