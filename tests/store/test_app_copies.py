"""Copies of apps: what is in use stays."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from plashui.store import app_copies

COPY = "a" * 64 + "-root"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a copy, a half one and the files beside them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = tmp_path / "plashui/apps"
    for name in (COPY, f"{'b' * 64}-root.new"):
        (found / name / "rootfs").mkdir(parents=True)
        (found / name / "rootfs/file").write_bytes(bytes(100_000))
    for name in ("a" * 64 + ".started", f"{COPY}.lock", f"{'b' * 64}-root.lock"):
        (found / name).touch()
    return found


def test_all_of_them_go_and_are_counted(copies: Path) -> None:
    assert app_copies.allocated() >= 200_000
    assert app_copies.forget() == 1
    assert os.listdir(copies) == []
    assert (app_copies.allocated(), app_copies.forget()) == (0, 0)


def test_what_runs_or_is_being_made_stays(copies: Path) -> None:
    used = os.open(copies / COPY, os.O_RDONLY)
    made = os.open(copies / f"{'b' * 64}-root.lock", os.O_RDONLY)
    try:
        fcntl.flock(used, fcntl.LOCK_SH)
        fcntl.flock(made, fcntl.LOCK_EX)
        assert app_copies.forget() == 0
    finally:
        os.close(used)
        os.close(made)
    assert (copies / COPY / "rootfs/file").stat().st_size == 100_000
    assert (copies / f"{'b' * 64}-root.new/rootfs/file").exists()


def test_a_user_without_a_cache_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert (app_copies.allocated(), app_copies.forget()) == (0, 0)
