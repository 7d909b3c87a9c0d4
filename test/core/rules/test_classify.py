"""The classification stage: objects in, the same objects with classes out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.classify import ClassifyOptions, ClassifyResult
from rock_glacier_mapper.core.errors import InvalidCRSError, InvalidRuleSetError, InvalidVectorError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.provenance import fact
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.rules.classify import run
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers


def wkt(name: str) -> str:
    reference = osr.SpatialReference()
    reference.SetFromUserInput(name)
    return str(reference.ExportToWkt())


def rules(folder: Path, *names: str, feature: str = "heatmap_mean", **further: Any) -> str:
    """Write a rule set whose classes want the feature above 0.5, 0.6, ...; `further` may add passes and layers."""
    ruled = [
        {
            "class": name,
            "combine": "and",
            "conditions": [{"feature": feature, "membership": "above", "ramp": [0, 0.5 + number / 10]}],
        }
        for number, name in enumerate(names)
    ]
    document = {
        "name": "toy",
        "title": "Toy rules",
        "description": "",
        "target": names[0],
        "minimum_membership": 0.5,
        "classes": [{"name": name, "title": name, "color": "#000000"} for name in names],
        "passes": [{"title": "By itself", "rules": ruled}, *further.pop("passes", [])],
        **further,
    }
    path = folder / "toy.json"
    path.write_text(json.dumps(document))
    return str(path)


def objects(folder: Path, crs: str = "EPSG:32719", **columns: Any) -> str:
    """Write three square objects in a row, the last without a heatmap."""
    path = str(folder / "objects.gpkg")
    squares = np.array([shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)], object)
    values = {
        "object_id": np.array([4, 5, 6]),
        "heatmap_mean": np.array([0.4, 0.1, np.nan]),
        "note": np.array(["a", None, "c"], object),
        **columns,
    }
    write_layers(path, {"objects": VectorLayer(squares, values, wkt(crs), [{"stage": "objectfeatures"}])})
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
        "class_path",
        "membership",
        "second_class",
        "second_membership",
        "membership_rock_glacier",
        "membership_other",
        "limiting_feature",
        "explanation",
    ]
    assert layer.columns["class"].tolist() == ["rock_glacier", "", ""]
    assert layer.columns["membership"] == pytest.approx([0.8, 0.2, 0])
    assert layer.columns["membership_other"] == pytest.approx([0.4 / 0.6, 0.1 / 0.6, 0])
    assert layer.columns["second_class"].tolist() == ["other", "rock_glacier", ""]
    assert layer.columns["second_membership"] == pytest.approx([0.4 / 0.6, 0.2, 0])
    assert layer.columns["limiting_feature"].tolist() == ["heatmap_mean"] * 3
    assert layer.columns["explanation"].tolist() == [
        "rock_glacier 0.80: heatmap_mean 0.4, wanted above 0.5",
        "no class; rock_glacier 0.20: heatmap_mean 0.1, wanted above 0.5",
        "no class; rock_glacier 0.00: heatmap_mean NULL, wanted above 0.5",
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
    """The output cannot be the input, whose other layers, and objects that a filter hides, would be lost."""
    source = objects(tmp_path)
    content = Path(source).read_bytes()
    with pytest.raises(OutputError, match="also an input"):
        classify(tmp_path, source, rules(tmp_path, "rock_glacier"), "objects.gpkg")
    assert Path(source).read_bytes() == content


def test_no_objects(tmp_path: Path) -> None:
    """An empty layer stays a valid empty layer."""
    path = str(tmp_path / "empty.gpkg")
    write_layers(path, {"objects": VectorLayer(np.empty(0, object), {"heatmap_mean": np.zeros(0)})})
    result, layer = classify(tmp_path, path, rules(tmp_path, "rock_glacier"))
    assert (result.objects, result.classified, len(layer)) == (0, 0, 0)
    assert {"class", "membership", "membership_rock_glacier", "explanation"} < set(layer.columns)


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


def beside(feature: str, *ramp: float, membership: str = "above") -> dict[str, Any]:
    """Return a pass that adds objects by one condition on their neighbours."""
    condition = {"feature": f"{feature}:rock_glacier", "membership": membership, "ramp": list(ramp)}
    rule = {"class": "rock_glacier", "combine": "and", "conditions": [condition]}
    return {"title": "Beside", "domain": ["unclassified"], "rules": [rule]}


def test_neighbours_of_an_earlier_pass(tmp_path: Path) -> None:
    """The second square shares a quarter of its border with the first, the third lies 10 m away."""
    for step, expected in [
        (beside("relative_border_to", 0.25, 0.25), ["rock_glacier", "rock_glacier", ""]),
        (beside("number_of_neighbours_of", 1, 1), ["rock_glacier", "rock_glacier", ""]),
        (beside("distance_to", 10, 10, membership="below"), ["rock_glacier"] * 3),
        (beside("distance_to", 9, 9, membership="below"), ["rock_glacier", "rock_glacier", ""]),
        (beside("enclosed_by", 1, 1), ["rock_glacier", "", ""]),
    ]:
        _, layer = classify(tmp_path, objects(tmp_path), rules(tmp_path, "rock_glacier", passes=[step]))
        assert layer.columns["class"].tolist() == expected


def test_distances_need_metres(tmp_path: Path) -> None:
    """Degrees are never taken for metres, nor shares of borders for those on the ground; others do not mind."""
    source = objects(tmp_path, crs="OGC:CRS84")
    near = rules(tmp_path, "rock_glacier", passes=[beside("distance_to", 10, 10)])
    with pytest.raises(InvalidCRSError, match=r"objects.gpkg is in degrees"):
        classify(tmp_path, source, near)
    with pytest.raises(InvalidCRSError, match=r"objects.gpkg is in degrees"):
        classify(tmp_path, source, rules(tmp_path, "rock_glacier", passes=[beside("relative_border_to", 0.25, 0.25)]))
    touching = rules(tmp_path, "rock_glacier", passes=[beside("number_of_neighbours_of", 1, 1)])
    assert classify(tmp_path, source, touching)[0].classified == 2


def test_other_units_are_told(tmp_path: Path) -> None:
    """A heatmap of bytes would make everything a rock glacier; the user learns of it, and the work goes on."""
    warnings: list[str] = []

    class Listening(Progress):
        def warn(self, message: str) -> None:
            warnings.append(message)

    layers = {"heatmap": {"unit": "probability", "range": [0, 1]}}
    source = objects(tmp_path, heatmap_mean=np.array([40.0, 180.0, 250.0]))
    run(ClassifyOptions(source, rules(tmp_path, "one", layers=layers), str(tmp_path / "out.gpkg")), Listening())
    assert len(warnings) == 1 and "expects the layer heatmap in probability, 0 to 1" in warnings[0]


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
