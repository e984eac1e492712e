"""Tells when a store changed, by inotify, without looking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from plashui.core.store import Store

_WATCHED: Final = ("index", "map", "trash")
_QUIET_MS: Final = 400  # changes closer together than this are one
_STEP_MS: Final = 150


async def changes(store: Store, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield once after each burst of changes to the store's images, names or trash.

    Every image made, removed, trashed or named changes one of these directories, so
    a few watches serve ten thousand images. Ends when `stop` is set.
    """
    from watchfiles import awatch

    while not stop.is_set():
        paths = [store.path / name for name in _WATCHED]
        present = [path for path in paths if path.is_dir()]
        if not present:
            return
        try:
            async for _changed in awatch(
                *present,
                recursive=False,
                watch_filter=None,
                stop_event=stop,
                debounce=_QUIET_MS,
                step=_STEP_MS,
            ):
                yield
                if any(path.is_dir() for path in set(paths) - set(present)):
                    break  # a directory more than at the start: watch it too
        except ExceptionGroup as group:
            # It has no words for a name that is not UTF-8. Something changed all the
            # same, and whoever reads now does so when the next watch has begun.
            if group.split(RuntimeError)[1] is not None:
                raise
            await asyncio.sleep(_QUIET_MS / 1000)
            yield
