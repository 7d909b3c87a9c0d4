"""The preview of the segmentation in the QGIS desktop."""

from __future__ import annotations

import re


def test_the_preview_draws_the_objects_of_the_view(found):
    """A larger scale gives fewer objects and shorter borders; the dialog says how many."""
    preview = found("preview")
    assert min(preview["seconds"]) > 0
    fine, coarse = (int(re.match(r"(\d+) objects of \d+ pixels", text)[1]) for text in preview["said"][:2])
    assert fine > coarse > 1
    assert preview["vertices"][0] > preview["vertices"][1] > 0


def test_a_preview_of_nothing_is_a_sentence(found):
    """There is no raster to choose yet."""
    nothing = found("no_raster")
    assert nothing["said"].startswith("Choose a raster to segment")
    assert not nothing["running"]


def test_the_preview_can_be_stopped(found):
    """The button that started it."""
    preview = found("preview")
    assert 0 < preview["stopped"] < 3
    assert preview["said"][2].startswith("The preview was stopped.")


def test_a_slip_in_the_parameters_is_a_sentence(found):
    """The engine's own."""
    assert "names `nosuchband`, which" in found("preview")["said"][3]


def test_the_same_dialog_runs_the_node(found):
    """With the values that were tried out."""
    assert found("preview")["run"]["OBJECTS_COUNT"] > 1


def test_a_closed_dialog_leaves_nothing_on_the_map(found):
    """The borders belong to the dialog."""
    assert found("preview")["left on the map"] == 0
