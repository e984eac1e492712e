"""The main screen: the tree of images, its totals, details and jobs.

It holds the objects that do the work (`ui/store_view`) and hands them what happens.
What can be done is in `ui/actions`, a family a file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from plashui.settings.config import COLUMNS
from plashui.ui.model.action import Action
from plashui.ui.model.host import Host
from plashui.ui.model.messages import (
    Described,
    JobEnded,
    JobWanted,
    Sized,
    StoreRead,
    Systems,
    Told,
    Totals,
    Weighed,
)
from plashui.ui.platform.textual_private import bind_keys
from plashui.ui.store_view.footer import action_keys
from plashui.ui.store_view.parts import Parts
from plashui.ui.tabs.details import TABS, Details
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.header import TreeHeader
from plashui.ui.widgets.job_strip import JobStrip
from plashui.ui.widgets.key_bar import KeyBar
from plashui.ui.widgets.tree_table import TreeTable
from plashui.ui.widgets.worker_errors import Minding

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.ui.widgets.usage_map import UsageMap

Handlers = Mapping[str, Callable[[], object]]
"""What does each action, by its name."""


def _binding(action: Action) -> Binding:
    """The keys of an action; the config may give it others, by its name."""
    return Binding(
        action.key,
        action.trigger,
        action.label,
        show=False,
        tooltip=action.help,
        id=action.name,
    )


class MainScreen(Screen[None], Minding):
    """The tree of images; all that can be done from it is in the table of actions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(at + 1), f"turn({at})", show=False) for at in range(len(TABS))
    ]

    def __init__(
        self,
        host: Host,
        actions: Sequence[Action],
        handlers: Callable[[Parts], Handlers],
    ) -> None:
        """Show the store of the host; `handlers` do the actions."""
        super().__init__(id="main")
        bind_keys(self, map(_binding, actions))
        self.host = host
        self.parts = Parts(self, host)
        self._handlers = handlers(self.parts)

    def compose(self) -> ComposeResult:
        """Head, tree and details, jobs, keys."""
        sign = "read-only" if self.host.read_only else ""
        yield Head(self.parts.summary.store_name(), sign)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TreeHeader()
                yield TreeTable(id="tree")
            yield Details()
        yield KeyBar(action_keys(self.host.actions))

    def on_mount(self) -> None:
        """Show the store at once, then find out the rest."""
        self.parts.view.table.hidden = {*COLUMNS}.difference(self.host.config.columns)
        self.parts.reader.begin()
        self.parts.old_trash.look()

    # -- what is done ---------------------------------------------------------

    async def action_do(self, name: str) -> None:
        """Do the action of that name."""
        done = self._handlers[name]()
        if inspect.isawaitable(done):
            await done

    def action_turn(self, number: int) -> None:
        """Show a tab of the details by its place."""
        self.parts.describer.turn_to(number)

    def action_focus_tree(self) -> None:
        """From the filter to what it found."""
        self.set_focus(self.parts.view.table)

    @on(KeyBar.Pressed)
    async def key_pressed(self, event: KeyBar.Pressed) -> None:
        """A click on the footer is the key, be it the tab's own or the screen's."""
        if event.action:
            front = self.parts.view.usage_map or self
            at = self.parts.footer.tab_inside or front
            await self.app.run_action(event.action, at)

    @on(TreeTable.Chosen)
    async def tree_chosen(self) -> None:
        """A double click is a shell."""
        await self.action_do("shell")

    @on(JobStrip.Pressed)
    async def jobs_pressed(self) -> None:
        """A click on the jobs shows them."""
        await self.action_do("jobs")

    # -- what the widgets tell ------------------------------------------------

    @on(TreeTable.Changed)
    def tree_changed(self) -> None:
        """Headings and totals follow the tree."""
        parts, table = self.parts, self.parts.view.table
        header = self.query_one(TreeHeader)
        header.show(table.columns, table.order, flat=table.flat)
        parts.summary.show()
        parts.footer.show()
        parts.field.tell()
        parts.watcher.ask_for_systems()

    @on(TreeTable.Moved)
    def tree_moved(self) -> None:
        """The details follow the cursor."""
        self.parts.describer.show()

    def on_usage_map_moved(self) -> None:
        """The details follow the cursor of the map too."""
        self.parts.describer.show()

    def on_usage_map_refused(self, event: UsageMap.Refused) -> None:
        """Say why not."""
        self.host.tell(event.reason)

    @on(TreeHeader.Sort)
    def header_sort(self, event: TreeHeader.Sort) -> None:
        """A click on a heading sorts."""
        self.parts.view.table.sort(event.order)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed may be a filter."""
        self.parts.field.typed(event)

    def on_descendant_focus(self) -> None:
        """The focus is elsewhere."""
        self.parts.footer.show()

    def on_resize(self) -> None:
        """More or less fits into the top line."""
        if self.parts.reader.begun:
            self.parts.summary.show()

    # -- what the workers tell ------------------------------------------------

    @on(StoreRead)
    def store_read(self, event: StoreRead) -> None:
        """The store was read."""
        self.parts.reader.store_read(event)

    @on(Sized)
    def sized(self, event: Sized) -> None:
        """More layers are counted."""
        self.parts.reader.sized(event)

    @on(Totals)
    def got_totals(self, event: Totals) -> None:
        """Trash and disk are known."""
        self.parts.watcher.got_totals(event)

    @on(Told)
    def got_facts(self, event: Told) -> None:
        """Who is in the images is known."""
        self.parts.watcher.got_facts(event)

    @on(Systems)
    def got_systems(self, event: Systems) -> None:
        """Distributions are known."""
        self.parts.watcher.got_systems(event)

    @on(Described)
    def described(self, event: Described) -> None:
        """An image was looked into."""
        self.parts.describer.described(event)

    @on(Weighed)
    def weighed(self, event: Weighed) -> None:
        """What goes with an image was counted."""
        self.parts.describer.weighed(event)

    @on(JobWanted)
    def job_wanted(self, event: JobWanted) -> None:
        """A tab wants something done."""
        self.parts.jobs.start(event.title, event.work)

    @on(JobEnded)
    def job_ended(self, event: JobEnded) -> None:
        """A job is over."""
        self.parts.jobs.ended(event)
