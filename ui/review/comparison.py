"""Two reviewers' copies of one GeoPackage: what each has changed since they parted, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import ReviewError
from .geopackage import Value
from .journal import Entry, Journal, Writer

# The outline among the names of attributes; no column can have this name.
OUTLINE = "\u25b1 outline"
# These follow from the others, or say who wrote last.
_MEASURES = ("area_m2", "perimeter_m", "length_m", "width_m")
_STAMP = ("reviewer", "reviewed_at")
_FOLLOWING = (*_MEASURES, *_STAMP)
_STATUS = "review_status"


@dataclass
class Change:
    """What became of one feature in one copy.

    Attributes
    ----------
    fid : int
    before, now : dict of Value
        The values that changed; of a drawn feature, `before` has those that it came with.
    removed, drawn : bool
    outlines : set of bytes
        All outlines that it has had since.
    made_by : set of int
        Actions that drew, removed or reshaped it: what else they did goes with it.
    """

    fid: int
    before: dict[str, Value] = field(default_factory=dict)
    now: dict[str, Value] = field(default_factory=dict)
    removed: bool = False
    drawn: bool = False
    outlines: set[bytes] = field(default_factory=set)
    made_by: set[int] = field(default_factory=set)

    def apply(self, entry: Entry) -> None:
        """Take in one more entry of the journal."""
        shape = entry.geometry_before is not None or entry.geometry_after is not None
        before = {**entry.before, **({OUTLINE: entry.geometry_before} if shape else {})}
        after = {**entry.after, **({OUTLINE: entry.geometry_after} if shape else {})}
        if entry.geometry_after is not None:
            self.outlines.add(entry.geometry_after)
        if shape and entry.action is not None:
            self.made_by.add(entry.action)
        comes_new = entry.kind == "insert" and not self.removed
        for name, value in (after if comes_new else before).items():
            self.before.setdefault(name, value)
        self.now |= after
        if entry.kind == "insert":
            self.drawn, self.removed = self.drawn or comes_new, False
        if entry.kind == "delete":
            self.removed = True

    def settled(self) -> Change | None:
        """Return the change without what came back to its start; None where nothing is left."""
        if self.drawn:
            return None if self.removed else self
        if self.removed:
            return self
        changed = {name for name, value in self.now.items() if value != self.before.get(name)}
        return (
            Change(
                self.fid,
                {name: self.before.get(name) for name in changed},
                {name: self.now[name] for name in changed},
                made_by=self.made_by,
            )
            if changed
            else None
        )


@dataclass(frozen=True)
class Conflict:
    """One value of one feature that both have changed, and not alike; the name is `removed` where one removed it."""

    fid: int
    name: str
    mine: Value
    theirs: Value


@dataclass(frozen=True)
class Comparison:
    """What to take over from the other copy, and where a person must choose.

    Attributes
    ----------
    theirs : str
        The other file.
    taken : dict of Change
        What comes over by itself, by the feature here.
    drawn : tuple of Change
        Features that come new.
    conflicts : tuple of Conflict
    others : dict of Change
        All that became there of the features in conflict, by the feature here.
    """

    theirs: str
    taken: Mapping[int, Change]
    drawn: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    others: Mapping[int, Change]


REMOVED = "removed"


def changes(journal: Journal) -> dict[int, Change]:
    """Return what became of each feature since the journal began."""
    return {fid: kept for fid, change in _history(journal).items() if (kept := change.settled())}


def _history(journal: Journal) -> dict[int, Change]:
    found: dict[int, Change] = {}
    for entry in journal.entries():
        found.setdefault(entry.fid, Change(entry.fid)).apply(entry)
    return found


def compare(mine: Journal, theirs: Journal) -> Comparison:
    """Compare two copies that began with the same layer.

    Parameters
    ----------
    mine : Journal
    theirs : Journal

    Returns
    -------
    Comparison

    Raises
    ------
    ReviewError
        If they did not begin with the same layer.
    """
    ours, others = changes(mine), changes(theirs)
    _check_origin(mine, theirs, ours, others)
    drawn, others, ours = _paired(_history(mine), others, ours)
    taken: dict[int, Change] = {}
    conflicts: list[Conflict] = []
    for fid, change in others.items():
        own = ours.get(fid)
        clashing = _clashes(fid, own, change) if own else []
        conflicts += clashing
        names = {conflict.name for conflict in clashing}
        rest = _unlike(change, own, names)
        if REMOVED in names or (own and own.removed):
            continue
        if rest or change.removed:
            taken[fid] = Change(fid, change.before, rest, change.removed, made_by=change.made_by)
    return Comparison(theirs.path, taken, tuple(drawn), tuple(conflicts), others)


def _unlike(change: Change, own: Change | None, clashing: set[str]) -> dict[str, Value]:
    """Return what comes over of a change: what is not in conflict, and not here already."""
    rest = {
        name: value
        for name, value in change.now.items()
        if name not in clashing and (own is None or own.now.get(name, ...) != value)
    }
    # Area and reviewer come with what they follow from.
    for leader, following in ((OUTLINE, _MEASURES), (_STATUS, _STAMP)):
        if leader in change.now and leader not in rest:
            rest = {name: value for name, value in rest.items() if name.lower() not in following}
    return rest


def _clashes(fid: int, own: Change, other: Change) -> list[Conflict]:
    """Return on what two changes of one feature disagree."""
    if own.removed and other.removed:
        return []
    if own.removed or other.removed:
        mine, theirs = (REMOVED if item.removed else str(item.now.get(_STATUS, "changed")) for item in (own, other))
        return [Conflict(fid, REMOVED, mine, theirs)]
    both = sorted(name for name in set(own.now) & set(other.now) if name.lower() not in _FOLLOWING)
    return [Conflict(fid, name, own.now[name], other.now[name]) for name in both if own.now[name] != other.now[name]]


def _paired(
    history: Mapping[int, Change], others: Mapping[int, Change], ours: Mapping[int, Change]
) -> tuple[list[Change], dict[int, Change], dict[int, Change]]:
    """Sort out drawn features: those that come new, and what became of those that were taken over before.

    Returns
    -------
    drawn : list of Change
        Of the other copy, without those that have been taken over, whatever became of them here.
    others, ours : dict of Change
        By the feature here. What was taken over before is compared from the values that it came with.
    """
    came_with = {change.before.get(OUTLINE): fid for fid, change in history.items() if change.drawn}
    drawn: list[Change] = []
    theirs = {fid: change for fid, change in others.items() if not change.drawn}
    own = dict(ours)
    for change in others.values():
        if not change.drawn:
            continue
        fid = next((came_with[outline] for outline in change.outlines if outline in came_with), None)
        if fid is None:
            drawn.append(change)
        elif fid in ours:
            start = history[fid].before
            theirs[fid], own[fid] = (_since(fid, start, item) for item in (change, ours[fid]))
    return drawn, theirs, own


def _since(fid: int, start: Mapping[str, Value], change: Change) -> Change:
    """Return what became of a drawn feature since it had other values."""
    now = {name: value for name, value in change.now.items() if value != start.get(name)}
    return Change(fid, {name: start.get(name) for name in now}, now, made_by=change.made_by)


def _check_origin(mine: Journal, theirs: Journal, ours: Mapping[int, Change], others: Mapping[int, Change]) -> None:
    """Refuse copies of different layers: what one has not touched must be in the other as it was at the start."""
    for journal, touched in ((mine, others), (theirs, ours)):
        own = ours if journal is mine else others
        for fid, change in touched.items():
            if change.drawn or OUTLINE not in change.before:
                continue
            start = own[fid].before if fid in own else {}
            if OUTLINE in start:
                same = start[OUTLINE] == change.before[OUTLINE]
            else:
                row = journal.row(fid)
                same = row is not None and row[0] == change.before[OUTLINE]
            if not same:
                raise ReviewError(
                    f"Candidate {fid} was another one in {theirs.path} when its review began. Only copies of one file "
                    "of outlines can be merged. Compare other layers with the node Accuracy of outlines."
                )


def take_over(writer: Writer, comparison: Comparison, chosen: Mapping[Conflict, bool]) -> set[int]:
    """Write what the other copy has changed into this one.

    What one action has done to several features goes together: where the outline of one of them is kept as it is here,
    the parts that a split made of it do not come, and what was merged with it is not removed.

    Parameters
    ----------
    writer : Writer
        Of the own journal, within one action.
    comparison : Comparison
    chosen : dict of bool
        For each conflict, whether to take theirs.

    Returns
    -------
    set of int
        The features that were changed.
    """
    declined: set[int] = set()
    for conflict, theirs in chosen.items():
        if not theirs and conflict.name in (OUTLINE, REMOVED):
            declined |= comparison.others[conflict.fid].made_by
    touched = set()
    for fid, change in comparison.taken.items():
        if change.removed and change.made_by & declined:
            continue
        if change.removed:
            writer.delete(fid)
        else:
            _write(writer, fid, change.now)
        touched.add(fid)
    for change in comparison.drawn:
        if change.made_by & declined:
            continue
        values = {name: value for name, value in change.now.items() if name != OUTLINE and name in writer.table.columns}
        shape = change.now.get(OUTLINE)
        touched.add(writer.insert(shape if isinstance(shape, bytes) else None, values))
    for conflict, theirs in chosen.items():
        if theirs:
            _settle(writer, conflict, comparison.others[conflict.fid])
            touched.add(conflict.fid)
    return touched


def _settle(writer: Writer, conflict: Conflict, other: Change) -> None:
    if conflict.name != REMOVED:
        follows = _MEASURES if conflict.name == OUTLINE else _STAMP if conflict.name == _STATUS else ()
        following = {name: value for name, value in other.now.items() if name.lower() in follows}
        _write(writer, conflict.fid, {conflict.name: other.now[conflict.name], **following})
    elif other.removed:
        writer.delete(conflict.fid)
    else:
        raise ReviewError(
            f"Candidate {conflict.fid} is not in this copy any more. Undo its removal first, then merge again."
        )


def _write(writer: Writer, fid: int, values: Mapping[str, Value]) -> None:
    known = {name: value for name, value in values.items() if name in writer.table.columns}
    if OUTLINE in values:
        shape = values[OUTLINE]
        writer.reshape(fid, shape if isinstance(shape, bytes) else None)
    writer.set(fid, known)
