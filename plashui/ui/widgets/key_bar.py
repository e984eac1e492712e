"""The bottom line: keys and what they do; also works by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from plashui.ui.model.notice import Notice


class Key(NamedTuple):
    """One entry; entries with high ranks go first if room is short, 0 stays."""

    key: str
    label: str
    action: str
    rank: int = 0

    def text(self, gap: str) -> str:
        """The label behind the key."""
        return f" {self.label}{gap}"

    def cells(self, gap: str) -> int:
        """The width of the entry."""
        return 1 + len(self.key) + len(self.text(gap))


def fitting(keys: Sequence[Key], width: int) -> tuple[list[Key], str]:
    """Return the entries that fit, and the gap between them.

    The gap is two blanks, or one if the entries that must stay need the room.
    """
    left = list(keys)
    while sum(key.cells(" ") for key in left) > width:
        least = max(left, key=lambda key: key.rank)
        if not least.rank:
            return left, ""
        left.remove(least)
    return left, " "


class KeyBar(Widget):
    """Keys with their labels, as many as fit, in the given order."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        dock: bottom;
        background: $panel;
        color: $dim;
        & > .keybar--key { color: $text-accent; text-style: bold; }
    }
    """

    class Pressed(Notice):
        """An entry was clicked."""

        action: str

    def __init__(self, keys: Sequence[Key]) -> None:
        """Show these keys."""
        super().__init__()
        self.keys = list(keys)

    def show(self, keys: Sequence[Key]) -> None:
        """Show these keys instead."""
        if self.keys != list(keys):
            self.keys = list(keys)
            self.refresh()

    def shown(self) -> tuple[list[Key], str]:
        """The entries that fit, and the gap between them."""
        return fitting(self.keys, self.size.width)

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        base = self.rich_style
        segments: list[Segment] = []
        if y == 0:
            strong = self.get_component_rich_style("keybar--key")
            keys, gap = self.shown()
            for key in keys:
                segments.append(Segment(f" {key.key}", strong))
                segments.append(Segment(key.text(gap), base))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """Post the action of the entry that was clicked."""
        at = 0
        keys, gap = self.shown()
        for key in keys:
            at += key.cells(gap)
            if event.x < at:
                self.post_message(self.Pressed(key.action))
                return


class HasKeyBar(Widget):
    """A screen with a key bar whose entries are actions of the screen."""

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Run the action that was clicked."""
        if event.action:
            await self.run_action(event.action)
