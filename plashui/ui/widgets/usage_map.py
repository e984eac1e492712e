"""The usage map: the store as blocks, sized by bytes, coloured by what one asks."""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.shares import NO_SHARES, Shares
from plashui.ui.model.map.cells import Cell, Known, drawn, framed
from plashui.ui.model.map.colours import Colouring, legend
from plashui.ui.model.map.treemap import Block, Kind, Place, layout, neighbour
from plashui.ui.platform.palette import (
    BLOCK_INK,
    Depth,
    ReadableApp,
    ages,
    hues,
    ink,
    shades,
)

CALM: Final = 1.0
"""Seconds between two maps while layers are being counted."""


class UsageMap(Widget, can_focus=True):
    """A treemap with a cursor that can be zoomed."""

    ALLOW_SELECT = False
    HELP = "The usage map: arrows go to the block beside, + and - zoom, c recolours."
    LEGEND: ClassVar[int] = 1
    """Lines below the blocks that say what the colours mean."""
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "usagemap--title",
        "usagemap--more",
        "usagemap--cursor",
        "usagemap--line",
        "usagemap--name",
        "usagemap--mark",
        "usagemap--frame",
    }
    DEFAULT_CSS = """
    UsageMap {
        & > .usagemap--title { background: $panel; }
        & > .usagemap--more { background: $panel; }
        & > .usagemap--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .usagemap--line { color: $background; }
        & > .usagemap--name { text-style: bold; }
        & > .usagemap--mark { color: $text-warning; text-style: bold; }
        & > .usagemap--frame { color: $foreground; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(0, -1)", "Up", show=False),
        Binding("down,j", "move(0, 1)", "Down", show=False),
        Binding("left", "move(-1, 0)", "Left", show=False),
        Binding("right", "move(1, 0)", "Right", show=False),
        Binding("plus,l", "zoom_in", "Zoom in", show=False),
        Binding("minus,h,backspace", "zoom_out", "Zoom out", show=False),
        Binding("home,g", "goto(0)", "First", show=False),
        Binding("end,G", "goto(-1)", "Last", show=False),
        Binding("c", "recolour", "Colours", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another block."""

    @dataclass
    class Recoloured(Message):
        """The colours mean something else."""

        colouring: Colouring

    @dataclass
    class Refused(Message):
        """An action was refused, with the reason."""

        reason: str

    def __init__(
        self,
        forest: Forest,
        facts: Facts,
        marks: Set[int],
        shares: Shares = NO_SHARES,
        colouring: Colouring = Colouring.DISTRIBUTION,
    ) -> None:
        """Show this forest; `marks` are read whenever the map is drawn."""
        super().__init__()
        self.known = Known(forest, facts, marks, shares, colouring)
        self.blocks: list[Block] = []
        self.cursor = 0
        self.moved = False
        self._places: list[Place] = [Place()]
        self._wanted: int | None = None
        self._plain: list[list[Cell]] = []
        """The blocks as drawn, without the cursor."""
        self._cells: list[list[Cell]] = []
        self._extent = (0, 0)
        self._laid = 0.0
        self._later: Timer | None = None

    @property
    def image(self) -> int | None:
        """The id under the cursor; None for a block of several images."""
        if not self.blocks:
            return self._wanted
        block = self.blocks[self.cursor]
        return None if block.kind is Kind.MORE else block.image

    @property
    def place(self) -> Place:
        """What the map shows."""
        return self._places[-1]

    @property
    def zoomed(self) -> bool:
        """Whether the map shows only a part of the store."""
        return len(self._places) > 1

    @property
    def way(self) -> list[Place]:
        """The places that were zoomed into, one after the other."""
        return self._places[1:]

    def show(self, forest: Forest, facts: Facts, shares: Shares = NO_SHARES) -> None:
        """Show this forest; delay the drawing if many follow each other."""
        self.known = self.known._replace(forest=forest, facts=facts, shares=shares)
        seen = [i for b in self.blocks for i in (b.image, *b.rest) if i is not None]
        there = [place for place in self._places if _still(place, forest)]
        if len(there) < len(self._places) or any(i not in forest for i in seen):
            self._places = there or [Place()]
            self._lay()
        elif self._later is None:
            wait = CALM - (time.monotonic() - self._laid)
            self._later = self.set_timer(max(0.01, wait), self._lay)

    def reveal(self, image: int | None) -> None:
        """Move the cursor to the smallest block that contains this image."""
        self._wanted = image
        line = self.known.forest.lineage(image) if image is not None else []
        self.cursor = next((n for i in line for n in self._blocks_of(i)), 0)
        self._reframe()

    def _blocks_of(self, image: int) -> list[int]:
        return [
            n
            for n, block in enumerate(self.blocks)
            if block.image == image and block.kind is not Kind.MORE
        ]

    # -- keys and mouse -----------------------------------------------------

    def action_move(self, dx: int, dy: int) -> None:
        """Go to the next block in a direction."""
        if self.blocks:
            self._go(neighbour(self.blocks, self.cursor, dx, dy))

    def action_goto(self, number: int) -> None:
        """Go to the first block, or the last."""
        if self.blocks:
            self._go(number % len(self.blocks))

    def action_recolour(self) -> None:
        """Let the colours mean the next thing: distribution, age, last use, size."""
        self.recolour(self.known.colouring.next())
        self.post_message(self.Recoloured(self.known.colouring))

    def recolour(self, colouring: Colouring) -> None:
        """Let the colours mean this."""
        self.known = self.known._replace(colouring=colouring)
        self._redraw()

    def action_zoom_in(self) -> None:
        """Zoom into the block under the cursor."""
        if not self.blocks:
            return
        block = self.blocks[self.cursor]
        place = Place(block.image, block.rest)
        node = self.known.forest.images.get(block.image or 0)
        leaf = block.kind is Kind.OWN or node is None or not node.children
        if not block.rest and leaf:
            self.post_message(self.Refused("No image is built on this layer"))
        elif place == self.place:
            self.post_message(self.Refused("Already zoomed in"))
        else:
            self._places.append(place)
            self._zoomed(block.image)

    def action_zoom_out(self) -> None:
        """Zoom out to the previous map."""
        if len(self._places) == 1:
            self.post_message(self.Refused("Already zoomed out"))
            return
        gone = self._places.pop()
        self._zoomed(gone.image)

    def _zoomed(self, image: int | None) -> None:
        self._wanted = image
        self.blocks = []
        self._lay()
        self.moved = True

    def on_click(self, event: events.Click) -> None:
        """Select a block; a double click zooms in."""
        for number, block in enumerate(self.blocks):
            if block.box.holds(event.x, event.y):
                self._go(number)
                if event.chain == 2:
                    self.action_zoom_in()
                return

    def _go(self, number: int) -> None:
        if number != self.cursor:
            self.cursor = number
            self.moved = True
            self._reframe()
            self.post_message(self.Moved())

    # -- drawing ------------------------------------------------------------

    def on_resize(self) -> None:
        """Lay the blocks out for the new size."""
        self._lay()

    def on_focus(self) -> None:
        """Draw the frame strong."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the frame faint."""
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw again after a change of colours."""
        self._redraw()
        super().notify_style_update()

    def _lay(self) -> None:
        """Lay the blocks out; the cursor stays on its image."""
        if self._later is not None:
            self._later.stop()
            self._later = None
        before = self.blocks[self.cursor] if self.blocks else None
        image = self.image
        self._extent = width, height = self._room()
        self.blocks = layout(self.known.forest, self.place, width, height)
        self._laid = time.monotonic()
        same = [
            number
            for number, block in enumerate(self.blocks)
            if before and (block.kind, block.image) == (before.kind, before.image)
        ]
        if same:
            self.cursor = same[0]
        else:
            self.reveal(image if image in self.known.forest else None)
        self._redraw()
        self.post_message(self.Moved())

    def redraw(self) -> None:
        """Draw again after marks changed."""
        self._redraw()

    def _room(self) -> tuple[int, int]:
        """Return the width and height that the blocks have."""
        return self.size.width, max(0, self.size.height - self.LEGEND)

    def _redraw(self) -> None:
        self._plain = []
        self._reframe()

    def _reframe(self) -> None:
        """Draw the cursor again; the blocks are the same."""
        self._cells = []
        self.refresh()

    def _drawn(self) -> list[list[Cell]]:
        if not self._plain:
            # Of another size while a resize is on its way.
            self._plain = drawn(self.blocks, self.known, *self._extent)
        if 0 <= self.cursor < len(self.blocks):
            return framed(self._plain, self.blocks[self.cursor])
        return self._plain

    def render_line(self, y: int) -> Strip:
        """Draw one line of the map; the last is the legend."""
        width, height = self.size
        if y >= height - self.LEGEND:
            return self._legend(width)
        if not self._cells:
            self._cells = self._drawn()
        if not self.blocks or y >= len(self._cells):
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment("".join(cell.text for cell in cells), self._style(ground, ink))
            for (ground, ink), cells in groupby(self._cells[y], lambda c: (c[1], c[2]))
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, ground: str, inked: str) -> Style:
        if ground == "cursor" and not self.has_focus:
            ground = "title"
        colour, dash, shade = ground.partition("-")
        if dash:  # of a block: dark text on its colour
            return _block_style(self._hue(colour), int(shade), inked, self._depth)
        style = self.rich_style
        if ground:
            style = self.get_component_rich_style(f"usagemap--{ground}")
        if inked and ground != "cursor":
            over = self.get_component_rich_style(f"usagemap--{inked}")
            style += Style(color=over.color, bold=over.bold)
        return style

    @property
    def _depth(self) -> Depth:
        app = self.app
        return app.depth if isinstance(app, ReadableApp) else Depth.TRUE

    def _hue(self, colour: str) -> str:
        """Return the colour called `hue2` or `age4`, the same in every theme."""
        every = hues if colour.startswith("hue") else ages
        return every(self._depth)[int(colour[3:])]

    def _legend(self, width: int) -> Strip:
        """Draw the legend: the meaning of the colours."""
        base, colouring = self.rich_style, self.known.colouring
        every = () if self.app.no_color else legend(colouring, self.known.shares)
        line = [Segment(f" {colouring}: ", base + ink(self, "faint"))] if every else []
        for colour, name in every:
            line.append(Segment("■", base + Style(color=self._hue(colour))))
            line.append(Segment(f" {name}  ", base))
        return Strip(line).adjust_cell_length(width, base)


@lru_cache(512)
def _block_style(hue: str, shade: int, inked: str, depth: Depth) -> Style:
    """Return the style of a part of a block."""
    strong = inked in ("name", "mark", "frame")
    color = "#ffffff" if inked == "frame" else BLOCK_INK
    return Style(color=color, bgcolor=shades(hue, depth)[shade], bold=strong or None)


def _still(place: Place, forest: Forest) -> bool:
    """Say whether a place exists in another forest."""
    there = place.image is None or place.image in forest
    return there and all(image in forest for image in place.rest)
