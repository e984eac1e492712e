"""A worker that fails as none should ends neither the app nor its screen in silence."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from plashui.base import log
from plashui.store.store import Store
from plashui.ui.viewers.pager import Pager
from tests.ui.driving import opened, told


def fails(*_words: Any, **_options: Any) -> Any:
    raise ZeroDivisionError("by design")


async def noted(pilot: Pilot[None]) -> None:
    await told(pilot, "ZeroDivisionError: by design")
    assert "by design" in log.log_file().read_text()


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("plashui.ui.screens.doctor.diagnose", "D"),
        ("plashui.store.trash.listing.trashed", "T"),
        ("plashui.operations.shrink.plan", "S"),
        ("plashui.ui.screens.shell.shell_session", "e"),
        ("plashui.ui.dialogs.stores.looked_at", "O"),
        ("plashui.ui.tabs.files.open_image", "o4"),
    ],
)
async def test_what_fails_in_a_screen_is_noted_and_told(
    sample: Store, monkeypatch: pytest.MonkeyPatch, where: str, keys: str
) -> None:
    async with opened(sample) as (app, pilot):
        monkeypatch.setattr(where, fails)
        await pilot.press(*keys)
        await noted(pilot)
        assert app.disaster is None


async def test_what_fails_in_the_pager_is_noted_and_told(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.ui.viewers.pager.Content", fails)
    async with opened(sample) as (app, pilot):
        app.push_screen(Pager(sample, 1, "/file"))
        await noted(pilot)
        assert app.disaster is None
