"""Every screen there is, driven with names that try everything.

Two gates are watched: what comes to the last one, where signs that act on a terminal
are taken out, must not need it (but for what a person typed into a field); and no text
from outside may be parsed for markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from rich.segment import Segment
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from plashui.base.errors import Holder, PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.operations.doctor import Finding
from plashui.processes.ps import Running
from plashui.settings.config import Config, Loaded
from plashui.store import marks
from plashui.store.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.question import Question
from plashui.ui.dialogs.shells.shell_return import Ended
from plashui.ui.model.forms import memory as form_memory
from plashui.ui.model.jobs.job import Outcome
from plashui.ui.platform.glyphs import Harmless
from plashui.ui.viewers.file_diff import FileDiffScreen
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.path_tree import PathTree
from plashui.ui.widgets.tick import Tick
from tests.ui.driving import (
    main_of,
    opened,
    parts_of,
    shell_return,
    shows,
    table_of,
    text_of,
    told,
    until,
)
from tests.ui.test_hostile import harmless

EVIL: Final = "x\x1b[31m\u202e\x9b2J [red][/] [@click=app.bell] \udcff\u2066\nnew"
TYPED: Final = "t\x1b[35m\u202d\x852J [red][/] // [@click=app.bell] \udcfe\u2067\nold"
"""As bad, and put into fields only, which show what they hold; no name or path."""

PARSED: Final = re.compile(r"(?<!\\)\[(red|/|@click=)")
"""Markup of hostile texts that was not escaped."""


_FIELD: Final = f'"{TYPED}" >{TYPED} /{TYPED}/x'


class Gates:
    """What passed the two gates and should not have."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.raw: set[str] = set()
        self.parsed: set[str] = set()

    def check(self, app: PlashuiApp) -> str:
        """What is on the screen, if all of it is harmless."""
        text = harmless(text_of(app))
        raw = {piece for piece in self.raw if piece.strip() not in _FIELD}
        assert not raw, f"{app.screen} {raw}\n{text}"
        assert not self.parsed, f"{app.screen} {self.parsed}\n{text}"
        self.raw.clear()
        if app.ascii_drawn:  # type: ignore[attr-defined]
            assert text.isascii(), app.screen
        width, _height = app.size
        assert max(map(len, text.splitlines())) <= width
        return text


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Gates:
    """Both are watched."""
    made = Gates()
    apply, parse = Harmless.apply, Content.from_markup

    def watched(self: Harmless, segments: list[Segment], ground: Any) -> list[Segment]:
        made.raw.update(text for text, _, _ in segments if not text.isprintable())
        return apply(self, segments, ground)

    def noted(markup: str | Content, **variables: object) -> Content:
        if isinstance(markup, str) and PARSED.search(markup):
            made.parsed.add(markup)
        return parse(markup, **variables)

    monkeypatch.setattr(Harmless, "apply", watched)
    monkeypatch.setattr(Content, "from_markup", staticmethod(noted))
    return made


@pytest.fixture
def evil(hostile: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Hostile names, notes, files, kept changes, processes, findings, memories."""
    for image in (3, 4):
        marks.write_note(hostile, image, EVIL)
        root = hostile.path / hostile.layer(image) / "_data/root"
        bytes_ = f"{EVIL} {image}\n".encode("utf-8", "surrogateescape")
        (root / f"d{EVIL.replace('/', '')}").mkdir()
        (root / "etc").mkdir()
        (root / "etc/evil").write_bytes(bytes_ * 5)
        (root / "etc/os-release").write_bytes(b'PRETTY_NAME="' + bytes_[:-3] + b'"\n')
        (root / "link").symlink_to(EVIL)
    kept = hostile.path / "kept/4-x"
    (kept / "data/x").mkdir(parents=True)
    note = {"command": [EVIL, "\u202e"], "saved": 1.0}
    (kept / "session.json").write_text(json.dumps(note))
    runs = Running(4321, 4, "run", EVIL, EVIL, 1.0, 3.0, 2_000_000, 0.0, 9)
    wrong = Finding(False, EVIL, EVIL, EVIL)
    monkeypatch.setattr("plashui.ui.tabs.processes.running", lambda _store: [runs])
    monkeypatch.setattr("plashui.ui.screens.doctor.diagnose", lambda _store: [wrong])
    monkeypatch.setattr("plashui.operations.mount.places", lambda _store, _image: [])
    monkeypatch.setattr(
        "plashui.processes.holders.holders", lambda _path: [Holder(4711, EVIL, 4)]
    )
    for form in ("run", "import", "export", "build", "mount"):
        names = ("command", "environment", "directory", "volumes", "user", "name")
        more = ("file", "copy", "url", "mountpoint", "sha256")
        form_memory.remember(form, dict.fromkeys((*names, *more), TYPED))
    form_memory.remember_command(TYPED)
    return hostile


Looked = Callable[..., Any]


@contextmanager
def opening(ascii_only: bool) -> Iterator[dict[str, Any]]:
    """How the app is opened: dark and broad, or small and in ASCII only."""
    odd = f"/srv/{EVIL}"
    loaded = Loaded(Config(stores={EVIL: odd}), "c\x1b[2J")
    loaded = loaded.with_troubles([((), EVIL, EVIL)])
    yield {"loaded": loaded, "ascii_only": ascii_only, "toasts": True}


async def _look_at_the_main_screen(pilot: Pilot[None], look: Looked) -> None:
    """As tree, list and map, filtered, with every tab."""
    await look("", "[red]", "bad\\xff")
    for key in ("t", "t", "M", "plus", "minus", "M"):
        await look(key)
    await look("slash", "filter")
    pilot.app.screen.query_one(Input).value = f'"{TYPED}" >{TYPED}'
    await look("", "is not a size")
    await look("escape", "SUBTREE")
    table_of(pilot.app).reveal(3)  # type: ignore[arg-type]
    broad = pilot.app.size.width > 104
    await look("1", "note        x\\x1b[31m" if broad else "1Info")
    table_of(pilot.app).reveal(4)  # type: ignore[arg-type]
    for tab, word in (
        ("2", ""),
        ("3", "etc"),
        ("4", "etc"),
        ("5", "4321"),
    ):
        await look(tab, word)


async def _look_into_the_details(pilot: Pilot[None], look: Looked) -> None:
    """Files, a file, two compared, a copy, and the end of a process."""
    app = pilot.app
    await look("4", "link")
    await look("o", "etc")
    await until(pilot, lambda: isinstance(app.focused, PathTree))
    tree = app.focused
    assert isinstance(tree, PathTree)
    for row in range(len(tree.rows)):
        tree.cursor = row
        branch = tree.rows[row].node.branch
        await look("space", "compared" if branch else "marked:")
    await look("G")
    await look("c", "to:")
    await look("escape")
    await look("escape")
    await look("5", "4321")
    await look("o")
    await look("K", "End this process?")
    await look("escape")
    await look("escape", "SUBTREE")


@pytest.mark.parametrize("ascii_only", [False, True], ids=["dark", "ascii"])
async def test_no_screen_is_harmed_by_what_is_in_an_image(
    evil: Store, gates: Gates, ascii_only: bool
) -> None:
    size = (80, 24) if ascii_only else (120, 32)
    with opening(ascii_only) as how:
        async with opened(evil, size, **how) as (app, pilot):
            app.ascii_drawn = ascii_only  # type: ignore[attr-defined]

            async def look(key: str = "", *words: str) -> str:
                if key:
                    await pilot.press(key)
                await pilot.pause()
                if words and any(words):
                    await shows(pilot, *filter(None, words))
                return gates.check(app)

            await told(pilot, "\\x1b[31m")
            await look()
            app.clear_notifications()
            await _look_at_the_main_screen(pilot, look)
            await _look_into_the_details(pilot, look)
            table_of(app).reveal(4)
            if not ascii_only:  # the rest is drawn by the same widgets
                await _look_at_forms(pilot, look)
                await _look_at_pages(app, pilot, look, evil)
            await _look_at_what_goes(app, pilot, look)


async def _look_at_forms(pilot: Pilot[None], look: Looked) -> None:
    """Each as it is remembered, edited, and refused."""
    for key, word in (
        ("x", "Run in image 4"),
        ("b", "Build on image 4"),
        ("p", "Import a root"),
        ("E", "Export image 4"),
        ("m", "Mount image 4"),
        ("N", "Note on image 4"),
        ("r", "Name of image 4"),
    ):
        await look(key, word)
        for field in pilot.app.screen.query(Input):
            field.value = TYPED
        await look()
        if key in "xbpE":
            await look("enter", word)
            await look("up")
            await look("right")
            await look("enter", word)
        await look("escape", "SUBTREE")
    await look("z", "Squash image 4")
    await look("down")
    pilot.app.screen.query_one(Input).value = TYPED
    await look()
    await look("escape")
    await look("O", "Switch store")
    pilot.app.screen.query_one(Input).value = f"/{TYPED}/x"
    pilot.app.screen.set_focus(pilot.app.screen.query_one(Input))
    await look("enter", "There is no directory")
    await look("escape", "SUBTREE")
    await look("enter", "Unsaved changes")
    await look("escape", "SUBTREE")


async def _look_at_pages(
    app: PlashuiApp, pilot: Pilot[None], look: Looked, store: Store
) -> None:
    """What fills the screen."""
    app.push_screen(Pager(store, 4, "/etc/evil"))
    await look("", "\\x1b[31m")
    await look("slash")
    app.screen.query_one(Input).value = TYPED
    await look("enter")
    await look("x", "hex")
    await look("escape")
    app.push_screen(Pager(store, 4, f"/{EVIL}"))
    await look("", "No such file")
    await look("escape")
    sides = ((3, "/etc/evil"), (4, "/etc/evil"))
    from plashui.image.file_diff import Side

    app.push_screen(FileDiffScreen(store, *(Side(*s) for s in sides), note=EVIL))
    await look("", "added")
    await look("escape")
    await look("question_mark", "On the tree")
    await look("escape")
    await look("ctrl+p", "Back (esc)")
    for letter in "[rm]":
        await look(
            {"[": "left_square_bracket", "]": "right_square_bracket"}.get(
                letter, letter
            )
        )
    await look("escape")
    await until(pilot, lambda: app.screen is main_of(app))
    await look("D", "FAILED")
    await look("escape")


async def _look_at_what_goes(app: PlashuiApp, pilot: Pilot[None], look: Looked) -> None:
    """Jobs, shells, a shrink, a removal, the trash, questions."""
    path = Change(f"/{EVIL}", None, Entry(EVIL, "-", 0, 0, 0, 1, 1, 0))
    ended = Ended(4, EVIL, f"plash {EVIL}", {TYPED: 1}, gone=EVIL)
    app.push_screen(shell_return(ended, [path], 1, TYPED))
    await look("", "Shell in 4")
    await look("escape")
    app.push_screen(Question("Sure?", EVIL, yes="Yes"))
    await look("", "Sure?")
    await look("escape")

    def work(report: Report, _cancel: Cancel) -> Outcome:
        report(Progress(EVIL, 1, None, "lines"))
        report(Progress(EVIL, 1, 9, "bytes"))
        raise PlashError(EVIL, EVIL)

    parts_of(app).jobs.start(f"importing {EVIL}", work)
    await told(pilot, "importing x\\x1b[31m")
    await look()
    await look("J", "failed")
    await look("escape")
    app.clear_notifications()
    await look("S", "None of ")
    app.screen.query_one(Tick).action_switch()
    await look("", "would be removed")
    app.screen.query_one("#to", Input).value = TYPED
    await look("", "For example 10G")
    await look("escape", "SUBTREE")
    for image in (3, 5):
        table_of(app).reveal(image)
        table_of(app).switch_mark()
    await look("d", "Their names go with them", "Remove anyway (in use)")
    await look("right")
    await look("enter", "to the trash - u undo")
    await look("T", "2 removals")
    await look("E", "cannot be undone")
    await look("escape")
    await look("o", "is older than")
    app.screen.query_one(Input).value = TYPED
    await look("", "is not a span")
    await look("escape")
    await look("escape", "SUBTREE")
    await look("u", "restored")
