"""Notes that make builds quick: stamps of plans, and digests of files of the web.

They are `memory/plan-KEY` and `memory/web-KEY` (FORMAT.md). A build without its note
looks once more, and writes it again.
"""

from __future__ import annotations

import contextlib
import time

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

_PREFIXES: Final = ("plan-", "web-")


def forget(store: Store, *, older: float = 0) -> int:
    """Remove the notes written more than `older` seconds ago; return how many."""
    count = 0
    for name in store.entries("memory"):
        if name.startswith(_PREFIXES):
            note = store.path / "memory" / name
            with contextlib.suppress(OSError):
                if note.lstat().st_mtime <= time.time() - older:
                    note.unlink()
                    count += 1
    return count
