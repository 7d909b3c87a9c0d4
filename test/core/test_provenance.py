"""Provenance: complete, short, and the same wherever the files lie."""

from __future__ import annotations

from rock_glacier_mapper.core import provenance
from rock_glacier_mapper.core.contracts.featurestack import FeatureStackOptions
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.contracts.segment import SegmentOptions


def test_step_leaves_out_folders_and_outputs():
    """Equal runs in two folders have equal provenance, and nobody's home folder is published."""
    first = provenance.step("segment", SegmentOptions(input="/home/ann/stack.tif", output="/a.tif"), objects=3)
    second = provenance.step("segment", SegmentOptions(input="/data/stack.tif", output="/b.tif"), objects=3)
    assert first == second
    assert first["options"]["input"] == "stack.tif" and first["objects"] == 3 and "output" not in first["options"]


def test_step_keeps_what_is_no_folder():
    """A system's name has a slash, and so may a filter; the layer in a file says which outlines were taken."""
    extent = '0,1,0,1 [PROJCRS["WGS 84 / UTM zone 45N"]]'
    stack = provenance.step("featurestack", FeatureStackOptions(layers=("/a/b.tif",), output="/a.tif", extent=extent))
    assert (stack["options"]["extent"], stack["options"]["layers"]) == (extent, ["b.tif"])
    area = "/a/areas.gpkg|layername=areas|subset=site <> 'a/b'"
    samples = provenance.step("samples", SamplesOptions(stack="s", inventory="i", output="o", area=area))
    assert samples["options"]["area"] == "areas.gpkg|layername=areas|subset=site <> 'a/b'"


def test_chains_join_without_repeating():
    """The stack's steps reach the outlines by several inputs."""
    first, second, third = {"stage": "a"}, {"stage": "b", "sha": 1}, {"stage": "c", "sha": 2}
    chain = provenance.joined([first, second], [first, third])
    assert chain == [first, second, third]
    assert provenance.fact(chain, "sha") == 2 and provenance.fact(chain, "none") is None


def test_foreign_metadata_is_ignored():
    """A file of somebody else has no provenance."""
    assert provenance.from_text(None) == provenance.from_text("{broken") == provenance.from_text("3") == []
    assert provenance.from_text(provenance.to_text([{"stage": "a"}])) == [{"stage": "a"}]
