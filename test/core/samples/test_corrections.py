"""The stage `corrections`: reviewed squares on a toy stack become chips."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.corrections import CorrectionsOptions
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.errors import InvalidSamplesError, InvalidVectorError, MapperError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.samples import corrections, samples
from rock_glacier_mapper.core.samples.sampleset import SampleSet

SIZE, PATCH = 160, 16

STATUSES = ("accepted", "drawn", "rejected", "unsure", "unreviewed")
PLACES = ((20, 20), (60, 20), (100, 20), (20, 60), (60, 60))


def square(column: float, row: float, side: float = 6) -> shapely.Polygon:
    """Return a square given in pixels of the toy stack: the first pixel, and the side."""
    left, top = 500000 + 10 * column, 7000000 - 10 * row
    return shapely.box(left, top - 10 * side, left + 10 * side, top)


@pytest.fixture
def stack(write_raster):
    values = np.random.default_rng(0).normal(0, 1, (2, SIZE, SIZE))
    return write_raster("stack.tif", values, ["B04", "B08"])


@pytest.fixture
def review(write_polygons, tmp_path):
    """Return a function that writes reviewed squares."""

    def write(statuses=STATUSES, places=PLACES, name="reviewed.gpkg", **columns):
        outlines = [square(*place) for place in places]
        # What was decided is not written over.
        (tmp_path / name).unlink(missing_ok=True)
        return write_polygons(name, outlines, review_status=np.array(statuses, object), **columns)

    return write


@pytest.fixture
def correct(tmp_path, stack, review):
    """Return a function that runs the stage and gives the result, the samples and their notes."""

    def run(output: str = "out", **options):
        given = {"stack": stack, "patch_size": PATCH, "surroundings": 40.0, "seed": 1, **options}
        given.setdefault("reviewed", "")
        given["reviewed"] = given["reviewed"] or review()
        result = corrections.run(CorrectionsOptions(output=str(tmp_path / output), **given), Progress())
        found = SampleSet.read(result.output)
        return result, found, found.record["notes"]

    return run


def labels(found: SampleSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per pixel of the stack whether a chip shows it, its mask and whether it counts; chips must agree."""
    seen, mask, valid = (np.zeros((SIZE, SIZE), bool) for _ in range(3))
    for chip in found.all_chips:
        window = np.s_[chip.row : chip.row + PATCH, chip.column : chip.column + PATCH]
        pixels = chip.read()
        again = seen[window]
        assert (mask[window] == pixels.mask)[again].all() and (valid[window] == pixels.valid)[again].all()
        seen[window], mask[window], valid[window] = True, pixels.mask, pixels.valid
    return seen, mask, valid


def inside(column: int, row: int, side: int = 6) -> tuple[slice, slice]:
    return np.s_[row : row + side, column : column + side]


def test_decisions_become_labels(correct):
    result, found, _ = correct()
    assert (result.accepted, result.drawn, result.rejected, result.ignored) == (1, 1, 1, 2)
    assert (result.train_chips, result.validation_chips) == (len(found.all_chips), 0)
    seen, mask, valid = labels(found)
    for place, status in zip(PLACES, STATUSES, strict=True):
        pixels = inside(*place)
        if status in ("accepted", "drawn"):
            assert seen[pixels].all() and mask[pixels].all()
            assert valid[inside(place[0] + 1, place[1] + 1, 4)].all()
        elif status == "rejected":
            assert seen[pixels].all() and valid[pixels].all() and not mask[pixels].any()
        else:
            assert not (mask | valid)[pixels].any()
    kinds = {chip.kind for chip in found.all_chips}
    assert {"positive", "hard_negative"} <= kinds
    centred = [chip for chip in found.all_chips if chip.kind == "hard_negative"]
    assert {chip.look_alike for chip in centred} == {"rejected 3"}
    assert any((chip.column, chip.row) == (95, 15) for chip in centred)


def test_only_ground_that_was_looked_at_is_background(correct, write_polygons):
    """Pixels count up to 40 m, 4 pixels, from a decided outline; with an area, all over it, and nowhere else."""
    _, found, notes = correct()
    _, _, valid = labels(found)
    near = np.zeros((SIZE, SIZE), bool)
    for column, row in PLACES[:3]:
        near[inside(column - 4, row - 4, 14)] = True
    assert valid.any() and not (valid & ~near).any()
    assert any("No area was given" in note for note in notes)
    area = write_polygons("area.gpkg", [square(0, 0, 80)])
    result, found, notes = correct("all", area=area, negatives=4.0)
    _, _, valid = labels(found)
    assert not valid[80:].any() and not valid[:, 80:].any()
    assert (valid & ~near).any()
    assert not valid[inside(20, 60)].any() and not valid[inside(60, 60)].any()
    assert (result.rejected, any("outside the area" in note for note in notes)) == (0, True)


def test_a_rejected_outline_alone_teaches_without_landforms(correct, review):
    reviewed = review(("rejected", "rejected", "unreviewed"), PLACES[:3])
    result, found, _ = correct(reviewed=reviewed, surroundings=0.0)
    assert {chip.kind for chip in found.all_chips} == {"hard_negative"}
    assert all(chip.mask_share == 0 and chip.valid_share > 0 for chip in found.all_chips)
    assert {chip.look_alike for chip in found.all_chips} == {"rejected 1", "rejected 2"}
    assert result.train_chips == len(found.all_chips)


def test_outlines_smaller_than_the_survey_sees_are_not_lost(correct, write_polygons):
    """Squares of 2 pixels, looked at alone, in blocks of their own, with places of the survey 5 pixels apart."""
    squares = [square(column, row, 2) for row in (11, 91) for column in (11, 51, 91, 131)]
    for number, status in enumerate(("accepted", "rejected")):
        reviewed = write_polygons(f"{status}.gpkg", squares, review_status=np.array([status] * 8, object))
        options = {"patch_size": 40.0, "surroundings": 0.0, "block_size": 400.0, "ring_width": 0.0, "jitter": 0.0}
        _, found, _ = correct(f"small{number}", reviewed=reviewed, **options)
        assert len({chip.block for chip in found.all_chips}) == 8


def test_a_review_where_the_stack_has_no_data_is_refused(correct, write_raster, tmp_path, review):
    empty = write_raster("empty.tif", np.full((2, SIZE, SIZE), np.nan), ["B04", "B08"])
    for number, statuses in enumerate((("rejected",), ("accepted", "rejected"))):
        reviewed = review(statuses, PLACES[: len(statuses)], f"reviewed{number}.gpkg")
        with pytest.raises(MapperError, match=r"no data|0 landform"):
            correct(stack=empty, reviewed=reviewed)
    assert not (tmp_path / "out").exists()


def test_what_was_drawn_over_an_undecided_or_rejected_outline_wins(correct, review):
    """A landform drawn over the western half of others is rock glacier there, and the rest is what it was."""
    places = ((20, 20, 12), (60, 20, 12), (20, 20), (60, 20))
    _, found, _ = correct(reviewed=review(("unreviewed", "rejected", "drawn", "drawn"), places), ring_width=0.0)
    _, mask, valid = labels(found)
    for column in (20, 60):
        assert (mask & valid)[inside(column, 20)].all()
        assert not mask[inside(column + 6, 26)].any()
    assert not valid[inside(26, 26)].any()
    assert valid[inside(66, 26, 4)].all()


def test_words_are_understood_as_the_review_understands_them(correct, review):
    """Capitals and spaces do not matter; an empty or unknown word is no decision."""
    reviewed = review((" Accepted", "REJECTED", "maybe", None, "drawn"))
    result, _, notes = correct(reviewed=reviewed)
    assert (result.accepted, result.drawn, result.rejected, result.ignored) == (1, 1, 1, 2)
    assert any("'maybe'" in note for note in notes)


@pytest.mark.parametrize(
    ("statuses", "message"),
    [(("unreviewed",) * 5, "was accepted, drawn or rejected"), (("unsure",) * 5, "was accepted, drawn or rejected")],
)
def test_nothing_decided_is_refused(correct, review, tmp_path, statuses, message):
    with pytest.raises(InvalidVectorError, match=message):
        correct(reviewed=review(statuses))
    assert not (tmp_path / "out").exists()


def test_a_layer_without_a_review_is_refused(correct, write_polygons):
    with pytest.raises(InvalidVectorError, match="no column review_status"):
        correct(reviewed=write_polygons("plain.gpkg", [square(20, 20)]))


def test_the_review_itself_is_not_overwritten(correct, review, tmp_path):
    reviewed = review()
    before = Path(reviewed).read_bytes()
    with pytest.raises(MapperError):
        correct(output="reviewed.gpkg", reviewed=reviewed)
    assert Path(reviewed).read_bytes() == before


@pytest.fixture
def earlier(tmp_path, stack, write_polygons):
    """Samples of the same stack, cut before in 25 blocks."""
    known = [square(column, row) for row in (8, 40, 72, 104, 136) for column in (8, 40, 72, 104, 136)]
    inventory = write_polygons("known.gpkg", known)
    folder = str(tmp_path / "earlier")
    samples.run(SamplesOptions(stack, inventory, folder, patch_size=PATCH, block_size=320.0), Progress())
    return folder


def test_earlier_samples_keep_their_splits(correct, earlier, review):
    """What is tested on ground of the earlier test is never trained on, wherever the outlines lie."""
    places = [(column, row) for row in range(6, 150, 24) for column in range(6, 150, 24)]
    statuses = ["accepted", "rejected", "drawn"] * (len(places) // 3)
    _, found, _ = correct(reviewed=review(statuses, places), earlier=earlier)
    split = np.zeros((SIZE, SIZE), object)
    for chip in SampleSet.read(earlier).all_chips:
        split[chip.row : chip.row + PATCH, chip.column : chip.column + PATCH] = chip.split
    for chip in found.all_chips:
        window = split[chip.row : chip.row + PATCH, chip.column : chip.column + PATCH]
        assert set(np.unique(window.astype(str))) <= {"0", chip.split}
    assert {chip.split for chip in found.all_chips} == {"train", "validation", "test"}


def test_known_landforms_that_were_not_reviewed_are_no_background(correct, earlier, review):
    """Of three known landforms, one is rejected, one lies beside what was decided and one under what was drawn."""
    places, statuses = [(72, 72), (96, 72), (104, 104)], ["rejected", "rejected", "accepted"]
    _, found, _ = correct(reviewed=review(statuses, places), earlier=earlier, surroundings=200.0)
    _, mask, valid = labels(found)
    assert valid[inside(72, 72)].all() and not mask[inside(72, 72)].any()
    assert not valid[inside(104, 72)].any()
    assert valid[inside(105, 105, 4)].all() and mask[inside(105, 105, 4)].all()


def test_the_surroundings_of_outlines_do_not_tell_how_common_they_are(correct, write_polygons):
    """Unlike an area that was looked over, they were chosen for what is on them."""
    assert correct()[1].record["ground"] == {}
    area = write_polygons("area.gpkg", [square(0, 0, SIZE)])
    assert correct(area=area)[1].ground("train").rock_glacier_pixels == 72


def test_earlier_samples_of_another_stack_are_refused(correct, earlier, write_raster):
    smaller = write_raster("smaller.tif", np.zeros((2, SIZE - 8, SIZE)), ["B04", "B08"])
    with pytest.raises(InvalidSamplesError, match="not cut from this stack"):
        correct(stack=smaller, earlier=earlier)
    with closing(sqlite3.connect(f"{earlier}/index.gpkg")) as connection, connection:
        connection.execute("DROP TABLE blocks")
    with pytest.raises(InvalidSamplesError, match="damaged"):
        correct(earlier=earlier)


def test_record_and_report_tell_where_the_samples_come_from(correct):
    result, found, _ = correct()
    record = json.loads(Path(result.output, "samples.json").read_text("utf-8"))
    assert record["provenance"][-1]["stage"] == "corrections"
    assert record["sources"] == {"stack": "stack.tif", "reviewed": "reviewed.gpkg"}
    assert record["notes"][0] == (
        "Outlines of the review: 1 accepted, 1 drawn, 1 rejected; these do not count: 1 unsure, 1 unreviewed."
    )
    report = Path(result.output, "report.html").read_text("utf-8")
    assert "centred on an outline that a person rejected" in report
    assert "Reviewed outlines" in report
    again = correct("again")[1]
    assert [(c.column, c.row, c.kind) for c in again.all_chips] == [(c.column, c.row, c.kind) for c in found.all_chips]
