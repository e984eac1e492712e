"""Layers as registries send them, kept for the next pull: `--keep-blobs`.

`blobs/HEX` has the bytes with that SHA-256 digest. It comes there by one rename from a
work directory, when its digest is right; who reads it checks that again. A pull and
`clean` remove those that are older than 30 days, `clean --cache` all.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO, Final

    from plashui.store.store import Store

DIRECTORY: Final = "blobs"
MONTH: Final = 30 * 86400.0
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def _path(store: Store, digest: str) -> str:
    return f"{store.root}/{DIRECTORY}/{digest.removeprefix('sha256:')}"


def opened(store: Store, digest: str, size: int) -> BinaryIO | None:
    """Open the kept blob with this digest; None if there is none of this size.

    What it holds is not checked.
    """
    try:
        file = os.open(_path(store, digest), _OPEN)
    except OSError:
        return None
    facts = os.fstat(file)
    if stat.S_ISREG(facts.st_mode) and facts.st_size == size:
        return os.fdopen(file, "rb", buffering=0)
    os.close(file)
    return None


def is_kept(store: Store, digest: str, size: int) -> bool:
    """Return whether such a blob is kept."""
    file = opened(store, digest, size)
    if file is not None:
        file.close()
    return file is not None


def keep(store: Store, draft: Path, digest: str) -> None:
    """Keep a complete file as the blob with this digest."""
    make_private(f"{store.root}/{DIRECTORY}")
    os.rename(draft, _path(store, digest))


def drop(store: Store, digest: str) -> None:
    """Remove a kept blob, if there is one."""
    with contextlib.suppress(OSError):
        os.unlink(_path(store, digest))


def forget(store: Store, *, older: float = 0) -> int:
    """Remove the blobs kept for longer than `older` seconds; return how many."""
    count = 0
    for entry in _entries(store):
        with contextlib.suppress(OSError):
            changed = entry.stat(follow_symlinks=False).st_mtime
            if changed <= time.time() - older:
                os.unlink(entry.path)
                count += 1
    with contextlib.suppress(OSError):
        os.rmdir(f"{store.root}/{DIRECTORY}")
    return count


def allocated(store: Store) -> int:
    """Return the bytes that all of them take on the disk."""
    found = 0
    for entry in _entries(store):
        with contextlib.suppress(OSError):
            found += entry.stat(follow_symlinks=False).st_blocks * 512
    return found


def _entries(store: Store) -> Iterator[os.DirEntry[str]]:
    with (
        contextlib.suppress(OSError),
        os.scandir(f"{store.root}/{DIRECTORY}") as entries,
    ):
        yield from entries
