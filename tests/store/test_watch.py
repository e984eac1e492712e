"""A store is followed, whatever the names in it are."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.store import marks
from plashui.store.store import Store
from plashui.store.watch import changes, first_end
from tests.ui import stores


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

    with pytest.raises(PlashError, match="cannot watch the store: Permission denied"):
        asyncio.run(follow())


def test_a_name_that_is_not_utf_8_does_not_end_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.create()
    asyncio.run(_follow(store))


async def _kinds(
    store: Store, acts: Sequence[tuple[str, Callable[[], object]]]
) -> None:
    stop = asyncio.Event()
    heard: list[bool] = []

    async def follow() -> None:
        async for more in changes(store, stop):
            heard.append(more)

    following = asyncio.create_task(follow())
    for what, act in acts:
        heard.clear()
        for _ in range(60):
            act()  # whether it watches by now nobody tells
            await asyncio.wait([following], timeout=0.5)
            if heard:
                break
        assert heard, what
        while True:  # until it is quiet
            count = len(heard)
            await asyncio.wait([following], timeout=0.8)
            if len(heard) == count:
                break
        assert heard[-1] is (what != "use"), what
    stop.set()
    await following


def test_pins_notes_and_uses_are_seen_from_the_first_on(tmp_path: Path) -> None:
    store = stores.make(tmp_path / "store", stores.SAMPLE, "2026-01-01T00:00:00+00:00")
    used = store.path / marks.USED

    def use() -> None:
        used.mkdir(parents=True, exist_ok=True)
        (used / "9").touch()
        os.utime(used / "9")

    def pin() -> None:
        marks.unpin(store, 9)
        marks.pin(store, 9)

    acts = [
        ("pin", pin),
        ("first use", use),
        ("use", use),
        ("note", lambda: marks.write_note(store, 9, "keep")),
    ]
    asyncio.run(_kinds(store, acts))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts here")
def test_the_end_of_a_mount_without_a_process_is_told(tmp_path: Path) -> None:
    async def wait() -> None:
        waiting = asyncio.create_task(first_end([0], asyncio.Event()))
        await asyncio.wait([waiting], timeout=0.1)
        assert not waiting.done()
        subprocess.run(["umount", tmp_path], check=True)
        assert await asyncio.wait_for(waiting, 10)
        links = [os.path.realpath(d.path) for d in os.scandir("/proc/self/fd")]
        assert not [link for link in links if "mountinfo" in link]
        assert len([link for link in links if "eventpoll" in link]) == 1  # the loop's

    subprocess.run(["mount", "-t", "tmpfs", "none", tmp_path], check=True)
    try:
        asyncio.run(wait())
    finally:
        subprocess.run(["umount", tmp_path], stderr=subprocess.DEVNULL, check=False)


def test_the_first_end_of_some_processes_is_told() -> None:
    async def wait(long: int, short: subprocess.Popen[bytes]) -> None:
        stop = asyncio.Event()
        waiting = asyncio.create_task(first_end([long, short.pid], stop))
        await asyncio.wait([waiting], timeout=0.1)
        assert not waiting.done()
        short.kill()
        assert await waiting
        short.wait()
        assert await first_end([short.pid, long], stop), "it is gone already"
        stop.set()
        assert not await first_end([long], stop)
        links = [os.path.realpath(d.path) for d in os.scandir("/proc/self/fd")]
        assert not [link for link in links if "pidfd" in link], "all is closed"

    with (
        subprocess.Popen(["sleep", "600"]) as long,
        subprocess.Popen(["sleep", "600"]) as short,
    ):
        try:
            asyncio.run(wait(long.pid, short))
        finally:
            long.kill()
            short.kill()
