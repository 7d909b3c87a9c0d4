"""Provenance: complete, short, and the same wherever the files lie."""

from __future__ import annotations

from rock_glacier_mapper.core import provenance
from rock_glacier_mapper.core.contracts.segment import SegmentOptions


def test_step_leaves_out_folders_and_outputs():
    """Equal runs in two folders have equal provenance, and nobody's home folder is published."""
    first = provenance.step("segment", SegmentOptions(input="/home/ann/stack.tif", output="/a.tif"), objects=3)
    second = provenance.step("segment", SegmentOptions(input="/data/stack.tif", output="/b.tif"), objects=3)
    assert first == second
    assert first["options"]["input"] == "stack.tif" and first["objects"] == 3 and "output" not in first["options"]


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
