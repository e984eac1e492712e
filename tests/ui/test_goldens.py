"""The main screen as plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from plashui.image.shadowed import Found, Shadow
from plashui.model.forest import Forest
from plashui.operations.squash import Squash
from plashui.store.store import Store
from plashui.ui.tabs.details import Details
from tests.ui.driving import matches_golden, opened, shows, text_of, until


def shadowed(
    _store: Store, forest: Forest, image: int, found: Found, **_: object
) -> None:
    """Stands in for the disk, whose blocks may be of any size."""
    for layer in reversed(forest.lineage(image)):
        found(layer, Shadow(layer - 1, (layer - 1) * 100_000))


def squashed(_store: Store, forest: Forest, image: int, **_: object) -> Squash:
    """The same."""
    line = tuple(forest.lineage(image))
    return Squash(image, 0, line, 240_000_000, 30_000_000, line[:2], 78_000_000, ())


pytestmark = pytest.mark.usefixtures("still")


async def test_main_at_120x32(sample: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plashui.ui.tabs.layers.shadows", shadowed)
    monkeypatch.setattr("plashui.ui.tabs.layers.plan_squash", squashed)
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("j", "j")
        await until(pilot, lambda: app.screen.query_one(Details).has_facts)
        await pilot.pause()
        await matches_golden(pilot, "main-120x32")
        await pilot.press("tab")
        await shows(pilot, "hidden by layers", "saved once")
        await matches_golden(pilot, "layers-beside-120x32")


async def test_main_at_160x45(sample: Store) -> None:
    async with opened(sample, (160, 45)) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(Details).has_facts)
        await pilot.press("space", "s", "s", "i")
        await shows(pilot, "1 marked · 162 MB")
        await until(pilot, lambda: "removing it" not in text_of(app))
        await pilot.press("i")
        # What is looked up once the cursor rests, or it would depend on the speed.
        await shows(pilot, "removing it frees 78 MB", "last used", "┏▸ 2 apt")
        await matches_golden(pilot, "main-160x45")


async def test_main_at_80x24(sample: Store) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await matches_golden(pilot, "main-80x24")
        await pilot.press("i")
        await until(pilot, lambda: app.screen.query_one(Details).has_facts)
        await pilot.pause()
        await matches_golden(pilot, "details-80x24")
        await pilot.press("escape")
        await pilot.pause()
        await matches_golden(pilot, "main-80x24")


async def test_an_empty_store_says_what_to_do(nothing: Store) -> None:
    async with opened(nothing, (80, 24)) as (app, pilot):
        await pilot.pause()
        await matches_golden(pilot, "empty-80x24")
        await pilot.press("d", "enter", "j", "space", "s", "slash", "escape")
        assert "look around in a demo" in text_of(app), (
            "nothing to act on is no trouble"
        )


async def test_help_lists_every_action(sample: Store) -> None:
    async with opened(sample, (100, 60)) as (_app, pilot):
        await pilot.press("question_mark")
        await shows(pilot, "plash rm --trash 1")
        await matches_golden(pilot, "help-100x60")
        await pilot.press("escape")
        await shows(pilot, "SHARE")


@pytest.mark.parametrize("size", [(120, 32), (80, 24)])
async def test_the_form_of_an_executable_file(
    sample: Store,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    name = f"{size[0]}x{size[1]}"
    async with opened(sample, size) as (app, pilot):
        if size[0] > 80:
            await pilot.press("i")  # what it shows is read from disk
        await pilot.press("E", "up", *["right"] * 5)
        await shows(pilot, "as usual")
        app.screen.query_one("#app_file", Input).value = "/tmp/dev"
        app.screen.query_one("#app_arg", Input).value = "docs:mount"
        await pilot.press("down", "enter")
        await shows(pilot, "the kind is one of")
        await matches_golden(pilot, f"export-app-wrong-{name}")
        await pilot.press(*["down"] * 4, "right")
        await shows(pilot, "Definition" if size[1] > 24 else "Entrypoint")
        await matches_golden(pilot, f"export-app-{name}")
