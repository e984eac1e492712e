"""A full disk: the error says what makes room, whichever way it arrives."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import Holder, InUse, PlashError
from plashui.store.store import Disk, Store
from plashui.store.workdir import workdir

FULL = os.strerror(errno.ENOSPC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    return store


def put_in_trash(store: Store, image: int, size: int | None) -> None:
    meta = store.path / f"trash/{image}/_meta"
    meta.mkdir(parents=True)
    (meta.parent / "_data/root").mkdir(parents=True)
    (meta / "trash.json").write_text(json.dumps({"parent": 0, "removed": 1}))
    if size is not None:
        usage = {"allocated": size, "apparent": size, "files": 1}
        (meta / "usage.json").write_text(json.dumps(usage))


def fail(store: Store, error: BaseException) -> None:
    with workdir(store):
        raise error


def wrapped() -> PlashError:
    error = PlashError("cannot write to the store")
    error.__cause__ = OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
    return error


ERRORS: dict[str, Any] = {
    "system call": lambda: OSError(errno.ENOSPC, FULL),
    "the helper's words": lambda: PlashError(f"write to the disk: {FULL}"),
    "a quota behind it": wrapped,
}


@pytest.mark.parametrize("how", ERRORS)
def test_it_says_what_emptying_the_trash_frees(store: Store, how: str) -> None:
    put_in_trash(store, 1, 300_000_000)
    put_in_trash(store, 2, 10_000_000)
    error = ERRORS[how]()
    with pytest.raises(PlashError) as caught:
        fail(store, error)
    assert caught.value.remedy.endswith(
        "The disk is full: `plash trash --empty` frees 310 MB"
    )
    said = str(error) if isinstance(error, PlashError) else f"to the store: {FULL}"
    assert said in str(caught.value)
    put_in_trash(store, 3, None)
    with pytest.raises(PlashError, match="frees more than 310 MB"):
        fail(store, error)


def test_without_a_trash_it_names_the_shrink(store: Store) -> None:
    with pytest.raises(PlashError, match="`plash shrink --dry-run`"):
        fail(store, OSError(errno.ENOSPC, FULL))


def test_what_failed_for_another_reason_is_left_as_it_is(store: Store) -> None:
    put_in_trash(store, 1, 1)
    used = InUse(f"image 1 is in use by process 9 ({FULL})", [Holder(9, "x", 1)])
    for error in (PlashError("no"), OSError(errno.EACCES, "no"), used, KeyError()):
        with pytest.raises(type(error)) as caught:
            fail(store, error)
        assert caught.value is error


def test_a_command_that_failed_on_a_disk_without_a_byte_left_is_told_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "disk", lambda _self: Disk(1000, 0))
    with pytest.raises(PlashError, match=r"make ended with status 2. The disk is full"):
        fail(store, PlashError("no image made: make ended with status 2"))
