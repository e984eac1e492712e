"""Every screen that no story holds to a golden, on a broad terminal and a small one."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from plashui.store.store import Store
from plashui.ui.dialogs.copy_out import CopyOutScreen
from plashui.ui.dialogs.shells.shell_return import Ended
from plashui.ui.tabs.details import Details
from plashui.ui.widgets.path_input import PathInput
from tests.ui.driving import (
    CHANGED,
    matches_golden,
    opened,
    shell_return,
    shows,
    told,
    until,
    view_of,
)
from tests.ui.test_goldens import shadowed, squashed

pytestmark = pytest.mark.usefixtures("still")

SIZES = ((120, 32), (60, 17))


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing depends on this disk or machine."""
    monkeypatch.setattr("plashui.ui.tabs.layers.shadows", shadowed)
    monkeypatch.setattr("plashui.ui.tabs.layers.plan_squash", squashed)
    monkeypatch.setattr("plashui.ui.tabs.processes.running", lambda _store: [])
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: [])
    monkeypatch.setattr("plashui.operations.mount.places", lambda _store, _image: [])


@pytest.mark.parametrize("size", SIZES, ids=["broad", "small"])
async def test_the_main_screen_and_its_tabs(
    sample: Store, size: tuple[int, int]
) -> None:
    name = f"{size[0]}x{size[1]}"
    async with opened(sample, size) as (app, pilot):
        await pilot.press("j", "j")
        await until(pilot, lambda: view_of(app).image == 17)
        if size[0] == 60:
            await matches_golden(pilot, f"main-{name}")
        await pilot.press("slash", *"git >1x")
        await shows(pilot, "is not a size")
        await matches_golden(pilot, f"filter-{name}")
        await pilot.press("escape")
        await pilot.press("t")
        await matches_golden(pilot, f"list-{name}")
        await pilot.press("t", "g", "j", "j")
        for tab, title in enumerate(("overview", "layers", "", "", "nobody"), 1):
            if title:
                await pilot.press(str(tab), "o")
                details = app.screen.query_one(Details)
                await until(pilot, lambda: details.has_facts)  # noqa: B023
                if title == "layers":
                    await shows(pilot, "saved once")
                if title == "nobody":
                    await shows(pilot, "No processes")
                await matches_golden(pilot, f"{title}-{name}")
                await pilot.press("escape", "escape", "escape")


@pytest.mark.parametrize("size", SIZES, ids=["broad", "small"])
async def test_questions_and_forms(sample: Store, size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with opened(sample, size) as (app, pilot):
        await pilot.press("r")
        await shows(pilot, "Name of image 1")
        await matches_golden(pilot, f"name-{name}")
        await pilot.press("escape", "N", *"why it is")
        await shows(pilot, "Note on image 1", "plash note 1 'why it is'")
        await matches_golden(pilot, f"note-{name}")
        await pilot.press("escape", "c")
        await shows(pilot, "Config of image 1")
        await pilot.press(*"A=1")
        await shows(pilot, "--env A=1")
        await matches_golden(pilot, f"config-{name}")
        await pilot.press("escape", "m")
        await shows(pilot, "Mount image 1")
        await matches_golden(pilot, f"mount-{name}")
        await pilot.press("escape")
        app.push_screen(CopyOutScreen(17, "/etc/passwd"))
        await shows(pilot, "Copy out of the image")
        app.screen.query_one(PathInput).value = "/srv/passwd"
        await shows(pilot, "/srv/passwd")
        await matches_golden(pilot, f"copyout-{name}")
        await pilot.press("escape")
        ended = Ended(17, "debian-dev", "plash run:persist 17 /store/kept/17-x", {})
        app.push_screen(shell_return(ended, CHANGED, 12_000_000))
        await shows(pilot, "Shell in 17 debian-dev ended")
        await matches_golden(pilot, f"back-{name}")
        await pilot.press("escape", "ctrl+p", *"trash")
        await shows(pilot, "Trash (T)")
        await matches_golden(pilot, f"palette-{name}")


@pytest.mark.parametrize("size", SIZES, ids=["broad", "small"])
async def test_what_goes_and_the_trash(sample: Store, size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with opened(sample, size) as (app, pilot):
        await pilot.press("question_mark")
        await shows(pilot, "On the tree")
        await matches_golden(pilot, f"help-{name}")
        await pilot.press("escape", "j", "d")
        await shows(pilot, "Their names go with them: debian-dev")
        if size[0] == 60:
            await matches_golden(pilot, f"removal-{name}")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images")
        await pilot.press("T")
        await shows(pilot, "and 1 image on it")
        await matches_golden(pilot, f"trash-{name}")
        await pilot.press("E")
        await shows(pilot, "cannot be undone")
        await matches_golden(pilot, f"question-{name}")
        await pilot.press("escape", "o")
        await shows(pilot, "is older than")
        app.screen.query_one(Input).value = "0s"
        await shows(pilot, "1 removal")
        await matches_golden(pilot, f"age-{name}")


async def test_an_empty_store_and_a_terminal_that_is_too_small(nothing: Store) -> None:
    async with opened(nothing, (60, 17)) as (app, pilot):
        await pilot.pause()
        await matches_golden(pilot, "empty-60x17")
        await pilot.resize_terminal(39, 12)
        await shows(pilot, "Too small")
        await matches_golden(pilot, "toosmall-39x12")
        await pilot.resize_terminal(30, 5)
        await shows(pilot, "Too small")
        await matches_golden(pilot, "toosmall-30x5")
        assert app.is_running


async def test_the_smallest_screen_has_room_for_every_answer(sample: Store) -> None:
    async with opened(sample, (40, 12)) as (app, pilot):
        await matches_golden(pilot, "main-40x12")
        for key, words, name in (
            ("d", "Move to the trash", "removal"),
            ("x", "Run in image 1", "run"),
            ("b", "Build on image 1", "build"),
            ("r", "Name of image 1", "name"),
            ("c", "Config of image 1", "config"),
            ("p", "Import a root filesystem", "import"),
            ("E", "Export image 1", "export"),
            ("s", "Sort by", "sort"),
            ("T", "The trash is empty", "trash"),
            ("J", "No jobs yet", "jobs"),
            ("question_mark", "On the tree", "help"),
            ("i", "1Info", "details"),
        ):
            await pilot.press(key)
            await shows(pilot, words)
            if name == "details":
                await until(pilot, lambda: app.screen.query_one(Details).has_facts)
            await matches_golden(pilot, f"{name}-40x12")
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
        ended = Ended(17, "debian-dev", "plash run:persist 17 /store/kept/17-x", {})
        app.push_screen(shell_return(ended, CHANGED, 12_000_000))
        await shows(pilot, "Discard", "Decide later", "Save as image")
        await matches_golden(pilot, "back-40x12")
