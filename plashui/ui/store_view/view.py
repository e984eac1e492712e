"""What the main screen shows and what is chosen on it, for the actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkType

from plashui.base.errors import PlashError
from plashui.model.forest import Forest
from plashui.store.store import Store
from plashui.ui.model.action import Now
from plashui.ui.model.forms.memory import recalled, remember
from plashui.ui.model.host import Host
from plashui.ui.model.images.order import Order
from plashui.ui.model.images.shares import Shares
from plashui.ui.model.map.colours import Colouring
from plashui.ui.model.undo import Journal
from plashui.ui.tabs.details import Details
from plashui.ui.widgets.tree_table import TreeTable

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept
    from plashui.ui.widgets.mini_map import MiniMap
    from plashui.ui.widgets.usage_map import UsageMap

Answer = TypeVar("Answer")

VIEW: Final = "view"
"""The name under which it is remembered how images are shown."""

WIDE: Final = 104
"""Cells from which on the details are beside the tree."""

VAST: Final = (160, 45)
"""Width and height from which on there is a small map, and jobs have a panel."""

MOST_TURNED: Final = 2000
"""Most branches of which it is remembered whether they are open."""


def _ids(words: str) -> set[int]:
    """Return the ids in words that were remembered."""
    return {int(word) for word in words.split() if word.isdecimal()}


def width_left() -> int:
    """Return the width of the details when the app was last left, 0 for none."""
    with suppress(KeyError, ValueError):
        return int(recalled(VIEW)["width"])
    return 0


class StoreView:
    """The images of a store as a table or a map, and their details."""

    def __init__(self, screen: Screen[None], host: Host) -> None:
        """View the store of the host on this screen."""
        self.screen, self.host = screen, host
        self.usage_map: UsageMap | None = None
        """The map, while it is in the place of the table."""
        self.mini: MiniMap | None = None
        """The small map below the table, while there is room."""
        self.colouring = Colouring.DISTRIBUTION
        """What the colours of the maps mean."""
        self._remembered: dict[str, str] = {}
        self.journal = Journal()
        """What this app did and can undo."""
        self.shares = Shares()
        """What fills the store."""

    # -- what is shown --------------------------------------------------------

    @property
    def store(self) -> Store:
        """The store that is shown."""
        return self.host.store

    @property
    def forest(self) -> Forest:
        """The images, as far as read and counted."""
        return self.table.forest

    @property
    def table(self) -> TreeTable:
        """The tree, even while the map covers it; it holds the marks."""
        return self.screen.query_one(TreeTable)

    def take_shares(self, shares: Shares) -> None:
        """Colour the images by their distributions from now on."""
        self.shares = self.table.shares = shares

    @property
    def details(self) -> Details:
        """The details."""
        return self.screen.query_one(Details)

    @property
    def front(self) -> Widget:
        """The widget that takes the keys: the map if shown, else the table."""
        return self.usage_map or self.table

    @property
    def is_wide(self) -> bool:
        """Whether the details fit beside the tree."""
        return self.screen.app.size.width >= WIDE

    @property
    def is_vast(self) -> bool:
        """Whether there is room for a small map and for a panel of jobs."""
        width, height = self.screen.app.size
        return width >= VAST[0] and height >= VAST[1]

    def is_about(self, root: str | None) -> bool:
        """Say whether a message about the store at `root` is about the one shown."""
        return root in (None, self.store.root)

    # -- what is chosen -------------------------------------------------------

    @property
    def image(self) -> int | None:
        """The image under the cursor of the map or the table."""
        return self.usage_map.image if self.usage_map else self.table.image

    @property
    def marked(self) -> list[int]:
        """The marked images."""
        return sorted(self.table.marks)

    @property
    def chosen(self) -> list[int]:
        """The marked images, else the one under the cursor."""
        return self.marked or ([self.image] if self.image is not None else [])

    @property
    def tops(self) -> list[int]:
        """The chosen images; of a folded build or chain its first, which has all.

        Marks in a chain are for just these images of it.
        """
        if self.usage_map is not None:
            return self.chosen
        folds, marked = self.table.folds, bool(self.marked)
        return sorted({folds.top(image, marked=marked) for image in self.chosen})

    @property
    def chain(self) -> tuple[int, ...]:
        """The images of the folded chain under the cursor of the table, else none."""
        image = self.image
        if image is None or self.usage_map is not None or self.changes:
            return ()
        folds = self.table.folds
        return folds.whole(image) if image in folds.chains else ()

    @property
    def changes(self) -> Kept | None:
        """The unsaved changes under the cursor of the table."""
        return self.table.changes

    def recall(self) -> None:
        """Show images as they were shown when the app was last left."""
        self._remembered = recalled(VIEW)
        seen = self._remembered
        with suppress(KeyError, ValueError):
            self.colouring = Colouring(seen["colours"])
        for flat in (True, False):
            word = "list" if flat else "tree"
            with suppress(KeyError):
                order, reverse = (
                    Order[seen[word]],
                    seen.get(f"{word} reversed") == "yes",
                )
                self.table.prefer(order, flat=flat, reverse=reverse)
        if seen.get("branches of") == self.store.root:
            turned, unfolded = seen.get("turned", ""), seen.get("unfolded", "")
            self.table.recall(_ids(turned), _ids(unfolded))
        self.table.lay(flat=seen.get("shape") == "list")
        self.screen.set_class(seen.get("details") == "hidden", "-hide")

    def remember(self) -> None:
        """Write down how images are shown, for the next time the app is opened."""
        table = self.table
        values = {
            "shape": "list" if table.flat else "tree",
            "details": "hidden" if self.screen.has_class("-hide") else "shown",
            "width": str(self.host.details_width),
            "colours": self.colouring.value,
        }
        for flat in (True, False):
            word = "list" if flat else "tree"
            order, reverse = table.preferred(flat=flat)
            values[word] = order.name
            values[f"{word} reversed"] = "yes" if reverse else "no"
        turned, unfolded = table.left()
        if len(turned) + len(unfolded) <= MOST_TURNED:
            values["branches of"] = self.store.root
            values["turned"] = " ".join(map(str, sorted(turned)))
            values["unfolded"] = " ".join(map(str, sorted(unfolded)))
        if values != self._remembered:
            remember(VIEW, values)

    def unfolded(self) -> bool:
        """Unfold the chain under the cursor of the table; return whether one was."""
        return self.usage_map is None and self.table.unfold_chain()

    def clear_marks(self) -> None:
        """Remove all marks."""
        self.table.clear_marks()

    def now(self) -> Now:
        """Return what an action would act on, and what an undo would restore."""
        last, tops = self.journal.last, tuple(self.tops)
        removed = last.removed if last is not None else ()
        return Now(self.image, tuple(self.marked), removed, self.store.root, tops)

    def refused(self) -> bool:
        """Say whether the store is read-only, and notify if it is."""
        if self.host.read_only:
            self.host.tell("Read-only store", severity="warning")
        return self.host.read_only

    def image_or_tell(self) -> int | None:
        """Return the image under the cursor; None, with a notification, without one.

        A chain is unfolded, since nobody can know which of its images is meant.
        """
        if chain := self.chain:
            self.unfolded()
            self.host.tell(f"Choose one of these {len(chain)} images")
            return None
        if self.image is None:
            self.host.tell("No image selected", severity="warning")
        return self.image

    def focus(self, widget: Widget) -> None:
        """Focus this widget."""
        self.screen.set_focus(widget)

    # -- asking and working ---------------------------------------------------

    def ask(
        self,
        screen: Screen[Answer],
        answered: Callable[[Answer | None], None] | None = None,
    ) -> None:
        """Show a dialog or page; `answered` gets its answer."""
        self.screen.app.push_screen(screen, answered)

    async def wait_for(self, screen: Screen[Answer]) -> Answer | None:
        """Show a dialog and return its answer; only from a worker."""
        return await self.screen.app.push_screen_wait(screen)

    def after_refresh(self, call: Callable[..., object], *words: Any) -> None:
        """Call a function after the next layout."""
        self.screen.call_after_refresh(call, *words)

    def on_loop(self, call: Callable[..., object], *words: Any) -> None:
        """Call a function on the event loop, from a thread."""
        self.screen.app.call_from_thread(call, *words)

    def in_worker(
        self, work: Callable[[], object], group: str, *, exclusive: bool = False
    ) -> None:
        """Run a function in a thread; `exclusive` cancels others of the group."""
        self.screen.run_worker(
            work, thread=True, group=group, exclusive=exclusive, exit_on_error=False
        )

    def in_thread(self, work: Callable[..., object], *words: Any) -> None:
        """Run something short that may wait for the disk; report its errors."""

        def guarded() -> None:
            try:
                work(*words)
            except (PlashError, OSError) as error:
                self.on_loop(self.host.fail, error)

        self.in_worker(guarded, "doing")

    def at_terminal(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run something that takes over the terminal, one at a time.

        Input is ignored until there is something to answer.
        """
        self.host.be_deaf()

        async def lent() -> None:
            try:
                await work()
            finally:
                self.host.hear_soon()

        lending: WorkType[None] = lent
        self.screen.run_worker(
            lending, group="shell", exclusive=True, exit_on_error=False
        )

    # -- the map, and details that fill the screen ----------------------------

    @property
    def is_page(self) -> bool:
        """Whether the details fill the screen and hide the images."""
        return self.screen.has_class("-page")

    def switch_page(self) -> None:
        """Switch the details between full screen and split view."""
        self.screen.toggle_class("-page")

    def switch_details(self) -> None:
        """Show or hide the details; on narrow screens only if asked for."""
        self.screen.toggle_class("-hide" if self.is_wide else "-ask")

    def hide_asked(self) -> None:
        """Hide the details that were asked for on a narrow screen."""
        self.screen.remove_class("-ask")

    def leave_page(self) -> bool:
        """Leave full-screen details; return whether they filled the screen.

        Actions on the table or the map start with this, because nobody would see them.
        """
        if not self.is_page:
            return False
        self.screen.remove_class("-page")
        self.screen.set_focus(self.front)
        return True

    async def show_map(self) -> None:
        """Replace the table by the map, with the cursor on the same image."""
        from plashui.ui.widgets.usage_map import UsageMap

        if self.usage_map is None:
            table, screen = self.table, self.screen
            self.usage_map = UsageMap(
                table.forest, table.facts, table.marks, self.shares, self.colouring
            )
            self.usage_map.reveal(table.image)
            with screen.app.batch_update():
                screen.add_class("-map")
                await screen.query_one("#left").mount(self.usage_map)
                screen.set_focus(self.usage_map)
            screen.post_message(TreeTable.Changed())

    def leave_map(self) -> None:
        """Replace the map by the table, with the cursor on the same image."""
        gone, self.usage_map = self.usage_map, None
        if gone is not None:
            self.screen.remove_class("-map")
            if gone.moved and gone.image is not None:
                self.table.reveal(gone.image)
            self.screen.set_focus(self.table)
            gone.remove()
            self.screen.post_message(TreeTable.Changed())

    def reveal(self, image: int) -> None:
        """Move the cursor of the map or the table to an image."""
        if self.usage_map is not None:
            self.usage_map.reveal(image)
        else:
            self.table.reveal(image)

    def redraw_map(self) -> None:
        """Draw the maps again, as far as they are shown."""
        for one in (self.usage_map, self.mini):
            if one is not None:
                one.show(self.table.forest, self.table.facts, self.shares)

    def grow_older(self) -> None:
        """Draw everything that depends on ages again."""
        self.table.grow_older()
        self.redraw_map()
