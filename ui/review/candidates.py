"""The queue of candidates: what there is to review, in which order, what is hidden, and how fast it goes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .geopackage import HEAD, Envelope, Table, bounds_of, connected, envelope_of, quoted, table_of

UNREVIEWED, ACCEPTED, REJECTED, UNSURE, DRAWN = "unreviewed", "accepted", "rejected", "unsure", "drawn"
STATUSES = (UNREVIEWED, ACCEPTED, REJECTED, UNSURE, DRAWN)
DOUBT, SIZE, PLACE = "doubt", "size", "place"
# A longer time between two decisions was spent on something else.
_PAUSE = 120.0
# Rows of the map, along which the order by place goes there and back.
_BELTS = 12
# Where candidates are doubtful while all are shown; otherwise at the threshold.
_DOUBTFUL = 0.5
_LIKELIHOODS = ("membership", "heatmap_mean")


@dataclass(frozen=True)
class Candidate:
    """One outline of the queue: its row, status, how likely it is, its area in map units, and where it lies."""

    fid: int
    status: str
    membership: float | None
    area: float
    envelope: Envelope | None


def read_candidates(path: str, layer: str, only: Iterable[int] | None = None) -> dict[int, Candidate]:
    """Read the candidates of a layer without their geometries.

    Parameters
    ----------
    path : str
        The GeoPackage.
    layer : str
    only : iterable of int, optional
        Rows to read; all by default.

    Returns
    -------
    dict of Candidate
        By row, in the order of the rows.
    """
    with connected(path) as connection:
        table = table_of(connection, layer)
        have = {name.lower(): name for name in table.columns}
        likelihood = likelihood_column(table)
        status, area = have.get("review_status"), have.get("area_m2")
        columns = [quoted(name) if name else "NULL" for name in (status, likelihood, area)]
        statement = (
            f"SELECT {quoted(table.key)}, {', '.join(columns)}, substr({quoted(table.geometry)}, 1, {HEAD}) "  # noqa: S608 # nosec B608
            f"FROM {quoted(table.name)}"
        )
        if only is None:
            rows = connection.execute(statement).fetchall()
        else:
            statement += f" WHERE {quoted(table.key)} = ?"
            rows = [row for fid in only for row in connection.execute(statement, (fid,))]
        whole = f"SELECT {quoted(table.geometry)} FROM {quoted(table.name)} WHERE {quoted(table.key)} = ?"  # noqa: S608 # nosec B608
        found = {}
        for fid, *values, head in rows:
            envelope = envelope_of(head)
            if envelope is None and head is not None:
                # Some programs write geometries without their envelope.
                envelope = bounds_of(connection.execute(whole, (fid,)).fetchone()[0])
            found[fid] = _candidate(fid, *values, envelope)
    return found


def likelihood_column(table: Table) -> str | None:
    """Return the column that says how likely a candidate is a rock glacier, None where there is none."""
    have = {name.lower(): name for name in table.columns}
    return next((have[name] for name in _LIKELIHOODS if name in have), None)


def _candidate(fid: int, status: object, membership: object, area: object, envelope: Envelope | None) -> Candidate:
    west, south, east, north = envelope or (0.0, 0.0, 0.0, 0.0)
    size = float(area) if isinstance(area, int | float) else (east - west) * (north - south)
    likely = float(membership) if isinstance(membership, int | float) else None
    return Candidate(fid, str(status) if status in STATUSES else UNREVIEWED, likely, size, envelope)


class Queue:
    """The candidates in an order, of which those below a threshold are hidden."""

    def __init__(self, candidates: dict[int, Candidate]) -> None:
        self.candidates = candidates
        self.order = DOUBT
        self.threshold = 0.0
        self._sorted: list[int] | None = None

    def arrange(self, order: str) -> None:
        """Order the queue by `doubt`, `size` (largest first) or `place` (belts from north to south)."""
        self.order, self._sorted = order, None

    def hide_below(self, threshold: float) -> None:
        """Hide unreviewed candidates of a lower membership."""
        self.threshold, self._sorted = threshold, None

    def replace(self, fids: Iterable[int], read: dict[int, Candidate]) -> None:
        """Take in the new state of some candidates; those that were not found are gone.

        The order stays for those that were in it, so that a decision does not move its neighbours.
        """
        for fid in fids:
            if fid not in read:
                self.candidates.pop(fid, None)
                self._sorted = self._sorted and [item for item in self._sorted if item != fid]
            else:
                if fid not in self.candidates:
                    self._sorted = None
                self.candidates[fid] = read[fid]

    def shown(self, candidate: Candidate) -> bool:
        """Return whether a candidate is above the threshold; what was decided on is never hidden."""
        likely = candidate.membership
        return candidate.status != UNREVIEWED or likely is None or likely >= self.threshold

    def fids(self) -> list[int]:
        """Return the candidates that are shown, in their order."""
        if self._sorted is None:
            shown = [item for item in self.candidates.values() if self.shown(item)]
            keys = {DOUBT: self._doubt, SIZE: lambda item: (-item.area, item.fid), PLACE: self._belts(shown)}
            self._sorted = [item.fid for item in sorted(shown, key=keys[self.order])]
        return self._sorted

    def near(self, box: Envelope) -> list[int]:
        """Return the candidates that are not rejected and whose envelopes meet a box."""
        west, south, east, north = box
        return [
            fid
            for fid, candidate in self.candidates.items()
            if candidate.status != REJECTED
            and (bounds := candidate.envelope) is not None
            and bounds[0] <= east
            and bounds[2] >= west
            and bounds[1] <= north
            and bounds[3] >= south
        ]

    def _doubt(self, candidate: Candidate) -> tuple[float, int]:
        likely = candidate.membership
        return (0.0 if likely is None else abs(likely - (self.threshold or _DOUBTFUL))), candidate.fid

    def _belts(self, shown: Sequence[Candidate]):
        """Return a key that goes through belts from north to south, there and back, so that the map moves little."""
        boxes = [item.envelope for item in shown if item.envelope]
        top, bottom = max((box[3] for box in boxes), default=0.0), min((box[1] for box in boxes), default=0.0)
        height = max((top - bottom) / _BELTS, math.ulp(1.0))

        def key(candidate: Candidate) -> tuple[float, float, int]:
            west, south, east, north = candidate.envelope or (0.0, bottom, 0.0, bottom)
            belt = (top - (south + north) / 2) // height
            x = (west + east) / 2
            return belt, (x if belt % 2 == 0 else -x), candidate.fid

        return key

    def step(self, fid: int | None, step: int, *, undecided: bool = False) -> int | None:
        """Return the candidate some places on, from the start again behind the end.

        Parameters
        ----------
        fid : int or None
            Where to begin.
        step : int
            1 or -1.
        undecided : bool
            Whether to pass over those that were decided on.

        Returns
        -------
        int or None
            None where there is no other.
        """
        order = self.fids()
        start = order.index(fid) if fid in order else (-1 if step > 0 else len(order))
        for distance in range(1, len(order) + 1):
            item = order[(start + step * distance) % len(order)]
            if item != fid and (not undecided or self.candidates[item].status == UNREVIEWED):
                return item
        return None

    def counts(self) -> dict[str, int]:
        """Return how many candidates there are of each status, and how many unreviewed ones are hidden."""
        counts = dict.fromkeys((*STATUSES, "hidden"), 0)
        for candidate in self.candidates.values():
            counts[candidate.status if self.shown(candidate) else "hidden"] += 1
        return counts


def pace(moments: Sequence[float]) -> float | None:
    """Return how many decisions were made an hour, pauses left out; None before there are three.

    Parameters
    ----------
    moments : sequence of float
        Seconds at which the decisions were made.

    Returns
    -------
    float or None
    """
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    working = [gap for gap in gaps if gap < _PAUSE]
    if len(working) < 2 or sum(working) <= 0:
        return None
    return 3600 * len(working) / sum(working)
