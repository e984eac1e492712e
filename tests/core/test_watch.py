"""A store is followed, whatever the names in it are."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

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


def test_a_name_that_is_not_utf_8_does_not_end_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.create()
    asyncio.run(_follow(store))
