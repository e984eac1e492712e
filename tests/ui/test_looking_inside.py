"""Into the files of a real image: read, searched, compared, copied out."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from textual.widgets import Input

from plashui.base.progress import Cancel
from plashui.helper import process
from plashui.store.store import Store
from plashui.ui.dialogs.copy_out import CopyOutScreen, target_of
from plashui.ui.model.text.file_lines import FileLines
from plashui.ui.viewers.file_diff import FileDiffScreen
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.page_view import PageView
from plashui.ui.widgets.path_tree import PathTree
from tests.tools import wait_for
from tests.ui import stores
from tests.ui.conftest import CREATED, NOW
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    shows,
    text_of,
    told,
    until,
)
from tests.ui.test_hostile import harmless

EVIL = "x\x1b[31m\u202egnp [red]\nnew\udcff"
OLD = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n"
NEW = OLD.replace("/bin/sh", "/bin/bash") + "\x1b[2Jevil\u202e\udcff\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


@pytest.fixture
def real(tmp_path: Path) -> Store:
    """An image of a few files, and one on it that changes them."""
    store = stores.make(tmp_path / "home/.plashdata", (), CREATED)
    below, above = tmp_path / "below", tmp_path / "above"
    write(below / "etc/passwd", OLD)
    write(above / "etc/passwd", NEW)
    write(above / "etc/lines", "".join(f"line {n}\n" for n in range(5000)))
    write(above / "etc/binary", "ELF\0\x01\x02" + "wide" * 90)
    write(above / "etc/empty", "")
    (above / "etc/away").symlink_to("/etc/passwd")
    (above / "etc/out").symlink_to("/../../../../../etc/hostname")
    write(above / "z" / EVIL / EVIL, "found\n")
    for place in (below, above):
        for path in (place, *place.rglob("*")):
            os.utime(path, (NOW, NOW), follow_symlinks=False)
    for parent, layer in ((0, below), (1, above)):
        words = ["stack", str(parent), str(layer)]
        environment = {**os.environ, "PLASH_DATA": str(store.path)}
        assert process.call(words, environment=environment).status == 0
    return store


async def at(pilot, name: str) -> None:  # type: ignore[no-untyped-def]
    """Put the cursor of the tree on this name."""
    tree = pilot.app.screen.query_one(PathTree)
    await until(pilot, lambda: any(row.node.name == name for row in tree.rows), name)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


async def test_a_file_is_read_and_searched(real: Store) -> None:
    async with opened(real, (80, 24)) as (app, pilot):
        await pilot.press("G", "4", "o")
        await shows(pilot, "etc/")
        await pilot.press("l")
        await at(pilot, "lines")
        await pilot.press("enter")
        await shows(pilot, "line 0", "text · 49 kB · 0 %")
        await matches_golden(pilot, "pager-80x24")
        await pilot.press("slash", *"LINE 49")
        await shows(pilot, " LINE 49")
        await pilot.press("enter")
        await told(pilot, "Not found below")
        await pilot.press("slash", *"line 49", "enter")
        await until(pilot, lambda: text_of(app).splitlines()[1] == " line 49")
        await pilot.press("n")
        await until(pilot, lambda: text_of(app).splitlines()[1] == " line 490")
        await pilot.press("N")
        await until(pilot, lambda: text_of(app).splitlines()[1] == " line 49")
        await pilot.press("G")
        await shows(pilot, "line 4999", "100 %")
        await pilot.press("k", "pageup", "g", "pagedown", "j")
        await until(pilot, lambda: text_of(app).splitlines()[1] == " line 22")
        await pilot.press("x")
        await shows(pilot, "hex · 49 kB", "ne 21.line 22.li")
        await matches_golden(pilot, "pager-hex-80x24")
        await pilot.press("slash", "escape", "escape")
        await shows(pilot, "1Info")


async def test_whatever_a_file_holds_does_no_harm(real: Store) -> None:
    async with opened(real, (60, 17), toasts=True) as (app, pilot):
        await pilot.press("G", "4", "o")
        await shows(pilot, "etc/")
        await pilot.press("l")
        for name, words in (
            ("passwd", "\\x1b[2Jevil\\u202e\\xff"),
            ("binary", "45 4c 46 00"),
            ("empty", "This file is empty."),
            ("away -> /etc/passwd", "/bin/bash"),
        ):
            await at(pilot, name)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, Pager))
            await shows(pilot, words)
            harmless(text_of(app))
            if name == "passwd":
                await matches_golden(pilot, "pager-60x17")
                await pilot.press("l", "x", "G")
                harmless(text_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main_of(app))
        await at(pilot, "out -> /../../../../../etc/hostname")
        await pilot.press("enter")
        await shows(pilot, "cannot read /etc/out in image 2: No such file")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main_of(app))
        await at(pilot, "z/")
        await pilot.press("l", "l", "l", "l", "enter")
        await shows(pilot, "found")
        harmless(text_of(app))


async def test_a_changed_file_is_shown_line_by_line(real: Store) -> None:
    async with opened(real, (80, 24)) as (app, pilot):
        await pilot.press("G", "3", "o")
        await shows(pilot, "parent 1", "etc/")
        await at(pilot, "etc/")
        await pilot.press("l")
        await at(pilot, "passwd")
        await pilot.press("enter")
        await shows(pilot, "-root:x:0:0:root:/root:/bin/sh", "+\\x1b[2Jevil\\u202e")
        harmless(text_of(app))
        await matches_golden(pilot, "filediff-80x24")
        await pilot.press("1")
        await shows(pilot, "1  /etc/passwd", "text · 57 B")
        assert "bash" not in text_of(app)
        await pilot.press("escape", "escape")
        await at(pilot, "lines")
        await pilot.press("enter")
        await shows(pilot, "line 0")
        await pilot.press("escape")


async def test_two_files_are_compared_also_of_two_images(real: Store) -> None:
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("4", "o")
        await shows(pilot, "etc/")
        await pilot.press("l")
        await at(pilot, "passwd")
        await pilot.press("equals_sign")
        await told(pilot, "First mark a file with space")
        await pilot.press("space")
        await shows(pilot, "marked: /etc/passwd", "▌ passwd")
        await pilot.press("escape", "G", "o")
        await shows(pilot, "z/")
        await pilot.press("l")
        await at(pilot, "passwd")
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(app.screen, FileDiffScreen))
        await shows(pilot, "+ 2  /etc/passwd", "2 lines added, 1 removed")
        await matches_golden(pilot, "filediff-120x32")
        await pilot.press("escape")
        await at(pilot, "binary")
        await pilot.press("equals_sign")
        await shows(pilot, "They differ: 57 B and 366 B, not text.")
        await pilot.press("escape")


async def test_what_is_copied_out_is_a_job(real: Store, tmp_path: Path) -> None:
    target = tmp_path / "home/out"
    async with opened(real, (80, 24)) as (app, pilot):
        await pilot.press("G", "4", "o")
        await shows(pilot, "etc/")
        await at(pilot, "etc/")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CopyOutScreen))
        field = app.screen.query_one(Input)
        field.value = str(tmp_path / "home")
        await pilot.press("enter")
        await told(pilot, "Copy /etc of image 2")
        assert (tmp_path / "home/etc/passwd").read_bytes().startswith(b"root")
        assert (tmp_path / "home/etc/away").readlink() == Path("/etc/passwd")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CopyOutScreen))
        app.screen.query_one(Input).value = str(tmp_path / "home")
        await pilot.press("enter")
        await shows(pilot, "already exists")
        app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, lambda: (target / "lines").exists())
        await until(pilot, lambda: not app.jobs.running())


def test_where_a_copy_goes(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    assert target_of(str(tmp_path), "/etc/x y") == tmp_path / "x y"
    assert target_of(f"{tmp_path}/new", "/etc") == tmp_path / "new"
    assert target_of(str(tmp_path), "/") == tmp_path / "root"
    assert "already exists" in str(target_of(f"{tmp_path}/there", "/etc"))
    assert "no directory" in str(target_of(f"{tmp_path}/no/such", "/etc"))
    assert target_of("", "/etc") == "Where to?"
    name = "n" * 300
    too_long = f"Cannot read {tmp_path}/{name}: File name too long"
    assert target_of(f"{tmp_path}/{name}", "/etc") == too_long
    assert "no directory" in str(target_of("~nobody-is-called-so/x", "/etc"))


async def test_a_search_without_end_is_stopped_by_a_key_and_by_leaving(
    real: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []

    def endless(
        _file: FileLines,
        _needle: bytes,
        _start: int,
        *,
        cancel: Cancel,
        **_more: object,
    ) -> None:
        try:
            while True:
                cancel.check()
                time.sleep(0.01)
        finally:
            stopped.append(True)

    monkeypatch.setattr(FileLines, "find", endless)
    async with opened(real, (80, 24)) as (app, pilot):
        app.push_screen(Pager(real, 2, "/etc/lines"))
        await shows(pilot, "line 0")
        await pilot.press("slash", "x", "enter", "escape")
        await until(pilot, lambda: stopped)
        await shows(pilot, "text · 49 kB")
        await pilot.press("n", "j")
        assert len(stopped) == 1
    wait_for(lambda: len(stopped) == 2, "the search to be stopped by leaving")


async def test_what_was_searched_for_stands_out_in_hexadecimal(real: Store) -> None:
    def hits() -> list[str]:
        view = app.screen.query_one(PageView)
        kind = view.get_component_rich_style("pageview--hit")
        return [
            piece.text
            for y in range(view.size.height)
            for piece in view.render_line(y)
            if piece.style == kind
        ]

    async with opened(real, (80, 24)) as (app, pilot):
        app.push_screen(Pager(real, 2, "/etc/lines"))
        await shows(pilot, "line 0")
        await pilot.press("slash", *"line 1", "enter")
        await until(pilot, lambda: set(hits()) == {"line 1"})
        await pilot.press("x")
        await until(
            pilot, lambda: "6c  69 6e 65 20 31" in hits() and "line 1" in hits()
        )
        await pilot.press("slash", "enter")
        await until(pilot, lambda: not hits())
