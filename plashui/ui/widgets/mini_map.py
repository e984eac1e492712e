"""The small map below the tree: it follows the cursor of the tree."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual import events, on
from textual.message import Message
from textual.timer import Timer

from plashui.model.forest import Forest
from plashui.store.activity import Facts
from plashui.ui.model.images.shares import NO_SHARES, Shares
from plashui.ui.model.map.cells import Known
from plashui.ui.model.map.colours import Colouring
from plashui.ui.model.map.treemap import Block, Place, layout
from plashui.ui.widgets.usage_map import UsageMap

REST: Final = 0.08
"""Seconds after which the map follows the cursor, so that a held key does not wait."""

LATE: Final = 0.2
"""Seconds after which the blocks are laid out: the tree comes first."""


class MiniMap(UsageMap, can_focus=False):
    """A map of the whole store without a cursor of its own.

    The blocks are laid out in a thread: of a hundred thousand images that takes longer
    than a key should.
    """

    LEGEND: ClassVar[int] = 0

    @dataclass
    class Chosen(Message):
        """A block was clicked; `enlarge` says whether it was a double click."""

        image: int | None
        enlarge: bool

    @dataclass
    class Laid(Message):
        """The blocks of a map of this size, of what was known when that began."""

        blocks: list[Block]
        known: Known
        width: int
        height: int

    def __init__(
        self,
        forest: Forest,
        facts: Facts,
        marks: Set[int],
        shares: Shares = NO_SHARES,
        colouring: Colouring = Colouring.DISTRIBUTION,
    ) -> None:
        """Show this forest once it is laid out."""
        super().__init__(forest, facts, marks, shares, colouring)
        self._coming = self.known
        self._following: Timer | None = None

    def show(self, forest: Forest, facts: Facts, shares: Shares = NO_SHARES) -> None:
        """Show this forest soon, instead of the one before."""
        self._coming = self._coming._replace(forest=forest, facts=facts, shares=shares)
        if self._later is None:
            self._later = self.set_timer(LATE, self._lay)

    def follow(self, image: int | None) -> None:
        """Mark the block of this image, once the cursor of the tree rests."""
        self._wanted = image
        if self._following is None:
            self._following = self.set_timer(REST, self._follow)

    def _follow(self) -> None:
        self._following = None
        self.reveal(self._wanted)

    def recolour(self, colouring: Colouring) -> None:
        """Let the colours mean this."""
        self._coming = self._coming._replace(colouring=colouring)
        super().recolour(colouring)

    def reveal(self, image: int | None) -> None:
        """Mark the smallest block that contains this image, which may hold more."""
        self._wanted = image
        line = self.known.forest.lineage(image) if image is not None else []
        self.cursor = next((n for i in line for n in self._blocks_of(i)), -1)
        self._reframe()

    def _blocks_of(self, image: int) -> list[int]:
        return [
            n
            for n, block in enumerate(self.blocks)
            if (image in block.rest if block.rest else block.image == image)
        ]

    def on_click(self, event: events.Click) -> None:
        """Ask for the image that was clicked, or for the large map."""
        for block in self.blocks:
            if block.box.holds(event.x, event.y):
                image = block.rest[0] if block.rest else block.image
                self.post_message(self.Chosen(image, event.chain == 2))

    def _lay(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        width, height = self._room()
        if width and height:
            work = partial(self._compute, self._coming, width, height)
            self.run_worker(
                work, thread=True, group="mini", exclusive=True, exit_on_error=False
            )

    def _compute(self, known: Known, width: int, height: int) -> None:
        """Lay the blocks out, in a thread."""
        blocks = layout(known.forest, Place(), width, height)
        for image in known.forest.roots[:1]:
            known.forest.count(image)  # of all, as the labels say it
        self.post_message(self.Laid(blocks, known, width, height))

    @on(Laid)
    def laid(self, event: Laid) -> None:
        """Show the blocks; what became known since comes with the next ones."""
        event.stop()
        now = self._coming
        self.known = event.known._replace(marks=now.marks, colouring=now.colouring)
        self.blocks = event.blocks
        self._extent = (event.width, event.height)
        self.reveal(self._wanted)
        self._redraw()
