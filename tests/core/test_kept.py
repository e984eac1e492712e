"""Changes that are kept for later."""

from __future__ import annotations

import os
from pathlib import Path

from plashui.core.kept import KEPT, begin, park_at
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
