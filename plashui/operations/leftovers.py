"""Leftovers in a store: links, names, marks and drafts of removed images, and abandoned
work directories.

A killed program never leaves half an image, but it may leave these. They are harmless:
no image consists of them. All but the marks the helper finds and removes
(`helpers/image/leftovers.c`), which does that for scripts, too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import deleting
from plashui.store import marks
from plashui.store.ids import image_ids
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_AT_ONCE: Final = 128
"""Directories that are locked at once."""


def sweep(
    store: Store,
    in_trash: Callable[[Store], set[int]],
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> deleting.Swept:
    """Remove all leftovers as far as possible.

    `in_trash` returns the images in the trash, which keep their marks.
    """
    swept = deleting.sweep(store.root, report=report, cancel=cancel)
    gone = marks.marked(store) - set(image_ids(store.entries("index")))
    if gone:
        gone -= in_trash(store)
        # An image that was restored since has its link again.
        marks.forget(store, [image for image in gone if not _linked(store, image)])
    return swept


@contextlib.contextmanager
def kept_from_sweeps(paths: Iterable[Path]) -> Iterator[None]:
    """Lock paths for the block, which moves them to tmp/ and perhaps back.

    The lock keeps off sweeps in another pid namespace, where our pid means nothing.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.ExitStack() as stack:
        for path in islice(paths, _AT_ONCE):
            with contextlib.suppress(OSError):
                lock = os.open(path, flags)
                stack.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _linked(store: Store, image: int) -> bool:
    return (store.path / "index" / str(image)).is_symlink()
