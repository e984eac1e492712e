"""The page that compares two images, also with one that is not in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress, Report, in_words
from plashui.base.terminal_text import clean
from plashui.image.comparison import Comparison
from plashui.store.store import Store
from plashui.ui.model.paths.change_tree import Tally
from plashui.ui.model.paths.comparison_tree import (
    Differing,
    comparison_tree,
    difference_cells,
    summary,
    trouble_tree,
)
from plashui.ui.model.text.lines import cut
from plashui.ui.platform.gc_tuning import nothing_sought
from plashui.ui.viewers.open_change import open_change
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.path_tree import PathTree
from plashui.ui.widgets.top_line import TopLine
from plashui.ui.widgets.worker_errors import HandlesWorkerErrors

KEYS: Final = (
    Key("enter", "Open", "view", 1),
    Key("*", "Open all", "open_all", 3),
    Key("esc", "Back", "app.pop_screen"),
)

Compare = Callable[[Report, Cancel], Comparison]
"""Finds out what differs, in a thread."""


class ComparisonScreen(Screen[None], HandlesWorkerErrors, HasKeyBar):
    """A tree of what differs: config, packages with their files, other files."""

    help_section = "Comparison"
    DEFAULT_CSS = """
    ComparisonScreen > Static { height: 2; padding: 0 1; color: $foreground 70%; }
    ComparisonScreen > PathTree { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,equals_sign", "app.pop_screen", "Back", show=False),
    ]

    @dataclass
    class Compared(Message):
        """What differs, the progress of finding it out, or the error."""

        found: Comparison | Progress | Exception

    def __init__(
        self,
        store: Store,
        labels: tuple[str, str],
        compare: Compare,
        sides: tuple[int, int] | None,
    ) -> None:
        """Show what `compare` finds between two images called by (clean) `labels`.

        `sides` are the images whose files can be shown, if both are in the store.
        """
        super().__init__()
        self._store, self._labels, self._compare = store, labels, compare
        self._sides = sides
        self._cancel = Cancel()

    def compose(self) -> ComposeResult:
        """Yield the top line, the two images, the tree and the keys."""
        yield TopLine("compare")
        yield Static("", markup=False)
        yield PathTree[Differing](difference_cells)
        yield KeyBar(KEYS)

    def on_mount(self) -> None:
        """Start comparing, in a thread."""
        self.set_focus(self.query_one(PathTree))
        self._say("comparing …")
        self.run_worker(self._work, thread=True, exit_on_error=False)

    def on_resize(self) -> None:
        """Fit the names of the images to the width."""
        room = self.size.width - 4
        lines = (
            f"{at} {cut(it, room)}" for at, it in zip("-+", self._labels, strict=True)
        )
        self.query_one(Static).update("\n".join(lines))

    def on_unmount(self) -> None:
        """Stop comparing."""
        self._cancel.set()

    def _work(self) -> None:
        def report(progress: Progress) -> None:
            self.post_message(self.Compared(progress))

        try:
            with nothing_sought():
                found = self._compare(report, self._cancel)
            self.post_message(self.Compared(found))
        except Cancelled:
            return
        except (PlashError, OSError) as error:
            self.post_message(self.Compared(error))

    @on(Compared)
    def compared(self, event: Compared) -> None:
        """Show what differs, or how far the comparison is."""
        found = event.found
        if isinstance(found, Progress):
            self._say(clean(f"{found.what}: {in_words(found, None)}"))
        elif isinstance(found, Exception):
            self._say("")
            self.query_one(PathTree).show_tree(trouble_tree(clean(str(found))))
        else:
            self._say(summary(found))
            self.query_one(PathTree).show_tree(comparison_tree(found))

    def _say(self, words: str) -> None:
        self.query_one(TopLine).show(words)

    def action_view(self) -> None:
        """Do what Enter does: open a branch or show a file."""
        self.query_one(PathTree).action_choose()

    def action_open_all(self) -> None:
        """Open all branches."""
        self.query_one(PathTree).action_open_all()

    @on(PathTree.Picked)
    def picked(self, event: PathTree.Picked) -> None:
        """Show a file: the new or old one, or the difference between both."""
        event.stop()
        data: Differing = event.node.data
        if not isinstance(data, Tally) or data.change is None:
            return
        if self._sides is None:
            tell = "Its files are not here: it was pulled for the comparison only"
            self.app.notify(tell, markup=False)
            return
        open_change(self.query_one(PathTree), self._store, data.change, *self._sides)
