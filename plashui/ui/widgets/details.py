"""The image under the cursor, as tabs: facts, layers, and what else `tabs/` has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from textual import events
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from plashui.core.forest import Forest
from plashui.ui.tabs.lines import LayersTab, OverviewTab
from plashui.ui.tabs.tab import Subject, Tab

TABS: Final[Sequence[type[Tab]]] = (OverviewTab, LayersTab)


class TabLine(Widget):
    """The names of the tabs, the one shown in bold."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TabLine { height: 1; color: $foreground 60%; }
    """

    def __init__(self) -> None:
        """Start with the first."""
        super().__init__()
        self.on_tab = 0

    def render(self) -> Content:
        """The line."""
        on = "bold underline $text-primary"
        pieces: list[str | tuple[str, str]] = []
        for at, tab in enumerate(TABS):
            pieces += [" ", (tab.title, on) if at == self.on_tab else tab.title, " "]
        return Content.assemble(*pieces)

    def on_click(self, event: events.Click) -> None:
        """Show the tab that was clicked."""
        at = 0
        for number, tab in enumerate(TABS):
            at += len(tab.title) + 2
            if event.x < at:
                details = self.parent
                if isinstance(details, Details):
                    details.turn_to(number)
                return


class Details(Vertical):
    """Tabs about one image; each is made when it is first turned to."""

    DEFAULT_CSS = "Details > .-behind { display: none; }"

    def __init__(self) -> None:
        """Start with nothing to tell."""
        super().__init__()
        self._subject = Subject()
        self._facts: Mapping[str, str] | None = None
        self._line = TabLine()
        self._made: dict[int, Tab] = {}

    def on_mount(self) -> None:
        """They come after the first paint, which is the tree's."""
        self.call_after_refresh(self._fill)

    async def _fill(self) -> None:
        await self.mount(self._line)
        await self._turn(0)

    @property
    def image(self) -> int | None:
        """The image told about."""
        return self._subject.image

    @property
    def has_facts(self) -> bool:
        """Whether the image's files were looked into."""
        return self._facts is not None

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
    ) -> None:
        """Tell about this image; facts are forgotten with the image they are on."""
        new = image != self._subject.image
        if facts is not None:
            self._facts = facts
        elif new:
            self._facts = None
        if marked is None:
            marked = self._subject.marked
        if beside is None and not new:
            beside = self._subject.beside
        self._subject = Subject(forest, image, self._facts or {}, marked, beside)
        self._tell(new=new)

    def next_tab(self) -> None:
        """Show the next tab."""
        self.turn_to((self._line.on_tab + 1) % len(TABS))

    def turn_to(self, number: int) -> None:
        """Show this tab."""
        self.call_next(self._turn, number)

    async def _turn(self, number: int) -> None:
        before = self.tab
        if before is not None and number != self._line.on_tab:
            before.leave()
            before.add_class("-behind")
        self._line.on_tab = number
        self._line.refresh()
        if number not in self._made:
            made = TABS[number]()
            await self.mount(made)
            self._made[number] = made
        inside = self.has_focus_within
        self._made[number].remove_class("-behind")
        self._tell(new=True)
        if inside:
            self.enter()

    def enter(self) -> None:
        """Give the keys to what is in the tab."""
        inner = self.tab.inner() if self.tab is not None else None
        if inner is not None:
            self.screen.set_focus(inner)

    def on_show(self) -> None:
        """They are seen again: what they tell may be of before."""
        self._tell(new=True)

    def on_hide(self) -> None:
        """Nobody looks: nothing need go on."""
        if self.tab is not None:
            self.tab.leave()

    def _tell(self, *, new: bool) -> None:
        if self.display and self.tab is not None:
            self.tab.show(self._subject, new=new)
