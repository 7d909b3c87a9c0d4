"""Measurements kept between runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from rock_glacier_mapper.core.cache import cache_folder, remembered


@pytest.mark.parametrize("value", [23, 0, None])
def test_a_number_is_measured_once(value):
    """None is a result too: a network without a bounded reach."""
    assert remembered("halo", lambda: value) == value
    assert remembered("halo", lambda: pytest.fail("measured twice")) == value
    assert remembered("other", lambda: 7) == 7


@pytest.mark.parametrize("content", ["", "{", "-4", '"8"', "true", "1.5"])
def test_a_damaged_file_is_measured_again(content):
    """Files in a cache are nobody's business; a wrong halo would give seams."""
    remembered("halo", lambda: 1)
    (cache_folder() / "halo.json").write_text(content)
    assert remembered("halo", lambda: 2) == 2
    assert remembered("halo", lambda: 3) == 2


def test_a_folder_that_cannot_be_made_only_costs_time(own_cache):
    """Home folders of clusters may be read-only."""
    cache_folder().parent.mkdir(exist_ok=True)
    cache_folder().write_text("a file in the folder's place")
    assert remembered("halo", lambda: 5) == 5
    assert remembered("halo", lambda: 6) == 6


def test_a_user_without_home_only_measures_again(monkeypatch):
    """As in a container whose user has no entry in the list of users."""

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert remembered("halo", lambda: 3) == 3
