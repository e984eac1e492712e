"""The config in the app: keys, columns, colours, ASCII; and a broken one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.color import Color

from plashui.base.errors import PlashError
from plashui.settings.config import Config, Loaded, parse
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.ui.platform.glyphs import ASCII, harmless, in_ascii
from plashui.ui.platform.theme import DAWN, DUSK
from plashui.ui.widgets.key_bar import KeyBar
from plashui.ui.widgets.line_list import LineList
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


async def test_a_configured_key_does_it_and_is_shown_everywhere(sample: Store) -> None:
    keys = {"remove": ("R", "F6"), "help": ("d",), "mark": ()}
    loaded = Loaded(Config(keys=keys), "")
    async with opened(sample, (120, 60), loaded=loaded) as (app, pilot):
        assert {k.key for k in app.screen.query_one(KeyBar).keys} >= {"R", "d"}
        await pilot.press("space")
        assert table_of(app).marks == set(), "it has no key any more"
        await pilot.press("d")
        await shows(pilot, "R F6", "Remove")
        await pilot.press("escape", "f6")
        await shows(pilot, "Move to the trash")
        await pilot.press("escape", "question_mark")
        assert app.screen is main_of(app)
        await pilot.press("ctrl+p", *"mark")
        await shows(pilot, "Mark (no key)")


async def test_what_is_said_names_the_keys_that_are_set(sample: Store) -> None:
    keys = {"map": ("W",), "mark": ("Y",), "back": ("f9",), "inside": ("w",)}
    async with opened(sample, loaded=Loaded(Config(keys=keys), "")) as (_app, pilot):
        await pilot.press("W", "s")
        await told(pilot, "W leaves the map")
        await pilot.press("W", "equals_sign")
        await shows(pilot, "Or mark two images (Y)")
        await pilot.press("escape")
        await pilot.press("slash", *"nowhere")
        await shows(pilot, "esc clears the filter")
        await pilot.press("enter")
        await shows(pilot, "F9 clears the filter")
        await pilot.press("f9", "w", "question_mark")
        await shows(pilot, "w F9")


async def test_a_broken_config_is_told_in_a_sentence_and_stops_nothing(
    sample: Store,
) -> None:
    source = "theme = 'lite'\ncolumns = 3\n[keys]\nremove = 'u'\nmark = 'Y'\n"
    async with opened(sample, loaded=parse(source, "~/c.toml")) as (app, pilot):
        await told(pilot, "~/c.toml, line 2: columns: 3 is not a list")
        await told(pilot, "(2 more: `plash config`)")
        assert app.theme == "plashui"
        await pilot.press("Y")
        assert table_of(app).marks == {1}, "keys without a clash are as wanted"
        await pilot.press("d")
        await shows(pilot, "Move to the trash")


async def test_the_shell_of_the_config_is_the_one_that_runs(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    @contextmanager
    def session(
        _store: Store, image: int, way: Way, *, thrown_away: bool
    ) -> Iterator[None]:
        assert not thrown_away
        asked.append(way.line(image))
        raise PlashError("not here")
        yield

    monkeypatch.setattr("plashui.ui.screens.shell.shell_session", session)
    for source in ("shell = '/bin/zsh'", "shell-home = 'read-only'", ""):
        async with opened(sample, loaded=parse(source, "")) as (_app, pilot):
            await pilot.press("enter")
            await told(pilot, "not here")
    private = "plash run --home read-only 1"
    assert asked == ["plash run 1 /bin/zsh", private, "plash run 1"]


async def test_columns_and_details_are_as_wide_as_wanted(sample: Store) -> None:
    loaded = Loaded(Config(columns=("subtree",), details=60), "")
    async with opened(sample, loaded=loaded) as (app, pilot):
        head = next(x for x in text_of(app).splitlines() if "OWN" in x)
        assert "SUBTREE" in head
        assert "AGE" not in head
        assert view_of(app).details.outer_size.width == 60
        await pilot.resize_terminal(80, 24)
        await pilot.press("i")
        await shows(pilot, "1Info")
        assert view_of(app).details.outer_size.width == 80


async def test_only_ascii_is_drawn_where_asked_for(hostile: Store) -> None:
    async with opened(hostile, (80, 24), ascii_only=True) as (app, pilot):
        await pilot.press("j", "i", "d")
        await shows(pilot, "Move to the trash")
        assert text_of(app).isascii()
        await pilot.press("escape", "question_mark")
        await shows(pilot, "On the tree")
        assert text_of(app).isascii()
        await pilot.press("escape", "ctrl+p")
        await shows(pilot, "Back (esc)")
        assert text_of(app).isascii()


async def test_ascii_at_120x32(sample: Store) -> None:
    async with opened(sample, (120, 32), ascii_only=True) as (app, pilot):
        await pilot.press("j", "d")
        await shows(pilot, "Removes 2 images (")
        await matches_golden(pilot, "ascii-120x32")
        assert text_of(app).isascii()


def test_ascii_is_as_wide_as_what_it_stands_for() -> None:
    for text in ("│ ├─▾ ▌● 日本 é · …", "╭─╮╰─╯", "e\u0301", "plain"):
        from rich.cells import cell_len

        assert in_ascii(text).isascii()
        assert len(in_ascii(text)) == cell_len(text), text
    assert in_ascii("└─▸ é") == "`-> ?"
    assert all(value.isascii() for value in ASCII.values())


def test_what_is_cut_says_so_in_ascii_and_is_no_sentence() -> None:
    for text, wanted in (
        ("apt install g…", "apt install..."),
        ("a…  b", "..  b"),
        ("Older than …", "Older than.."),
        ("日本…", "????~"),
        ("182…", "182~"),
        ("… 11 lines before", "~ 11 lines before"),
    ):
        assert in_ascii(text) == wanted


def test_what_acts_on_a_terminal_does_not_reach_it() -> None:
    for text in ("a\x1b[31m", "\u202eb", "c\ud800", "d\x00\n", "plain 日本 └─"):
        assert harmless(text).isprintable()
        assert len(harmless(text)) <= len(text)
    assert harmless("plain 日本 └─") == "plain 日本 └─"


def contrast(one: str, two: str) -> float:
    """The contrast of two colours, as the WCAG defines it: 1 to 21."""

    def light(colour: str) -> float:
        parts = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in Color.parse(colour).normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((light(one), light(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DUSK, DAWN])
def test_every_colour_can_be_read_on_its_ground(theme: object) -> None:
    assert isinstance(theme, type(DAWN))
    for ground in (theme.background, theme.surface, theme.panel):
        assert ground is not None
        for ink in ("foreground", "primary", "accent", "warning", "error", "success"):
            assert contrast(getattr(theme, ink), ground) >= 4.0, (ink, ground)


def cursor_style(app: object) -> str:
    """How the row under the cursor is drawn."""
    table = table_of(app)  # type: ignore[arg-type]
    strip = table.render_line(table.cursor)
    return str(next(iter(strip)).style)


async def test_without_colours_the_cursor_is_seen(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(sample, (80, 24), loaded=Loaded(Config(color=False), "")) as (
        app,
        pilot,
    ):
        await pilot.pause()
        assert "reverse" in cursor_style(app)
        strips = app.screen._compositor.render_strips()
        colours = {
            tuple(style.color.triplet)
            for strip in strips
            for _text, style, _ in strip
            if style is not None and style.color is not None and style.color.triplet
        }
        assert colours
        assert all(len(set(rgb)) == 1 for rgb in colours), "only greys"
        await matches_golden(pilot, "no-color-80x24")
    monkeypatch.setenv("NO_COLOR", "1")
    loaded = Loaded(Config(color=True), "")
    async with opened(sample, (80, 24), loaded=loaded) as (app, _pilot):
        assert "reverse" not in cursor_style(app), "the config goes before"


@pytest.mark.parametrize("key", ["d", "x", "S", "O"])
async def test_without_colours_what_has_the_focus_is_drawn_in_reverse(
    sample: Store, key: str
) -> None:
    loaded = Loaded(Config(color=False), "")
    async with opened(sample, (80, 24), loaded=loaded) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: app.screen.is_modal and app.screen.focused)
        for _ in app.screen.focus_chain:
            await pilot.pause()
            at = app.screen.focused
            assert at is not None
            strips = app.screen._compositor.render_strips()
            rows = strips[at.region.y : at.region.bottom]
            found = [
                style
                for strip in rows
                for _text, style, _ in strip.crop(at.region.x, at.region.right)
            ]
            reverse = any(style is not None and style.reverse for style in found)
            assert reverse or isinstance(at, LineList), at  # it may have no line
            await pilot.press("tab")


async def test_the_light_theme_is_as_the_dark_one(sample: Store) -> None:
    loaded = Loaded(Config(theme="plashui-light"), "")
    async with opened(sample, (80, 24), loaded=loaded) as (app, pilot):
        assert not app.current_theme.dark
        await matches_golden(pilot, "main-80x24")
