"""Searching an image: which layer a path is from, and which files hold a text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import listing
from plashui.image import union
from plashui.image.mounted_image import Merged, open_image
from plashui.image.union import Tree
from plashui.model.forest import EMPTY_IMAGE, Forest
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

_PIECE: Final = 1 << 20
"""Bytes that are searched at once."""
_LARGEST: Final = 1 << 26
"""Bytes of a file that are searched."""
_LINE: Final = 200
"""Bytes of a line that are shown."""


class Hit(NamedTuple):
    """A file that holds the text: the number of the first line with it, and that line.

    Of a file that is not a text `line` is '' and `number` 0.
    """

    path: str
    number: int
    line: str


def all_files(
    store: Store, forest: Forest, image: int, *, cancel: Cancel | None = None
) -> Tree:
    """Return everything in an image by path, with the layer that it is from."""
    return _fold(store, forest, image, None, cancel)


def layers_in(
    store: Store,
    forest: Forest,
    image: int,
    directory: str,
    *,
    cancel: Cancel | None = None,
) -> dict[str, int]:
    """Return the layer that each entry of a directory is from, by path."""
    inside = directory.strip("/")
    parts = inside.split("/") if inside else []
    within = {"/".join(parts[:n]) for n in range(len(parts) + 1)}
    tree = _fold(store, forest, image, within, cancel)
    return {
        f"/{path}": node.layer
        for path, node in tree.items()
        if path and union.parent(path) == inside
    }


def _fold(
    store: Store,
    forest: Forest,
    image: int,
    within: Iterable[str] | None,
    cancel: Cancel | None,
) -> Tree:
    if image not in forest:
        raise PlashError(f"no image {image}")
    layers = [i for i in forest.ancestry(image) if i != EMPTY_IMAGE]
    tree = union.fold(
        (
            i,
            listing.list_tree(store.root, i, layer=True, within=within, cancel=cancel),
        )
        for i in layers
    )
    return union.without_whiteouts(tree)


def containing(
    store: Store,
    image: int,
    text: str,
    paths: Iterable[str],
    *,
    found: Callable[[Hit], None],
    cancel: Cancel,
) -> None:
    """Call `found` for each of these files that holds the text.

    Small letters match capitals, too. Files that cannot be read are left out, and of
    big ones only the first 64 MiB are searched.
    """
    folded = text == text.lower()
    needle = os.fsencode(text)
    with open_image(store, image) as merged:
        for path in paths:
            cancel.check()
            try:
                hit = _search(merged, path, needle, folded=folded, cancel=cancel)
            except (PlashError, OSError):
                continue
            if hit is not None:
                found(hit)


def _search(
    image: Merged, path: str, needle: bytes, *, folded: bool, cancel: Cancel
) -> Hit | None:
    """Search one file piece by piece; each piece begins with the end of the last."""
    at, lines, before = 0, 0, b""
    while at < _LARGEST:
        cancel.check()
        piece = image.read(path, at, _PIECE)
        if not piece:
            return None
        text = before + piece
        place = (text.lower() if folded else text).find(needle)
        if place >= 0:
            if b"\0" in text:
                return Hit(path, 0, "")
            start = text.rfind(b"\n", 0, place) + 1
            end = text.find(b"\n", place)
            line = text[start : end if end >= 0 else None][:_LINE]
            number = lines + text.count(b"\n", 0, place) + 1
            return Hit(path, number, line.decode("utf-8", "replace").strip())
        at += len(piece)
        if len(piece) < _PIECE:
            return None
        before = text[-len(needle) + 1 :] if len(needle) > 1 else b""
        lines += text.count(b"\n") - before.count(b"\n")
    return None
