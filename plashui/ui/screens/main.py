"""The main screen: the tree of images, totals, details and jobs.

It holds the objects that do the work (`ui/store_view`) and passes events on to them.
The actions are in `ui/actions`, one family per file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from plashui.settings.values import COLUMNS, MORE_COLUMNS
from plashui.ui.model.action import Action
from plashui.ui.model.host import Host
from plashui.ui.model.images.digits import Digits
from plashui.ui.model.messages import (
    Described,
    FileWanted,
    ImageWanted,
    JobEnded,
    JobWanted,
    Listed,
    Packaged,
    Sized,
    StoreRead,
    Systems,
    Told,
    Totals,
    Weighed,
)
from plashui.ui.model.undo import made
from plashui.ui.platform.textual_private import bind_keys, size_up
from plashui.ui.store_view.footer import action_keys
from plashui.ui.store_view.parts import Parts
from plashui.ui.tabs.details import TABS, Details
from plashui.ui.widgets.key_bar import KeyBar
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.store_bar import Head, StoreBar
from plashui.ui.widgets.tree_header import TreeHeader
from plashui.ui.widgets.tree_table import TreeTable
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.ui.widgets.mini_map import MiniMap
    from plashui.ui.widgets.usage_map import UsageMap

Handlers = Mapping[str, Callable[[], object]]
"""The function that performs each action, by name."""


AT_ONCE: Final = ("undo",)
"""Actions that do what their command line does as soon as the key is pressed."""


WITH_IMAGE: Final = ("copy", "mark")
"""Actions with an image that have no command line."""


WITH_CHAIN: Final = ("remove", "mark", "details")
"""Actions with a folded chain, whose other images are not seen."""


class Was(NamedTuple):
    """How the details were before a digit was typed: the tab, and whether shown."""

    tab: int
    shown: bool


def _binding(action: Action) -> Binding:
    """Return the binding of an action; the config may change its keys."""
    return Binding(
        action.key,
        action.trigger,
        action.label,
        show=False,
        tooltip=action.help,
        id=action.name,
    )


class MainScreen(Screen[None], HandlesWorkerErrors):
    """The tree of images; `ui/actions/table` lists what can be done here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(digit), f"turn({digit})", show=False) for digit in range(10)
    ]

    def __init__(
        self,
        host: Host,
        actions: Sequence[Action],
        handlers: Callable[[Parts], Handlers],
    ) -> None:
        """Show the store of the host; `handlers` perform the actions."""
        super().__init__(id="main")
        bind_keys(self, map(_binding, actions))
        self.host = host
        self.parts = Parts(self, host)
        self._handlers = handlers(self.parts)
        self._digits = Digits()
        self._was = Was(0, shown=False)

    def compose(self) -> ComposeResult:
        """Yield head, tree, details and keys."""
        yield StoreBar(Head())
        with Horizontal(id="body"):
            with Vertical(id="side"):
                with Panel(id="left"):
                    table = TreeTable(id="tree")
                    yield TreeHeader(table)
                    yield table
                yield Panel(id="mini")
            yield Details()
        yield KeyBar(action_keys(self.host.actions))

    def on_mount(self) -> None:
        """Show the store at once, then read the rest."""
        size_up(self)
        self.parts.view.table.hidden = {*COLUMNS, *MORE_COLUMNS}.difference(
            self.host.config.columns
        )
        self.parts.view.recall()
        self.parts.reader.begin()
        self.parts.titles.show()
        self.parts.old_trash.look()
        self.parts.small_map.fit()

    @property
    def help_section(self) -> str:
        """The section of the help about what has the focus."""
        from plashui.ui.screens import help as sections

        if self.parts.footer.tab_inside is not None:
            return sections.DETAILS
        if self.parts.field.has_focus:
            return sections.FILTER
        return sections.MAP if self.parts.view.usage_map is not None else ""

    # -- what is done ---------------------------------------------------------

    async def action_do(self, name: str) -> None:
        """Perform the action of that name."""
        if name in AT_ONCE:
            self.host.ran(self.host.entry(name).line(self.parts.view.now()))
        done = self._handlers[name]()
        if inspect.isawaitable(done):
            await done

    def action_turn(self, digit: int) -> None:
        """Show the tab of this number; two digits in a row go to the image of that id.

        Which of them is meant shows at the second one: then the tab turns back.
        """
        view, describer = self.parts.view, self.parts.describer
        image = self._digits.typed(digit)
        if image is not None and image in view.forest and not view.is_page:
            if view.details.display and not self._was.shown:
                describer.switch()
            view.details.turn_to(self._was.tab)
            view.reveal(image)
        elif 1 <= digit <= len(TABS):
            if image is None:
                self._was = Was(view.details.on_tab, view.details.display)
            describer.turn_to(digit - 1)

    def action_focus_tree(self) -> None:
        """Leave the filter field for the tree."""
        self.set_focus(self.parts.view.table)

    @on(KeyBar.Pressed)
    async def key_pressed(self, event: KeyBar.Pressed) -> None:
        """Treat a click on the footer as that key, of the tab or the screen."""
        if event.action:
            front = self.parts.view.usage_map or self
            at = self.parts.footer.tab_inside or front
            await self.app.run_action(event.action, at)

    @on(TreeTable.Chosen)
    async def tree_chosen(self) -> None:
        """Open a shell on a double click."""
        await self.action_do("shell")

    @on(TreeTable.Asked)
    def tree_asked(self) -> None:
        """Show a menu of what can be done with the image under the mouse."""
        from plashui.ui.dialogs.menu import Entry, Menu

        chain = self.parts.view.chain
        entries = [
            Entry(one.name, one.label, one.key.split(",")[0], one.help.split(".")[0])
            for one in self.host.actions
            if "{id" in one.verb or one.name in WITH_IMAGE
        ]
        title = f"Image {self.parts.view.image}"
        if chain:
            title = f"Images {chain[0]} to {chain[-1]}"
            show = "Show each image in a row of its own"
            entries = [Entry("shell", "Show", "enter", show)] + [
                entry for entry in entries if entry.value in WITH_CHAIN
            ]
        self.parts.view.ask(Menu(title, entries), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self.call_later(self.action_do, name)

    async def on_job_strip_pressed(self) -> None:
        """Show the jobs when their strip is clicked."""
        await self.action_do("jobs")

    # -- what the widgets tell ------------------------------------------------

    @on(TreeTable.Changed)
    def tree_changed(self) -> None:
        """Update headings and totals."""
        parts = self.parts
        self.query_one(TreeHeader).refresh()
        parts.titles.show()
        parts.small_map.redraw()
        parts.summary.show()
        parts.footer.show()
        parts.field.tell()
        parts.watcher.ask_for_systems()
        parts.describer.refold()

    @on(TreeTable.Moved)
    def tree_moved(self) -> None:
        """Show the details of the image under the cursor."""
        self.parts.describer.show()
        self.parts.small_map.follow()
        self.parts.footer.follow()

    def on_usage_map_recoloured(self, event: UsageMap.Recoloured) -> None:
        """Use the colours in the small map, and the next time."""
        self.parts.small_map.recolour(event.colouring)

    async def on_mini_map_chosen(self, event: MiniMap.Chosen) -> None:
        """Go to the image that was clicked; enlarge the map at a double click."""
        if event.image is not None:
            self.parts.view.table.reveal(event.image)
        if event.enlarge:
            await self.action_do("map")

    def on_usage_map_moved(self) -> None:
        """Show the details of the block under the cursor, and what is zoomed into."""
        self.parts.describer.show()
        self.parts.titles.show()

    def on_usage_map_refused(self, event: UsageMap.Refused) -> None:
        """Say why the map refused an action."""
        self.host.tell(event.reason)

    @on(TreeHeader.Sort)
    def header_sort(self, event: TreeHeader.Sort) -> None:
        """Sort by the heading that was clicked; a second click turns it around."""
        table = self.parts.view.table
        table.sort(
            event.order, reverse=event.order is table.order and not table.reverse
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what is typed in the filter field."""
        self.parts.field.typed(event)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Let the edge between the images and the details be dragged."""
        self.parts.view.details.grab(int(event.screen_x))

    def on_descendant_focus(self) -> None:
        """Update the footer for the new focus."""
        self.parts.footer.show()

    def on_screen_resume(self) -> None:
        """Show the jobs as they are now: the page of jobs may have cleared some."""
        self.parts.jobs.fit()

    def on_resize(self) -> None:
        """Fit the top line, and what there is room for, to the new size."""
        if self.parts.reader.begun:
            self.parts.summary.show()
            self.parts.small_map.fit()
            self.parts.jobs.fit()

    # -- what the workers tell ------------------------------------------------

    @on(StoreRead)
    def store_read(self, event: StoreRead) -> None:
        """Show the store as read."""
        self.parts.reader.store_read(event)

    @on(Sized)
    def sized(self, event: Sized) -> None:
        """Show newly counted layers."""
        self.parts.reader.sized(event)

    @on(Totals)
    def got_totals(self, event: Totals) -> None:
        """Show trash, unsaved changes and disk."""
        self.parts.watcher.got_totals(event)

    @on(Told)
    def got_facts(self, event: Told) -> None:
        """Show which images are in use."""
        self.parts.watcher.got_facts(event)

    @on(Systems)
    def got_systems(self, event: Systems) -> None:
        """Filter by the distributions found."""
        self.parts.watcher.got_systems(event)

    @on(TreeTable.Lacking)
    def packages_wanted(self, event: TreeTable.Lacking) -> None:
        """Read the packages of the rows on the screen."""
        self.parts.packages.read(event.images)

    @on(Packaged)
    def got_packages(self, event: Packaged) -> None:
        """Show the packages of an image in its row."""
        self.parts.packages.got(event)

    @on(Described)
    def described(self, event: Described) -> None:
        """Show what the files of an image say."""
        self.parts.describer.described(event)

    @on(Weighed)
    def weighed(self, event: Weighed) -> None:
        """Show the bytes that are removed with an image."""
        self.parts.describer.weighed(event)

    @on(Listed)
    def listed(self, event: Listed) -> None:
        """Show the largest directories of a layer."""
        self.parts.describer.listed(event)

    @on(JobWanted)
    def job_wanted(self, event: JobWanted) -> None:
        """Start the job that a tab asks for."""

        def note() -> None:
            if job.image is not None:
                self.parts.view.journal.note(made(job.image, event.title))

        then = note if event.undoable else None
        job = self.parts.jobs.start(event.title, event.work, then=then)

    @on(FileWanted)
    def file_wanted(self, event: FileWanted) -> None:
        """Give a file to the pager, or to the editor."""
        from plashui.ui.screens.file_program import FileProgram

        view = self.parts.view
        if event.edit and view.refused():
            return
        programs = FileProgram(view, self.parts.reader)
        run = programs.edit if event.edit else programs.page
        view.at_terminal(partial(run, event.image, event.path))

    @on(ImageWanted)
    def image_wanted(self, event: ImageWanted) -> None:
        """Go to the image that a tab asks for; the tab keeps the focus."""
        if event.image in self.parts.view.forest:
            self.parts.view.reveal(event.image)

    @on(JobEnded)
    def job_ended(self, event: JobEnded) -> None:
        """Report the end of a job."""
        self.parts.jobs.ended(event)
