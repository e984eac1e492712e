"""Changes that are kept for later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.core.kept import KEPT, begin, is_name, park_at
from plashui.core.refusal import is_locked
from plashui.core.store import Store
from plashui.core.way import Way


def test_kept_changes_are_nobody_elses(tmp_path: Path) -> None:
    """An isolated program may have left setuid files in them."""
    store = Store(tmp_path / "store")
    store.create()
    (store.path / KEPT).mkdir(0o755)  # of an older version
    kept, lock = begin(store, 1, Way())
    assert lock is not None
    assert is_locked(kept), "no sweep takes it for left over"
    os.close(lock)
    assert not is_locked(kept)
    elsewhere = tmp_path / "elsewhere"
    assert kept.parent == store.path / KEPT
    for directory in (kept.parent, kept):
        assert directory.stat().st_mode & 0o777 == 0o700
    park_at(kept, elsewhere)
    assert elsewhere.stat().st_mode & 0o777 == 0o700


def test_changes_have_a_name_whatever_the_work_directory_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random names of the standard library may end in an underscore."""
    monkeypatch.setattr("tempfile._RandomNameSequence.characters", "_")
    store = Store(tmp_path / "store")
    store.create()
    places = [begin(store, 1, Way())[0] for _ in range(2)]
    assert all(is_name(place.name) for place in places)
    assert len({*places}) == 2
