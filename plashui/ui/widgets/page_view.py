"""The lines of one page of a file, with highlighted matches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.model.details.describe import wrapped
from plashui.ui.model.text.file_lines import Shown


class PageView(Widget, can_focus=True):
    """Draw the given lines; the pager decides which."""

    ALLOW_SELECT = False
    HELP = "A file: arrows or j k move, / searches, x switches to hexadecimal."
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pageview--hit",
        "pageview--faint",
        "pageview--offset",
    }
    DEFAULT_CSS = """
    PageView {
        height: 1fr;
        & > .pageview--hit {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold underline;
        }
        & > .pageview--faint { color: $dim; }
        & > .pageview--offset { color: $text-accent; }
    }
    """

    class Resized(Message):
        """Another number of lines fits."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.lines: Sequence[Shown] = ()
        self.words = ""
        self.left = 0
        self.needle = ""
        self.offsets = False

    def show(self, lines: Sequence[Shown], *, offsets: bool) -> None:
        """Show these lines; with `offsets` each starts with its offset."""
        self.lines, self.offsets, self.words = lines, offsets, ""
        self.refresh()

    def say(self, words: str) -> None:
        """Show a sentence instead of lines."""
        self.lines, self.words = (), words
        self.refresh()

    def on_resize(self) -> None:
        """Tell the pager."""
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width, base = self.size.width, self.rich_style
        if self.words:
            faint = self.get_component_rich_style("pageview--faint")
            pieces = ["", *wrapped(self.words, max(1, width - 4))]
            strip = Strip([Segment(f"  {pieces[y] if y < len(pieces) else ''}", faint)])
            return strip.adjust_cell_length(width, base)
        if y >= len(self.lines):
            return Strip.blank(width, base)
        strip = Strip([Segment(" ", base), *self._pieces(self.lines[y])])
        if self.left:
            strip = Strip([Segment("…", base), *strip.crop(self.left + 1)])
        if strip.cell_length > width:
            more = Segment("…", base)
            strip = Strip([*strip.crop(0, width - 1), more])
        return strip.adjust_cell_length(width, base)

    def _pieces(self, line: Shown) -> list[Segment]:
        base, text = self.rich_style, line.text
        hit = self.get_component_rich_style("pageview--hit")
        pieces: list[Segment] = []
        at = 0
        if self.offsets:
            kind = self.get_component_rich_style("pageview--offset")
            at = text.index(" ")
            pieces.append(Segment(text[:at], kind))
        for first, end in line.hits if self.offsets else self._hits(text):
            pieces += [Segment(text[at:first], base), Segment(text[first:end], hit)]
            at = end
        return [*pieces, Segment(text[at:], base)]

    def _hits(self, text: str) -> list[tuple[int, int]]:
        """Return where the search matches in the text."""
        if not self.needle:
            return []
        small = self.needle == self.needle.lower()
        seen = text.lower() if small else text
        if len(seen) != len(text):  # a letter whose lower case is two letters
            seen = text
        found: list[tuple[int, int]] = []
        at = seen.find(self.needle)
        while at >= 0:
            found.append((at, at + len(self.needle)))
            at = seen.find(self.needle, found[-1][1])
        return found
