"""Killed before any one step, a removal or restore is whole, undone, or done again."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from plashui.operations import empty_trash, gc
from plashui.operations.purge import purge
from plashui.operations.removal_plan import plan_removal, seen_in
from plashui.operations.remove import remove
from plashui.operations.restore import restore
from plashui.store import marks
from plashui.store.names import set_name
from plashui.store.store import Store
from plashui.store.trash import listing as trash
from tests.store.test_store import add_layer
from tests.tools import write_notes

NAMES: Final = {7: ["child"], 12: ["two [2]"]}
FAMILY: Final = {7, 12, 13}
STEPS: Final = {
    *("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink"),
    *("os.link", "open", "subprocess.Popen"),
}
"""The audit events of what changes a store."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """3 ── 7 ── 12, 7 ── 13: two of them named, one pinned, all used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    for image, place in ((3, "0/3"), (7, "0/3/7"), (12, "0/3/7/12"), (13, "0/3/7/13")):
        root = add_layer(store.path, image, place)
        write_notes(root.parent.parent, f"made {image}")
        (root / "file").write_text("x")
    (store.path / "id_counter").write_bytes(b"." * 13)
    for image, names in NAMES.items():
        set_name(store, names[0], image)
    marks.pin(store, 13)
    (store.path / "layer/0/_meta/used").mkdir()
    (store.path / "layer/0/_meta/used/12").touch()
    return store


def killed(store: Store, step: int, work: Callable[[], object]) -> bool:
    """Do it in a process that ends before its step of this number; whether it did."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, 9)
        return status == 9
    left = step

    def hook(event: str, words: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in STEPS or (event == "open" and not words[2] & os.O_CREAT):
            return
        if event == "subprocess.Popen" or store.root in str(words[0]):
            if left == 0:
                os._exit(9)
            left -= 1

    try:
        sys.addaudithook(hook)
        work()
        os._exit(0)
    finally:
        os._exit(1)


def taken_out(store: Store, *, to_trash: bool) -> None:
    plan = plan_removal(store, store.read(), [7])
    remove(store, plan, trash=to_trash, allow=seen_in(plan))


def in_trash(store: Store) -> set[int]:
    return {image for entry in trash.trashed(store) for image in entry.ids}


def is_whole(store: Store) -> None:
    """All is as it was before anything happened."""
    forest = store.read()
    assert set(forest.images) == {3, *FAMILY}
    assert forest.images[12].parent == forest.images[13].parent == 7
    assert {i: sorted(forest.images[i].names) for i in NAMES} == NAMES
    assert forest.images[12].origin == "made 12"
    assert (store.path / store.layer(13) / "_data/root/file").read_text() == "x"
    assert forest.pinned == {13}
    assert set(marks.last_used(store)) == {12}


def every_step(
    store: Store, work: Callable[[Store], object], check: Callable[[Store], str]
) -> list[str]:
    """What `check` says after each kill, each time on a new copy of the store."""
    seen: list[str] = []
    for step in range(200):
        copy = Store(store.path.with_name(f"copy-{step}"))
        shutil.copytree(store.path, copy.path, symlinks=True)
        died = killed(copy, step, lambda at=copy: work(at))  # type: ignore[misc]
        for link in (*copy.path.glob("index/*"), *copy.path.glob("map/*")):
            os.utime(link, (1, 1), follow_symlinks=False)  # no longer young
        gc.sweep(copy)
        assert list(copy.path.glob("tmp/*")) == []
        links = {p.name for p in copy.path.glob("index/*")} - {"0"}
        assert links == {*map(str, copy.read().images)}, "no link leads nowhere"
        seen.append(check(copy))
        shutil.rmtree(copy.path)
        if not died:
            return seen
    raise AssertionError("it never ended")


def state(store: Store) -> str:
    """Where the family is: all of it in one place, from where it can be had whole."""
    there, kept = FAMILY & set(store.read().images), in_trash(store)
    assert (there, kept) in ((FAMILY, set()), (set(), FAMILY), (set(), set()))
    if kept:
        assert restore(store, 7).names_lost == ()
    if there or kept:
        is_whole(store)
        return "there" if there else "trash"
    assert list(store.read().images) == [3]
    assert marks.marked(store) == set(), "marks go with them"
    assert not list(store.path.glob("map/*"))
    return "gone"


def in_order(seen: list[str], *states: str) -> bool:
    """Each state comes, none comes back, and it takes several steps in all."""
    changes = [a for a, b in zip(seen, [*seen[1:], ""], strict=True) if a != b]
    return changes == list(states) and len(seen) > 5


def test_a_removal_to_the_trash(store: Store) -> None:
    seen = every_step(store, lambda at: taken_out(at, to_trash=True), state)
    assert in_order(seen, "there", "trash"), seen


def test_a_removal_for_good(store: Store) -> None:
    seen = every_step(store, lambda at: taken_out(at, to_trash=False), state)
    assert in_order(seen, "there", "trash", "gone"), seen


def test_a_restore(store: Store) -> None:
    taken_out(store, to_trash=True)
    seen = every_step(store, lambda at: restore(at, 7), state)
    assert in_order(seen, "trash", "there"), seen


def test_emptying_the_trash(store: Store) -> None:
    taken_out(store, to_trash=True)
    seen = every_step(store, empty_trash.empty, state)
    assert in_order(seen, "trash", "gone"), seen


def test_a_purge(store: Store) -> None:
    def left(at: Store) -> str:
        images = set(at.read().images)
        assert images in ({3, *FAMILY}, set())
        if images:
            is_whole(at)
        else:
            purge(at)
            assert list(at.path.iterdir()) == []
            at.create()
            assert marks.marked(at) == set()
        return "there" if images else "gone"

    seen = every_step(store, purge, left)
    assert in_order(seen, "there", "gone"), seen
