"""The review of one layer: the queue, the journal and QGIS's layer, kept in step. Without any widget.

Everything is written to the file at once, each action in one transaction with its journal (see `journal`). What QGIS's
own tools draw goes into the layer's edit buffer first; the session takes each finished stroke out of the buffer, writes
it, and empties the buffer. So there is never more unsaved than the stroke in progress, and QGIS's list of steps to undo
stays empty: the journal's undo is the only one, whichever tool was used.
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from qgis.core import QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from . import inventoryfields, shapes, strokes
from .candidates import (
    ACCEPTED,
    DRAWN,
    REJECTED,
    UNREVIEWED,
    UNSURE,
    Candidate,
    Queue,
    likelihood_column,
    pace,
    read_candidates,
)
from .comparison import Comparison, Conflict, take_over
from .errors import ReviewError
from .geopackage import Value, connected, table_of
from .journal import Journal, Writer
from .reviewlayer import check, in_metres, location

REVIEW_COLUMNS = {
    "review_status": "TEXT",
    "certainty": "TEXT",
    "notes": "TEXT",
    "reviewer": "TEXT",
    "reviewed_at": "TEXT",
    **inventoryfields.COLUMNS,
}
DECISIONS = {ACCEPTED: "accept", REJECTED: "reject", UNSURE: "unsure"}
# Milliseconds between two looks at what others have done to the file.
_LOOK_EVERY = 2000
_MEASURED = ("area_m2", "perimeter_m", "length_m", "width_m")


class _OvertakenError(Exception):
    """Somebody else has written first; nothing of the action was."""


class ReviewSession(QObject):
    """A review in progress.

    Signals
    -------
    current_changed : the candidate under review is another one, or was changed
    queue_changed : the queue or its counts have changed
    said, failed : a sentence for the person
    ended : the review has ended; with a sentence, empty if she ended it
    """

    current_changed = pyqtSignal()
    queue_changed = pyqtSignal()
    said = pyqtSignal(str)
    failed = pyqtSignal(str)
    ended = pyqtSignal(str)

    def __init__(self, layer: QgsVectorLayer, who: str) -> None:
        super().__init__()
        self.layer, self.who = layer, who
        self.path, self.name = location(layer)
        check(layer)
        self.journal = Journal(self.path, self.name, who)
        self.journal.prepare(REVIEW_COLUMNS)
        with connected(self.path) as connection:
            self.table = table_of(connection, self.name)
        self.queue = Queue(read_candidates(self.path, self.name))
        self.likelihood = likelihood_column(self.table)
        self.current: int | None = None
        self.decided_at: list[float] = []
        self._seen = self.journal.last_entry()
        self._over = False
        self._writing = False
        self._watch = QTimer(self)
        self._watch.setInterval(_LOOK_EVERY)
        self._watch.timeout.connect(self.look)

    def start(self) -> None:
        """Make the layer editable, show the first candidate, and follow what happens to the layer."""
        layer = self.layer
        layer.dataProvider().reloadData()
        layer.updateFields()
        if not layer.isEditable() and not layer.startEditing():
            raise ReviewError(
                f"QGIS cannot edit {layer.name()}. See whether the file is read-only or the layer is marked so "
                "(Project > Properties > Data Sources)."
            )
        layer.undoStack().indexChanged.connect(self._later)
        layer.editCommandEnded.connect(self._later)
        layer.editingStopped.connect(self._later)
        QgsProject.instance().layersWillBeRemoved.connect(self._removed)
        self._watch.start()
        if self.current is None:
            self.current = self.queue.step(None, 1, undecided=True) or self.queue.step(None, 1)
        self.queue_changed.emit()
        self.current_changed.emit()

    def stop(self) -> None:
        """End the review; everything has been written already."""
        if self._over:
            return
        self._do(self.flush)
        if self.layer.isModified():
            raise ReviewError(
                "The last stroke could not be saved. Do what the message says, or take it back with Undo."
            )
        self._finish("")
        self.layer.rollBack()

    def _finish(self, sentence: str) -> None:
        self._over = True
        self._watch.stop()
        for signal, slot in (
            (self.layer.undoStack().indexChanged, self._later),
            (self.layer.editCommandEnded, self._later),
            (self.layer.editingStopped, self._later),
            (QgsProject.instance().layersWillBeRemoved, self._removed),
        ):
            signal.disconnect(slot)
        self.ended.emit(sentence)

    def _removed(self, layer_ids: list[str]) -> None:
        """End the review when its layer leaves the project."""
        if self.layer.id() in layer_ids:
            self._do(self.flush)
            self._finish(
                f"The layer {self.layer.name()} was taken out of the project. Everything is saved in {self.path}: add "
                "it again and go on."
            )

    # Where she is in the queue.

    def candidate(self) -> Candidate | None:
        """Return the candidate under review."""
        return self.queue.candidates.get(self.current) if self.current is not None else None

    def go_to(self, fid: int | None) -> None:
        """Review another candidate."""
        if fid is not None and fid in self.queue.candidates:
            self.current = fid
            self.current_changed.emit()

    def next(self) -> None:
        """Go to the next candidate that is undecided, to the next one at all when all are decided."""
        following = self.queue.step(self.current, 1, undecided=True)
        self.go_to(following if following is not None else self.queue.step(self.current, 1))

    def previous(self) -> None:
        """Go to the candidate before in the queue, decided or not."""
        self.go_to(self.queue.step(self.current, -1))

    def arrange(self, order: str) -> None:
        """Order the queue anew and begin at its start."""
        self.queue.arrange(order)
        self.queue_changed.emit()
        self.go_to(self.queue.step(None, 1, undecided=True))

    def hide_below(self, threshold: float) -> None:
        """Hide unreviewed candidates of a lower membership; nothing is written."""
        self.queue.hide_below(threshold)
        self.queue_changed.emit()
        if self.current not in self.queue.fids():
            self.next()

    def pace(self) -> float | None:
        """Return decisions an hour in this sitting."""
        return pace(self.decided_at)

    # Reading.

    def row(self, fid: int) -> tuple[QgsGeometry, dict[str, Value]]:
        """Return a candidate's geometry and attributes as they are in the file."""
        found = self.journal.row(fid)
        if found is None:
            raise ReviewError(f"Candidate {fid} is no longer in the layer.")
        return shapes.from_blob(found[0]), found[1]

    def neighbours(self, geometry: QgsGeometry, within: float = 0.0, of: int | None = None) -> dict[int, QgsGeometry]:
        """Return the candidates near a geometry that are not rejected, by row; without its own, the current one's."""
        own = self.current if of is None else of
        box = geometry.boundingBox().buffered(within)
        near = self.queue.near((box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))
        return {fid: self.row(fid)[0] for fid in near if fid != own}

    # Acting. Each returns whether it was done; if not, a sentence was said and nothing was changed.

    def decide(self, status: str) -> bool:
        """Accept, reject or be unsure of the current candidate, and go on to the next."""

        def act() -> None:
            fid = self._fresh()
            kept = self.queue.candidates[fid].status
            wanted = DRAWN if status == ACCEPTED and kept == DRAWN else status
            with self._action(DECISIONS[status], {fid}) as writer:
                writer.set(fid, {"review_status": wanted, **self._stamp()})
            self.decided_at.append(time.monotonic())
            self._took_in({fid})
            self.next()
            self._tell_end()

        return self._do(act)

    def _tell_end(self) -> None:
        """Say so when everything that is shown has been decided on."""
        counts = self.queue.counts()
        if not counts[UNREVIEWED]:
            hidden = f" Lower the slider to see the {counts['hidden']} hidden ones." if counts["hidden"] else ""
            self.said.emit(f"All that is shown is decided.{hidden}")

    def set_values(self, fid: int, values: dict[str, Value]) -> bool:
        """Write attributes of a candidate: certainty, notes, fields of the inventory."""

        def act() -> None:
            self.flush()
            with self._action("attributes", {fid}, ", ".join(values)) as writer:
                writer.set(fid, values)
            self._took_in({fid})

        return self._do(act)

    def reshape(self, geometry: QgsGeometry, what: str) -> bool:
        """Give the current candidate another outline."""

        def act() -> None:
            fid = self._fresh()
            with self._action(what, {fid}) as writer:
                self._put(writer, fid, geometry)
            self._took_in({fid})
            self.current_changed.emit()

        return self._do(act)

    def merge_with(self, other: int) -> bool:
        """Join a neighbour to the current candidate; the neighbour's row goes, the journal keeps it."""

        def act() -> None:
            fid = self._fresh({other})
            geometry = shapes.merged(self.row(fid)[0], self.row(other)[0])
            with self._action("merge", {fid, other}, f"with {other}") as writer:
                self._put(writer, fid, geometry)
                writer.delete(other)
            self._took_in({fid, other})
            self.current_changed.emit()

        return self._do(act)

    def take_over(self, theirs: Journal, comparison: Comparison, chosen: Mapping[Conflict, bool]) -> bool:
        """Write what another reviewer changed in her copy, and what was chosen of the conflicts, as one action."""

        def act() -> None:
            self._fresh()
            with self.journal.action("merge files", Path(theirs.path).name) as writer:
                touched = take_over(writer, comparison, chosen)
            self._took_in(touched, reload=True)
            self.said.emit(
                f"{len(touched)} candidates were taken over from {Path(theirs.path).name}. Undo takes all of it back."
            )
            self._tell_faults(touched & set(self.queue.candidates))
            self.go_to(self.current) if self.current in self.queue.candidates else self.next()

        return self._do(act)

    def undo(self) -> bool:
        """Take back her last action."""
        return self._reverse(self.journal.undo, "Undone")

    def redo(self) -> bool:
        """Do again what she took back last."""
        return self._reverse(self.journal.redo, "Done again")

    def _reverse(self, reverse: Callable[[], object], word: str) -> bool:
        def act() -> None:
            self.flush()
            action = reverse()
            self._took_in(set(action.features), reload=True)
            if action.what in DECISIONS.values() and word == "Undone" and self.decided_at:
                self.decided_at.pop()
            there = [fid for fid in action.features if fid in self.queue.candidates]
            self.said.emit(f"{word}: {action.what}, candidate {', '.join(map(str, action.features))}")
            if there:
                self.go_to(there[0])
            elif self.current not in self.queue.candidates:
                self.next()

        return self._do(act)

    def _do(self, act: Callable[[], None]) -> bool:
        """Do something; say what is wrong where it cannot be done."""
        if self._over:
            return False
        try:
            self._writing = True
            act()
        except ReviewError as error:
            self.failed.emit(str(error))
            return False
        finally:
            self._writing = False
        return True

    def _fresh(self, more: Iterable[int] = ()) -> int:
        """Return the current candidate, having written what was drawn, unless others have changed what is acted on."""
        seen = self.current
        self.flush()
        # Writing may bring another candidate, one that was drawn; she acts on the one that she saw.
        if seen != self.current:
            self.go_to(seen)
        if seen is None:
            raise ReviewError("There is no candidate to act on: the queue is empty. Lower the membership slider.")
        self._refuse_stale({seen, *more})
        if seen not in self.queue.candidates:
            raise ReviewError(f"Candidate {seen} is no longer in the layer. Go on with another one.")
        return seen

    @contextlib.contextmanager
    def _action(self, what: str, fids: set[int], note: str = "") -> Iterator[Writer]:
        """Do one action on candidates, unless others have changed them, even while it waited for the file."""
        try:
            with self.journal.action(what, note) as writer:
                if fids & {fid for fid, _who in self.journal.changed_since(self._seen)}:
                    raise _OvertakenError
                yield writer
        except _OvertakenError:
            self._refuse_stale(fids)

    def _refuse_stale(self, fids: set[int]) -> None:
        """Refuse to act on what somebody else has changed since it was shown."""
        others = self._look()
        stale = fids & set(others)
        if stale:
            self._show_again()
            names = ", ".join(sorted({others[fid] or "another program" for fid in stale}))
            raise ReviewError(
                f"Candidate {', '.join(map(str, sorted(stale)))} has just been changed by {names}. Nothing was "
                "written: look at how it is now and decide again."
            )

    def _show_again(self) -> None:
        """Show the current candidate as it is now, the next one where it is gone."""
        if self.current in self.queue.candidates:
            self.current_changed.emit()
        else:
            self.next()

    def _put(self, writer: Writer, fid: int, geometry: QgsGeometry) -> None:
        """Write an outline and the columns that describe its shape."""
        writer.reshape(fid, shapes.to_blob(geometry, self.layer.wkbType(), self.table.srs_id))
        writer.set(fid, self._measured(geometry))

    def _measured(self, geometry: QgsGeometry) -> dict[str, Value]:
        measured = shapes.measures(in_metres(geometry, self.layer.crs()))
        return self._in_columns({name: measured[name] for name in _MEASURED})

    def _in_columns(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return values by the layer's columns, whose case does not matter; what it has no column for is left out."""
        columns = {name.lower(): name for name in self.table.columns}
        return {columns[name.lower()]: value for name, value in values.items() if name.lower() in columns}

    def _stamp(self) -> dict[str, Value]:
        moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"reviewer": self.who, "reviewed_at": moment}

    # Keeping in step with QGIS and with others.

    def _later(self, *_: object) -> None:
        """Write a stroke once the tool that made it has returned."""
        if not self._over:
            QTimer.singleShot(0, self._stroke_ended)

    def _stroke_ended(self) -> None:
        if self._over or self._writing:
            return
        if not self.layer.isEditable():
            self.layer.startEditing()
            self.said.emit("The layer stays editable while it is under review. Stop the review to end editing.")
        self._do(self.flush)

    def flush(self) -> None:
        """Write what QGIS's tools have drawn, and empty the edit buffer.

        Raises
        ------
        ReviewError
            If it cannot be written; the stroke stays in the buffer.
        """
        if not self.layer.isModified() or self.layer.isEditCommandActive():
            return
        if strokes.changes_columns(self.layer):
            self._commit_columns()
            return
        stroke = strokes.pending(self.layer)
        if stroke is None:
            return
        with self._action(stroke.what, stroke.features(), stroke.text) as writer:
            new = self._write(writer, stroke)
        self._empty_buffer()
        self._took_in({*stroke.features(), *new}, reload=True)
        self._tell_faults([*stroke.geometries, *new])
        if stroke.what == strokes.DRAWN and new:
            self.go_to(new[0])
        elif self.current not in self.queue.candidates:
            self.next()
        else:
            self.current_changed.emit()

    def _tell_faults(self, fids: Iterable[int]) -> None:
        """Say what is wrong with outlines that were drawn, the first of them that is."""
        for fid in fids:
            outline = self.row(fid)[0]
            is_rejected = self.queue.candidates[fid].status == REJECTED
            sentence = shapes.fault(outline, {} if is_rejected else self.neighbours(outline, of=fid))
            if sentence:
                self.said.emit(sentence)
                return

    def _write(self, writer: Writer, stroke: strokes.Stroke) -> list[int]:
        for fid in stroke.deleted:
            writer.delete(fid)
        for fid, geometry in stroke.geometries.items():
            self._put(writer, fid, geometry)
        for fid, values in stroke.attributes.items():
            writer.set(fid, values)
        new = []
        for geometry, values in stroke.added:
            if stroke.what == strokes.DRAWN:
                values = {**values, "review_status": DRAWN, **self._stamp()}
            blob = shapes.to_blob(geometry, self.layer.wkbType(), self.table.srs_id)
            new.append(writer.insert(blob, {**self._in_columns(values), **self._measured(geometry)}))
        return new

    def _empty_buffer(self) -> None:
        """Forget the stroke in QGIS, since it is in the file now."""
        self.layer.rollBack(False)
        self.layer.undoStack().clear()

    def _commit_columns(self) -> None:
        """Let QGIS write new or removed columns (see `columns`); the triggers journal what else was in the buffer."""
        if not self.layer.commitChanges(False):
            raise ReviewError("The changed columns could not be saved: " + " ".join(self.layer.commitErrors()))
        self.journal.prepare(REVIEW_COLUMNS)
        with connected(self.path) as connection:
            self.table = table_of(connection, self.name)
        self.look()

    def look(self) -> None:
        """Take in what others have changed in the file, and say so."""
        if self._over or self._writing:
            return

        def act() -> None:
            others = self._look()
            if self.current in others:
                self.said.emit(f"Candidate {self.current} was changed by {others[self.current] or 'another program'}.")
                self._show_again()

        if not self._do(act):
            # Said once; every action will say it again.
            self._watch.stop()

    def _look(self) -> dict[int, str]:
        """Take in what has changed since the last look; return who changed which candidate."""
        changed = dict(self.journal.changed_since(self._seen))
        if changed:
            self._took_in(set(changed), reload=True)
        return changed

    def _took_in(self, fids: set[int], *, reload: bool = False) -> None:
        """Read candidates again, and what others have changed meanwhile, and show them."""
        last = self.journal.last_entry()
        changed = {fid for fid, _who in self.journal.changed_since(self._seen)}
        reload = reload or bool(changed - fids)
        self.queue.replace(fids | changed, read_candidates(self.path, self.name, fids | changed))
        self._seen = last
        if not self._watch.isActive() and not self._over:
            self._watch.start()
        if reload:
            self.layer.dataProvider().reloadData()
        self.layer.triggerRepaint()
        self.queue_changed.emit()
