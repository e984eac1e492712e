"""Whatever happens meanwhile: a sentence, and the app goes on."""

from __future__ import annotations

import threading

import pytest

from plashui.core.plan import Plan
from plashui.core.store import Store
from plashui.core.trash import Removed
from plashui.ui.screens import removal
from plashui.ui.screens.removal import RemovalScreen, carry_out
from tests.ui.driving import main_of, opened, shows, told, until


def ids(store: Store) -> set[int]:
    """What is in the store."""
    return set(store.read().images)


async def test_a_removal_under_way_is_not_left_and_can_be_undone(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(store: Store, plan: Plan) -> Removed:
        go_on.wait(10)
        return carry_out(store, plan)

    monkeypatch.setattr(removal, "carry_out", slow)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "1 image:")
        await pilot.press("right", "enter", "escape", "left", "enter", "escape")
        await shows(pilot, "moving 1 image …")
        assert isinstance(app.screen, RemovalScreen)
        go_on.set()
        await told(pilot, "1 image moved to the trash")
        assert 12 not in ids(sample)
        await pilot.press("u")
        await told(pilot, "1 image restored")
        assert 12 in ids(sample)


async def test_a_removal_that_fails_as_none_should_is_left_with_a_sentence(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_store: Store, _plan: Plan) -> Removed:
        raise RuntimeError("by hand")

    monkeypatch.setattr(removal, "carry_out", broken)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "1 image:")
        await pilot.press("right", "enter")
        await told(pilot, "(RuntimeError: by hand)")
        await until(pilot, lambda: app.screen is main_of(app))
