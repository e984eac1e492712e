"""The dialog that switches stores: those of the config, the default, or any path."""

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
from plashui.ui.model.forms.typed import is_directory, path_of
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.path_input import PathInput


class Choice(NamedTuple):
    """A store to switch to; `about` says what it holds, '' until that is known."""

    path: str
    name: str
    about: str = ""


def choices(current: str, stores: Mapping[str, str]) -> list[Choice]:
    """List the stores of the config, the default and the current one, each once.

    The default is that of $PLASH_DATA, if it is set, and the one in the home directory.
    """
    usual = str(Path(os.environ.get("HOME") or "~").expanduser() / ".plashdata")
    chosen = Store.locate().root
    found = [Choice(path, name) for name, path in stores.items()]
    known = {Path(path) for path in stores.values()}
    for path, name in (
        (chosen, "$PLASH_DATA" if chosen != usual else "default"),
        (usual, "default"),
        (current, ""),
    ):
        if Path(path) not in known:
            known.add(Path(path))
            found.append(Choice(path, name))
    return found


def looked_at(choice: Choice) -> Choice:
    """Return the choice with what its store holds. Reads the disk."""
    try:
        if not Store(choice.path).check():
            return choice._replace(about="no store yet")
        count = sum(name != "0" for name in os.listdir(f"{choice.path}/index"))
    except (PlashError, OSError) as error:
        words = error.args[0] if isinstance(error, PlashError) else error.strerror
        return choice._replace(about=str(words))
    return choice._replace(about=plural(count, "image"))


def choice_lines(found: Iterable[Choice], current: str) -> list[Line]:
    """Format one line per store; the current one is marked."""
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
                ("  current" if here else "", "faint"),
            )
        )
    return lines


class StoreList(LineList):
    """The list of stores; Enter opens one."""

    BINDINGS = [  # noqa: RUF012 - as Textual declares it
        Binding("enter", "screen.take", "Show", show=False)
    ]


class StoresScreen(Dialog[str]):
    """Ask for a store; the answer is its path, None to stay."""

    DEFAULT_CSS = """
    StoresScreen #choices {
        height: auto;
        max-height: 10;
        margin-top: 1;
        background: $boost;
    }
    """
    title_text = "Switch store"

    @dataclass
    class Looked(Message):
        """The choices with what each store holds."""

        found: list[Choice]

    def __init__(self, current: str, stores: Mapping[str, str]) -> None:
        """Ask with the stores of the config; `current` is shown at present."""
        super().__init__()
        self._current = current
        self._choices = choices(current, stores)

    def body(self) -> Iterable[Widget]:
        """Yield the list and a field for another path."""
        yield StoreList(choice_lines(self._choices, self._current), choose=True)
        yield text("Or any path; tab or → completes it", "hint")
        yield PathInput(placeholder="directory", id="path", directories=True)
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, open."""
        yield button("Back", "safe")
        yield button("Open", "show")

    def on_mount(self) -> None:
        """Focus the list, on the first store that is not the current one."""
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
        """Look at each store, in a thread: its disk may be slow."""
        found = [looked_at(choice) for choice in self._choices]
        self.post_message(self.Looked(found))

    @on(Looked)
    def looked(self, event: Looked) -> None:
        """Show what the stores hold."""
        self._choices = event.found
        chooser = self.query_one(StoreList)
        chooser.show(choice_lines(self._choices, self._current))

    @on(LineList.Chosen)
    def action_take(self) -> None:
        """Open the store under the cursor."""
        self._answer(self._choices[self.query_one(StoreList).cursor].path)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Open the store that was typed."""
        self._answer(self.query_one(PathInput).value.strip())

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Answer by the button pressed; a typed path wins over the list."""
        if event.button.id != "show":
            self.dismiss(None)
        elif self.query_one(PathInput).value.strip():
            self.submitted()
        else:
            self.action_take()

    def _answer(self, typed: str) -> None:
        """Open the store if it exists or could be created there."""
        try:
            path = path_of(typed, "store")
            if not Store(path).check() and not is_directory(path.parent):
                raise PlashError(f"There is no directory {path.parent}")
        except (PlashError, OSError) as error:
            trouble = self.query_one("#trouble", Static)
            trouble.update(clean(str(error)))
            trouble.display = True
            return
        self.dismiss(str(path))
