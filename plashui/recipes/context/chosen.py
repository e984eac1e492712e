"""Which files of a tree the words of a COPY mean."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.image.links import follow
from plashui.recipes.context.holes import ContentDigest
from plashui.recipes.context.patterns import PatternError, is_wild, name_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plashui.base.progress import Cancel
    from plashui.helper.listing import Entry
    from plashui.recipes.context.tree import Directory, Tree


class Chosen(NamedTuple):
    """One thing that is meant: the path as it was found, and where it leads."""

    found: str
    path: str
    entry: Entry


class Inside(NamedTuple):
    """Something in a directory: its path relative to that, and in the tree."""

    relative: str
    path: str
    entry: Entry


def choose(tree: Tree, word: str) -> list[Chosen]:
    """Return what a word of a COPY means, by name; links are followed.

    Raises PlashError if that is nothing.
    """
    try:
        found = _matches(tree, word) if is_wild(word) else [_plain(word)]
    except PatternError as error:
        raise PlashError(f"{clean(word)} is not a pattern: {error}") from None
    chosen = []
    for path in found:
        leads = follow(tree.entry, path)
        entry = tree.entry(leads)
        if entry is not None:
            chosen.append(Chosen(path, leads, entry))
    if not chosen:
        raise PlashError(
            f"there is no {clean(word)}",
            "Look for its spelling, and for it in the ignore file",
        )
    return chosen


def _plain(word: str) -> str:
    return "/".join(part for part in word.split("/") if part not in ("", "."))


def _matches(tree: Tree, word: str) -> list[str]:
    """Return the paths that a pattern matches, in order."""
    found = [""]
    for part in _plain(word).split("/"):
        shape = name_pattern(part) if is_wild(part) else None
        further: list[str] = []
        for path in found:
            prefix = f"{path}/" if path else ""
            if shape is None:
                further.append(prefix + part)
                continue
            above = tree.entry(follow(tree.entry, path))
            if above is None or above.kind != "d":
                continue
            names = [one.name for one in tree.entries(path)]
            further += [prefix + name for name in names if shape.fullmatch(name)]
        found = further
    return found


def within(tree: Tree, path: str) -> Iterator[Inside]:
    """Yield all that is in a directory, each directory before its content."""
    rest = [Inside("", path, entry) for entry in tree.entries(path)[::-1]]
    while rest:
        above, inside, entry = rest.pop()
        prefix = f"{inside}/" if inside else ""
        one = Inside(f"{above}{entry.name}", prefix + entry.name, entry)
        yield one
        if entry.kind == "d":
            below = f"{one.relative}/"
            rest += [Inside(below, one.path, e) for e in tree.entries(one.path)[::-1]]


def digest(
    tree: Directory, path: str, entry: Entry, cancel: Cancel | None = None
) -> str:
    """Return what a file is, but for its name, its owner and its time."""
    if entry.kind == "l":
        return f"l {entry.target}"
    if entry.kind == "d":
        return f"d {entry.mode:o}"
    if entry.kind != "-":
        return f"{entry.kind} {entry.mode:o} {entry.device}"
    content = ContentDigest()
    with tree.opened(path) as file:
        for at, piece in file.pieces():
            content.add(at, piece)
            if cancel is not None:
                cancel.check()
        return state_of(entry, content.text(file.size))


def state_of(entry: Entry, content: str) -> str:
    """Return what a regular file is whose content has this digest."""
    return f"- {entry.mode:o} {content}"
