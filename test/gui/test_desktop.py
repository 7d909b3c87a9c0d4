"""The QGIS desktop on a virtual display: toolbox, dialog, modeler, a run and a cancel."""

from __future__ import annotations


def test_the_toolbox_finds_every_node(found):
    """Who types the subject of the plugin must see all of it, in its groups, and nothing else."""
    toolbox = found("toolbox")
    assert {"Map", "Map rock glaciers", "Assess", "Segment"} <= set(toolbox["registered"])
    assert sorted(toolbox["rows"]) == sorted(["Rock Glacier Mapper", *toolbox["registered"]])


def test_the_dialog_opens(found):
    """QGIS makes a widget for every parameter, or fails here."""
    assert "Map Rock Glaciers" in found("dialog")["title"].title()


def test_a_layout_for_a_paper(found):
    """The menu makes a layout with all that a paper's map needs, of what the canvas shows."""
    layout = found("paper_layout")
    assert layout["exported"] and layout["seen"]
    assert {"Title", "Map", "Legend", "Scale bar", "North arrow", "Credits"} <= set(layout["items"])
    assert len(layout["legend"]) >= 2


def test_the_modeler_knows_every_step(found):
    """A step that it cannot resolve is shown in red and cannot run."""
    model = found("modeler")
    assert len(model["steps"]) == 7
    assert model["missing"] == []


def test_an_inventory_looks_like_one(found):
    """All layers of the file are loaded with the styles and forms that it holds, the markers on top."""
    inventory = found("inventory")
    assert inventory["seconds"] > 0, inventory["log"]
    assert inventory["results"]["CONFORMS"] == 1
    assert [name[-3:-1] for name in inventory["layers"]] == ["PM", "MA", "OI", "GO"]
    markers = inventory["layers"]["Primary markers (PM)"]
    assert markers["renderer"] == "categorizedSymbol"
    assert markers["widgets"]["ActiCl"] == markers["widgets"]["Landform"] == "ValueMap"
    assert inventory["tabs"] == ["Identity", "Morphology", "Kinematics and activity", "Remarks"]
    # The classes of activity and of motion, and the choice of none.
    assert {7, 9} <= set(inventory["choices"])


def test_a_run_from_the_dialog_loads_a_styled_layer(found):
    """The output appears on the map in the colours of a heatmap."""
    run = found("run")
    assert run["seconds"] > 0, run["log"]
    assert run["results"]["OUTPUT"].endswith("smoothed.tif")
    assert run["renderers"] == ["singlebandpseudocolor"]


def test_the_map_shows_three_styled_layers(found):
    """Each output of one run has its own style, whatever ran before."""
    mapped = found("mapped")
    assert mapped["seconds"] > 0, mapped["log"]
    assert mapped["results"]["LANDFORMS"] > 0
    assert len(set(mapped["progress"])) > 5
    assert mapped["renderers"] == {
        "OUTPUT": "singleSymbol",
        "HEATMAP": "singlebandpseudocolor",
        "OBJECTS": "categorizedSymbol",
    }


def test_a_cancel_takes_effect_within_three_seconds(found):
    """The button of the dialog ends the stage in the other process and leaves no file."""
    cancel = found("cancel")
    assert cancel["started"] > 0, cancel["log"]
    assert 0 < cancel["seconds"] < 3
    assert "Cancelled." in cancel["log"]
    assert cancel["left"] == []


def test_a_crash_of_the_worker_is_a_message(found):
    """QGIS lives on, says what happened, and the next run has a new worker."""
    crash = found("crash")
    assert crash["killed"] == 1
    assert crash["seconds"] > 0
    assert "The engine's process crashed (SIGKILL" in crash["log"]
    assert not crash["left"]


def test_a_missing_package_is_a_message(found, desktop):
    """The dialog says what the node needs before it starts anything; nothing else was ever asked."""
    assert found("missing")["results"] == {}
    boxes = desktop[1]["message boxes"]["found"]
    assert len(boxes) == 1
    assert "This node needs onnxruntime" in boxes[0]


def test_the_desktop_never_loads_the_engines_packages(found):
    """After a run and a cancel, QGIS's process holds none of them, as modules or as libraries."""
    process = found("process")
    assert process["modules"] == []
    assert process["libraries"] == []
