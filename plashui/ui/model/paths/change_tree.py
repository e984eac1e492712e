"""The changes between two images as a tree of directories, sorted by size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Protocol

from rich.cells import cell_len

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size, thousands
from plashui.image.diff import LETTERS, Change
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.model.text.lines import Line
from plashui.ui.model.text.thin_bars import thin_bar

KINDS: Final = {"A": "good", "D": "bad", "M": "warn", "T": "warn", " ": ""}
"""How each sign is drawn."""

_OFTEN: Final = 4096  # changes between two looks at whether it is still wanted


@dataclass(slots=True, eq=False)
class Tally:
    """How many changes there are at and below a path.

    `change` is the change of the path itself, None if only something inside changed.
    `bytes` are allocated: those of what was added or modified as it is after the
    change, and of what was deleted as it was before.
    """

    change: Change | None = None
    added: int = 0
    modified: int = 0
    deleted: int = 0
    retyped: int = 0

    @property
    def sign(self) -> str:
        """The letter of the path itself, ' ' if it is as it was."""
        return self.change.letter if self.change is not None else " "

    @property
    def all(self) -> int:
        """Number of changes at and below the path."""
        return self.added + self.modified + self.deleted + self.retyped

    def counts(self) -> dict[str, int]:
        """Return the number of changes by letter."""
        counts = (self.added, self.modified, self.deleted, self.retyped)
        return dict(zip(LETTERS, counts, strict=True))

    def words(self) -> str:
        """`12 added, 3 modified, 1 deleted`."""
        return ", ".join(
            f"{thousands(many)} {LETTERS[letter]}"
            for letter, many in self.counts().items()
            if many
        )

    def inside(self) -> str:
        """One letter for all changes below: M unless all have the same."""
        alike = (one for one, many in self.counts().items() if many == self.all)
        return next(alike, "M")


ChangeNode = PathNode[Tally]

OUT: Final = "○"
"""The sign of changes that are left out."""


class Choice(Protocol):
    """Which changes are left out; see `leaving_out`."""

    def state(self, node: ChangeNode) -> str:
        """Say whether a node is "kept", "out" or only "partly" kept."""
        ...


def change_tree(changes: Iterable[Change], cancel: Cancel | None = None) -> ChangeNode:
    """Return the root directory with all changes below it, biggest first.

    Sizes are allocated bytes, and hard links to a file count once. A directory whose
    content is a single entry starts open. Directories must come before their content,
    as diff() yields them.
    """
    top = ChangeNode("/", "/", Tally(), branch=True, opened=True, inner=[])
    nodes = {"/": top}
    made: list[tuple[ChangeNode, ChangeNode]] = []  # each node with its parent
    twins: set[tuple[int, int, int]] = set()
    for count, change in enumerate(changes):
        if cancel is not None and count % _OFTEN == 0:
            cancel.check()
        node = _node(change.path, nodes, made)
        tally = node.data
        tally.change = change
        entry = change.after or change.before
        match change.letter:
            case "A":
                tally.added += 1
            case "M":
                tally.modified += 1
            case "D":
                tally.deleted += 1
            case "T":
                tally.retyped += 1
        if entry is None:
            continue
        if entry.kind == "d":
            _make_branch(node)
        node.name = shown_name(change)
        twin = (entry.links, entry.size, entry.mtime)
        if not entry.links or twin not in twins:
            node.size += entry.allocated
        if entry.links:
            twins.add(twin)
    _sum_up(made, cancel)
    _open_lonely(top)
    return top


def _node(
    path: str, nodes: dict[str, ChangeNode], made: list[tuple[ChangeNode, ChangeNode]]
) -> ChangeNode:
    """Return the node of a path; create it and its parents if needed."""
    missing: list[str] = []
    at = path
    while at not in nodes:
        missing.append(at)
        at = at.rpartition("/")[0] or "/"
    node = nodes[at]
    for below in reversed(missing):
        inner = _make_branch(node)
        name = clean(below.rpartition("/")[2])
        child = nodes[below] = ChangeNode(below, name, Tally())
        inner.append(child)
        made.append((child, node))
        node = child
    return node


def _make_branch(node: ChangeNode) -> list[ChangeNode]:
    if node.inner is None:
        node.branch, node.inner = True, []
        if not node.name.endswith("/"):
            node.name += "/"
    return node.inner


def _sum_up(made: list[tuple[ChangeNode, ChangeNode]], cancel: Cancel | None) -> None:
    """Add each node to its parent, then sort the children of each."""
    for count, (node, within) in enumerate(reversed(made)):
        if cancel is not None and count % _OFTEN == 0:
            cancel.check()
        tally, total = node.data, within.data
        total.added += tally.added
        total.modified += tally.modified
        total.deleted += tally.deleted
        total.retyped += tally.retyped
        within.size += node.size
        if node.inner is not None and len(node.inner) == 0:
            node.branch = False
    tops = {id(within): within for _node, within in made}
    for within in tops.values():
        # They are in the order of their names, and stay so where sizes are the same.
        (within.inner or []).sort(key=attrgetter("size"), reverse=True)


def _open_lonely(top: ChangeNode) -> None:
    node = top
    while node.inner is not None and len(node.inner) == 1 and node.inner[0].branch:
        node = node.inner[0]
        node.opened = True


def shown_name(change: Change) -> str:
    """Return the last part of a path, safe for display, with the target of a link."""
    entry = change.after or change.before
    name = clean(change.path.rpartition("/")[2]) or "/"
    if entry is None:
        return name
    if entry.kind == "d":
        return name if name == "/" else f"{name}/"
    return f"{name} -> {clean(entry.target)}" if entry.kind == "l" else name


def heading(top: ChangeNode, *, short: bool = False, weigh: bool = True) -> str:
    """Summarize all changes in words or letters, with bytes if `weigh`."""
    tally = top.data
    if not tally.all:
        return "nothing changed"
    words = tally.words()
    if short:
        for letter, word in LETTERS.items():
            words = words.replace(word, letter)
    return f"{words}, {size(top.size)}" if weigh else words


def biggest(top: ChangeNode, most: int) -> list[ChangeNode]:
    """Return at most so many nodes that together cover all changes, biggest first.

    The biggest directory is replaced by its content while there is room. A directory
    with no sibling is replaced in any case.
    """
    found = [top]
    whole: list[ChangeNode] = []
    while found:
        node = found.pop(0)
        inner = [] if node.data.change and not node.branch else node.inner or []
        own = node.data.change is not None and node.data.sign != "A"
        if not inner or own or len(found) + len(whole) + len(inner) > most:
            whole.append(node)
        else:
            found = sorted([*inner, *found], key=attrgetter("size"), reverse=True)
    return sorted(whole, key=attrgetter("size"), reverse=True)


def change_cells(
    node: ChangeNode, width: int, whole: ChangeNode | None
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the cells left of a path (letter, size) and right of it (words)."""
    tally = node.data
    left = [(f" {tally.sign} ", KINDS[tally.sign]), (size(node.size).rjust(7), "")]
    if width >= 60:
        share = node.size / whole.size if whole is not None and whole.size else 0.0
        left += [(" ", ""), *thin_bar(share, 8, "bar")]
    left.append((" ", ""))
    words = _words(tally)
    room = width * 2 // 5
    if width < 46 or not words:
        return left, []
    if len(words) > room:
        words = words[: room - 1] + "…"
    return left, [(f"  {words}", "faint")]


def _words(tally: Tally) -> str:
    """Say what the letter means, and how many changes are inside."""
    change = tally.change
    own = change.details if change is not None else ""
    if change is not None and not own:
        own = LETTERS[change.letter]
    if tally.all == (change is not None):
        return own
    return "; ".join(filter(None, (own if tally.sign in "MT" else "", tally.words())))


def summary_lines(
    top: ChangeNode, width: int, most: int, choice: Choice | None = None
) -> list[Line]:
    """List the biggest changes, one per line: letter, path, size, changes inside.

    What is left out by the `choice` is drawn faint.
    """
    lines: list[Line] = []
    nodes = biggest(top, most)
    inside = {id(node): _inside(node) for node in nodes}
    more = max((len(words) for words in inside.values()), default=0)
    track = 10 if width >= 60 else 0
    room = width - 12 - more - 2 * bool(more) - (track + 1 if track else 0)
    for node in nodes:
        letter = node.data.inside()
        state = choice.state(node) if choice is not None else "kept"
        out = state == "out"
        path = clean(node.path.removeprefix("/")) + ("/" if node.inner else "")
        if cell_len(path) > room:
            path = "…" + path[len(path) - room + 1 :]
        share = node.size / top.size if top.size else 0.0
        kind = "faint" if out else "bar"
        lines.append(
            (
                (f" {OUT if out else letter} ", "faint" if out else KINDS[letter]),
                (path.ljust(room), "faint" if out else ""),
                (size(node.size).rjust(9), "faint" if out else "strong"),
                *([(" ", ""), *thin_bar(share, track, kind)] if track else []),
                (f"  {inside[id(node)]:>{more}}" if more else "", "faint"),
            )
        )
    return lines


def _inside(node: ChangeNode) -> str:
    """Say how many changes are inside a directory."""
    count = node.data.all - (node.data.change is not None)
    return plural(count, "path") if count else ""
