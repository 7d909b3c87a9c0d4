"""The style that a layer had before a review outlives the review, and a project that is saved in the middle of it."""

from __future__ import annotations

import pytest
from toy_reviews import LAYER

pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

from qgis.core import QgsEditFormConfig, QgsProject, QgsVectorLayer
from rock_glacier_mapper.ui.review import keptstyle
from rock_glacier_mapper.ui.review.style import review_renderer


def look(layer):
    return layer.renderer().type(), layer.opacity(), layer.editFormConfig().suppress()


def change(layer):
    """Do what a review does, with the outlines hidden."""
    config = layer.editFormConfig()
    config.setSuppress(QgsEditFormConfig.FeatureFormSuppress.SuppressOn)
    layer.setEditFormConfig(config)
    layer.setRenderer(review_renderer(None))
    layer.setOpacity(0.0)


def test_a_project_that_was_saved_during_a_review(qgis, outlines, tmp_path):
    """The layer comes back as its owner had made it; a second review does not take the first one's look for it."""
    layer = QgsVectorLayer(f"{outlines()}|layername={LAYER}", "Outlines", "ogr")
    layer.setOpacity(0.75)
    before = look(layer)
    project = QgsProject.instance()
    project.addMapLayer(layer)
    keptstyle.keep(layer)
    change(layer)
    assert look(layer) != before
    project.write(str(tmp_path / "project.qgz"))
    project.clear()
    project.read(str(tmp_path / "project.qgz"))
    (again,) = project.mapLayers().values()
    assert look(again) != before
    keptstyle.keep(again)
    assert look(again) == before
    change(again)
    keptstyle.give_back([again])
    assert look(again) == before
    keptstyle.give_back([again])
    assert look(again) == before
    project.clear()
