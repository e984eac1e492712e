"""The one screen: the tree of images, its totals, details and jobs.

Here is how it is put together; what can be done is in `doing/`, a family a file, and
how the store is read and counted in `reading.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from plashui.model.forest import Size
from plashui.settings.config import COLUMNS
from plashui.ui.actions.annotate import Naming
from plashui.ui.actions.build import Making
from plashui.ui.actions.clean import Tidying
from plashui.ui.actions.compare import Comparing
from plashui.ui.actions.navigate import Looking
from plashui.ui.actions.run import Entering
from plashui.ui.actions.shrink import Shrinking
from plashui.ui.actions.system import Tending
from plashui.ui.actions.table import ACTIONS
from plashui.ui.actions.transfer import Moving
from plashui.ui.actions.view import Seeing
from plashui.ui.model.action import Action
from plashui.ui.tabs.base import Tab
from plashui.ui.tabs.details import TABS, Details
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.header import TreeHeader
from plashui.ui.widgets.job_strip import JobStrip
from plashui.ui.widgets.key_bar import Key, KeyBar
from plashui.ui.widgets.tree_table import TreeTable

FILTER_KEYS: Final = [
    Key("enter", "To what was found", "focus_tree"),
    Key("esc", "Show all again", "back"),
]
"""What the footer has while one types a filter."""


WITHOUT_IMAGE: Final = ("back", "filter", "import", "undo", "trash", "stores", "doctor")
"""What the footer has while there is no image to act on."""


def _key_bar(actions: Sequence[Action]) -> list[Key]:
    """The footer: in the order of the ranks, the way out and the help always there."""
    keyed = [action for action in actions if action.key]
    shown = sorted((a for a in keyed if a.footer), key=lambda a: a.footer)
    keys = [Key(a.keys.split()[0], a.label, a.name, a.footer) for a in shown]
    last = [action for action in keyed if action.name in ("help", "leave")]
    return keys + [Key(a.keys, a.label, a.name) for a in last]


class MainScreen(
    Entering,
    Shrinking,
    Making,
    Moving,
    Naming,
    Tidying,
    Tending,
    Comparing,
    Seeing,
    Looking,
):
    """The tree of images and everything that can be done from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(a.key, a.name, a.label, show=False, tooltip=a.help, id=a.name)
            for a in ACTIONS
        ),
        *(Binding(str(at + 1), f"turn({at})", show=False) for at in range(len(TABS))),
    ]

    def compose(self) -> ComposeResult:
        """Head, tree and details, jobs, keys."""
        sign = "read-only" if self.plashui.read_only else ""
        yield Head(self.store_name(), sign)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TreeHeader()
                yield TreeTable(id="tree")
            yield Details()
        yield KeyBar(_key_bar(self.plashui.actions))

    def on_mount(self) -> None:
        """Show the store at once, then find out the rest."""
        self.table.hidden = {*COLUMNS}.difference(self.plashui.config.columns)
        self.begin()
        self.offer_emptying()

    @on(TreeTable.Changed)
    def tree_changed(self) -> None:
        """Headings and totals follow the tree."""
        table = self.table
        header = self.query_one(TreeHeader)
        header.show(table.columns, table.order, flat=table.flat)
        self.show_totals()
        self.show_keys()
        self.tell_of_filter()
        self.ask_for_systems()

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
        """A click on the footer is the key, be it the tab's own or the screen's."""
        if event.action:
            front = self.usage_map or self
            await self.app.run_action(event.action, self.tab_inside or front)

    @property
    def tab_inside(self) -> Tab | None:
        """The tab that has the focus, if one has."""
        return self.details.tab if self.details.has_focus_within else None

    def on_descendant_focus(self) -> None:
        """The focus is elsewhere."""
        self.show_keys()

    def show_keys(self) -> None:
        """The footer tells what the keys do where the focus is."""
        tab = self.tab_inside
        if tab is not None:
            keys = [*tab.keys, *self._ways_out()]
        elif self._filter_bar is not None and self._filter_bar.has_focus:
            keys = FILTER_KEYS
        elif self.usage_map is not None:
            keys = self._map_keys()
        elif self.image is None:
            keys = _key_bar(self._without_image())
        else:
            keys = _key_bar(self.plashui.actions)
        self.query_one(KeyBar).show(keys)

    def _without_image(self) -> list[Action]:
        """What can be done; not into a store that is unseen, nor from no trash."""
        gone = {"import"} if self._unseen else set()
        if not self.table.needle:
            gone |= {"back", "filter"}
        totals, none = self._totals, Size(0, True)
        if totals is None or totals.trash == none:
            gone |= {"undo", "trash"}
        if totals is not None and totals.unsaved != none:
            gone -= {"trash"}  # there they are, if their images are gone
        able = [name for name in WITHOUT_IMAGE if name not in gone]
        entry = self.plashui.entry
        ranked = [entry(n)._replace(footer=at) for at, n in enumerate(able, 1)]
        return [*ranked, entry("help"), entry("leave")]

    def _map_keys(self) -> list[Key]:
        """The footer of the map: how to go about it, then what is done anywhere."""
        actions = [a for a in self.plashui.actions if a.name not in ("map", "sort")]
        return [
            Key("+", "Zoom in", "zoom_in", 1),
            Key("-", "Zoom out", "zoom_out", 2),
            Key(self.plashui.key("map"), "Back to the tree", "screen.map", 3),
            *(
                key._replace(
                    action=f"screen.{key.action}", rank=key.rank and key.rank + 3
                )
                for key in _key_bar(actions)
            ),
        ]

    def _ways_out(self) -> list[Key]:
        """What the footer ends with while the focus is in the details."""
        key = self.plashui.key
        fill = "Beside the tree" if self.has_class("-page") else "Fill the screen"
        return [
            Key(key("inside"), fill, "screen.inside", 9),
            Key(key("tab"), "Next tab", "screen.tab", 8),
            Key(key("back"), "Back", "screen.back"),
            Key(key("help"), "Help", "screen.help"),
        ]

    @on(JobStrip.Pressed)
    def jobs_pressed(self) -> None:
        """A click on the jobs shows them."""
        self.action_jobs()
