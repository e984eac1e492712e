"""The one screen: the tree of images, its totals, details and jobs.

Here is how it is put together; what can be done is in `doing/`, a family a file, and
how the store is read and counted in `reading.py`.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from plashui.core.text import clean
from plashui.ui.commands import ACTIONS, action
from plashui.ui.doing.entering import Entering
from plashui.ui.doing.looking import Looking
from plashui.ui.doing.moving import Moving
from plashui.ui.doing.naming import Naming
from plashui.ui.doing.removing import Removing
from plashui.ui.doing.seeing import Seeing
from plashui.ui.widgets.details import TABS, Details
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.header import TreeHeader
from plashui.ui.widgets.jobstrip import JobStrip
from plashui.ui.widgets.keybar import Key, KeyBar
from plashui.ui.widgets.treetable import TreeTable


def _key_bar() -> list[Key]:
    """The footer: in the order of the ranks, the way out and the help always there."""
    shown = sorted((a for a in ACTIONS if a.footer), key=lambda a: a.footer)
    keys = [Key(a.keys.split()[0], a.label, a.name, a.footer) for a in shown]
    last = [action("help"), action("leave")]
    return keys + [Key(a.keys, a.label, a.name) for a in last]


class MainScreen(Entering, Removing, Moving, Naming, Seeing, Looking):
    """The tree of images and everything that can be done from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(a.key, a.name, a.label, show=False, tooltip=a.help) for a in ACTIONS),
        *(Binding(str(at + 1), f"turn({at})", show=False) for at in range(len(TABS))),
    ]

    def compose(self) -> ComposeResult:
        """Head, tree and details, jobs, keys."""
        yield Head(clean(self._short(str(self.store.path))))
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TreeHeader()
                yield TreeTable(id="tree")
            yield Details()
        yield KeyBar(_key_bar())

    def on_mount(self) -> None:
        """Show the store at once, then find out the rest."""
        self.begin()

    @staticmethod
    def _short(path: str) -> str:
        import os

        home = os.environ.get("HOME", "")
        return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path

    @on(TreeTable.Changed)
    def tree_changed(self) -> None:
        """Headings and totals follow the tree."""
        table = self.table
        header = self.query_one(TreeHeader)
        header.show(table.columns, table.order, flat=table.flat)
        self.show_totals()

    @on(TreeTable.Moved)
    def tree_moved(self) -> None:
        """The details follow the cursor."""
        self.show_details()

    @on(TreeTable.Chosen)
    def tree_chosen(self) -> None:
        """A double click is a shell."""
        self.action_shell()

    @on(TreeHeader.Sort)
    def header_sort(self, event: TreeHeader.Sort) -> None:
        """A click on a heading sorts."""
        self.table.sort(event.order)

    @on(KeyBar.Pressed)
    async def key_pressed(self, event: KeyBar.Pressed) -> None:
        """A click on the footer is the key."""
        await self.run_action(event.action)

    @on(JobStrip.Pressed)
    def jobs_pressed(self) -> None:
        """A click on the jobs shows them."""
        self.action_jobs()
