"""A path is completed from a disk that may take its time, or never answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from textual.app import ComposeResult
from textual.widgets import Button

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.ui.dialogs.form import FormScreen
from plashui.ui.model.forms.form import Field, Values
from plashui.ui.model.forms.form import Form as FormQuestion
from plashui.ui.platform.palette import ReadableApp
from plashui.ui.widgets.path_input import PathInput, completion
from tests.ui.driving import opened, shows, text_of, until

LONG: Final = 2.0
"""Seconds a directory hangs, if nobody lets it go before: so no test hangs with it."""


class Form(ReadableApp):
    """A path, and what comes after it."""

    def compose(self) -> ComposeResult:
        """Both."""
        yield PathInput(placeholder="path", id="path")
        yield Button("Next", id="next")

    @property
    def path(self) -> PathInput:
        """The field."""
        return self.query_one(PathInput)


@pytest.fixture
def hangs(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Directories called `nas` do not answer before this is set."""
    go = threading.Event()
    scandir = os.scandir

    def slow(place: Any = ".") -> Any:
        if Path(place).name == "nas" and not go.wait(LONG):
            go.expired = True  # type: ignore[attr-defined]
        return scandir(place)

    monkeypatch.setattr(os, "scandir", slow)
    yield go
    go.set()


def test_the_first_name_that_fits_is_the_completion(tmp_path: Path) -> None:
    for name in ("bb", "ba", "b\x1b", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "dir").mkdir()
    (tmp_path / "link").symlink_to("dir")
    for typed, done in (
        ("b", "ba"),
        ("ba", None),
        ("", "ba"),
        (".h", ".hidden"),
        ("d", "dir/"),
        ("dir", "dir/"),
        ("l", "link/"),
        ("no/", None),
        ("x", None),
    ):
        found = completion(f"{tmp_path}/{typed}")
        assert found == (done and f"{tmp_path}/{done}"), typed
    assert completion("") is None
    (tmp_path / "only/a file").parent.mkdir()
    (tmp_path / "only/a file").touch()
    assert completion(f"{tmp_path}/only/", directories=True) is None
    (tmp_path / "only/b").mkdir()
    assert completion(f"{tmp_path}/only/", directories=True) == f"{tmp_path}/only/b/"
    assert completion("~nobody-is-called-so/x") is None
    assert completion(f"{tmp_path}/\0/x") is None


async def test_tab_takes_what_is_found_and_leaves_when_there_is_no_more(
    tmp_path: Path,
) -> None:
    (tmp_path / "debian.tar").touch()
    app = Form()
    async with app.run_test() as pilot:
        app.path.value = f"{tmp_path}/d"
        app.path.cursor_position = 99
        await pilot.press("tab")
        await until(pilot, lambda: app.path.value == f"{tmp_path}/debian.tar")
        assert app.path.has_focus
        await pilot.press("tab")
        await until(pilot, lambda: not app.path.has_focus, "the next one")
        assert app.path.value == f"{tmp_path}/debian.tar"


async def test_a_directory_that_hangs_blocks_no_key(
    tmp_path: Path, hangs: threading.Event
) -> None:
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas/xyz").touch()
    app = Form()
    async with app.run_test() as pilot:
        app.path.value = f"{tmp_path}/nas/"
        app.path.cursor_position = 99
        await pilot.press("x", "y")
        assert app.path.value == f"{tmp_path}/nas/xy"
        await pilot.press("tab")
        assert app.path.has_focus, "it is still looked for"
        await pilot.press("tab")
        assert not app.path.has_focus, "one more goes on"
        assert not hasattr(hangs, "expired"), "nobody waited for it"
        readers = [t for t in threading.enumerate() if t.name == "completion"]
        assert len(readers) == 1, "one thread stands there, not one a key"


async def test_an_answer_that_comes_late_is_about_nothing(
    tmp_path: Path, hangs: threading.Event
) -> None:
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas/late").touch()
    (tmp_path / "here").touch()
    app = Form()
    async with app.run_test() as pilot:
        app.path.value = f"{tmp_path}/nas/l"
        app.path.cursor_position = 99
        await pilot.press("tab")
        app.path.value = f"{tmp_path}/h"
        app.path.cursor_position = 99
        hangs.set()
        await until(
            pilot,
            lambda: all(t.name != "completion" for t in threading.enumerate()),
        )
        await pilot.pause()
        assert app.path.value == f"{tmp_path}/h", "the Tab was for what stood there"
        await pilot.press("right")
        assert app.path.value == f"{tmp_path}/here"


async def test_letters_typed_while_a_directory_is_read_are_of_the_completion(
    tmp_path: Path, hangs: threading.Event
) -> None:
    (tmp_path / "nas").mkdir()
    for name in ("aa", "ab"):
        (tmp_path / "nas" / name).touch()
    app = Form()
    async with app.run_test() as pilot:
        app.path.value = f"{tmp_path}/nas/"
        app.path.cursor_position = 99
        await pilot.press("a", "b", "backspace", "tab")
        hangs.set()
        await until(pilot, lambda: app.path.value == f"{tmp_path}/nas/aa")


async def test_a_form_whose_answer_hangs_blocks_no_key(sample: Store) -> None:
    go = threading.Event()
    asked: list[str] = []

    def check(values: Values) -> None:
        asked.append(values["path"])
        if values["path"].endswith("nas"):
            go.wait(LONG * 10)
            raise PlashError("it is late")

    form = FormQuestion("", "Where?", (Field("path", "Path"),), "Go", check=check)
    answers: list[Values | None] = []
    async with opened(sample) as (app, pilot):
        app.push_screen(FormScreen(form), answers.append)
        await shows(pilot, "Where?")
        await pilot.press(*"nas", "enter", "enter")
        await shows(pilot, "Checking")
        assert asked == ["nas"], "once is enough"
        await pilot.press("2")
        assert "looking" not in text_of(app)
        go.set()
        await pilot.pause()
        assert "it is late" not in text_of(app), "it is about what is gone"
        await pilot.press("enter")
        await until(pilot, lambda: answers == [{"path": "nas2"}])
