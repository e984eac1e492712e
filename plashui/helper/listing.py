"""Listing the files of an image, or of one layer, as its root sees them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import process
from plashui.helper.decode import understood

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO, Final

_FIELDS: Final = 13  # in a record of engine:list; see list.c


class Entry(NamedTuple):
    """One entry of a directory of an image, as the image's root sees it.

    `kind` is the letter of `ls` (- d l c b p s), or w for a whiteout; `mode` are the
    permission bits; `size` and `allocated` are in bytes, `mtime` in epoch nanoseconds.
    """

    name: str
    """The name by os.fsdecode: surrogates stand for bytes that are not UTF-8."""
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    allocated: int
    mtime: int
    device: tuple[int, int] | None = None
    """Major and minor number of a device node."""
    target: str = ""
    """The target of a symbolic link."""
    opaque: bool = False
    """Whether the directory hides those of lower layers; set when a layer is listed."""
    links: int = 0
    """A number that all names of one file share, else 0; set by list_tree."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Extended attributes except overlayfs's own, sorted, values in hexadecimal; set
    by list_tree."""


def list_directory(
    store: Path, image: int, path: str, *, layer: bool = False
) -> list[Entry]:
    """List a directory of an image, unordered, as the image's root sees it.

    `layer`: list the image's own layer instead, including its whiteouts.
    """
    options = ["--layer"] if layer else []
    records = list(_listed(store, image, path, options))
    with understood(f"listing {path}"):
        return [_entry(fields) for fields in records]


def list_tree(
    store: str | Path,
    image: int,
    *,
    layer: bool = False,
    within: Iterable[str] | None = None,
    cancel: Cancel | None = None,
) -> list[Entry]:
    """List all of an image, or of its own layer, by paths without a leading slash.

    A directory comes before its content; the first entry is the root directory, named
    "". `within`: list the content of these directories only, recursively for those
    that end in a slash. The root is always listed; another directory only together
    with its parent.
    """
    options = ["--layer"] if layer else []
    options += ["--recursive"] if within is None else ["--chosen"]
    if within is None:
        return _listed_tree(store, image, options, None, cancel)
    names = b"".join(os.fsencode(path) + b"\0" for path in within)

    def feed(pipe: IO[bytes]) -> None:
        pipe.write(names)

    return _listed_tree(store, image, options, feed, cancel)


def list_changes(
    store: str | Path, place: Path, *, cancel: Cancel | None = None
) -> list[Entry]:
    """List the changes that a run keeps in the directory `place`, as a layer."""
    options = ["--changes", str(place), "--recursive"]
    return _listed_tree(store, 0, options, None, cancel)


def entries_with(store: str | Path, image: int, attribute: str) -> list[Entry]:
    """List the entries of an image that have an extended attribute.

    Only these are held in memory.
    """
    found: list[Entry] = []
    fields: list[bytes] = []
    rest = b""
    mark = attribute.encode().hex().encode() + b"="

    def take(data: bytes) -> None:
        nonlocal rest
        *whole, rest = (rest + data).split(b"\0")
        fields.extend(whole)
        end = len(fields) - len(fields) % _FIELDS
        for start in range(0, end, _FIELDS):
            if mark in fields[start + _FIELDS - 1]:
                found.append(_entry(fields[start : start + _FIELDS]))
        del fields[:end]

    words = ["engine:list", "--recursive", str(store), str(image), "/"]
    with understood("listing /"):
        outcome = process.call(words, on_data=take)
        if outcome.status:
            raise process.failure(outcome, "listing /")
    return found


def _listed_tree(
    store: str | Path,
    image: int,
    options: Sequence[str],
    feed: Callable[[IO[bytes]], None] | None,
    cancel: Cancel | None,
) -> list[Entry]:
    found: list[Entry] = []
    with understood("listing /"):
        for fields in _listed(store, image, "/", options, feed, cancel):
            if fields[10] == b"r":
                path = os.fsdecode(fields[0])
                raise PlashError(
                    f"cannot list layer {image} by itself: "
                    f"overlayfs redirects the directory /{path}",
                    "Copy the image by `plash push:tarfile` and "
                    "`plash pull:tarfile` and use the copy",
                )
            found.append(_entry(fields))
    return found


def _listed(
    store: str | Path,
    image: int,
    path: str,
    options: Sequence[str],
    feed: Callable[[IO[bytes]], None] | None = None,
    cancel: Cancel | None = None,
) -> Iterator[list[bytes]]:
    """Yield the records of engine:list, each as a list of fields."""
    pieces: list[bytes] = []
    words = ["engine:list", *options, str(store), str(image), path]
    outcome = process.call(words, on_data=pieces.append, feed=feed, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, f"listing {path}")
    fields = b"".join(pieces).split(b"\0")
    with understood(f"listing {path}"):
        if len(fields) % _FIELDS != 1 or fields[-1]:
            raise ValueError(f"{len(fields) - 1} fields")
    for start in range(0, len(fields) - 1, _FIELDS):
        yield fields[start : start + _FIELDS]


def _entry(fields: list[bytes]) -> Entry:
    name, kind, mode, uid, gid, size, allocated, mtime, device, target, *more = fields
    mark, links, attributes = more
    major, _colon, minor = device.partition(b":")
    return Entry(
        os.fsdecode(name),
        kind.decode(),
        int(mode, 8),
        int(uid),
        int(gid),
        int(size),
        int(allocated),
        int(mtime),
        (int(major), int(minor)) if device else None,
        os.fsdecode(target),
        mark == b"y",
        int(links) if links else 0,
        _attributes(attributes) if attributes else (),
    )


def _attributes(words: bytes) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition(b"=") for word in words.split())
    return tuple(
        sorted(
            (os.fsdecode(bytes.fromhex(name.decode())), value.decode())
            for name, _equals, value in pairs
        )
    )
