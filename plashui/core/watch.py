"""Tells when a store changed, by inotify, without looking again and again."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from plashui.core.errors import PlashError
from plashui.core.store import Store

_WATCHED: Final = ("index", "map", "trash")
_QUIET_MS: Final = 400  # changes closer together than this are one
_STEP_MS: Final = 150


async def changes(store: Store, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield once after each burst of changes to the store's images, names or trash.

    Every image made, removed, trashed or named changes one of these directories, so
    a few watches serve ten thousand images. What is around the store is watched too,
    since a watch stays with a directory that was moved or removed: so a store is seen
    that comes, goes, or takes the place of another. Ends when `stop` is set, or where
    there is nothing to be watched.
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
            async for _changed in awatch(
                *watched,
                recursive=False,
                watch_filter=partial(_is_of, place),
                stop_event=stop,
                debounce=_QUIET_MS,
                step=_STEP_MS,
            ):
                yield
                if _who(paths) != before:
                    break  # other directories than at the start: watch those
        except OSError as error:
            why = str(error).partition(" (")[0]  # it is another's, with code in it
            raise PlashError(
                f"the store cannot be watched: {why}", "F5 reads it again"
            ) from error
        except ExceptionGroup as group:
            # It has no words for a name that is not UTF-8. Something changed all the
            # same, and whoever reads now does so when the next watch has begun.
            if group.split(RuntimeError)[1] is not None:
                raise
            await asyncio.sleep(_QUIET_MS / 1000)
            yield


def _who(paths: Iterable[Path]) -> list[tuple[int, int] | None]:
    """Which directories they are; None is none."""
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


def _is_of(place: Path, _change: object, path: str) -> bool:
    """Whether it is the store, or in it, and not what is beside."""
    return path == str(place) or path.startswith(f"{place}/")
