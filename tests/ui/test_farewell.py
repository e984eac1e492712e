"""A screen that is left before it is whole takes nothing down with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from textual.events import Key
from textual.screen import Screen

from plashui.operations.session import Session
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.ui.actions.table import action as entry
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.shells.shell_return import Ended
from tests.ui.driving import main_of, opened, shell_return, until

STEPS: Final = 14
"""Of the loop, within which a screen comes to be whole."""


def _shell_return(app: PlashuiApp) -> Screen[Any]:
    session = Session(app.store, 1, Way(), app.store.path / "tmp/x")
    return shell_return(Ended(1, "", session.line, {}))


def _pager(app: PlashuiApp) -> Screen[Any]:
    from plashui.ui.viewers.pager import Pager

    return Pager(app.store, 1, "/file")


def _file_diff(app: PlashuiApp) -> Screen[Any]:
    from plashui.image.file_diff import Side
    from plashui.ui.viewers.file_diff import FileDiffScreen

    return FileDiffScreen(app.store, Side(1, "/file"), Side(2, "/file"))


def _copy_out(_app: PlashuiApp) -> Screen[Any]:
    from plashui.ui.dialogs.copy_out import CopyOutScreen

    return CopyOutScreen(1, "/file")


@pytest.mark.parametrize("make", [_shell_return, _pager, _file_diff, _copy_out])
async def test_a_screen_may_go_before_it_has_come(
    sample: Store, make: Callable[[PlashuiApp], Screen[Any]]
) -> None:
    async with opened(sample) as (app, pilot):
        for steps in range(STEPS):
            app.push_screen(make(app))
            await _left_after(steps, app)
            await until(pilot, lambda: app.screen is main_of(app))
            await pilot.pause()
            assert app.disaster is None


@pytest.mark.parametrize("action", ["run", "shrink", "stores"])
async def test_an_action_may_be_left_before_its_screen_has_come(
    sample: Store, action: str
) -> None:
    async with opened(sample) as (app, pilot):
        for steps in range(STEPS):
            await app.run_action(entry(action).trigger, main_of(app))
            await until(pilot, lambda: app.screen is not main_of(app))
            await _left_after(steps, app)
            await until(pilot, lambda: app.screen is main_of(app))
            await pilot.pause()
            assert app.disaster is None


async def _left_after(steps: int, app: PlashuiApp) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
    app.pop_screen()


async def test_a_key_that_comes_when_the_last_screen_has_closed_is_dropped(
    sample: Store,
) -> None:
    async with opened(sample) as (app, _pilot):
        pass
    assert not app.screen_stack
    await app.on_event(Key("x", "x"))
