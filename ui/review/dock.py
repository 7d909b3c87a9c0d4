"""The review dock: a page where a review begins, and one where it goes on."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsGeometry, QgsProject
from qgis.gui import QgisInterface, QgsDockWidget
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QStackedWidget

from . import backgrounds, keptstyle, profile, style
from .candidates import ACCEPTED, REJECTED, UNSURE, Candidate
from .commands import Commands
from .desk import Desk, Layers
from .errors import ReviewError
from .geopackage import Value
from .mergedialog import MergeDialog
from .reviewpage import ReviewPage
from .session import ReviewSession
from .startpage import StartPage

# Milliseconds in which a drawing waits for further moves: of the slider, and through the queue.
_SETTLE = 60
_SHAPES = ("vertices", "reshape", "split", "trim", "grow", "cut", "merge", "draw")


class ReviewDock(QgsDockWidget):
    """Review outlines by hand.

    Parameters
    ----------
    iface : QgisInterface
    """

    def __init__(self, iface: QgisInterface) -> None:
        super().__init__("Review rock glaciers", iface.mainWindow())
        self.setObjectName("RockGlacierReview")
        self.iface = iface
        self.session: ReviewSession | None = None
        self.desk: Desk | None = None
        self._shown: int | None = None
        self._outline = QgsGeometry()
        self.start = StartPage()
        self._pages = QStackedWidget()
        self.commands = Commands(iface.mapCanvas(), self._pages)
        self.page = ReviewPage(self.commands)
        self._pages.addWidget(self.start)
        self._pages.addWidget(self.page)
        self.setWidget(self._pages)
        self._details = QTimer(self)
        self._details.setSingleShot(True)
        self._details.setInterval(_SETTLE)
        self._details.timeout.connect(self._show_details)
        self._connect()

    def _connect(self) -> None:
        self.start.begun.connect(self.begin)
        # One that was saved during a review has the review's styles.
        QgsProject.instance().readProject.connect(self._give_back_styles)
        # A dock that is closed takes no keys; the review waits.
        self.closed.connect(lambda: self.commands.enable(False))
        self.opened.connect(lambda: self.commands.enable(self.session is not None))
        self.page.stop.clicked.connect(self.end)
        self.page.merge_files.clicked.connect(self._merge_files)
        self.page.order_chosen.connect(lambda order: self._act(lambda session: session.arrange(order)))
        self.page.threshold_moved.connect(self._hide_below)
        self.page.background_chosen.connect(self._show_background)
        self.page.fields.edited.connect(self._write)
        self.page.why.profile.pointed.connect(lambda share: self.desk and self.desk.point_at(share))
        for name, act in self._acts().items():
            self.commands.actions[name].triggered.connect(lambda _on=False, act=act: self._act(act))
        QgsProject.instance().layersWillBeRemoved.connect(self._layers_go)

    def _acts(self) -> dict[str, Callable[[ReviewSession], object]]:
        """Return what each key does."""
        acts: dict[str, Callable[[ReviewSession], object]] = {
            "accept": lambda session: session.decide(ACCEPTED),
            "reject": lambda session: session.decide(REJECTED),
            "unsure": lambda session: session.decide(UNSURE),
            "next": lambda session: session.next(),
            "previous": lambda session: session.previous(),
            "undo": lambda session: session.undo(),
            "redo": lambda session: session.redo(),
            "zoom": lambda session: self._zoom(),
            "hide": lambda session: self.desk and self.desk.hide_lines(),
        }
        for name in _SHAPES:
            acts[name] = lambda session, name=name: self._use(name)
        return acts

    def open(self) -> None:
        """Show the dock; before a review, with the layers that look right."""
        if self.session is None:
            self.start.guess()
        self.setUserVisible(True)

    def begin(self) -> None:
        """Start the review of the layers chosen."""
        outlines = self.start.outlines.currentLayer()
        who = self.start.who.text().strip()
        if outlines is None:
            self.start.say("Load the outlines first: a layer of polygons in a GeoPackage.")
            return
        if not who:
            self.start.say("Say who you are: the journal holds it with each action.")
            return
        chosen = (self.start.objects, self.start.stack, self.start.heatmap)
        try:
            session = ReviewSession(outlines, who)
            self._follow(session, Layers(outlines, *(box.currentLayer() for box in chosen)))
        except ReviewError as error:
            self.start.say(str(error))
            return
        self.start.say("")
        self.start.remember()

    def _follow(self, session: ReviewSession, layers: Layers) -> None:
        session.current_changed.connect(self._show_current)
        session.queue_changed.connect(self._show_queue)
        session.said.connect(lambda sentence: self.page.say(sentence))
        session.failed.connect(lambda sentence: self.page.say(sentence, bad=True))
        session.ended.connect(self._ended)
        self.session = session
        self.page.say("")
        self.page.threshold.setValue(0)
        self.page.threshold.setEnabled(session.likelihood is not None)
        self.page.order.setCurrentIndex(0)
        style.show_from(session.layer, 0.0)
        try:
            session.start()
        except ReviewError:
            self.session = None
            raise
        self.desk = Desk(self.iface, session, layers, session.likelihood)
        self._shown = None
        self.commands.enable(True)
        self._pages.setCurrentWidget(self.page)
        self.desk.show_background(backgrounds.TRUE_COLOUR)
        self._check_background()
        self._show_current()
        self._show_queue()
        self.iface.mapCanvas().setFocus()

    def end(self) -> bool:
        """End the review; return whether it has ended."""
        if self.session is None:
            return True
        self.page.fields.save_notes()
        if self.page.fields.unsaved:
            self.page.say(
                f"{self.page.message.text()} Your notes are not saved yet: do that and stop again, or delete what you "
                "wrote.",
                bad=True,
            )
            return False
        try:
            self.session.stop()
        except ReviewError as error:
            self.page.say(str(error), bad=True)
            return False
        return True

    def _ended(self, sentence: str) -> None:
        """Give everything back; the sentence says why when it was not she who ended it."""
        self._details.stop()
        self.commands.enable(False)
        if self.desk is not None:
            self.desk.give_back()
        self.session = self.desk = None
        self._pages.setCurrentWidget(self.start)
        self.start.guess()
        self.start.say(sentence)

    def unload(self) -> None:
        """Leave QGIS."""
        self.end()
        self.commands.enable(False)
        QgsProject.instance().layersWillBeRemoved.disconnect(self._layers_go)

    def _act(self, act: Callable[[ReviewSession], object]) -> None:
        """Do what a key asks for, having saved the notes; notes that cannot be saved keep their candidate."""
        if self.session is not None:
            self.page.say("")
            self.page.fields.save_notes()
            if not self.page.fields.unsaved:
                act(self.session)

    def _layers_go(self, layer_ids: list[str]) -> None:
        """Do without layers that leave the project; the session itself notices when the outlines go."""
        if self.desk is None:
            return
        self.page.fields.save_notes()
        sentence = self.desk.lose(layer_ids)
        if sentence:
            self.page.say(sentence, bad=True)
            self._check_background()
            self._details.start()

    # Showing.

    def _show_current(self) -> None:
        if self.session is None or self.desk is None:
            return
        session, desk = self.session, self.desk
        candidate = session.candidate()
        if self._keeps_notes(candidate):
            return
        order = session.queue.fids()
        place = order.index(candidate.fid) + 1 if candidate and candidate.fid in order else 0
        self.page.show_candidate(candidate, place, len(order))
        if candidate is None:
            self._shown = None
            desk.mark(None)
            return
        try:
            outline, values = session.row(candidate.fid)
        except ReviewError as error:
            self.page.say(str(error), bad=True)
            return
        desk.mark(outline)
        self.page.fields.show_values(values)
        if candidate.fid != self._shown:
            desk.zoom(outline)
            desk.follow(candidate.fid)
        elif desk.sees(self._outline) and not desk.sees(outline):
            # It has grown out of the map; who has zoomed in to a part of it stays there.
            desk.zoom(outline)
        self._outline = outline
        self._shown = candidate.fid
        # What takes reading waits, so that keys go through the queue as fast as they are pressed.
        self._details.start()

    def _keeps_notes(self, candidate: Candidate | None) -> bool:
        """Save notes before another candidate is shown; return whether they could not be, and keep theirs in view."""
        if self.session is None or self._shown is None or (candidate and candidate.fid == self._shown):
            return False
        fields = self.page.fields
        if self._shown not in self.session.queue.candidates:
            fields.unsaved = False
            return False
        fields.save_notes()
        if not fields.unsaved:
            return False
        self.session.go_to(self._shown)
        return True

    def _show_details(self) -> None:
        """Show the explanation, the profile and the journal of the candidate."""
        session, desk = self.session, self.desk
        candidate = session.candidate() if session else None
        if session is None or desk is None or candidate is None:
            return
        try:
            outline, values = session.row(candidate.fid)
            actions = session.journal.actions(candidate.fid)
        except ReviewError as error:
            self.page.say(str(error), bad=True)
            return
        there = not outline.isEmpty()
        self.page.why.show_candidate(values, desk.reasons(outline) if there else [], actions)
        self._show_profile(outline)

    def _show_profile(self, outline: QgsGeometry) -> None:
        if self.desk is None or self.session is None:
            return
        elevation = self.desk.elevation()
        drawn = None
        if elevation is not None and not outline.isEmpty():
            drawn = profile.profile(outline, elevation, self.desk.likelihood())
        why = "No elevations here." if elevation else "Choose a feature stack with elevations to see the profile."
        self.page.why.profile.show_profile(drawn, why)
        self.desk.show_flow(drawn.line if drawn else None)

    def _show_queue(self) -> None:
        if self.session is not None:
            queue = self.session.queue
            self.page.show_counts(queue.counts(), self.session.pace(), queue.threshold)

    def _zoom(self) -> None:
        if self.session is not None and self.desk is not None and self.session.current is not None:
            self.desk.zoom(self.session.row(self.session.current)[0])

    # What the widgets ask for.

    def _give_back_styles(self, *_: object) -> None:
        keptstyle.give_back(QgsProject.instance().mapLayers().values())

    def _use(self, name: str) -> None:
        if self.desk is None:
            return
        # A tool may have said something of its own.
        problem = self.desk.use(name)
        if problem:
            self.page.say(problem, bad=True)

    def _hide_below(self, threshold: float) -> None:
        if self.session is not None:
            style.show_from(self.session.layer, threshold)
            self._act(lambda session: session.hide_below(threshold))

    def _show_background(self, key: str) -> None:
        if self.desk is not None:
            self.page.say(self.desk.show_background(key), bad=True)
            self._check_background()

    def _check_background(self) -> None:
        """Let the buttons say which background is seen."""
        if self.desk is not None:
            for background in backgrounds.BACKGROUNDS:
                self.commands.actions[background.key].setChecked(background.key == self.desk.background)

    def _write(self, values: dict[str, Value]) -> None:
        fid, fields = self._shown, self.page.fields
        if self.session is None or fid is None:
            return
        done = self.session.set_values(fid, values)
        # Writing may have brought another candidate: one that was drawn.
        if fid == self._shown:
            (fields.written if done else fields.refused)(values)
        if done:
            self._details.start()

    def _merge_files(self) -> None:
        if self.session is not None:
            self._act(lambda session: MergeDialog(session, self.iface, self).exec())
