"""The tests' own waiting: for nobody who is gone, and with a name for who hangs."""

from __future__ import annotations

import asyncio

import pytest
from textual.css.query import NoMatches
from textual.screen import Screen

from plashui.store.store import Store
from tests.ui.answers import all_answer
from tests.ui.driving import main_of, opened, until


class _Odd(Screen[None]):
    """A page that fails on its way out, when something is sought in it."""

    def leave(self) -> None:
        """Go, and miss something."""
        self.app.pop_screen()
        raise NoMatches


async def test_a_widget_that_fails_on_its_way_out_is_not_waited_for(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        page = _Odd()
        await app.push_screen(page)
        page.call_later(page.leave)  # and then the pilot tells it something
        assert not await all_answer(app, 10)
        await until(pilot, lambda: app.screen is main_of(app))
        assert app.disaster is None


async def test_one_who_hangs_is_named(sample: Store) -> None:
    async with opened(sample) as (app, _pilot):
        on = asyncio.Event()
        app.screen.call_later(on.wait)
        with pytest.raises(AssertionError, match=r"do not answer: .*MainScreen"):
            await all_answer(app, 0.3)
        on.set()
