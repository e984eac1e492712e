"""Keys that people know from other programs: copies, marks, undo, orders, ids."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from plashui.processes.ps import Running
from plashui.settings.config import parse
from plashui.store import marks
from plashui.store.store import Store
from plashui.ui.dialogs.removals.removal import RemovalScreen
from plashui.ui.platform.terminal import clipboard, through_tmux
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)

pytestmark = pytest.mark.usefixtures("still")


async def test_something_of_an_image_is_copied(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "j", "y")
        await shows(pilot, "Copy of image 17", "plash run debian-dev")
        for key, text in (
            ("i", "17"),
            ("n", "debian-dev"),
            ("c", "plash run debian-dev"),
            ("p", f"{sample.path}/layer/0/1/2/17/_data/root"),
            ("o", "shell"),
        ):
            await pilot.press(key)
            await told(pilot, "Copied ")
            assert app.clipboard == text
            await pilot.press("y")
        await pilot.press("escape", "j", "y", "n")
        await shows(pilot, "Copy of image 5")
        await pilot.press("escape", "space", "space", "y", "enter")
        await until(pilot, lambda: app.clipboard == "5 6")


def test_a_copy_goes_through_the_terminal_and_out_of_tmux(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = base64.b64encode("ä b".encode()).decode()
    assert clipboard("ä b") == f"\x1b]52;c;{text}\x07"
    monkeypatch.delenv("TMUX", raising=False)
    assert through_tmux("\x1b]x\x07") == ""
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    assert through_tmux("\x1b]x\x07") == "\x1bPtmux;\x1b\x1b]x\x07\x1b\\"


async def test_every_deed_is_undone_one_after_the_other(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("P")
        await told(pilot, "Pinned image 1")
        await pilot.press("N", *"why", "enter")
        await told(pilot, "Note saved")
        await pilot.press("r", *"x", "enter")
        await until(pilot, lambda: sample.read().images[1].names == ("x",))
        await pilot.press("j", "d")
        await shows(pilot, "Removes 2 images")
        await pilot.press("d")
        await told(pilot, "Moved 2 images")
        await pilot.press("U")
        await shows(pilot, "Remove 2 images", "Rename 1", "Note on image 1", "Pin 1")
        await matches_golden(pilot, "undo-list-120x32")
        await pilot.press("escape", "u")
        await told(pilot, "2 images restored")
        await pilot.press("u")
        await told(pilot, "Image 1 is called debian again")
        await pilot.press("u")
        await told(pilot, "The note on image 1 is as it was")
        await pilot.press("u")
        await told(pilot, "The pins are as they were")
        assert marks.note_of(sample, 1) == ""
        assert not marks.pinned(sample.root)
        assert sample.read().images[1].names == ("debian",)


async def test_any_deed_is_undone_and_a_name_goes_back_to_its_owner(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("r", *["backspace"] * 6, *"alpine", "enter")
        await shows(pilot, "would lose that name")
        await pilot.press("right", "enter")
        await until(pilot, lambda: sample.read().images[1].names == ("alpine",))
        await pilot.press("P")
        await told(pilot, "Pinned image")
        await pilot.press("U", "j", "enter")
        await told(pilot, "Image 1 is called debian again")
        images = sample.read().images
        assert (images[1].names, images[9].names) == (("debian",), ("alpine",))
        assert len(view_of(app).journal.deeds) == 1


async def test_a_name_that_a_new_image_took_goes_back_to_its_owner(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.image.union.allocated", lambda _tree: 200_000_000)
    async with opened(sample) as (_app, pilot):
        await pilot.press("j", "j", "z", "tab", *"alpine")
        await shows(pilot, "3 layers of 240 MB become one")
        await pilot.press("enter")
        await shows(pilot, "Take the name?")
        await pilot.press("right", "enter")
        await told(pilot, "Squash 17: image 18 (alpine)")
        assert sample.get_name("alpine") == 18
        await pilot.press("u")
        await told(pilot, "Image 9 is called alpine again")
        assert sample.get_name("alpine") == 9
        assert 18 in sample.read()


async def test_ranges_matches_and_the_rest_are_marked(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        table = table_of(app)
        await pilot.press("shift+down", "shift+down")
        await until(pilot, lambda: table.marks == {1, 2, 17})
        await pilot.press("shift+up")
        await until(pilot, lambda: table.marks == {1, 2})
        await pilot.press("j", "I")
        await until(pilot, lambda: table.marks == {17, 5, 6, 9, 12})
        await pilot.press("escape", "g", "v", "j", "j", "v", "j")
        await until(pilot, lambda: table.marks == {1, 2, 17})
        await pilot.press("escape", "slash", *"apt", "enter", "ctrl+a")
        await until(pilot, lambda: table.marks == {2, 5})
        await pilot.press("ctrl+a")
        await until(pilot, lambda: not table.marks)


async def test_an_order_is_chosen_and_turned_around(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        table = table_of(app)
        await pilot.press("s")
        await shows(pilot, "Sort by", "last use")
        await matches_golden(pilot, "sort-120x32")
        await pilot.press("o")
        await until(pilot, lambda: "▾OWN" in text_of(app))
        await pilot.press("s", "r")
        await until(pilot, lambda: "▴OWN" in text_of(app))
        assert table.rows[0].id == 9
        lines = text_of(app).splitlines()
        row = next(at for at, line in enumerate(lines) if "OWN" in line)
        await pilot.click(offset=(lines[row].index("OWN"), row))
        await until(pilot, lambda: "▾OWN" in text_of(app))
        await pilot.click(offset=(lines[row].index("OWN"), row))
        await until(pilot, lambda: "▴OWN" in text_of(app))


async def test_digits_go_to_an_id_and_one_alone_to_a_tab(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.ui.model.images.digits.TOGETHER", 60.0)
    async with opened(sample) as (app, pilot):
        view = view_of(app)
        await pilot.press("2")
        await until(pilot, lambda: view.details.on_tab == 1)
        main_of(app)._digits.forget()
        await pilot.press("1", "7")
        await until(pilot, lambda: view.image == 17)
        await until(pilot, lambda: view.details.on_tab == 1)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: view.details.on_tab == 2)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: view.details.on_tab == 0)


async def test_half_pages_and_the_next_match(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        table = table_of(app)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: table.cursor == 6)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: table.cursor == 0)
        await pilot.press("slash", *"apt", "enter")
        await until(pilot, lambda: table.image == 2)
        await pilot.press("n")
        await until(pilot, lambda: table.image == 5)
        await pilot.press("n")
        await until(pilot, lambda: table.image == 2)


async def test_the_command_lines_of_what_was_done_are_listed(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("at")
        await shows(pilot, "Nothing was run yet.")
        await pilot.press("escape", "P")
        await told(pilot, "Pinned image 1")
        await pilot.press("j", "d")
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen))
        await shows(pilot, "Removes 2 images")
        await pilot.press("y")
        await told(pilot, "Moved 2 images")
        await pilot.press("at")
        await shows(pilot, "plash rm --trash 2", "plash pin 1")
        await pilot.press("enter")
        await until(pilot, lambda: app.clipboard == "plash rm --trash 2")


async def test_cleaning_asks_first(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("C")
        await shows(pilot, "Clean up?")
        await pilot.press("escape")
        assert not app.jobs.all
        assert Path(sample.root).is_dir()


async def test_any_verb_is_typed_with_completion(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def on_terminal(argv: list[str], environment: dict[str, str]) -> int:
        assert environment["PLASH_DATA"] == sample.root
        ran.append(argv[1:])
        return 0

    monkeypatch.setattr("plashui.ui.screens.shell.on_terminal", on_terminal)
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "j", "colon")
        await shows(pilot, "doctor", "Tab completes")
        await pilot.press(*"his")
        await shows(pilot, "history")
        await until(pilot, lambda: "doctor" not in text_of(app))
        await pilot.press("tab", *"{", *"id}", "enter")
        await until(pilot, lambda: ran == [["history", "17"]])
        assert app.lines_run == ["plash history 17"]
        await pilot.press("colon", "9", "enter")
        await until(pilot, lambda: view_of(app).image == 9)
        await pilot.press("colon", "8", "enter")
        await told(pilot, "There is no image 8")


async def test_commands_of_the_config_have_keys_and_entries(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(
        "plashui.ui.screens.shell.on_terminal",
        lambda argv, _environment: ran.__iadd__(argv[-1:]) and 0,
    )
    source = '[commands.count]\nrun = "find {dir} {id} {name}"\nkey = "F6"\n'
    loaded = parse(source, "config")
    assert not loaded.troubles
    async with opened(sample, (160, 45), loaded=loaded) as (app, pilot):
        await shows(pilot, "F6 count")
        await pilot.press("j", "j", "f6")
        place = f"{sample.path}/layer/0/1/2/17/_data/root"
        await until(pilot, lambda: ran == [f"find {place} 17 debian-dev"])
        await pilot.press("ctrl+p", *"count")
        await shows(pilot, "Run: find {dir} {id} {name}")
    assert "has no run" in str(parse('[commands.x]\nkey = "F6"\n', "c").troubles[0])
    clash = parse('[commands.x]\nrun = "a"\nkey = "d"\n', "c")
    async with opened(sample, loaded=clash) as (app, _pilot):
        assert app.loaded.troubles


async def test_all_that_runs_is_on_one_page(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        Running(4201, 17, "run", "root", "sleep 100", memory=2_000_000, birth=1),
        Running(4300, 9, "isolated", "root", "top", memory=1_000_000, birth=2),
    ]
    monkeypatch.setattr("plashui.ui.tabs.processes.running", lambda _store: found)
    monkeypatch.setattr("plashui.ui.tabs.processes.PERIOD", 0.1)
    async with opened(sample) as (app, pilot):
        await pilot.press("A")
        await shows(pilot, "17 debian-dev", "sleep 100", "9 alpine", "2 processes")
        await shows(pilot, "0 % ▁▁▁▁▁▁▁▁", "3.0 MB · 0 %  ▁▁▁▁▁▁▁▁")
        await matches_golden(pilot, "running-120x32")
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.screen is main_of(app))
        assert view_of(app).image == 9


async def test_how_images_are_shown_is_remembered(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("s", "o", "s", "r", "t", "i", "less_than_sign")
        await until(pilot, lambda: table_of(app).flat)
        app.leave_now()
    async with opened(sample) as (app, pilot):
        table = table_of(app)
        assert table.flat
        assert not view_of(app).details.display
        assert app.details_width == 50
        await pilot.press("t")
        await until(pilot, lambda: "▴OWN" in text_of(app))


async def test_the_edge_of_the_details_is_dragged_and_stays_there(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        details = view_of(app).details
        assert details.region.x == 120 - 46
        await pilot.mouse_down(offset=(74, 10))
        await pilot.hover(offset=(60, 12))
        await until(pilot, lambda: details.region.width == 60)
        await pilot.hover(offset=(3, 12))
        await until(pilot, lambda: details.region.width == 80, "the tree keeps room")
        await pilot.hover(offset=(64, 12))
        await until(pilot, lambda: details.region.width == 56)
        await pilot.mouse_up(offset=(64, 12))
        assert app.details_width == 56
        await pilot.hover(offset=(40, 12))
        await pilot.press("less_than_sign")
        await until(pilot, lambda: details.region.width == 60)
        await pilot.mouse_down(offset=(59, 10))
        await pilot.hover(offset=(70, 12))
        await pilot.mouse_up(offset=(70, 12))
        await until(pilot, lambda: app.details_width == 50, "the edge of the tree, too")
        app.leave_now()
    async with opened(sample) as (app, pilot):
        await until(pilot, lambda: view_of(app).details.region.width == 50)


async def test_the_right_button_shows_what_can_be_done(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.click("#tree", offset=(20, 2), button=3)
        await shows(pilot, "Image 17", "Rename", "Export")
        await pilot.press("P")
        await told(pilot, "Pinned image 17")


async def test_the_details_get_more_room_or_less(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        details = view_of(app).details
        wide = details.size.width
        await pilot.press("less_than_sign")
        await until(pilot, lambda: details.size.width == wide + 4)
        await pilot.press("greater_than_sign", "greater_than_sign")
        await until(pilot, lambda: details.size.width == wide - 4)
