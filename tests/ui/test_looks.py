"""What a person sees: nothing covered, nothing cut that matters, signs where needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.color import Color
from textual.command import CommandList
from textual.widgets import Input

from plashui.base.progress import Progress, Rate
from plashui.settings.config import Config, Loaded
from plashui.store.store import Store
from plashui.ui.dialogs.question import Question
from plashui.ui.dialogs.shells.shell_return import Ended
from plashui.ui.model.jobs.job import Job, Outcome
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.key_bar import Key, fitting
from plashui.ui.widgets.line_list import LineList, fitted
from plashui.ui.widgets.tree_table import TreeTable
from tests.ui.driving import (
    CHANGED,
    opened,
    shell_return,
    shows,
    text_of,
    until,
    view_of,
)

SMALL = (60, 17)


def keys(text: str) -> str:
    """The last line."""
    return text.splitlines()[-1]


async def test_buttons_cover_nothing_however_much_is_said(sample: Store) -> None:
    async with opened(sample, SMALL) as (app, pilot):
        line = "plash run:persist 17 " + "/a-very-long-directory" * 12
        label = "sh -c 'make all' " * 20
        app.push_screen(shell_return(Ended(17, label, line, {}), CHANGED, 12_000_000))
        await shows(pilot, "4 added, 1 modified", "Decide later", "a name (optional)")
        await pilot.press("escape")
        app.push_screen(Question("Go?", "so much\n" * 20 + "at the end", yes="Go"))
        await shows(pilot, "so much", "Back       Go")
        assert "at the end" not in text_of(app)
        await pilot.press("pagedown", "pagedown")
        await shows(pilot, "at the end", "Back       Go")


async def test_what_has_no_room_in_a_question_is_cut_with_a_sign(
    sample: Store,
) -> None:
    async with opened(sample, SMALL) as (app, pilot):
        await pilot.press("x", "down", "right", "up")
        await shows(pilot, "Volumes", "User", "Back      Run")
        box = app.screen.query_one("#box")
        await until(pilot, lambda: box.max_scroll_y == 0)
        app.screen.query_one("#command", Input).value = "make all " * 20
        await shows(pilot, "make all…")
        await until(pilot, lambda: box.max_scroll_y == 0)
        app.screen.query_one("#command", Input).value = "make all"
        await until(pilot, lambda: "…" not in text_of(app).split("$ plash")[1])


async def test_a_filter_s_words_are_cut_with_a_sign(sample: Store) -> None:
    async with opened(sample, SMALL) as (_app, pilot):
        await pilot.press("slash")
        await shows(pilot, "last-used<2w  is:", "…")


async def test_fields_look_the_same_after_the_palette(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("ctrl+p")
        await shows(pilot, "Back (esc)")
        await pilot.press("escape", "b")
        await shows(pilot, "Build on image 1")
        lines = [line for line in text_of(app).splitlines() if "│" in line]
        command = next(line for line in lines if "leave empty" in line)
        name = next(line for line in lines if "optional" in line)
        assert command.index("leave empty") == name.index("optional")


async def test_what_is_wrong_in_a_form_goes_with_the_next_letter(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("p", "up", "right", "right", "down", *"~/no", "enter")
        await shows(pilot, "There is no file")
        await shows(pilot, "$ plash pull:file")
        home = f"{Path.home().name}/no"  # it may be anywhere that a line ends
        assert home in text_of(app).translate(dict.fromkeys(map(ord, " │\n")))
        await pilot.press("x")
        await until(pilot, lambda: "There is no file" not in text_of(app))


def test_the_longest_piece_gives_way_to_those_behind_it() -> None:
    line = [
        (" 12 ", "id"),
        ("sh -c 'make all install'", ""),
        ("  built on 3", "faint"),
    ]
    for width in (30, 35, 60):
        text = "".join(piece for piece, _kind in fitted(line, width))
        assert len(text) == min(width, 40)
        assert text.endswith("built on 3")
    assert fitted(line, 18) == line, "too little room for any of it"


def test_of_a_job_the_numbers_stay_where_there_is_no_room() -> None:
    at = [0.0]
    job = Job(1, "importing a-very-long-name.tar.zst", lambda _r, _c: Outcome(""))
    job.rate = Rate(lambda: at[0])
    for second in range(4):
        at[0] = float(second)
        job.report(Progress("import", second * 12_000_000, 100_000_000, "bytes"))
    assert job.line(40) == "importing a-ve…  36 %  12 MB/s  5 s left"
    assert ("█████▊░░░░░░░░░░", "bar") in job.pieces(80)


def test_keys_of_the_footer_are_two_blanks_apart_or_left_out() -> None:
    keys = [Key("a", "One", "", 1), Key("b", "Two", "", 2), Key("q", "Quit", "")]
    for width, wanted in (22, "abq"), (21, "aq"), (14, "q"):
        shown, gap = fitting(keys, width)
        assert ("".join(key.key for key in shown), gap) == (wanted, " ")
    assert fitting(keys, 5) == (keys[2:], "")


async def test_the_footer_tells_what_the_keys_do_where_the_focus_is(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("slash")
        await shows(pilot, "enter Go to match")
        assert "Remove" not in keys(text_of(app))
        await pilot.press("escape")
        await shows(pilot, "d Remove")
        await pilot.press("M")
        await shows(pilot, "+ Zoom in  - Zoom out  c Colours  M Back to the tree")
        await pilot.press("M")
        await until(pilot, lambda: "Zoom" not in keys(text_of(app)))
        await pilot.press("o")
        await shows(pilot, "o Full screen")
        await pilot.press("o")
        await shows(pilot, "o Split view")
        await pilot.press("escape")
        await shows(pilot, "d Remove")


async def test_the_footer_has_nothing_that_needs_an_image_where_none_is(
    sample: Store, nothing: Store
) -> None:
    async with opened(sample) as (app, pilot):
        for image in (1, 9):
            app.screen.query_one(TreeTable).toggle_mark(image)
        await pilot.press("d")
        await shows(pilot, "7 images")
        await pilot.press("right", "enter")
        await shows(pilot, "No images yet", "u Undo  T Trash")
        await pilot.press("u")
        await shows(pilot, "d Remove")
    shutil.rmtree(nothing.path)
    async with opened(nothing, SMALL) as (app, pilot):
        await shows(pilot, "No images yet")
        assert keys(text_of(app)).split() == [
            "p",
            "Import",
            "F",
            "Import",
            "a",
            "file",
            "B",
            "Demo",
            "?",
            "Help",
            "q",
            "Quit",
        ]


async def test_a_filter_that_matches_nothing_says_so(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("slash", *"nowhere", "enter")
        await shows(pilot, "esc Back  / Filter  p Import  O Switch store")
        await shows(pilot, "0 of 7 images", "No match - esc clears the filter")
        await pilot.press("escape")
        await until(pilot, lambda: "No match" not in text_of(app))


async def test_the_field_of_a_search_is_seen_while_one_types(sample: Store) -> None:
    async with opened(sample, SMALL) as (app, pilot):
        app.push_screen(Pager(sample, 17, "/file"))
        await shows(pilot, "17  /file", "text ·")
        await pilot.press("slash")
        await shows(pilot, "search; lower case")
        await pilot.press(*"needle")
        await shows(pilot, " needle")


async def test_the_palette_has_no_picture_and_a_line_of_its_own_for_the_command(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("ctrl+p", *"shrink")
        await shows(pilot, "Shrink (S)", "$ plash shrink --trash")
        lines = [line.strip() for line in text_of(app).splitlines()]
        assert "$ plash shrink --trash" in lines
        assert "shrink" in lines, "what is typed has no sign before it"


async def test_without_colour_the_palette_has_a_cursor(sample: Store) -> None:
    async with opened(sample, loaded=Loaded(Config(color=False), "")) as (app, pilot):
        await pilot.press("ctrl+p")
        await shows(pilot, "esc goes back", "Back (esc)")
        rows = app.screen.query_one(CommandList)
        on, off = (
            rows.get_visual_style(f"option-list--option{kind}")
            for kind in ("-highlighted", "")
        )
        assert on.background
        assert off.background
        assert abs(light(on.background) - light(off.background)) > 0.5


def light(color: Color) -> float:
    """How light a colour is to the eye, as WCAG reckons it."""
    parts = [part / 255 for part in color.rgb]
    r, g, b = (
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("size", [SMALL, (120, 32)])
async def test_a_store_for_reading_only_is_marked_in_the_top_line(
    sample: Store, size: tuple[int, int]
) -> None:
    async with opened(sample, size, read_only=True) as (app, _pilot):
        assert "plashui read-only" in text_of(app).splitlines()[0]


async def test_an_empty_list_has_no_cursor(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        for key, words in ("J", "No jobs yet"), ("T", "The trash is empty"):
            await pilot.press(key)
            await shows(pilot, words)
            assert keys(text_of(app)).split() == ["esc", "Back"]
            lines = app.screen.query(LineList).first()
            strip = lines.render_line(0)
            under = lines.get_component_rich_style("linelist--cursor")
            assert all(
                s.style is None or s.style.bgcolor != under.bgcolor for s in strip
            )
            await pilot.press("escape")
        assert view_of(app).image == 1
