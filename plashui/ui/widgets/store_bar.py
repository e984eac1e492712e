"""The head of the main screen: what fills the store, at one glance."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.model.images.shares import Part, widths
from plashui.ui.model.text.lines import Line
from plashui.ui.platform.palette import ink

PATTERNS: Final = "█▓▒░"
"""What tells the stretches apart where there are no colours."""


class Head(NamedTuple):
    """What the head shows, as clean texts; `totals` are cut from the right end.

    `short` are the totals where there is only one line.
    """

    store: str = ""
    sign: str = ""
    totals: tuple[tuple[str, str], ...] = ()
    short: tuple[str, ...] = ()
    growth: str = ""
    parts: tuple[Part, ...] = ()
    legend: tuple[tuple[tuple[str, str], ...], ...] = ()
    free: str = ""


class StoreBar(Widget):
    """Store and totals; a bar of all that the store takes; its legend.

    On a short terminal it is only the first line.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    StoreBar { height: 3; color: $foreground; }
    """

    def __init__(self, head: Head) -> None:
        """Show this head."""
        super().__init__()
        self.head = head

    def show(self, head: Head) -> None:
        """Show another head."""
        if head != self.head:
            self.head = head
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one of the three lines."""
        width = self.size.width
        if y == 0:
            line = self._first(width)
        elif y == 1:
            line = self._bar(width)
        else:
            line = self._legend(width)
        base = self.rich_style
        segments = [
            Segment(text, base + ink(self, kind) if kind else base)
            for text, kind in line
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _first(self, width: int) -> Line:
        head = self.head
        left = [(" plashui ", "accent")]
        if head.sign:
            left.append((f"{head.sign} ", "warn"))
        right = self._totals(width - _cells(left) - 1)
        room = width - _cells(left) - _cells(right) - 3
        store = head.store
        if cell_len(store) > room:
            store = "…" + store[len(store) - room + 1 :] if room > 7 else ""
        left.append((f" {store}" if store else "", "faint"))
        gap = width - _cells(left) - _cells(right) - 1
        return [*left, (" " * gap, ""), *right]

    def _totals(self, room: int) -> list[tuple[str, str]]:
        """Return as many of the totals as there is room for."""
        head = self.head
        if self.size.height == 1:
            words = list(head.short)
            while len(words) > 2 and cell_len(" · ".join(words)) > room:
                words.pop(-2)  # the first and the last matter most
            return [(" · ".join(words), "")]
        every = list(head.totals)
        if head.growth:
            every.append((f"  {head.growth}", "hue3"))
        while len(every) > 1 and _cells(every) > room:
            every.pop()
        return every

    def _bar(self, width: int) -> Line:
        """Draw the bar, with a gap after each stretch."""
        parts = self.head.parts
        if not parts:
            return [(" " + "─" * (width - 2), "track")]
        cells = widths([part.bytes for part in parts], width - 2 - len(parts) + 1)
        line = [(" ", "")]
        for at, (part, count) in enumerate(zip(parts, cells, strict=True)):
            line += [(self._sign(at, part) * count, part.kind), (" ", "")]
        return line

    def _sign(self, at: int, part: Part) -> str:
        return PATTERNS[at % len(PATTERNS)] if self.app.no_color else part.sign

    def _legend(self, width: int) -> Line:
        head = self.head
        room = width - cell_len(head.free) - 3
        line: list[tuple[str, str]] = []
        for at, (part, words) in enumerate(zip(head.parts, head.legend, strict=True)):
            sign = "■" if part.sign == "█" else part.sign
            if self.app.no_color:
                sign = self._sign(at, part)
            entry = [(f" {sign} ", part.kind), *words, (" ", "")]
            if _cells(line) + _cells(entry) > room:
                break
            line += entry
        gap = width - _cells(line) - cell_len(head.free) - 1
        return [*line, (" " * gap, ""), (head.free, "faint")]


def _cells(line: Line) -> int:
    return sum(cell_len(text) for text, _kind in line)
