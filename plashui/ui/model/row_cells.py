"""The cells of a row of the tree, as pieces of text with their kinds."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from plashui.base.terminal_text import bar, clean
from plashui.base.units import age, size
from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.folds import NO_FOLDS, Folds
from plashui.ui.model.lines import cut, highlighted
from plashui.ui.model.rows import Row

SIZE_CELLS: Final = 9
BAR_CELLS: Final = 8
AGE_CELLS: Final = 8
MARK: Final = "▌"
NAMELESS: Final = "·"
BUSY: Final = "●"
PINNED: Final = "◆"
UNSAVED: Final = "∆"
NEVER: Final = "never"
NOW: Final = "now"
UNKNOWN: Final = "~"
OPENED: Final = "▾ "
CLOSED: Final = "▸ "
LEAF: Final = "─ "
BARE: Final = "  "
_LEAST_LABEL: Final = 6
"""Cells of a name below which the number of steps is left out."""


_KEPT: Final = frozenset(("mark", "guide", "busy"))
"""The kinds of cells that are not faint in the row of an ancestor."""


class Columns(NamedTuple):
    """The width of each column, in cells; columns of width 0 are not drawn."""

    id: int
    name: int
    own: int
    bar: int
    subtree: int
    age: int
    used: int


def columns(width: int, greatest: int) -> Columns:
    """Compute the columns of a table `width` cells wide with ids up to `greatest`."""
    digits = max(3, len(str(greatest)))
    left = width - digits - 4
    bars = BAR_CELLS + 1 if width >= 66 else 0
    ages = AGE_CELLS if width >= 54 else 0
    used = AGE_CELLS if width >= 92 else 0
    subtree = SIZE_CELLS if width >= 40 else 0
    name = max(4, left - SIZE_CELLS - bars - subtree - ages - used)
    return Columns(digits, name, SIZE_CELLS, bars, subtree, ages, used)


def without(wide: Columns, hidden: Set[str]) -> Columns:
    """Return the columns without hidden ones; names get their room."""
    room = {name: getattr(wide, name) for name in hidden}
    return wide._replace(
        **dict.fromkeys(hidden, 0), name=wide.name + sum(room.values())
    )


def shown_size(value: Size) -> str:
    """Format a size for the table, with `~` in front while it is being counted."""
    if value.known:
        return size(value.bytes)
    return f"{UNKNOWN}{size(value.bytes)}" if value.bytes else UNKNOWN


class Picture(NamedTuple):
    """Everything that rows are drawn from."""

    forest: Forest
    wide: Columns
    facts: Facts
    folds: Folds = NO_FOLDS
    words: tuple[str, ...] = ()
    """What is filtered by, in small letters: drawn so that it stands out."""


def row_cells(row: Row, picture: Picture, *, marked: bool) -> list[tuple[str, str]]:
    """Return the cells of a row, left to right, each with its kind ('' = plain)."""
    if row.changes:
        return _changes_cells(row, picture)
    forest, wide, facts, folds, words = picture
    image = forest.images[row.id]
    guide = guide_cells(row, wide)
    icon = (OPENED if row.opened else CLOSED) if row.parent or row.steps else ""
    icon = icon or (LEAF if guide else BARE)
    own, subtree = folds.own(forest, row.id), folds.subtree(forest, row.id)
    busy = not facts.in_use.isdisjoint(folds.whole(row.id))
    room = wide.name - cell_len(guide) - 2
    names = _name_cells(row, picture, room, marked=marked)
    if words and row.found:
        names = [
            p for cell in names for p in highlighted(cell[0], words, cell[1], "found")
        ]
    cells = [
        (MARK if marked else " ", "mark"),
        (f"{row.id:>{wide.id}} ", "id"),
        (BUSY if busy else " ", "busy"),
        (guide + icon, "guide"),
        *names,
        (shown_size(own).rjust(wide.own), _kind(own)),
    ]
    if wide.bar:
        # Share of the store: solid for the layer itself, light for its descendants.
        whole = forest.total().bytes or 1
        shares = bar(own.bytes / whole, wide.bar - 1, subtree.bytes / whole)
        cells += [(" ", ""), (shares, "bar")]
    if wide.subtree:
        cells.append((shown_size(subtree).rjust(wide.subtree), _kind(subtree)))
    if wide.age:
        old = "" if image.created is None else age(facts.now - image.created)
        cells.append((old.rjust(wide.age), "faint"))
    if wide.used:
        used = NOW if busy else used_for(row.id, facts)
        cells.append((used.rjust(wide.used), "faint"))
    if row.found:
        return cells
    # An ancestor of what the filter found is there to show where that is.
    return [(text, kind if kind in _KEPT else "faint") for text, kind in cells]


def _changes_cells(row: Row, picture: Picture) -> list[tuple[str, str]]:
    """Return the cells of unsaved changes, which have no id and no descendants."""
    _forest, wide, facts, _folds, _words = picture
    every = facts.unsaved.get(row.id, ())
    one = next((c for c in every if c.name == row.changes), None)
    guide = guide_cells(row, wide) + LEAF
    old = NOW if one is not None and one.running else ""
    if one is not None and one.saved and not old:
        old = age(facts.now - one.saved)
    how = " · interrupted" if one is not None and one.cut_off else ""
    room = max(0, wide.name - cell_len(guide))
    label = _fitted(f"{UNSAVED} unsaved changes{how}", room)
    own = Size(0, False) if one is None else Size(one.bytes or 0, one.bytes is not None)
    cells = [
        (" " * (wide.id + 3), ""),
        (guide, "guide"),
        (set_cell_size(label, room), "unsaved"),
        (shown_size(own).rjust(wide.own), _kind(own)),
        (" " * (wide.bar + wide.subtree), ""),
    ]
    if wide.age:
        cells.append((old.rjust(wide.age), "faint"))
    return cells


def _name_cells(
    row: Row, picture: Picture, room: int, *, marked: bool
) -> list[tuple[str, str]]:
    """Return the name of an image and, if there is room, its steps and its origin."""
    forest = picture.forest
    image = forest.images[row.id]
    label = clean(forest.label(row.id)) or NAMELESS
    kind = "number" if image.names else "origin"
    kind = kind if row.found and label != NAMELESS else "faint"
    kind = "mark" if marked else kind
    room = max(0, room)
    cells: list[tuple[str, str]] = []
    if row.id in forest.pinned and room > 2:
        cells.append((f"{PINNED} ", "pinned"))
        room -= 2
    if row.id in picture.facts.unsaved and room > 2:
        cells.append((f"{UNSAVED} ", "unsaved"))
        room -= 2
    steps = f" · {row.steps + 1} steps" if row.steps else ""
    steps = steps if room - cell_len(steps) >= _LEAST_LABEL else ""
    label = _fitted(label, room - cell_len(steps))
    cells.append((label, kind))
    room -= cell_len(label)
    left = room - cell_len(steps) - 2
    shown = image.names and image.origin and image.origin not in image.names
    if not shown or left < 4:
        return [*cells, (set_cell_size(steps, room), "faint")]
    origin = set_cell_size(_fitted(clean(image.origin), left), left)
    return [*cells, (f"{steps}  {origin}", "faint")]


def used_for(image: int, facts: Facts) -> str:
    """Format the time since an image was last used."""
    if image in facts.in_use:
        return NOW
    at = facts.used.get(image)
    return NEVER if at is None else age(facts.now - at)


def guide_cells(row: Row, wide: Columns) -> str:
    """Return the guide of a row, cut on the left where it is too long."""
    room = max(4, wide.name // 2 // 2 * 2)
    guide = row.guide
    return guide if len(guide) <= room else "┄ " + guide[len(guide) - room + 2 :]


def _kind(value: Size) -> str:
    return "number" if value.known else "faint"


def _fitted(label: str, room: int) -> str:
    """Cut the label to its room, with an ellipsis."""
    return label if room < 2 else cut(label, room)
