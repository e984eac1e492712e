"""Which store to show: those of the config, the usual one, or any path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import plural
from plashui.store.store import Store
from plashui.ui.dialogs.base import Dialog, button, text
from plashui.ui.model.forms import is_directory, path_of
from plashui.ui.model.lines import Line
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.path_input import PathInput


class Choice(NamedTuple):
    """A store one can go to; `about` is what is found there, '' until looked."""

    path: str
    name: str
    about: str = ""


def choices(current: str, stores: Mapping[str, str]) -> list[Choice]:
    """The stores of the config, the usual one, and where we are; each once."""
    found = [Choice(path, name) for name, path in stores.items()]
    known = {Path(path) for path in stores.values()}
    for path, name in ((Store.locate().root, "the usual one"), (current, "")):
        if Path(path) not in known:
            known.add(Path(path))
            found.append(Choice(path, name))
    return found


def looked_at(choice: Choice) -> Choice:
    """The same with what is there. Touches the disk."""
    try:
        if not Store(choice.path).check():
            return choice._replace(about="no store yet")
        count = sum(name != "0" for name in os.listdir(f"{choice.path}/index"))
    except (PlashError, OSError) as error:
        words = error.args[0] if isinstance(error, PlashError) else error.strerror
        return choice._replace(about=str(words))
    return choice._replace(about=plural(count, "image"))


def choice_lines(found: Iterable[Choice], current: str) -> list[Line]:
    """A line for each, the one that is shown marked by a word."""
    rows = list(found)
    home = os.environ.get("HOME") or "/nonexistent"
    wide = max((len(clean(row.name)) for row in rows), default=0)
    about = max((len(clean(row.about)) for row in rows), default=0)
    lines: list[Line] = []
    for row in rows:
        path = row.path
        short = f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
        here = Path(path) == Path(current)
        lines.append(
            (
                (" ▸ " if here else "   ", "strong"),
                (clean(row.name).ljust(min(wide, 24)), "strong"),
                (f"  {clean(row.about):<{min(about, 24)}}", "faint"),
                (f"  {clean(short)}", ""),
                ("  shown now" if here else "", "faint"),
            )
        )
    return lines


class StoreList(LineList):
    """The choices; enter takes one."""

    BINDINGS = [  # noqa: RUF012 - as Textual declares it
        Binding("enter", "screen.take", "Show", show=False)
    ]


class StoresScreen(Dialog[str]):
    """Answers the path of a store; None = stay."""

    DEFAULT_CSS = """
    StoresScreen #choices {
        height: auto;
        max-height: 10;
        margin-top: 1;
        background: $boost;
    }
    """
    title_text = "Which store?"

    @dataclass
    class Looked(Message):
        """What is at each place."""

        found: list[Choice]

    def __init__(self, current: str, stores: Mapping[str, str]) -> None:
        """Ask, with this one shown now and those in the config."""
        super().__init__()
        self._current = current
        self._choices = choices(current, stores)

    def body(self) -> Iterable[Widget]:
        """The list, and a field for any other."""
        yield StoreList(choice_lines(self._choices, self._current), choose=True)
        yield text("Or the path of any other; tab or → completes it.", "hint")
        yield PathInput(placeholder="directory", id="path", directories=True)
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Back, show."""
        yield button("Back", "safe")
        yield button("Show it", "show")

    def on_mount(self) -> None:
        """Start on the list, on the first that is not shown yet."""
        self.query_one("#trouble").display = False
        chooser = self.query_one(StoreList)
        chooser.id = "choices"
        others = (
            at
            for at, choice in enumerate(self._choices)
            if Path(choice.path) != Path(self._current)
        )
        chooser.cursor = next(others, 0)
        self.set_focus(chooser)
        self.run_worker(self._look, thread=True, group="look", exit_on_error=False)

    def _look(self) -> None:
        """In a thread: a store may be on a disk that sleeps."""
        found = [looked_at(choice) for choice in self._choices]
        self.post_message(self.Looked(found))

    @on(Looked)
    def looked(self, event: Looked) -> None:
        """Say what is there."""
        self._choices = event.found
        chooser = self.query_one(StoreList)
        chooser.show(choice_lines(self._choices, self._current))

    @on(LineList.Chosen)
    def action_take(self) -> None:
        """Take the one under the cursor."""
        self._answer(self._choices[self.query_one(StoreList).cursor].path)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter in the field takes what is typed."""
        self._answer(self.query_one(PathInput).value.strip())

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer; a typed path goes before the list."""
        if event.button.id != "show":
            self.dismiss(None)
        elif self.query_one(PathInput).value.strip():
            self.submitted()
        else:
            self.action_take()

    def _answer(self, typed: str) -> None:
        """Go there if there is a store, or one could be made there."""
        try:
            path = path_of(typed, "store")
            if not Store(path).check() and not is_directory(path.parent):
                raise PlashError(f"there is no directory {path.parent}")
        except (PlashError, OSError) as error:
            trouble = self.query_one("#trouble", Static)
            trouble.update(clean(str(error)))
            trouble.display = True
            return
        self.dismiss(str(path))
