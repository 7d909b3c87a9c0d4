"""Labels of landforms: numbers, contacts, parts and sizes, also where an array is worked on in several strips."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.landforms import landforms

NO_PAIRS = np.empty((0, 2), np.int64)


@pytest.fixture(params=[2**21, 4], autouse=True)
def strip_pixels(request, monkeypatch):
    """Once with one strip, once with strips of a row or two."""
    monkeypatch.setattr(landforms, "_STRIP_PIXELS", request.param)


def labels_of(*rows):
    return np.array(rows, np.uint32)


def test_connected_labels_do_not_pass_corners():
    """Pixels that touch at a corner are two landforms."""
    assert landforms.connected(np.array([[True, False], [False, True]])).tolist() == [[1, 0], [0, 2]]


def test_boxes_are_widened_inside_the_array():
    """Boxes end where the array ends; absent labels have none."""
    labels = labels_of([1, 0, 0], [0, 0, 0], [0, 0, 3])
    found = {label: labels[box].shape for label, box in landforms.boxes(labels, 1)}
    assert found == {1: (2, 2), 3: (2, 2)}


def test_contacts_are_shared_sides():
    """Each pair once, the smaller label first; corners and the background are no contact."""
    labels = labels_of([1, 1, 2], [3, 0, 2], [0, 4, 0], [4, 4, 3])
    assert landforms.contacts(labels).tolist() == [[1, 2], [1, 3], [3, 4]]
    assert landforms.contacts(np.zeros((2, 2), np.uint32)).shape == (0, 2)


def test_merging_forgets_the_labels():
    """What shares a side is one."""
    labels = labels_of([1, 2, 0], [0, 0, 2])
    landforms.merge(labels)
    assert labels.tolist() == [[1, 1, 0], [0, 0, 2]]


def test_joining_follows_chains():
    """1-2 and 2-4 make one; 3 stays."""
    labels = labels_of([1, 2, 0], [3, 2, 4])
    landforms.join(labels, landforms.contacts(labels_of([1, 2, 0], [0, 2, 4])), NO_PAIRS)
    assert landforms.renumber(labels) == 2
    assert labels.tolist() == [[1, 1, 0], [2, 1, 1]]


def test_what_is_to_stay_apart_is_not_joined_through_a_third():
    """3 touches both 1 and 2, and goes to the larger one; a chain of several links does not bring them together."""
    labels = labels_of([1, 1, 1, 2, 2], [0, 4, 3, 3, 0])
    pairs = np.array([[1, 3], [2, 3], [3, 4], [1, 4]])
    landforms.join(labels, pairs, np.array([[1, 2]]))
    landforms.renumber(labels)
    assert labels.tolist() == [[1, 1, 1, 2, 2], [0, 1, 1, 1, 0]]


def test_parts_of_a_label_become_labels():
    """A landform is connected through sides."""
    labels = labels_of([1, 0, 2], [0, 1, 2], [1, 0, 1])
    landforms.separate(labels)
    landforms.renumber(labels)
    assert labels.tolist() == [[1, 0, 2], [0, 3, 2], [4, 0, 5]]


def test_small_landforms_are_dropped_and_the_limit_holds():
    """A landform of exactly the smallest size is kept, also if the limit is rounded up."""
    labels = labels_of([1, 1, 0, 2, 3, 3, 3])
    landforms.drop_small(labels, 2.000000001)
    assert labels.tolist() == [[1, 1, 0, 0, 3, 3, 3]]
    landforms.drop_small(labels, 2.1)
    assert labels.tolist() == [[0, 0, 0, 0, 3, 3, 3]]


def test_labels_are_numbered_by_their_first_pixels():
    """Row by row, whatever the labels were before; gaps close."""
    labels = labels_of([0, 7, 0], [3, 7, 9])
    assert landforms.renumber(labels) == 3
    assert labels.tolist() == [[0, 1, 0], [2, 1, 3]]
    empty = np.zeros((2, 2), np.uint32)
    assert landforms.renumber(empty) == 0 and not empty.any()
