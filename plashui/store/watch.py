"""Watching a store for changes and running processes for their end, without polling."""

from __future__ import annotations

import asyncio
import os
import select
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from functools import partial

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.marks import PINNED, USED, WRITTEN
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

# The first mark creates its directory: the directories above it are watched, too.
_MARKS: Final = (PINNED, WRITTEN, USED, "layer/0/_meta", "layer/0")
_WATCHED: Final = (".", "index", "map", "trash", "kept", *_MARKS)
_QUIET_MS: Final = 400  # changes closer together than this count as one
_STEP_MS: Final = 150


_MANY: Final = 64  # processes waited for at once


async def changes(store: Store, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Yield once after each burst of changes to images, names, marks or trash.

    Yields False if commands were only started in images, else True. Every image that
    is made, removed, restored, named or marked changes one of a few directories, so
    a few watches serve ten thousand images. The store's parent is watched, too,
    because a watch follows a directory that is moved away; this reports a store that
    appears, disappears or is replaced. Ends when `stop` is set, or if nothing can be
    watched.
    """
    from watchfiles import awatch

    place = store.path
    paths = [place / name for name in _WATCHED]
    while not stop.is_set():
        before = _who(paths)
        watched = [path for path, who in zip(paths, before, strict=True) if who]
        if os.access(place.parent, os.R_OK | os.X_OK):
            watched.append(place.parent)
        if not watched:
            return
        try:
            async for changed in awatch(
                *watched,
                recursive=False,
                watch_filter=partial(_is_of, place),
                stop_event=stop,
                debounce=_QUIET_MS,
                step=_STEP_MS,
            ):
                yield not all(_is_use(place, path) for _change, path in changed)
                if _who(paths) != before:
                    break  # directories were replaced: watch the new ones
        except OSError as error:
            why = str(error).partition(" (")[0]  # without the library's error code
            raise PlashError(
                f"cannot watch the store: {why}",
                "F5 reads it again",
            ) from error
        except ExceptionGroup as group:
            # watchfiles raises RuntimeError for a name that is not UTF-8. Something
            # changed, but the caller must read only after the next watch has begun.
            if group.split(RuntimeError)[1] is not None:
                raise
            await asyncio.sleep(_QUIET_MS / 1000)
            yield True


async def first_end(pids: Iterable[int], stop: asyncio.Event) -> bool:
    """Wait until one of these processes has ended; return False if `stop` came first.

    At most 64 processes are waited for, without those that cannot be opened. 0 stands
    for a mount: any change of the mount table counts as its end.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    watched: list[int] = []
    try:
        for pid in sorted(pids)[:_MANY]:
            if not pid:
                watched += _watched_mounts()
                loop.add_reader(watched[-1], ended.set)
                continue
            try:
                descriptor = os.pidfd_open(pid)
            except ProcessLookupError:
                return True
            except OSError:
                continue
            watched.append(descriptor)
            loop.add_reader(descriptor, ended.set)
        waiting = [asyncio.ensure_future(event.wait()) for event in (ended, stop)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waiting:
                future.cancel()
        return ended.is_set()
    finally:
        for descriptor in watched:
            loop.remove_reader(descriptor)
            with suppress(OSError):
                os.close(descriptor)


def _watched_mounts() -> tuple[int, int]:
    """Open the mount table, and a descriptor that is readable when it has changed."""
    table = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
    poll = select.epoll()
    poll.register(table, select.EPOLLPRI)
    return table, os.dup(poll.fileno())


def _who(paths: Iterable[Path]) -> list[tuple[int, int] | None]:
    """Identify directories by device and inode; None for one that is missing."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            about = path.stat()
        except OSError:
            found.append(None)
            continue
        is_one = stat.S_ISDIR(about.st_mode)
        found.append((about.st_dev, about.st_ino) if is_one else None)
    return found


def _is_use(place: Path, path: str) -> bool:
    """Return whether a change only means that a command was started in an image."""
    return path.startswith(f"{place / USED}/")


def _is_of(place: Path, _change: object, path: str) -> bool:
    """Return whether a changed path is the store, or relevant inside it."""
    if path == str(place):
        return True
    if not path.startswith(f"{place}/"):
        return False
    inside = path[len(str(place)) + 1 :]
    if not inside.startswith("layer/"):
        return True
    return inside.endswith("/_meta") or inside.startswith((PINNED, WRITTEN, USED))
