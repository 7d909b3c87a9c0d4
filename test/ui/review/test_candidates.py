"""The queue: orders that can be checked by eye, what is hidden, and the pace."""

from __future__ import annotations

import pytest
import shapely
from rock_glacier_mapper.core.samples import reviewed
from rock_glacier_mapper.ui.review.candidates import (
    ACCEPTED,
    DOUBT,
    DRAWN,
    PLACE,
    REJECTED,
    SIZE,
    STATUSES,
    UNREVIEWED,
    UNSURE,
    Candidate,
    Queue,
    pace,
    read_candidates,
)
from rock_glacier_mapper.ui.review.geopackage import wkb_of


def queue(**rows):
    """Return a queue of candidates (status, membership, area, west, south), squares of side 1."""
    found = {}
    for number, (status, membership, area, west, south) in enumerate(rows.values(), 1):
        found[number] = Candidate(number, status, membership, area, (west, south, west + 1, south + 1))
    return Queue(found)


def test_training_knows_the_words_of_the_review():
    """Each side has its own list, since the engine does not import the interface, nor the other way round."""
    words = (reviewed.ACCEPTED, reviewed.DRAWN, reviewed.REJECTED, reviewed.UNSURE, reviewed.UNREVIEWED)
    assert words == (ACCEPTED, DRAWN, REJECTED, UNSURE, UNREVIEWED)
    assert set(words) == set(STATUSES)


@pytest.fixture
def five():
    """Two in the north, two in the south, one in between; the last was drawn and has no membership."""
    return queue(
        a=(UNREVIEWED, 0.9, 10.0, 0.0, 100.0),
        b=(UNREVIEWED, 0.5, 20.0, 50.0, 100.0),
        c=(UNREVIEWED, 0.2, 50.0, 0.0, 0.0),
        d=(UNREVIEWED, 0.6, 40.0, 50.0, 0.0),
        e=(DRAWN, None, 30.0, 20.0, 50.0),
    )


def test_the_orders(five):
    """Doubt: nearest to 0.5 first, what has no membership before all; size: largest first; place: there and back."""
    assert five.fids() == [2, 5, 4, 3, 1]
    five.arrange(SIZE)
    assert five.fids() == [3, 4, 5, 2, 1]
    five.arrange(PLACE)
    assert five.fids() == [1, 2, 5, 4, 3]


def test_the_threshold_hides_what_is_unlikely_and_undecided(five):
    """It is also where doubt is largest then; what was decided on is never hidden."""
    five.hide_below(0.55)
    assert five.fids() == [5, 4, 1]
    assert five.counts() == {
        "unreviewed": 2,
        "accepted": 0,
        "rejected": 0,
        "unsure": 0,
        "drawn": 1,
        "hidden": 2,
    }
    five.replace([3], {3: Candidate(3, ACCEPTED, 0.2, 50.0, None)})
    five.hide_below(0.55)
    assert 3 in five.fids()


def test_steps_pass_over_what_is_decided_and_begin_again(five):
    """Forward over the end to the start; None when nothing is left."""
    five.arrange(DOUBT)
    assert five.step(None, 1) == 2
    assert five.step(2, 1) == 5
    assert five.step(2, 1, undecided=True) == 4
    assert five.step(1, 1) == 2
    assert five.step(2, -1) == 1
    for fid in (1, 2, 3, 4):
        item = five.candidates[fid]
        five.replace([fid], {fid: Candidate(fid, ACCEPTED, item.membership, item.area, item.envelope)})
    assert five.step(2, 1, undecided=True) is None
    assert Queue({}).step(None, 1) is None


def test_a_decision_does_not_move_its_neighbours_and_a_removal_closes_the_gap(five):
    """The order on the screen holds; a new one is sorted in."""
    order = list(five.fids())
    five.replace([4], {4: Candidate(4, ACCEPTED, 0.6, 40.0, None)})
    assert five.fids() == order
    five.replace([4], {})
    assert five.fids() == [2, 5, 3, 1]
    five.replace([9], {9: Candidate(9, UNREVIEWED, 0.51, 1.0, None)})
    assert five.fids() == [2, 5, 9, 3, 1]


def test_candidates_of_any_layer(write_polygons):
    """Without the plugin's columns, the size is that of the box and nothing is known of the membership."""
    path = write_polygons("others.gpkg", [shapely.box(0, 0, 30, 20)], layer="others", valley=["one"])
    found = read_candidates(path, "others")
    assert found == {1: Candidate(1, UNREVIEWED, None, 600.0, (0.0, 0.0, 30.0, 20.0))}


def test_a_geometry_without_envelope_has_a_place(journal):
    """Other programs leave it out."""
    mine = journal()
    with mine.action("reshape") as writer:
        blob = writer.row(1)[0]
        writer.reshape(1, blob[:3] + bytes([1]) + blob[4:8] + wkb_of(blob))
        writer.reshape(2, None)
    found = read_candidates(mine.path, "rock_glaciers")
    assert found[1].envelope == (500000, 7000000, 500100, 7000100)
    assert found[2].envelope is None


def test_the_pace_leaves_pauses_out():
    """Four decisions half a minute apart, lunch between: 120 an hour."""
    assert pace([0, 30, 60, 3660, 3690]) == pytest.approx(120)
    assert pace([0, 30]) is None
