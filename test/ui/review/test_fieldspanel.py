"""The fields: what is shown is in the file, and notes are not lost where it cannot be written."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

from qgis.PyQt.QtGui import QTextCursor
from rock_glacier_mapper.ui.review.fieldspanel import FieldsPanel


@pytest.fixture
def panel(qgis):
    """A panel that shows a candidate; what it asks to write is in `asked`."""
    fields = FieldsPanel()
    fields.asked = []
    fields.edited.connect(fields.asked.append)
    fields.show_values({"certainty": None, "notes": "ice?"})
    return fields


def choose(panel, value):
    box = panel.boxes["certainty"]
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_a_choice_is_taken_back_by_another(panel):
    """Also to what was there when the candidate was shown."""
    choose(panel, "high")
    panel.written(panel.asked[-1])
    choose(panel, None)
    assert panel.asked == [{"certainty": "high"}, {"certainty": None}]


def test_a_choice_that_cannot_be_written_is_not_shown(panel):
    """Choosing it again asks again."""
    choose(panel, "high")
    panel.refused(panel.asked[-1])
    assert panel.boxes["certainty"].currentData() is None
    choose(panel, "high")
    assert len(panel.asked) == 2


def test_notes_that_cannot_be_written_stay(panel):
    """Until they are; or until they are again what is in the file."""
    panel.notes.setPlainText("ice, certainly")
    panel.notes.moveCursor(QTextCursor.MoveOperation.End)
    panel.save_notes()
    panel.refused(panel.asked[-1])
    assert panel.unsaved
    assert panel.notes.textCursor().atEnd()
    panel.show_values({"certainty": "low", "notes": "by Ben"})
    assert panel.notes.toPlainText() == "ice, certainly"
    panel.save_notes()
    panel.written(panel.asked[-1])
    assert panel.asked == [{"notes": "ice, certainly"}] * 2
    assert not panel.unsaved
    panel.notes.setPlainText("")
    assert panel.unsaved
    panel.notes.setPlainText("ice, certainly")
    assert not panel.unsaved


def test_columns_whose_names_differ_in_case_are_shown(panel):
    """Nobody would know that there was a note already, and write over it."""
    panel.show_values({"Certainty": "low", "Notes": "a precious note"})
    assert panel.notes.toPlainText() == "a precious note"
    assert panel.boxes["certainty"].currentData() == "low"
    choose(panel, "high")
    assert panel.asked == [{"certainty": "high"}]
