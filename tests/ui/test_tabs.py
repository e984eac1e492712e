"""The tabs of the details as plain text, of made-up images: the same on every disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual.widgets import Input

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.model.forest import Forest
from plashui.processes.ps import Running
from plashui.store.store import Store
from plashui.ui.dialogs.copy_out import CopyOutScreen
from plashui.ui.model.details.live import Course, Look
from plashui.ui.tabs.processes import heading, process_lines
from plashui.ui.widgets.path_tree import PathTree
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
from tests.ui.test_hostile import harmless

pytestmark = pytest.mark.usefixtures("still")

TIME = 1_767_225_600 * 10**9
FILE = Entry("", "-", 0o644, 0, 0, 5, 4096, TIME)
DIRECTORY = Entry("", "d", 0o755, 0, 0, 0, 4096, TIME)
EVIL = "x\x1b[31m\u202egnp [red]\nnew\udcff"


def file(size: int) -> Entry:
    return FILE._replace(size=size, allocated=size)


CHANGES = [
    Change("/etc", DIRECTORY, DIRECTORY._replace(mode=0o700), ("mode",)),
    Change("/etc/passwd", file(900), file(1200), ("content", "owner")),
    Change("/etc/motd", None, file(17)),
    Change("/opt", DIRECTORY, FILE, ("type",)),
    Change("/opt/old", file(70_000), None),
    Change("/usr/lib/libbig.so", None, file(48_000_000)),
    Change("/usr/lib/libold.so", file(20_000_000), None),
    Change("/usr/share/doc", None, DIRECTORY),
    *(Change(f"/usr/share/doc/page{n}", None, file(30_000)) for n in range(40)),
    Change(f"/{EVIL}", None, file(1)),
]


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Every two images differ in the same things; which ones were compared."""
    asked = []

    def found(
        _store: Store, _forest: Forest, old: int, new: int, *, cancel: Cancel
    ) -> list[Change]:
        assert not cancel.is_set()
        asked.append((old, new))
        return CHANGES

    monkeypatch.setattr("plashui.ui.tabs.changes.diff", found)
    return asked


class Fake:
    """An image with a directory of everything."""

    def entries(self, path: str) -> list[Entry]:
        """The same wherever there is something."""
        if path == "/root":
            raise PlashError("cannot list /root in image 2: Permission denied")
        if path.startswith("/etc"):
            return [file(1200)._replace(name="passwd", uid=7, gid=100_000)]
        if path == "/empty":
            return []
        names = ("root", "etc", "empty", EVIL)
        if path == "/lib":
            return [file(7)._replace(name="libc.so")]
        return [
            *(DIRECTORY._replace(name=name) for name in names),
            FILE._replace(name="lib", kind="l", target="usr/lib", mode=0o777),
            FILE._replace(name="link", kind="l", target=f"/etc/{EVIL}", mode=0o777),
            FILE._replace(name="null", kind="c", device=(1, 3), mode=0o666),
            file(5_000_000_000)._replace(name="swap", mode=0o4600),
        ]

    def leads_to_directory(self, path: str) -> bool:
        return path == "/lib"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every image holds the same files."""

    @contextmanager
    def fake(_store: Store, _image: int) -> Iterator[Fake]:
        yield Fake()

    monkeypatch.setattr("plashui.ui.tabs.files.open_image", fake)


def sleeper(pid: int, cpu: float = 1.0, **more: Any) -> Running:
    return Running(
        pid, 2, "run", "somebody", f"sleep {EVIL}", cpu, 3.0, 2_000_000, 0.0, 9
    )._replace(**more)


async def test_changes_as_a_tree_by_size(
    sample: Store, changes: list[tuple[int, int]]
) -> None:
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("j", "3")
        await shows(pilot, "parent 1: 44 A, 2 M, 2 D, 1 T, 69 MB", "usr/")
        await pilot.press("o", "l", "j", "l")
        await shows(pilot, "libbig.so")
        await matches_golden(pilot, "changes-120x32")
        await pilot.press("o")
        await shows(pilot, "20 MB", "deleted", "vs. parent 1 debian")
        await matches_golden(pilot, "changes-page-120x32")
        await pilot.press("h", "h")
        assert "libbig.so" not in text_of(app)
        assert changes == [(1, 2)]
        await pilot.press("escape")
        assert app.focused is table_of(app)


@pytest.mark.usefixtures("changes")
async def test_all_directories_are_opened_and_closed_by_one_key(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "3", "o", "o")
        await shows(pilot, "usr/")
        assert "libbig.so" not in text_of(app)
        await pilot.press("asterisk")
        await shows(pilot, "libbig.so", "usr/")
        paths = app.screen.query_one(PathTree)
        at = [row.node.name for row in paths.rows].index("libbig.so")
        paths.cursor = at
        await pilot.press("minus")
        await until(pilot, lambda: "libbig.so" not in text_of(app))
        assert paths.node is not None
        assert paths.node.name == "usr/", "what the line was in"
        assert view_of(app).table.rows[0].opened, "the tree of images is as it was"


async def test_what_acts_on_the_images_brings_them_back_on_the_screen(
    sample: Store,
) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        for key, words in (
            ("slash", "filter: name, origin"),
            ("M", "Map all"),
            ("t", "list"),
            ("s", "▾SUBTREE"),
            ("n", "NAME▴"),
            ("minus", "▸ debian"),
            ("asterisk", "▾ debian"),
            ("i", "SUBTREE"),
        ):
            await pilot.press("o")
            await until(pilot, lambda: main_of(app).has_class("-page"))
            await until(pilot, lambda: view_of(app).details.has_focus_within)
            await pilot.press(*(key,) * (1 + (key == "s")))
            await shows(pilot, words)
            assert not main_of(app).has_class("-page")
            await pilot.press("escape")
            if key == "t":
                await pilot.press("t")
        await pilot.press("o", "space")
        await shows(pilot, "─ marked")
        assert view_of(app).details.image == 1, "marked where one is"
        await pilot.press("o")
        await until(pilot, lambda: app.focused is table_of(app))


@pytest.mark.usefixtures("changes")
async def test_changes_fill_a_small_screen(sample: Store) -> None:
    for size in ((80, 24), (60, 17)):
        async with opened(sample, size) as (app, pilot):
            await pilot.press("j", "3", "o")
            await shows(pilot, "69 MB", "usr/")
            await pilot.press("l", "j", "j", "l", "l", "l")
            await shows(pilot, "page0")
            harmless(text_of(app))
            await matches_golden(pilot, f"changes-{size[0]}x{size[1]}")
            await pilot.press("escape")
            await shows(pilot, "SUBTREE")


async def test_changes_are_against_the_one_marked_image(
    sample: Store, changes: list[tuple[int, int]]
) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("3", "G")
        await until(pilot, lambda: changes[-1:] == [(9, 12)])
        await pilot.press("k", "k", "space")
        await pilot.press("G")
        await until(pilot, lambda: changes[-1:] == [(6, 12)])
        await shows(pilot, "marked 6")
        await pilot.press("g", "space")  # two are marked: none is the one
        await pilot.press("G")
        await shows(pilot, "parent 9")
        count = len(changes)
        await pilot.press("k", "j")
        await shows(pilot, "parent 9")
        assert changes[count:].count((9, 12)) == 0, "what was compared is known"


@pytest.mark.usefixtures("files")
async def test_files_are_read_directory_by_directory(sample: Store) -> None:
    async with opened(sample, (120, 32), toasts=True) as (app, pilot):
        await pilot.press("j", "4", "o")
        await shows(pilot, "swap", "5.0 GB")
        await pilot.press("l")
        await shows(pilot, "empty/  empty")
        await pilot.press("j", "enter", "enter", "l")
        await shows(pilot, "passwd")
        harmless(text_of(app))
        await matches_golden(pilot, "files-120x32")
        await pilot.press("o")
        await shows(pilot, "-rw-r--r--", "7:100000", "2026-01-01 00:00")
        await matches_golden(pilot, "files-page-120x32")
        await pilot.press("j", "h")
        tree = app.screen.query_one(PathTree)
        assert tree.node is not None
        assert tree.node.name == "etc/", "h goes to where it is in"
        await pilot.press("j", "j", "enter")
        await told(pilot, "cannot list /root in image 2: Permission denied")
        assert not tree.node.opened


@pytest.mark.usefixtures("files")
async def test_a_link_to_a_directory_opens_and_the_line_above_says_where_one_is(
    sample: Store,
) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("j", "4", "o")
        await shows(pilot, "▸ lib -> usr/lib", "    link -> /etc/")
        paths = app.screen.query_one(PathTree)
        names = [row.node.name for row in paths.rows]
        paths.cursor = names.index("lib -> usr/lib")
        await pilot.press("space")
        await told(pilot, "/lib is a directory: only files are compared")
        assert "marked" not in text_of(app)
        await pilot.press("enter")
        await shows(pilot, "libc.so")
        assert "/" in [line.strip(" │") for line in text_of(app).splitlines()]
        await pilot.press("l", "space")
        await shows(pilot, "  marked: /lib/libc.so · /lib ")
        await pilot.press("h", "equals_sign")
        assert app.screen is main_of(app), "a file and a directory are not compared"


@pytest.mark.usefixtures("files")
async def test_files_fill_a_small_screen_and_take_the_mouse(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("j", "4", "o")
        await shows(pilot, "swap")
        at = next(i for i, x in enumerate(text_of(app).splitlines()) if "etc/" in x)
        await pilot.click(offset=(30, at))
        await shows(pilot, "passwd")
        harmless(text_of(app))
        await matches_golden(pilot, "files-60x17")
        await pilot.click(offset=(30, at))
        await until(pilot, lambda: "passwd" not in text_of(app))
        await pilot.press("G", "k", "enter")
        await told(pilot, "/null is a device")


@pytest.mark.usefixtures("files")
async def test_the_footer_and_the_palette_have_what_the_tab_can_do(
    sample: Store,
) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("j", "4", "o")
        await shows(pilot, "swap", "c Copy out")
        line = text_of(app).splitlines()[-1]
        await pilot.click(offset=(line.index("Copy out"), 23))
        await until(pilot, lambda: isinstance(app.screen, CopyOutScreen))
        await pilot.press("escape", "ctrl+p", *"copy out")
        await shows(pilot, "Copy out (c)", "In this tab.")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CopyOutScreen))
        await pilot.press("escape", "escape")
        await shows(pilot, "enter Shell")


@pytest.mark.usefixtures("files")
async def test_where_to_copy_is_asked(sample: Store) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.press("j", "4", "o")
        await shows(pilot, "swap")
        await pilot.press("G", "c")
        await until(pilot, lambda: isinstance(app.screen, CopyOutScreen))
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        await shows(pilot, "Where to?")
        await matches_golden(pilot, "copyout-80x24")
        await pilot.press("escape")
        await shows(pilot, "1Info")
        assert not app.jobs.all


async def test_an_image_that_cannot_be_opened_says_why(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_words: object, **_more: object) -> None:
        raise PlashError("no image 2")

    monkeypatch.setattr("plashui.ui.tabs.files.open_image", gone)
    monkeypatch.setattr("plashui.ui.tabs.changes.diff", gone)
    monkeypatch.setattr("plashui.ui.tabs.layers.shadows", gone)
    monkeypatch.setattr("plashui.ui.tabs.processes.running", gone)
    async with opened(sample) as (_app, pilot):
        await pilot.press("j")
        for tab in "2345":
            await pilot.press("1")
            await shows(pilot, "removing it")
            await pilot.press(tab)
            await shows(pilot, "no image 2")


async def test_an_image_removed_while_one_looks_inside_is_told(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "2", "o")
        await shows(pilot, "HIDES")
        (sample.path / "index/12").unlink()
        node = sample.path / "layer/0/9/12"
        node.rename(sample.path / "tmp/12")
        await told(pilot, "Image 12, shown in the details, was removed")
        await until(pilot, lambda: view_of(app).details.image == 9)


async def test_processes_are_looked_at_only_while_seen(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []

    def found(_store: Store) -> list[Running]:
        looks.append(None)
        return [
            sleeper(4321, 1.0 + len(looks)),
            sleeper(99, image=1),
            Running(None, 2, "mount", "", "mounted at /srv"),
        ]

    monkeypatch.setattr("plashui.ui.tabs.processes.running", found)
    monkeypatch.setattr("plashui.ui.tabs.processes.PERIOD", 0.2)
    monkeypatch.setattr("plashui.ui.tabs.processes.monotonic", lambda: len(looks))
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "5")
        await shows(pilot, "4321", "1 process, 2.0 MB, 1 mount", "100 %")
        await shows(pilot, "mounted at /srv")
        await pilot.press("o", "o")
        await shows(pilot, "somebody", "100 % ████████", "100 %  ████████")
        harmless(text_of(app))
        await matches_golden(pilot, "processes-page-120x32")
        await pilot.press("j", "K")
        await told(pilot, "`plash umount` ends a mount")
        await pilot.press("1")
        count = len(looks)
        for _ in range(10):
            await pilot.pause(0.01)
        assert len(looks) <= count + 1, "nobody sees them"


async def test_a_process_is_ended_after_a_question_and_killed_after_another(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[int | None, bool]] = []
    there = [sleeper(4321)]
    monkeypatch.setattr("plashui.ui.tabs.processes.running", lambda _store: there)
    monkeypatch.setattr(
        "plashui.ui.tabs.processes.end",
        lambda one, *, force: ended.append((one.pid, force)),
    )
    async with opened(sample, (80, 24), toasts=True) as (app, pilot):
        await pilot.press("j", "5", "o")
        await shows(pilot, "4321")
        await pilot.press("K")
        await shows(pilot, "End this process?", "Process 4321 of somebody in image 2")
        harmless(text_of(app))
        await pilot.press("enter")
        assert ended == [], "the safe answer is no"
        await pilot.press("d", "right", "enter")
        await told(pilot, "Asked process 4321 to end")
        await shows(pilot, "ending")
        await matches_golden(pilot, "processes-80x24")
        await pilot.press("K")
        await shows(pilot, "Kill this process?", "It was asked to end but still runs.")
        await pilot.press("right", "enter")
        await told(pilot, "Killed process 4321")
        assert ended == [(4321, False), (4321, True)]
        there.clear()
        await shows(pilot, "No processes")


async def test_read_only_ends_nothing(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "plashui.ui.tabs.processes.running", lambda _store: [sleeper(4321)]
    )
    async with opened(sample, read_only=True) as (_app, pilot):
        await pilot.press("j", "5", "o")
        await shows(pilot, "4321")
        await pilot.press("K")
        await told(pilot, "Read-only store")


def test_a_process_in_one_line_of_any_width() -> None:
    course = Course()
    course.take(Look(1.0, [sleeper(7, percent=12.3)]))
    for width in (30, 60, 100):
        (line,) = process_lines(course, {(7, 9)}, width)
        text = harmless("".join(piece for piece, _kind in line))
        assert text.split()[0] == "7"
        assert "12 %" in text
        assert len(heading(width)) <= width
        assert "ending" in text
