"""A removal takes what its plan shows, and never what has come to be used since."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.base.errors import Holder, InUse, Named, Needed, Pinned
from plashui.operations import empty_trash
from plashui.operations.removal_plan import Allow, plan_removal, seen_in
from plashui.operations.remove import remove
from plashui.operations.restore import restore
from plashui.store import marks, names
from plashui.store.store import Store
from plashui.store.trash import listing as trash
from plashui.store.trash.record import walk_nodes
from tests.store.test_store import add_layer


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """1, on it 2 and 3; 3 is named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    for image, place in ((1, "0/1"), (2, "0/1/2"), (3, "0/1/3")):
        add_layer(store.path, image, place)
    (store.path / "id_counter").write_bytes(b"...")
    names.set_name(store, "box", 3)
    return store


@pytest.fixture
def entered() -> Iterator[list[int]]:
    """Images in which something starts at the last moment: when they are moved."""
    images: list[int] = []
    locks: list[int] = []

    def walk(top: Path, image: int) -> dict[int, str]:
        found = walk_nodes(top, image)
        for one in images:
            if one in found:
                locks.append(os.open(f"{found[one]}/_data", os.O_RDONLY))
                fcntl.flock(locks[-1], fcntl.LOCK_SH)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plashui.operations.remove.walk_nodes", walk)
        yield images
    for lock in locks:
        os.close(lock)


@pytest.mark.parametrize("to_trash", [True, False])
def test_what_came_into_use_since_the_preview_stays_though_another_was_seen(
    store: Store, entered: list[int], to_trash: bool
) -> None:
    """The person agreed to take 2, in which something ran, and was not shown 3."""
    plan = plan_removal(store, store.read(), [1])
    plan = plan._replace(in_use=(Holder(4711, "sleep", 2),))
    entered += [2, 3]
    with pytest.raises(InUse, match="image 3 is in use") as refused:
        remove(store, plan, trash=to_trash, allow=seen_in(plan))
    assert {holder.image for holder in refused.value.holders} == {3}
    assert set(store.read().images) == {1, 2, 3}
    entered.remove(3)
    entered.clear()


def test_what_was_shown_to_be_in_use_goes(store: Store, entered: list[int]) -> None:
    plan = plan_removal(store, store.read(), [2])
    plan = plan._replace(in_use=(Holder(4711, "sleep", 2),))
    entered.append(2)
    assert remove(store, plan, trash=True, allow=seen_in(plan)).ids == (2,)


def test_what_was_pinned_since_stays(store: Store) -> None:
    marks.pin(store, 2)
    plan = plan_removal(store, store.read(), [1])
    marks.pin(store, 3)
    with pytest.raises(Pinned, match="image 3 is pinned"):
        remove(store, plan, trash=True, allow=seen_in(plan))
    assert set(store.read().images) == {1, 2, 3}


def test_only_names_that_are_allowed_go(store: Store) -> None:
    plan = plan_removal(store, store.read(), [1])
    with pytest.raises(Named, match="image 3 has been named 'box'"):
        remove(store, plan, trash=True, allow=Allow(named=(2,)))
    assert store.get_name("box") == 3
    remove(store, plan, trash=True, allow=Allow(named=(2, 3)))
    assert restore(store, 1).names_kept == ("box",)


def test_what_something_in_the_trash_stands_on_does_not_go_for_good(
    store: Store,
) -> None:
    remove(store, plan_removal(store, store.read(), [2]), trash=True)
    plan = plan_removal(store, store.read(), [1])
    assert plan.needed == (2,)
    with pytest.raises(Needed, match="image 2 in the trash is built on it"):
        remove(store, plan, trash=False)
    assert restore(store, 2).ids == (2,)
    remove(store, plan_removal(store, store.read(), [2]), trash=True)
    remove(store, plan_removal(store, store.read(), [1]), trash=True)
    with pytest.raises(Needed, match="image 2 in the trash is built on it"):
        empty_trash.empty(store, [1])
    assert restore(store, 2).first == (1,)


def test_what_lost_its_ground_says_so(store: Store) -> None:
    remove(store, plan_removal(store, store.read(), [2]), trash=True)
    plan = plan_removal(store, store.read(), [1])
    remove(store, plan, trash=False, allow=seen_in(plan))
    assert [(one.id, one.parent, one.lost) for one in trash.trashed(store)] == [
        (2, 1, True)
    ]
    assert empty_trash.empty(store) > 0
