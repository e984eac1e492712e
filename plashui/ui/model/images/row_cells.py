"""The cells of a row of the tree, as pieces of text with their kinds."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from plashui.base.terminal_text import clean
from plashui.base.units import age, size, thousands
from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.images.folds import NO_FOLDS, Folds
from plashui.ui.model.images.rows import ONWARD, Row
from plashui.ui.model.images.shares import Shares
from plashui.ui.model.text.lines import cut, highlighted
from plashui.ui.model.text.thin_bars import thin_bar

SIZE_CELLS: Final = 9
AGE_CELLS: Final = 7
USED_CELLS: Final = 8
PACKAGE_CELLS: Final = 6
BARS: Final = ((96, 22), (76, 14), (62, 8))
"""Cells of the bars from a width of the table on."""

MARK: Final = "▌"
NAMELESS: Final = "·"
BUSY: Final = "●"
PINNED: Final = "◆"
UNSAVED: Final = "∆"
NEVER: Final = "never"
NOW: Final = "now"
UNKNOWN: Final = "~"
NOT_READ: Final = (-1, -1)
"""Stands for packages that were not read yet."""
OPENED: Final = "▾ "
CLOSED: Final = "▸ "
FOLDED: Final = "┆"
"""In the place of an id, where a row stands for the middle of a chain."""

LARGE: Final = 10**9
"""Bytes from which on a size is drawn as large."""
SOME: Final = 3 * 10**8
"""Bytes from which on a size is drawn as worth a look."""
TINY: Final = 10**6
"""Bytes below which a size is drawn faint."""

DAY: Final = 86_400.0
AGES: Final = (
    (DAY, "< 1 d"),
    (7 * DAY, "< 1 w"),
    (30 * DAY, "< 30 d"),
    (365 * DAY, "< 1 y"),
    (float("inf"), "older"),
)
"""Classes of age, each with its upper limit in seconds and its name."""

_LEAST_LABEL: Final = 6
"""Cells of a name below which the number of steps is left out."""

_SHELL: Final = re.compile(r"""(?:/bin/)?(?:ba|da)?sh -e?c (['"])(.*)\1""", re.DOTALL)


_KEPT: Final = frozenset(("mark", "guide", "busy", "pinned", "unsaved"))
"""The kinds of cells that are not faint in the row of an ancestor."""


class Columns(NamedTuple):
    """The width of each column, in cells; columns of width 0 are not drawn.

    Each has the gap before it. Before the names are the mark, the id and the signs.
    """

    id: int
    name: int
    own: int
    bar: int
    subtree: int
    age: int
    used: int
    packages: int
    packed: int

    @property
    def before_name(self) -> int:
        """The column where the guides and the names begin."""
        return self.id + 4


def columns(width: int, greatest: int, more: Set[str] = frozenset()) -> Columns:
    """Compute the columns of a table `width` cells wide with ids up to `greatest`.

    `more` are those of settings.values.MORE_COLUMNS that are wanted.
    """
    digits = max(3, len(str(greatest)))
    bars = next((cells + 2 for least, cells in BARS if width >= least), 0)
    ages = AGE_CELLS if width >= 50 else 0
    used = USED_CELLS if width >= 92 else 0
    subtree = SIZE_CELLS if width >= 40 else 0
    more = more if width >= 66 else frozenset()
    count = PACKAGE_CELLS if "packages" in more else 0
    packed = SIZE_CELLS if "packed" in more else 0
    others = SIZE_CELLS + bars + subtree + ages + used + count + packed
    name = max(4, width - digits - 5 - others)
    return Columns(digits, name, SIZE_CELLS, bars, subtree, ages, used, count, packed)


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
    shares: Shares = Shares()
    folds: Folds = NO_FOLDS
    words: tuple[str, ...] = ()
    """What is filtered by, in small letters: drawn so that it stands out."""


def row_cells(row: Row, picture: Picture, *, marked: bool) -> list[tuple[str, str]]:
    """Return the cells of a row, left to right, each with its kind ('' = plain)."""
    if row.changes:
        return _changes_cells(row, picture)
    forest, wide, facts, shares, folds, words = picture
    image = forest.images[row.id]
    hue = shares.hues.of(row.id)
    guide, icon = guide_cells(row, wide), icon_cells(row)
    own, subtree = folds.own(forest, row.id), folds.subtree(forest, row.id)
    busy = not facts.in_use.isdisjoint(folds.whole(row.id))
    room = wide.name - cell_len(guide) - cell_len(icon)
    names = _name_cells(row, picture, room, hue=hue, marked=marked)
    if words and row.found:
        names = [
            p for cell in names for p in highlighted(cell[0], words, cell[1], "found")
        ]
    cells = [
        (MARK if marked else " ", "mark"),
        (f"{FOLDED if row.chain else row.id:>{wide.id}} ", _id_kind(row)),
        (f"{BUSY} ", "busy") if busy else sign_cells(row.id, picture),
        (guide, "guide"),
        (icon, f"hue{hue}"),
        *names,
        (shown_size(own).rjust(wide.own), size_kind(own)),
    ]
    if wide.bar:
        cells += _bar_cells(own, subtree, picture, hue)
    if wide.subtree:
        cells.append((shown_size(subtree).rjust(wide.subtree), size_kind(subtree)))
    if wide.age:
        cells.append(age_cells(image.created, facts.now, wide.age))
    if wide.used:
        used = NOW if busy else used_for(row.id, facts)
        cells.append((used.rjust(wide.used), "busy" if busy else "faint"))
    known = facts.packages.get(row.id, NOT_READ)
    if wide.packages:
        cells.append(_package_cells(known, wide.packages, 0))
    if wide.packed:
        cells.append(_package_cells(known, wide.packed, 1))
    if row.found:
        return cells
    # An ancestor of what the filter found is there to show where that is.
    return [(text, kind if kind in _KEPT else "faint") for text, kind in cells]


def _package_cells(
    known: tuple[int, int] | None, width: int, at: int
) -> tuple[str, str]:
    """Return how many packages there are (`at` 0), or their bytes (1)."""
    if known is None:
        return "?".rjust(width), "faint"
    if known is NOT_READ:
        return UNKNOWN.rjust(width), "faint"
    words = (thousands(known[0]), size(known[1]))[at] if known[0] else ""
    return words.rjust(width), ""


def sign_cells(image: int, picture: Picture) -> tuple[str, str]:
    """Return what matters most of an image: it runs, has unsaved changes, is pinned."""
    if image in picture.facts.in_use:
        return f"{BUSY} ", "busy"
    if image in picture.facts.unsaved:
        return f"{UNSAVED} ", "unsaved"
    if image in picture.forest.pinned:
        return f"{PINNED} ", "pinned"
    return "  ", ""


def icon_cells(row: Row) -> str:
    """Return the arrow of a branch; an open one in the middle of a chain has none."""
    if row.chain or (row.steps and not row.parent):
        return CLOSED
    if not row.parent or (row.opened and row.guide.endswith(ONWARD)):
        return ""
    return OPENED if row.opened else CLOSED


def _bar_cells(
    own: Size, subtree: Size, picture: Picture, hue: int
) -> list[tuple[str, str]]:
    """Return the bar: the layer by the largest one, then what is built on it."""
    largest = picture.shares.largest or 1
    return [
        ("  ", ""),
        *thin_bar(
            own.bytes / largest,
            picture.wide.bar - 2,
            f"hue{hue}",
            subtree.bytes / largest,
            f"hue{hue}-dim",
        ),
    ]


def size_kind(value: Size) -> str:
    """Return the kind of a size: the large ones catch the eye."""
    if not value.known or value.bytes < TINY:
        return "faint"
    return "large" if value.bytes >= LARGE else "some" if value.bytes >= SOME else ""


def age_class(created: float | None, now: float) -> int:
    """Return the index of an age in AGES; the last one if unknown."""
    if created is None:
        return len(AGES) - 1
    return next(at for at, (end, _name) in enumerate(AGES) if now - created < end)


def age_cells(created: float | None, now: float, width: int) -> tuple[str, str]:
    """Return an age with its colour; in the first minute it says `now`."""
    if created is None:
        return " " * width, ""
    old = now - created
    text = NOW if old < 60 else age(old)
    return text.rjust(width), f"age{age_class(created, now)}"


def _changes_cells(row: Row, picture: Picture) -> list[tuple[str, str]]:
    """Return the cells of unsaved changes, which have no id and no descendants."""
    wide, facts = picture.wide, picture.facts
    every = facts.unsaved.get(row.id, ())
    one = next((c for c in every if c.name == row.changes), None)
    guide = guide_cells(row, wide)
    old = (" " * wide.age, "")
    if one is not None and one.running:
        old = (NOW.rjust(wide.age), "busy")
    elif one is not None and one.saved:
        old = age_cells(one.saved, facts.now, wide.age)
    what = "interrupted" if one is not None and one.cut_off else "unsaved"
    room = max(0, wide.name - cell_len(guide))
    label = _fitted(f"{what} changes", room)
    own = Size(0, False) if one is None else Size(one.bytes or 0, one.bytes is not None)
    cells = [
        (" " * (wide.id + 2), ""),
        (f"{UNSAVED} ", "unsaved"),
        (guide, "guide"),
        (set_cell_size(label, room), "unsaved"),
        (shown_size(own).rjust(wide.own), size_kind(own)),
    ]
    if wide.bar:
        share = own.bytes / (picture.shares.largest or 1)
        cells += [("  ", ""), *thin_bar(share, wide.bar - 2, "unsaved")]
    cells.append((" " * wide.subtree, ""))
    return [*cells, old] if wide.age else cells


def _name_cells(
    row: Row, picture: Picture, room: int, *, hue: int, marked: bool
) -> list[tuple[str, str]]:
    """Return the name of an image and, if there is room, its steps and its origin."""
    if row.chain:
        return _chain_cells(row, picture, max(0, room), "mark" if marked else "origin")
    forest = picture.forest
    image = forest.images[row.id]
    if image.names:
        label, kind = clean(image.names[0]), "name"
    else:
        label, kind = shown_origin(image.origin) or NAMELESS, "origin"
    if not row.guide and image.names:
        kind = f"root{hue}"
    kind = kind if row.found and label != NAMELESS else "faint"
    kind = "mark" if marked else kind
    room = max(0, room)
    steps = f" · {row.steps + 1} steps" if row.steps else ""
    steps = steps if room - cell_len(steps) >= _LEAST_LABEL else ""
    label = _fitted(label, room - cell_len(steps))
    room -= cell_len(label)
    left = room - cell_len(steps) - 2
    shown = image.names and image.origin and image.origin not in image.names
    if not shown or left < 4:
        return [(label, kind), (set_cell_size(steps, room), "faint")]
    origin = set_cell_size(_fitted(shown_origin(image.origin), left), left)
    return [(label, kind), (f"{steps}  {origin}", "faint")]


def _chain_cells(
    row: Row, picture: Picture, room: int, kind: str
) -> list[tuple[str, str]]:
    """Return how many images the row stands for and, if there is room, which."""
    whole = picture.folds.whole(row.id)
    label = _fitted(f"{thousands(len(whole))} more", room)
    which = f"  {whole[0]} … {whole[-1]}"
    left = room - cell_len(label)
    return [(label, kind), (set_cell_size(which * (len(which) <= left), left), "faint")]


def _id_kind(row: Row) -> str:
    return "id" if row.found and not row.chain else "faint"


def shown_label(forest: Forest, image: int) -> str:
    """Return an image's first name, else how it was made, clean."""
    node = forest.images[image]
    return clean(node.names[0]) if node.names else shown_origin(node.origin)


def shown_origin(origin: str) -> str:
    """Return how an image was made, clean: of `sh -c 'CMD'` only the command."""
    words = _SHELL.fullmatch(origin)
    return clean(words[2].strip() if words else origin)


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


def _fitted(label: str, room: int) -> str:
    """Cut the label to its room, with an ellipsis."""
    return label if room < 2 else cut(label, room)
