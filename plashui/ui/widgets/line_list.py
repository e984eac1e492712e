"""A list of styled lines of any length, with or without a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.geometry import Size as Cells
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from plashui.ui.model.text.lines import Line
from plashui.ui.platform.palette import ink

_LEAST: Final = 8
"""Cells that stay of a piece that is cut for the sake of those behind it."""


def fitted(line: Line, width: int) -> Line:
    """Cut the longest piece of a line that is too wide; what follows stays visible."""
    over = sum(cell_len(text) for text, _kind in line) - width
    if over <= 0:
        return line
    at = max(range(len(line)), key=lambda n: (cell_len(line[n][0]), n))
    text, kind = line[at]
    room = cell_len(text) - over
    if room < _LEAST:
        return line
    return [*line[:at], (set_cell_size(text, room - 1) + "…", kind), *line[at + 1 :]]


class LineList(ScrollView, can_focus=True):
    """Lines of clean text; with `choose` there is a cursor."""

    ALLOW_SELECT = False
    HELP = "A list: arrows or j k move."
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "linelist--cursor",
        "linelist--cursor-blurred",
    }
    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .linelist--cursor { background: $block-cursor-background; }
        & > .linelist--cursor-blurred {
            background: $block-cursor-blurred-background;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "goto(0)", "First", show=False),
        Binding("end,G", "goto(-1)", "Last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Chosen(Message):
        """A line was double-clicked."""

        line: int

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

        line: int

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        choose: bool = False,
        titles: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Show these lines; the cursor is never on the first `titles` of them."""
        super().__init__(id=id)
        self._titles = titles
        self.lines: Sequence[Line] = list(lines)
        self.choose = choose
        self._said = False

    def show(self, lines: Sequence[Line], *, nothing: str = "") -> None:
        """Show these lines instead; the cursor stays in place if possible.

        Without lines, `nothing` is shown and there is no cursor.
        """
        said: list[Line] = [((f" {nothing}", "faint"),)] if nothing else []
        self._said = not lines
        shown = list(lines) or said
        grown = len(shown) != len(self.lines)
        self.lines = shown
        self.set_reactive(LineList.cursor, self.validate_cursor(self.cursor))
        self._fit()
        if grown and self.styles.is_auto_height:
            self.refresh(layout=True)

    def get_content_height(
        self,
        container: Cells,  # noqa: ARG002 - Textual's signature
        viewport: Cells,  # noqa: ARG002
        width: int,  # noqa: ARG002
    ) -> int:
        """Return the height of all lines, for `height: auto`."""
        return max(1, len(self.lines))

    def on_mount(self) -> None:
        """Fit the lines to the width."""
        self._fit()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._fit()

    def on_focus(self) -> None:
        """Draw the cursor strong."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the cursor faint."""
        self.refresh()

    def _fit(self) -> None:
        self.virtual_size = Cells(self.scrollable_content_region.width, len(self.lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if not 0 <= index < len(self.lines):
            return Strip.blank(width, base)
        under = self.choose and index == self.cursor and not self._said
        if under:
            name = "cursor" if self.has_focus else "cursor-blurred"
            base += self.get_component_rich_style(f"linelist--{name}", partial=True)
        cells: list[Segment] = []
        left = width
        for text, kind in fitted(self.lines[index], width):
            if cell_len(text) > left:
                text = set_cell_size(text, max(0, left - 1)) + "…" * (left > 0)
            cells.append(Segment(text, base + ink(self, kind) if kind else base))
            left -= cell_len(text)
        return Strip(cells).adjust_cell_length(width, base)

    def validate_cursor(self, line: int) -> int:
        """Keep the cursor on a line that can be chosen."""
        return max(0, min(max(line, self._titles), len(self.lines) - 1))

    def watch_cursor(self) -> None:
        """Scroll to the cursor."""
        self.refresh()
        if self.choose and self.lines:
            first = 0 if self.cursor <= self._titles else self.cursor
            line = Region(0, first, 1, self.cursor + 1 - first)
            self.scroll_to_region(line, animate=False, force=True, x_axis=False)
            self.post_message(self.Moved(self.cursor))

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        if self.choose:
            self.cursor += by
        else:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_goto(self, line: int) -> None:
        """Move the cursor to a line; -1 is the last."""
        target = line if line >= 0 else len(self.lines) - 1
        if self.choose:
            self.cursor = target
        else:
            self.scroll_to(y=target, animate=False)

    def on_click(self, event: events.Click) -> None:
        """Select the line; a double click chooses it."""
        index = int(event.y + self.scroll_offset.y)
        if self.choose and not self._said and self._titles <= index < len(self.lines):
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Chosen(index))
