"""Differences between two images: paths added, removed and changed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Set

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import listing
from plashui.helper.listing import Entry
from plashui.image import union
from plashui.image.union import Tree
from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final, Literal

    from plashui.image.mounted_image import Merged

    Aspect = Literal["type", "content", "mode", "owner", "attributes", "time"]


KINDS: Final = {
    "-": "file",
    "d": "directory",
    "l": "link",
    "c": "character device",
    "b": "block device",
    "p": "pipe",
    "s": "socket",
}
"""The names of the kinds of entries."""

LETTERS: Final = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "T": "type changed",
}
"""What happened to a path, in the letters of git and in words."""

_LARGE: Final = 1 << 20  # bytes above which a file is not read for a comparison
_UNSAVED: Final = -1
"""The id that stands for the layer of unsaved changes."""
_BUDGET: Final = 1 << 26  # bytes that one diff reads of each image


class Change(NamedTuple):
    """One path that differs; it begins with "/".

    `before` is None if it was added, `after` is None if it was deleted. Otherwise
    `aspects` are what differs; "type" (a file became a directory) is never combined.
    """

    path: str
    before: Entry | None
    after: Entry | None
    aspects: tuple[Aspect, ...] = ()

    @property
    def letter(self) -> str:
        """What happened to the path: one of `LETTERS`."""
        if self.before is None:
            return "A"
        if self.after is None:
            return "D"
        return "T" if "type" in self.aspects else "M"

    @property
    def growth(self) -> int:
        """The growth of the file's content in bytes; 0 for other kinds."""
        return _bytes(self.after) - _bytes(self.before)

    @property
    def details(self) -> str:
        """What differs in a changed path, in words, with modes and owners."""
        before, after = self.before, self.after
        if before is None or after is None:
            return ""
        changed = {
            "type": f"{KINDS[before.kind]} -> {KINDS[after.kind]}",
            "mode": f"mode {before.mode:o} -> {after.mode:o}",
            "owner": f"owner {before.uid}:{before.gid} -> {after.uid}:{after.gid}",
        }
        return ", ".join(changed.get(aspect, aspect) for aspect in self.aspects)


def _bytes(entry: Entry | None) -> int:
    return entry.size if entry is not None and entry.kind == "-" else 0


def diff(
    store: Store,
    forest: Forest,
    old: int,
    new: int,
    *,
    cancel: Cancel | None = None,
) -> list[Change]:
    """Return the changes from one image to another, by path; either may be image 0.

    Only the layers above the common ancestor are walked, and in the ancestor the
    directories that they touch. Mtimes of directories and links are ignored. Files of
    equal size in different layers are compared by content, up to 1 MiB each and 64 MiB
    in all. Bigger or unreadable files differ if their mtimes differ.
    """
    for image in (old, new):
        if image != EMPTY_IMAGE and image not in forest:
            raise PlashError(f"no image {image}")
    common = forest.common_ancestor(old, new)
    found = [_above(store, forest, image, common, cancel) for image in (old, new)]
    trees = [union.fold(listings) for listings in found]
    if common != EMPTY_IMAGE:
        within = set().union(*(union.touched(t, removed=True) for t in trees))
        base = listing.list_tree(store.root, common, within=within, cancel=cancel)
        trees = [union.fold([*listings, (common, base)]) for listings in found]
    before, after = map(union.without_whiteouts, trees)
    sides = ImageIn(store, old), ImageIn(store, new)
    with _Reader(*sides, cancel) as reader:
        return list(compare(before, after, reader.same))


class ImageIn(NamedTuple):
    """An image of a store."""

    store: Store
    image: int


def diff_across(
    old: ImageIn, new: ImageIn, *, cancel: Cancel | None = None
) -> list[Change]:
    """Return the changes from an image of one store to one of another, by path.

    Both are walked as a whole; files are compared as diff() does.
    """
    before, after = (
        {
            entry.name: union.Node(entry, number)
            for entry in listing.list_tree(store.root, image, cancel=cancel)
        }
        for number, (store, image) in enumerate((old, new))
    )
    with _Reader(old, new, cancel) as reader:
        return list(compare(before, after, reader.same))


def changes_in(
    store: Store, image: int, place: Path, *, cancel: Cancel | None = None
) -> list[Change]:
    """Return the unsaved changes in the directory `place` as changes of an image.

    Files of equal size differ if their mtimes differ. If the image is gone, everything
    counts as added.
    """
    found = listing.list_changes(store.root, place, cancel=cancel)
    listings = [(_UNSAVED, found)]
    base: list[Entry] = []
    with contextlib.suppress(PlashError):
        store.layer(image)
        within = union.touched(union.fold(listings), removed=True)
        base = listing.list_tree(store.root, image, within=within, cancel=cancel)
    before = union.fold([(image, base)])
    after = union.without_whiteouts(union.fold([*listings, (image, base)]))
    return list(compare(before, after, lambda _path, _old, _new: None))


def _above(
    store: Store, forest: Forest, image: int, base: int, cancel: Cancel | None
) -> list[tuple[int, list[Entry]]]:
    line = forest.ancestry(image)
    return [
        (i, listing.list_tree(store.root, i, layer=True, cancel=cancel))
        for i in line[: line.index(base)]
    ]


Same = Callable[[str, Entry, Entry], bool | None]
"""Tells whether two files of equal size have equal content; None if unknown."""


def compare(before: Tree, after: Tree, same: Same) -> Iterator[Change]:
    """Yield the changes from one tree to another, both without whiteouts, by path."""
    for path in in_order(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change(f"/{path}", old and old.entry, new and new.entry)
        elif old.layer != new.layer:
            aspects = tuple(_aspects(path, old.entry, new.entry, same))
            if aspects:
                yield Change(f"/{path}", old.entry, new.entry, aspects)


def in_order(paths: Set[str]) -> Iterator[str]:
    """Yield paths sorted by name in each directory, a directory before its content.

    It sorts one directory at a time: sorting 200,000 paths at once takes half a
    second, during which no other Python thread runs.
    """
    inside: dict[str, list[str]] = {}
    for path in paths:
        at = path
        while at:
            above = union.parent(at)
            known = above in inside or above in paths
            inside.setdefault(above, []).append(at)
            if known:
                break
            at = above  # a directory that is not itself among the paths
    stack = [""]
    while stack:
        path = stack.pop()
        if path in paths:
            yield path
        stack += sorted(inside.pop(path, ()), reverse=True)


def _aspects(path: str, old: Entry, new: Entry, same: Same) -> Iterator[Aspect]:
    if old.kind != new.kind:
        yield "type"
        return
    if old.kind == "-":
        equal = same(path, old, new) if old.size == new.size else False
        if equal is False or (equal is None and old.mtime != new.mtime):
            yield "content"
        elif old.mtime != new.mtime:
            yield "time"
    elif (old.target, old.device) != (new.target, new.device):
        yield "content"
    if old.mode != new.mode and old.kind != "l":
        yield "mode"
    if (old.uid, old.gid) != (new.uid, new.gid):
        yield "owner"
    if old.attributes != new.attributes:
        yield "attributes"


class _Reader:
    """Compares files of two images; opens the images at the first comparison."""

    def __init__(self, old: ImageIn, new: ImageIn, cancel: Cancel | None) -> None:
        self._images, self._cancel = (old, new), cancel
        self._open: list[Merged] = []
        self._left = _BUDGET
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def same(self, path: str, old: Entry, new: Entry) -> bool | None:
        """Compare two files of equal size; see `Same`."""
        if old.size == 0:
            return True
        if max(old.size, new.size) > min(_LARGE, self._left):
            return None
        if self._cancel is not None:
            self._cancel.check()
        self._left -= old.size
        if not self._open:
            # Only for files that cannot be told apart without their content.
            from plashui.image.mounted_image import open_image

            self._open = [
                self._stack.enter_context(open_image(*image)) for image in self._images
            ]
        try:
            one, other = (_content(image, path) for image in self._open)
        except OSError:
            return None
        return one == other


def _content(image: Merged, path: str) -> bytes:
    descriptor = image.open_file(path, os.O_NOFOLLOW)
    with open(descriptor, "rb", buffering=0) as file:
        return file.readall()
