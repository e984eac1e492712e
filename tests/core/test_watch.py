"""A store is followed, whatever the names in it are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plashui.core.errors import PlashError
from plashui.core.store import Store
from plashui.core.watch import changes


async def _follow(store: Store) -> None:
    stop = asyncio.Event()
    seen = asyncio.Event()

    async def follow() -> None:
        async for _ in changes(store, stop):
            seen.set()

    following = asyncio.create_task(follow())
    for turn, name in enumerate((b"not utf-8 \xff", b"name")):
        seen.clear()
        tries = 0
        while not seen.is_set():
            # Whether it watches by now nobody tells: so there is a change until then.
            tries += 1
            (store.path / "map" / os.fsdecode(b"%d%d" % (turn, tries) + name)).touch()
            await asyncio.wait(
                [asyncio.create_task(seen.wait()), following], timeout=0.7
            )
            assert not following.done()
            assert tries < 60
    stop.set()
    await following


def test_what_cannot_be_watched_is_told_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_paths: object, **_more: object) -> AsyncIterator[None]:
        raise PermissionError('Permission denied (os error 13) about ["/x"]')
        yield

    monkeypatch.setattr("watchfiles.awatch", broken)
    store = Store(tmp_path / "store")
    store.create()

    async def follow() -> None:
        async for _ in changes(store, asyncio.Event()):
            pass

    with pytest.raises(PlashError, match="cannot be watched: Permission denied"):
        asyncio.run(follow())


def test_a_name_that_is_not_utf_8_does_not_end_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.create()
    asyncio.run(_follow(store))
