"""Notes of builds go when they are old; others in the same directory stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

from plashui.store import build_notes
from plashui.store.store import Store

DAY = 86400.0


def test_old_notes_of_builds_go_and_others_stay(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    for name in ("plan-old", "plan-new", "web-old", "web-new", "made-old", "last-old"):
        (memory / name).write_text("{}")
        if name.endswith("old"):
            at = time.time() - 31 * DAY
            os.utime(memory / name, (at, at))
    assert build_notes.forget(Store(tmp_path), older=30 * DAY) == 2
    left = sorted(os.listdir(memory))
    assert left == ["last-old", "made-old", "plan-new", "web-new"]
    assert build_notes.forget(Store(tmp_path)) == 2
    assert sorted(os.listdir(memory)) == ["last-old", "made-old"]


def test_a_store_without_notes_has_none_to_remove(tmp_path: Path) -> None:
    assert build_notes.forget(Store(tmp_path)) == 0
