"""A page of a file: lines of clean text, what was searched for made to stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.describe import wrapped
from plashui.ui.pages import Shown


class PageView(Widget, can_focus=True):
    """Shows what it is given; which lines those are, others decide."""

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
        & > .pageview--faint { color: $foreground 70%; }
        & > .pageview--offset { color: $text-accent; }
    }
    """

    class Resized(Message):
        """Another number of lines fits."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.lines: Sequence[Shown] = ()
        self.words = ""
        self.left = 0
        self.needle = ""
        self.offsets = False

    def show(self, lines: Sequence[Shown], *, offsets: bool) -> None:
        """Show these lines; with `offsets` each begins with where it is."""
        self.lines, self.offsets, self.words = lines, offsets, ""
        self.refresh()

    def say(self, words: str) -> None:
        """Show a sentence in place of lines, which are gone."""
        self.lines, self.words = (), words
        self.refresh()

    def on_resize(self) -> None:
        """Whoever decides on the lines must know."""
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, base = self.size.width, self.rich_style
        if self.words:
            faint = self.get_component_rich_style("pageview--faint")
            pieces = ["", *wrapped(self.words, max(1, width - 4))]
            strip = Strip([Segment(f"  {pieces[y] if y < len(pieces) else ''}", faint)])
            return strip.adjust_cell_length(width, base)
        if y >= len(self.lines):
            return Strip.blank(width, base)
        text = self.lines[y].text
        strip = Strip([Segment(" ", base), *self._pieces(text)])
        if self.left:
            strip = Strip([Segment("…", base), *strip.crop(self.left + 1)])
        if strip.cell_length > width:
            more = Segment("…", base)
            strip = Strip([*strip.crop(0, width - 1), more])
        return strip.adjust_cell_length(width, base)

    def _pieces(self, text: str) -> list[Segment]:
        base = self.rich_style
        if self.offsets:
            kind = self.get_component_rich_style("pageview--offset")
            return [Segment(text[:8], kind), Segment(text[8:], base)]
        if not self.needle:
            return [Segment(text, base)]
        hit = self.get_component_rich_style("pageview--hit")
        small = self.needle == self.needle.lower()
        seen = text.lower() if small else text
        if len(seen) != len(text):  # a letter that is two when it is small
            seen = text
        pieces: list[Segment] = []
        at = 0
        while (found := seen.find(self.needle, at)) >= 0:
            end = found + len(self.needle)
            pieces += [Segment(text[at:found], base), Segment(text[found:end], hit)]
            at = end
        return [*pieces, Segment(text[at:], base)]
