"""What is left over in a store: links, names and marks of images that are gone, and
work directories whose makers are.

Killed in the middle, a program leaves no half image, but it may leave these. They do no
harm: no image is seen by them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from plashui.core import marks, proc, processes
from plashui.core.census import image_ids
from plashui.core.refusal import is_locked
from plashui.core.store import Store, maker_of

_YOUNG: Final = 3600
"""Seconds in which a link may belong to an image that is just being made."""


def forget(store: Store, in_trash: Callable[[Store], set[int]]) -> None:
    """Take them away.

    `in_trash` tells which images are in the trash: those keep their marks.
    """
    try:
        known = set(image_ids(os.listdir(store.path / "index")))
    except OSError:
        return
    there = store.read().images.keys()
    for link in _dead(store, known - there):
        with contextlib.suppress(OSError):
            link.unlink()
    gone = marks.marked(store) - known
    if gone:
        gone -= in_trash(store)
        # What was restored meanwhile has its link by now.
        marks.forget(store, [image for image in gone if not _linked(store, image)])
    _forget_drafts(store.path / "memory")
    _forget_drafts(store.path / marks.WRITTEN)


def left_behind(store: Store) -> list[str]:
    """The names in tmp/ of work directories whose makers are gone."""
    try:
        names = os.listdir(store.path / "tmp")
    except OSError:
        return []
    dead = [name for name in names if _owner_is_gone(name)]
    if not dead:
        return []
    used = processes.work_dirs_in_use(store.path)
    return [
        name
        for name in dead
        if name not in used and not is_locked(store.path / "tmp" / name)
    ]


def _owner_is_gone(name: str) -> bool:
    maker = maker_of(name)
    return maker is not None and not proc.is_alive(*maker)


def _linked(store: Store, image: int) -> bool:
    return (store.path / "index" / str(image)).is_symlink()


def _dead(store: Store, missing: set[int]) -> Iterator[Path]:
    """Links of the index and names that lead to no directory, and are not young."""
    links = [store.path / "index" / str(image) for image in missing]
    for image, names in store.names().items():
        if image in missing or not _linked(store, image):
            links += [store.path / "map" / name for name in names]
    limit = time.time() - _YOUNG
    for link in links:
        with contextlib.suppress(OSError):
            if _leads_nowhere(link) and link.lstat().st_mtime < limit:
                yield link


def _leads_nowhere(link: Path) -> bool:
    """Whether it is sure that nothing is there; OSError where one may not look."""
    try:
        link.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    return False


def _forget_drafts(directory: Path) -> None:
    """Files `NAME.PID.new`, which their writer did not come to rename."""
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            pid = name.removesuffix(".new").rpartition(".")[2]
            writer = Path("/proc", pid) if pid.isdecimal() else None
            if name.endswith(".new") and writer and not writer.exists():
                (directory / name).unlink()
