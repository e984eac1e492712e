"""The details of the image under the cursor, as tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from plashui.base.terminal_text import clean
from plashui.model.forest import Forest
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.host import host_of
from plashui.ui.model.text.lines import Line, cut
from plashui.ui.platform.palette import content
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.panel import Panel


def _overview() -> type[Tab]:
    from plashui.ui.tabs.overview import OverviewTab

    return OverviewTab


def _layers() -> type[Tab]:
    from plashui.ui.tabs.layers import LayersTab

    return LayersTab


def _changes() -> type[Tab]:
    from plashui.ui.tabs.changes import ChangesTab

    return ChangesTab


def _files() -> type[Tab]:
    from plashui.ui.tabs.files import FilesTab

    return FilesTab


def _processes() -> type[Tab]:
    from plashui.ui.tabs.processes import ProcessesTab

    return ProcessesTab


def _packages() -> type[Tab]:
    from plashui.ui.tabs.packages import PackagesTab

    return PackagesTab


TABS: Final[Sequence[tuple[str, Callable[[], type[Tab]]]]] = (
    ("Info", _overview),
    ("Layers", _layers),
    ("Changes", _changes),
    ("Files", _files),
    ("Procs", _processes),
    ("Pkgs", _packages),
)
"""Title and class of each tab; a class is imported when it is first shown."""


class TabLine(Widget):
    """The titles of the tabs with their keys, the shown one in bold."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TabLine { height: 1; color: $dim; }
    """

    def __init__(self) -> None:
        """Start with the first tab."""
        super().__init__()
        self.on_tab = 0

    def titles(self) -> list[Line]:
        """Return each title with its key, and the gap after it."""
        words = sum(len(title) + 1 for title, _load in TABS)
        gap = " " * max(1, min(2, (self.size.width - words) // len(TABS)))
        return [
            [
                (str(at + 1), "key"),
                (title, "tab" if at == self.on_tab else "faint"),
                (gap, ""),
            ]
            for at, (title, _load) in enumerate(TABS)
        ]

    def render(self) -> Content:
        """Draw the titles."""
        return content([piece for title in self.titles() for piece in title])

    def on_click(self, event: events.Click) -> None:
        """Show the tab that was clicked."""
        at = 0
        for number, title in enumerate(self.titles()):
            at += sum(len(text) for text, _kind in title)
            if event.x < at:
                details = self.parent
                if isinstance(details, Details):
                    details.turn_to(number)
                return


LEAST: Final = 24
"""Cells that the details have at least beside the tree."""

OTHERS: Final = 40
"""Cells that the tree has at least."""


def fitting(width: int, whole: int) -> int:
    """Return the width of the details, of a screen so wide, that is nearest to this."""
    return max(LEAST, min(width, whole - OTHERS))


class Details(Panel):
    """Tabs about one image; each is created when it is first shown.

    The edge beside the tree can be dragged.
    """

    DEFAULT_CSS = "Details > .-behind { display: none; }"

    def __init__(self) -> None:
        """Start without an image."""
        super().__init__()
        self._subject = Subject()
        self._facts: Mapping[str, str] | None = None
        self._line = TabLine()
        self._made: dict[int, Tab] = {}
        self._entering = False
        self._before = 0
        """The width before the edge was grabbed; 0 while it is not."""

    def compose(self) -> ComposeResult:
        """Yield the titles of the tabs."""
        yield self._line

    def on_mount(self) -> None:
        """Create the tabs after the first paint, which belongs to the tree."""
        self.call_after_refresh(self._turn, 0)

    @property
    def image(self) -> int | None:
        """The image that is shown."""
        return self._subject.image

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of a build that are shown as one with the image."""
        return self._subject.steps

    @property
    def marked(self) -> frozenset[int]:
        """The marked images."""
        return self._subject.marked

    @property
    def has_facts(self) -> bool:
        """Whether the image's files were read."""
        return self._facts is not None

    @property
    def on_tab(self) -> int:
        """The number of the tab on top."""
        return self._line.on_tab

    @property
    def tab(self) -> Tab | None:
        """The tab on top; None before the first paint."""
        return self._made.get(self._line.on_tab)

    def show(
        self,
        forest: Forest,
        image: int | None,
        facts: Mapping[str, str] | None = None,
        marked: frozenset[int] | None = None,
        beside: int | None = None,
        root: str | None = None,
        hue: int | None = None,
        steps: tuple[int, ...] | None = None,
        biggest: Sequence[tuple[str, int]] | None = None,
    ) -> None:
        """Show this image; facts are dropped when the image changes."""
        old = self._subject.image
        new = image != old
        if new and old is not None and old not in forest and self.has_focus_within:
            gone = f"Image {old}, shown in the details, was removed"
            self.app.notify(gone, markup=False)
        if facts is not None:
            self._facts = facts
        elif new:
            self._facts = None
        if marked is None:
            marked = self._subject.marked
        if root is None:
            root = self._subject.root
        if beside is None and not new:
            beside = self._subject.beside
        if hue is None:
            hue = self._subject.hue
        if steps is None:
            steps = () if new else self._subject.steps
        self._subject = Subject(
            forest,
            image,
            self._facts or {},
            marked,
            beside,
            root,
            hue=hue,
            steps=steps,
            biggest=biggest or (() if new else self._subject.biggest),
        )
        if self._subject.there:
            room = max(8, self.size.width - 10) if self.size else 80
            label = cut(clean(forest.label(image or 0)), room)
            sign: Line = [("marked", "mark")] if image in marked else []
            self.entitle([(f"{image}", "id"), (f" {label}", "strong")], sign)
        else:
            self.entitle([])
        self._tell(new=new)

    def next_tab(self, by: int = 1) -> None:
        """Show the next tab, or the one before."""
        self.turn_to((self._line.on_tab + by) % len(TABS))

    def turn_to(self, number: int, *, enter: bool = False) -> None:
        """Show this tab; the focus stays in the details, or moves there (`enter`)."""
        self.call_next(self._turn, number, enter=enter)

    async def _turn(self, number: int, *, enter: bool = False) -> None:
        before = self.tab
        inside = enter or self.has_focus_within  # a hidden widget loses the focus
        if before is not None and number != self._line.on_tab:
            before.leave()
            before.add_class("-behind")
        self._line.on_tab = number
        self._line.refresh()
        if number not in self._made:
            made = TABS[number][1]()()
            await self.mount(made)
            self._made[number] = made
        self._made[number].remove_class("-behind")
        self._tell(new=True)
        if inside or self._entering:
            self.enter()

    def enter(self) -> None:
        """Focus the tab on top as soon as it is there."""
        self._entering = self.tab is None
        inner = self.tab.inner() if self.tab is not None else None
        if inner is not None:
            self.screen.set_focus(inner)

    # -- the edge -------------------------------------------------------------

    def grab(self, x: int) -> None:
        """Begin to drag the edge if this column of the screen is at it."""
        edge = self.region.x
        if edge > 0 and edge - 1 <= x <= edge and self.display:
            self._before = self.region.width
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the edge follow the mouse."""
        if self._before:
            width = self.region.right - int(event.screen_x)
            self.styles.width = fitting(width, self.screen.size.width)

    def on_mouse_up(self) -> None:
        """Keep the width that the edge was dragged to."""
        if self._before:
            self.release_mouse()
            wider, self._before = self.region.width - self._before, 0
            if wider:
                host_of(self).resize_details(wider)
            self.styles.clear_rule("width")

    def on_show(self) -> None:
        """Update the tab on top, which may be outdated."""
        self._tell(new=True)

    def on_hide(self) -> None:
        """Stop the work of the tab on top."""
        if self.tab is not None:
            self.tab.leave()

    def _tell(self, *, new: bool) -> None:
        if self.display and self.tab is not None:
            self.tab.show(self._subject, new=new)
