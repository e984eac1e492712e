"""Text from images can do nothing to a terminal, on any screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input

from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.operations.doctor import Finding
from plashui.settings.config import Config, Loaded
from plashui.store.store import Store
from plashui.ui.dialogs.shells.shell_return import Ended
from plashui.ui.model.jobs.job import Outcome
from plashui.ui.screens.jobs import JobsScreen
from plashui.ui.widgets.tick import Tick
from tests.ui.driving import (
    opened,
    parts_of,
    shell_return,
    shows,
    text_of,
    told,
    until,
    view_of,
)

HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """The text, if a terminal can show it."""
    found = HARMFUL.search(text)
    assert not found, f"{found!r} in {text!r}"
    assert text.encode()
    return text


async def test_main_details_and_layers(hostile: Store) -> None:
    for size in ((120, 32), (80, 24), (60, 17)):
        async with opened(hostile, size) as (app, pilot):
            if size[0] < 104:
                await pilot.press("i")
            seen = ""
            for _ in range(7):
                await pilot.pause()
                seen += (text := harmless(text_of(app)))
                widths = {len(strip) for strip in text.splitlines()}
                assert max(widths) <= size[0]
                await pilot.press("tab")
                await pilot.pause()
                harmless(text_of(app))
                await pilot.press("tab", "j")
            assert "[red]" in seen, "brackets are shown as they are"
            assert "esc\\x1b]0;x\\x07" in seen
            assert "new\\nline" in seen
            assert "bad\\xff" in seen


async def test_removal_and_trash(hostile: Store) -> None:
    async with opened(hostile, toasts=True) as (app, pilot):
        for image in (1, 3, 5):
            view_of(app).table.reveal(image)
            view_of(app).table.switch_mark()
        await pilot.press("d")
        await shows(pilot, "7 images", "Their names go with them")
        harmless(text_of(app))
        await pilot.press("right", "enter")
        await shows(pilot, "to the trash - u undo")
        harmless(text_of(app))
        await pilot.press("T")
        await shows(pilot, "2 removals" if 3 not in hostile.read() else "removals")
        harmless(text_of(app))
        await pilot.press("E")
        await shows(pilot, "cannot be undone")
        harmless(text_of(app))
        await pilot.press("escape", "escape", "u")
        await until(pilot, lambda: len(view_of(app).table.forest) == 7)
        harmless(text_of(app))
        assert hostile.get_name("bad\udcff") == 4


async def test_names_filters_shells_and_jobs(hostile: Store, tmp_path: Path) -> None:
    async with opened(hostile) as (app, pilot):
        for image in range(1, 8):
            view_of(app).table.reveal(image)
            await pilot.press("r")
            await shows(pilot, "Name of image")
            harmless(text_of(app))
            await pilot.press("escape", "slash", "[", "slash", "]", "backslash")
            harmless(text_of(app))
            await pilot.press("escape")
        label = hostile.read().label(4)
        path = Change(f"/{label}", None, Entry(label, "-", 0, 0, 0, 1, 1, 0))
        ended = Ended(4, label, f"plash \x1b[2J {label}", {})
        app.push_screen(shell_return(ended, [path]))
        await shows(pilot, "Shell in 4", "\\x1b[2J", "1 added")
        harmless(text_of(app))
        await pilot.press("f3")
        await shows(pilot, "Open all")
        harmless(text_of(app))
        await pilot.press("escape")
        harmless(text_of(app))
        await pilot.press("escape")
        file = tmp_path / "x\x1b[31m\u202e[b].tar"
        parts_of(app).jobs.start(
            f"importing {file.name}", lambda _r, _c: Outcome(label)
        )
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, JobsScreen))
        await shows(pilot, "done", "[b].tar")
        harmless(text_of(app))
        await pilot.press("escape", "ctrl+p")
        await shows(pilot, "Back (esc)")
        harmless(text_of(app))


async def test_shrink_stores_and_doctor(
    hostile: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "/srv/\x1b[31m\u202e[b]\udcff"
    loaded = Loaded(Config(stores={"a\x1b]0;x\x07[/]": odd}), "c\x1b[2J")
    loaded = loaded.with_troubles([((), "odd \x1b[31m\u202e", "do [bold]")])
    wrong = Finding(False, "x\x1b[31m", f"because {odd}", f"do {odd} [/red]")
    monkeypatch.setattr("plashui.ui.screens.doctor.diagnose", lambda _store: [wrong])
    for size in ((120, 32), (60, 17)):
        async with opened(hostile, size, loaded=loaded, toasts=True) as (app, pilot):
            await shows(pilot, "In the config")
            await told(pilot, "odd \\x1b[31m\\u202e")
            harmless(text_of(app))
            await pilot.press("S")
            app.screen.query_one(Tick).action_switch()
            await shows(pilot, "would be removed")
            harmless(text_of(app))
            app.screen.query_one("#to", Input).value = "\x1b[31m\u202e\ud800[/]"
            await shows(pilot, "is not a size")
            harmless(text_of(app))
            await pilot.press("escape", "O")
            await shows(pilot, "a\\x1b]0;x\\x07[/]", "no store yet")
            harmless(text_of(app))
            await pilot.press("escape", "D")
            await shows(pilot, "x\\x1b[31m", "→ do /srv/")
            harmless(text_of(app))
            await pilot.press("escape")
