"""What somebody meets who opens the app for the first time."""

from __future__ import annotations

import pytest

from plashui.store.store import Store
from plashui.ui.dialogs.tour import STEPS
from tests.ui.driving import main_of, matches_golden, opened, shows, until

pytestmark = pytest.mark.usefixtures("still")


async def test_an_empty_store_offers_registries_files_and_the_demo_by_a_key(
    nothing: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(
        "plashui.ui.screens.shell.on_terminal",
        lambda argv, _environment: ran.append(list(argv[1:])),
    )
    async with opened(nothing) as (app, pilot):
        await shows(pilot, "No images yet", "F  import a tar", "B  look around")
        await pilot.press("F")
        await shows(pilot, "Import a root filesystem", "● file")
        await pilot.press("escape", "p")
        await shows(pilot, "● registry")
        await pilot.press("escape", "B")
        await until(pilot, lambda: ran == [["demo"]])
        assert app.lines_run == ["plash demo"]


async def test_the_tour_has_five_steps_and_can_be_left(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("f1")
        await shows(pilot, "1 of 5: What is where", "Next")
        await matches_golden(pilot, "tour-120x32")
        for number in range(2, len(STEPS) + 1):
            await pilot.press("enter")
            await shows(pilot, f"{number} of 5")
        await shows(pilot, "Done")
        await pilot.press("left")
        await shows(pilot, "4 of 5")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is main_of(app))
        await pilot.press("f1", "escape")
        await until(pilot, lambda: app.screen is main_of(app))
