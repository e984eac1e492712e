"""The image under the cursor: Overview and Layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from plashui.core.forest import Forest
from plashui.ui.describe import layers, overview
from plashui.ui.widgets.linelist import LineList

TABS: Final = ("Overview", "Layers")


class TabLine(Widget):
    """The names of the tabs, the one shown in bold."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabline--on"}
    DEFAULT_CSS = """
    TabLine {
        height: 1;
        color: $foreground 60%;
        & > .tabline--on { color: $text-primary; text-style: bold underline; }
    }
    """

    def __init__(self) -> None:
        """Start with the first."""
        super().__init__()
        self.on_tab = 0

    def render_line(self, y: int) -> Strip:
        """The line."""
        base = self.rich_style
        on = self.get_component_rich_style("tabline--on")
        cells: list[Segment] = []
        for at, name in enumerate(TABS if y == 0 else ()):
            cells += [
                Segment(" ", base),
                Segment(name, on if at == self.on_tab else base),
            ]
            cells.append(Segment(" ", base))
        return Strip(cells).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """Show the tab that was clicked."""
        at = 0
        for number, name in enumerate(TABS):
            at += len(name) + 2
            if event.x < at:
                details = self.parent
                if isinstance(details, Details):
                    details.turn_to(number)
                return


class Details(Vertical):
    """Facts on one image; what takes long comes later."""

    DEFAULT_CSS = """
    Details { & > LineList { height: 1fr; } }
    """

    def __init__(self) -> None:
        """Start with nothing to tell."""
        super().__init__()
        self._forest = Forest({})
        self._image: int | None = None
        self._facts: Mapping[str, str] | None = None
        self._tabs = TabLine()
        self._lines = LineList()

    def on_mount(self) -> None:
        """Tabs over lines; they come after the first paint, which is the tree's."""
        self.call_after_refresh(self._fill)

    async def _fill(self) -> None:
        await self.mount(self._tabs, self._lines)
        self._draw()

    @property
    def image(self) -> int | None:
        """The image told about."""
        return self._image

    @property
    def has_facts(self) -> bool:
        """Whether the image's files were looked into."""
        return self._facts is not None

    def show(
        self, forest: Forest, image: int | None, facts: Mapping[str, str] | None = None
    ) -> None:
        """Tell about this image; facts are forgotten with the image they are on."""
        if facts is not None:
            self._facts = facts
        elif image != self._image:
            self._facts = None
        if image != self._image and self._lines.is_attached:
            self._lines.scroll_to(y=0, animate=False)
        self._forest, self._image = forest, image
        self._draw()

    def next_tab(self) -> None:
        """Show the next tab."""
        self.turn_to((self._tabs.on_tab + 1) % len(TABS))

    def turn_to(self, number: int) -> None:
        """Show this tab."""
        self._tabs.on_tab = number
        self._tabs.refresh()
        self._lines.scroll_to(y=0, animate=False)
        self._draw()

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._draw()

    def _draw(self) -> None:
        image, width = self._image, max(20, self.size.width - 2)
        if not self.display or not self.size.width or not self._lines.is_attached:
            return
        if image is None or image not in self._forest:
            self._lines.show([])
        elif self._tabs.on_tab == 0:
            self._lines.show(overview(self._forest, image, self._facts or {}, width))
        else:
            self._lines.show(layers(self._forest, image, width))
