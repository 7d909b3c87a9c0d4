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
    """What became of one feature in one copy: the values that changed, before and now; removed or drawn."""

    fid: int
    before: dict[str, Value] = field(default_factory=dict)
    now: dict[str, Value] = field(default_factory=dict)
    removed: bool = False
    drawn: bool = False

    def apply(self, entry: Entry) -> None:
        """Take in one more entry of the journal."""
        shape = entry.geometry_before is not None or entry.geometry_after is not None
        before = {**entry.before, **({OUTLINE: entry.geometry_before} if shape else {})}
        after = {**entry.after, **({OUTLINE: entry.geometry_after} if shape else {})}
        for name, value in before.items():
            self.before.setdefault(name, value)
        self.now |= after
        if entry.kind == "insert":
            self.drawn, self.removed = self.drawn or not self.removed, False
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
    """What to take over from the other copy, and where a person must choose."""

    theirs: str
    taken: Mapping[int, Change]
    drawn: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


REMOVED = "removed"


def changes(journal: Journal) -> dict[int, Change]:
    """Return what became of each feature since the journal began."""
    found: dict[int, Change] = {}
    for entry in journal.entries():
        found.setdefault(entry.fid, Change(entry.fid)).apply(entry)
    return {fid: kept for fid, change in found.items() if (kept := change.settled())}


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
    taken: dict[int, Change] = {}
    drawn: list[Change] = []
    conflicts: list[Conflict] = []
    for fid, change in others.items():
        if change.drawn:
            if not _already_taken(change, ours):
                drawn.append(change)
            continue
        own = ours.get(fid)
        clashing = _clashes(fid, own, change) if own else []
        conflicts += clashing
        names = {conflict.name for conflict in clashing}
        rest = _unlike(change, own, names)
        if REMOVED in names or (own and own.removed):
            continue
        if rest or change.removed:
            taken[fid] = Change(fid, change.before, rest, change.removed)
    return Comparison(theirs.path, taken, tuple(drawn), tuple(conflicts))


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
            rest = {name: value for name, value in rest.items() if name not in following}
    return rest


def _clashes(fid: int, own: Change, other: Change) -> list[Conflict]:
    """Return on what two changes of one feature disagree."""
    if own.removed and other.removed:
        return []
    if own.removed or other.removed:
        mine, theirs = (REMOVED if item.removed else str(item.now.get(_STATUS, "changed")) for item in (own, other))
        return [Conflict(fid, REMOVED, mine, theirs)]
    both = (set(own.now) & set(other.now)) - set(_FOLLOWING)
    return [
        Conflict(fid, name, own.now[name], other.now[name]) for name in sorted(both) if own.now[name] != other.now[name]
    ]


def _already_taken(change: Change, ours: Mapping[int, Change]) -> bool:
    """Return whether a drawn feature has been taken over before."""
    return any(item.drawn and item.now.get(OUTLINE) == change.now.get(OUTLINE) for item in ours.values())


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


def take_over(
    writer: Writer, comparison: Comparison, chosen: Mapping[Conflict, bool], others: Mapping[int, Change]
) -> int:
    """Write what the other copy has changed into this one.

    Parameters
    ----------
    writer : Writer
        Of the own journal, within one action.
    comparison : Comparison
    chosen : dict of bool
        For each conflict, whether to take theirs.
    others : dict of Change
        All that became of the features in the other copy.

    Returns
    -------
    int
        How many features were changed.
    """
    touched = set()
    for fid, change in comparison.taken.items():
        if change.removed:
            writer.delete(fid)
        else:
            _write(writer, fid, change.now)
        touched.add(fid)
    for change in comparison.drawn:
        values = {name: value for name, value in change.now.items() if name != OUTLINE and name in writer.table.columns}
        shape = change.now.get(OUTLINE)
        touched.add(writer.insert(shape if isinstance(shape, bytes) else None, values))
    for conflict, theirs in chosen.items():
        if theirs:
            _settle(writer, conflict, others[conflict.fid])
            touched.add(conflict.fid)
    return len(touched)


def _settle(writer: Writer, conflict: Conflict, other: Change) -> None:
    if conflict.name != REMOVED:
        follows = _MEASURES if conflict.name == OUTLINE else _STAMP if conflict.name == _STATUS else ()
        following = {name: other.now[name] for name in follows if name in other.now}
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
