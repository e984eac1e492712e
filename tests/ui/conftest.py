"""Fixtures of the app's tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.store.store import Disk, Store
from plashui.ui.widgets import look_line
from tests.registries import Registries
from tests.ui import stores

NOW = 1_767_225_600.0 + 9 * 86_400
"""2026-01-10, nine days after the sample images were made."""

CREATED = "2026-01-01T00:00:00+00:00"


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home, a clock and a disk of the tests' own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("PLASH_DATA", raising=False)
    time.tzset()
    monkeypatch.setattr("plashui.ui.platform.terminal_app.QUIET", 0.0)
    # Two tabs in a row are not the id of an image, however fast keys come here.
    monkeypatch.setattr("plashui.ui.model.images.digits.TOGETHER", -1.0)
    monkeypatch.setattr(Store, "disk", lambda _store: Disk(160 * 10**9, 61 * 10**9))
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of what is drawn stands still, and bytes of the disk are not shown."""
    monkeypatch.setattr("plashui.ui.model.images.arrangement.time.time", lambda: NOW)
    monkeypatch.setattr("plashui.ui.model.details.biggest.biggest", lambda _files: ())


@pytest.fixture
def sample(tmp_path: Path) -> Store:
    """Seven images with names, origins and sizes."""
    return stores.make(tmp_path / "home/.plashdata", stores.SAMPLE, CREATED)


@pytest.fixture
def hostile(tmp_path: Path) -> Store:
    """Images whose names and origins try everything."""
    return stores.make(tmp_path / "home/.plashdata", stores.HOSTILE, CREATED)


@pytest.fixture
def nothing(tmp_path: Path) -> Store:
    """A store that was never made."""
    return Store(tmp_path / "home/.plashdata")


@pytest.fixture
def host(
    registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A registry with `tools:one` and `tools:two`, which is asked without a pause."""
    registries.put_files("tools:one", {"etc/a": "a"}, {"etc/b": "b"})
    registries.put_files("tools:two", {"etc/a": "a"})
    config = tmp_path / "config/plashui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[registries."{registries.plain}"]\ninsecure = true\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(look_line, "PAUSE", 0.01)
    return registries.plain
