"""From the tool bar to the review in five clicks, in the QGIS desktop."""

from __future__ import annotations


def test_the_welcome_page_opens_at_the_first_step(found):
    """The later steps wait for the earlier; every entry of the menu has help."""
    welcome = found("welcome")
    assert welcome["enabled"] == [True, False, False]
    assert len(welcome["menu"]) == 6
    assert welcome["without help"] == []


def test_mapping_can_be_stopped(found):
    """Nothing is loaded then."""
    stopped = found("welcome_stopped")
    assert stopped["loaded"] == [True, True, False]
    assert stopped["started"] > 0
    assert 0 < stopped["stopped"] < 3
    assert stopped["message"] == "Stopped."


def test_the_scene_is_mapped_and_styled(found):
    """Outlines, heatmap and objects, in files that are still there when QGIS is opened again."""
    mapped = found("welcome_mapped")
    assert mapped["seconds"] > 0
    assert mapped["message"] == ""
    assert mapped["enabled"] == [True, True, True]
    assert mapped["kept"]
    assert sorted(mapped["layers"].values()) == [
        "categorizedSymbol",
        "multibandcolor",
        "singleSymbol",
        "singlebandpseudocolor",
    ]


def test_the_fifth_click_begins_the_review(found):
    """Of the outlines that were mapped."""
    assert found("welcome_review") == {"outlines": "Outlines", "begun": True}


def test_no_click_or_key_failed_behind_the_scenes(desktop):
    """QGIS shows such failures in a bar that nobody reads."""
    assert desktop[1]["failures"]["found"] == []
