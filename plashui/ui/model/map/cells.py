"""The characters of the usage map, as plain values."""

from __future__ import annotations

import heapq
from collections.abc import Sequence, Set
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from plashui.base.units import age, plural, thousands
from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.images.row_cells import (
    BUSY,
    CLOSED,
    MARK,
    OPENED,
    PINNED,
    shown_label,
    shown_size,
)
from plashui.ui.model.images.shares import NO_SHARES, Shares
from plashui.ui.model.map.colours import Colouring, colour_of
from plashui.ui.model.map.treemap import Block, Box, Kind

BOTTOM: Final = "▁"
LEFT: Final = "▏"
"""The gaps between blocks: a narrow part of their last line and of their left side."""

CORNERS: Final = "┏┓┗┛━┃"

SHADES: Final = 5
"""Shades of each colour, for siblings."""


class Known(NamedTuple):
    """Everything the blocks are drawn from."""

    forest: Forest
    facts: Facts
    marks: Set[int]
    shares: Shares = NO_SHARES
    colouring: Colouring = Colouring.DISTRIBUTION


class Cell(NamedTuple):
    """One cell: a character ('' for the right half of a wide one) and two styles.

    `ground` is the style of the background, e.g. a shade of a colour (`hue2-1`); `ink`
    that of the character.
    """

    text: str
    ground: str
    ink: str


def label(block: Block, known: Known, room: int) -> str:
    """Return the title of a block, with the signs of its image.

    If there is no room for more, it is the id alone.
    """
    if block.kind is Kind.MORE:
        return f"{thousands(len(block.rest))} more"
    image = block.image or 0
    signs = (
        MARK * (image in known.marks)
        + BUSY * (image in known.facts.in_use)
        + PINNED * (image in known.forest.pinned)
    )
    if block.kind is Kind.OWN:
        return f"{signs}{image} own"
    digits = len(str(image))
    if len(signs) + len(CLOSED) + digits > room:
        return f"{signs}{image}" if len(signs) + digits <= room else f"{image}"
    name = f"{image} {shown_label(known.forest, image)}".rstrip()
    if block.kind is Kind.TITLE:
        return f"{signs}{OPENED}{name}"
    if block.kind is Kind.LAYER:
        return f"{signs}{name}"
    return f"{signs}{CLOSED if known.forest.images[image].children else ''}{name}"


def facts_line(block: Block, known: Known, room: int) -> str:
    """Return bytes, age and number of images, as far as there is room."""
    image = known.forest.images.get(block.image or 0)
    if image is None or block.kind is Kind.MORE:
        return shown_size(Size(block.bytes, True))
    own = block.kind in (Kind.OWN, Kind.LAYER)
    size = known.forest.own(image.id) if own else known.forest.subtree(image.id)
    words = [shown_size(size)]
    if image.created is not None:
        words.append(age(known.facts.now - image.created))
    count = known.forest.count(image.id)
    if not own and count > 1:
        words.append(plural(count, "image"))
    while len(words) > 1 and len(" · ".join(words)) > room:
        words.pop()
    return " · ".join(words)


def _listed(block: Block, known: Known) -> list[str]:
    """Return the largest of the images that share a block, as many as have room."""
    lines, forest = block.box.height - 3, known.forest
    if not block.rest or lines < 1:
        return []
    some, images = set(block.rest), forest.images

    def weight(image: int) -> Size:
        node = images[image]
        chained = node.parent in some or not some.isdisjoint(node.children)
        return forest.own(image) if chained else forest.subtree(image)

    listed: list[str] = []
    weighed = ((weight(image), image) for image in block.rest)
    for size, image in heapq.nlargest(lines, weighed):
        name = f"{image} {shown_label(forest, image)}".rstrip()
        line = f"{name}  {shown_size(size)}"
        listed.append(line if cell_len(line) <= block.box.width - 2 else name)
    return listed


def drawn(
    blocks: Sequence[Block], known: Known, width: int, height: int
) -> list[list[Cell]]:
    """Draw the map, line by line, without a cursor."""
    cells = [[Cell(" ", "", "")] * width for _ in range(height)]
    for at, block in enumerate(blocks):
        _fill(cells, block, _ground(block, known, at))
        _write(cells, block, known)
    return cells


def framed(cells: Sequence[Sequence[Cell]], block: Block) -> list[list[Cell]]:
    """Return the drawn map with a heavy frame around the block under the cursor."""
    under = [list(line) for line in cells]
    _frame(under, block)
    return under


def _fill(cells: list[list[Cell]], block: Block, ground: str) -> None:
    box = block.box
    last = box.bottom - 1 if box.height > 2 and box.bottom < len(cells) else -1
    for y in range(box.y, box.bottom):
        for x in range(box.x, box.right):
            text = LEFT if x == box.x else BOTTOM if y == last else " "
            ink = "line" if text != " " or y == box.y else ""
            cells[y][x] = Cell(text, ground, ink)


def _ground(block: Block, known: Known, at: int) -> str:
    """Return the colour of a block, in a shade other than those beside it."""
    if block.kind is Kind.MORE or block.image is None:
        return "more"
    if block.kind is Kind.TITLE:
        return "title"
    forest, facts, _marks, shares, colouring = known
    colour = colour_of(block.image, forest, facts, colouring, shares)
    return f"{colour}-{at % SHADES}"


def _write(cells: list[list[Cell]], block: Block, known: Known) -> None:
    """Write title and size of a block, in two lines or in one."""
    box = block.box
    name = label(block, known, box.width - 2)
    _put(cells, box, 0, name, "mark" if name.startswith(MARK) else "name")
    if box.height > 1:
        _put(cells, box, 1, facts_line(block, known, box.width - 2), "")
        for at, line in enumerate(_listed(block, known), 2):
            _put(cells, box, at, line, "")
        return
    after = cell_len(name) + 2
    facts = facts_line(block, known, box.width - 2 - after)
    if after + len(facts) <= box.width - 2:
        _put(cells, box, 0, facts, "", after)


def _put(
    cells: list[list[Cell]], box: Box, line: int, text: str, ink: str, after: int = 0
) -> None:
    """Write text into a block, cut at its edges."""
    room = box.width - 2 - after
    if room < 1:
        return
    if cell_len(text) > room:
        text = set_cell_size(text, room - 1).rstrip() + "…"
    row, at = cells[box.y + line], box.x + 1 + after
    for char in text:
        wide = cell_len(char)
        if not wide and at:  # a mark on the character before
            row[at - 1] = row[at - 1]._replace(text=row[at - 1].text + char)
            continue
        row[at] = row[at]._replace(text=char, ink=ink)
        if wide == 2:
            row[at + 1] = row[at + 1]._replace(text="", ink=ink)
        at += wide


def _frame(cells: list[list[Cell]], block: Block) -> None:
    """Draw the frame; that of a title surrounds everything the title stands for."""
    x, y, *_ = box = block.whole
    last, bottom = box.right - 1, box.bottom - 1
    top = cells[y]
    for at in range(x, box.right):
        cell = top[at]
        text = CORNERS[4] if cell.ink == "line" else cell.text
        top[at] = Cell(text, "cursor", cell.ink)
    top[x] = top[x]._replace(text=CORNERS[0])
    if top[last].ink == "line":
        top[last] = top[last]._replace(text=CORNERS[1])
    for at in range(y + 1, box.bottom):
        _edge(cells[at], x, CORNERS[5])
        _edge(cells[at], last, CORNERS[5])
    if box.height > 2:
        for at in range(x, box.right):
            if cells[bottom][at].ink in ("", "line"):  # what is written there stays
                _edge(cells[bottom], at, CORNERS[4])
        _edge(cells[bottom], x, CORNERS[2])
        _edge(cells[bottom], last, CORNERS[3])


def _edge(row: list[Cell], at: int, text: str) -> None:
    """Put a piece of the frame into a cell; remove a wide character there entirely."""
    if row[at].text == "" and at:
        row[at - 1] = row[at - 1]._replace(text=" ")
    if at + 1 < len(row) and row[at + 1].text == "":
        row[at + 1] = row[at + 1]._replace(text=" ")
    row[at] = Cell(text, row[at].ground, "frame")
