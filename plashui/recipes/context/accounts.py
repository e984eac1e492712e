"""Looking up the names of an owner in the accounts of an image."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.image.links import follow

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.context.tree import Tree

_MOST: Final = 4 << 20
"""The most bytes of a file of accounts."""
_HIGHEST: Final = (1 << 32) - 2


def owner(tree: Tree | None, text: str) -> tuple[int, int]:
    """Return the ids of `USER[:GROUP]`, names or numbers, in an image.

    Without a group it is the user's own; of a number that has no account, the same
    number. "" is root. Raises PlashError for a name that is not there.
    """
    user, _colon, group = text.partition(":")
    uid, gid = _user(tree, user) if user else (0, 0)
    if group:
        gid = _group(tree, group)
    return uid, gid


def _user(tree: Tree | None, name: str) -> tuple[int, int]:
    number = _number(name)
    for fields in _records(tree, "etc/passwd"):
        if len(fields) > 3 and (fields[0] == name or (number == _number(fields[2]))):
            uid, gid = _number(fields[2]), _number(fields[3])
            if uid is not None and gid is not None:
                return uid, gid
    if number is None:
        raise PlashError(f"there is no user {clean(name)} in the image")
    return number, number


def _group(tree: Tree | None, name: str) -> int:
    number = _number(name)
    if number is not None:
        return number
    for fields in _records(tree, "etc/group"):
        if len(fields) > 2 and fields[0] == name:
            found = _number(fields[2])
            if found is not None:
                return found
    raise PlashError(f"there is no group {clean(name)} in the image")


def _number(text: str) -> int | None:
    known = text.isascii() and text.isdecimal() and len(text) < 11
    return int(text) if known and int(text) <= _HIGHEST else None


def _records(tree: Tree | None, path: str) -> list[list[str]]:
    if tree is None:
        return []
    place = follow(tree.entry, path)
    entry = tree.entry(place)
    if entry is None or entry.kind != "-":
        return []
    data = bytearray()
    for piece in tree.content(place):
        data += piece
        if len(data) > _MOST:
            break
    text = data.decode("utf-8", "surrogateescape")
    return [line.split(":") for line in text.split("\n") if ":" in line]
