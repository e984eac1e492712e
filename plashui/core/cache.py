"""What the layers of a store were found to be, kept in the user's cache directory.

A layer never changes once it has an id, and an id is never given out twice. So what
was read or counted once is kept for ever: reading a store changes nothing in it, and
one file answers for ten thousand layers. The file is columns of numbers, because they
are read ten times faster than text.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING, Final

from plashui.core.forest import EMPTY_IMAGE, Image, Usage

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC: Final = b"plashui facts 3\n"
_ENCODING: Final = ("utf-8", "surrogateescape")


class Cache:
    """The kept facts of one store: images by id, without their children and names.

    `seen` says, for the directory of a layer, when it last changed (nanoseconds) at
    the time all its children in `images` were there: while that is so, they still are.
    """

    def __init__(self, store: str | Path) -> None:
        """Read what is kept of the store at this path; nothing if it is damaged."""
        self.path = _file(str(store))
        self.images: dict[int, Image] = {}
        self.seen: dict[int, int] = {}
        if self.path is not None:
            with suppress(OSError, ValueError, EOFError, MemoryError):
                with open(self.path, "rb") as file:
                    data = file.read()
                self.images, self.seen = _decode(data)

    def add(
        self, images: Mapping[int, Image], seen: Mapping[int, int] | None = None
    ) -> None:
        """Keep these too. A cache that cannot be written is only a slower one."""
        if self.path is None or not (images or seen):
            return
        self.images.update(images)
        self.seen.update(seen or {})
        beside = f"{self.path}.{os.getpid()}.new"
        with suppress(OSError):
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            with open(beside, "wb") as file:
                file.write(_encode(self.images, self.seen))
            os.rename(beside, self.path)


def _file(store: str) -> str | None:
    """One file a store; a store made anew in the same place is another store."""
    try:
        made = os.stat(f"{store}/layer/{EMPTY_IMAGE}/_data")
    except OSError:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    identity = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    return f"{home}/plashui/facts-{identity}"


def _encode(images: Mapping[int, Image], seen: Mapping[int, int]) -> bytes:
    """The counts of images and of seen directories, then the columns one by one.

    A time or a size that is not known is negative; origins end in a NUL each.
    """
    none = Usage(-1, -1, -1)
    values = images.values()
    usages = [image.own or none for image in values]
    created = [-1.0 if image.created is None else image.created for image in values]
    columns: Iterable[Iterable[int]] = (
        images,
        (image.parent for image in values),
        *([usage[field] for usage in usages] for field in range(3)),
        seen,
        seen.values(),
    )
    origins = "".join(f"{image.origin}\0" for image in values)
    return b"".join(
        (
            _MAGIC,
            array("q", (len(images), len(seen))).tobytes(),
            array("d", created).tobytes(),
            *(array("q", column).tobytes() for column in columns),
            origins.encode(*_ENCODING),
        )
    )


def _decode(data: bytes) -> tuple[dict[int, Image], dict[int, int]]:
    """The opposite of `_encode`; ValueError where the data is no such thing."""
    if not data.startswith(_MAGIC):
        raise ValueError("not a cache of facts")
    view = memoryview(data)[len(_MAGIC) :]
    count, seen_count = view[:16].cast("q")
    if min(count, seen_count) < 0 or len(view) < 16 + 48 * count + 16 * seen_count:
        raise ValueError("the cache is cut off")
    at = 16

    def column(kind: str, length: int) -> list[int]:
        nonlocal at
        piece = view[at : at + 8 * length]
        at += 8 * length
        return piece.cast(kind).tolist()  # type: ignore[call-overload, no-any-return]

    created: list[float | None] = list(column("d", count))
    ids, parents = column("q", count), column("q", count)
    allocated, apparent, files = (column("q", count) for _ in range(3))
    seen = dict(zip(column("q", seen_count), column("q", seen_count), strict=True))
    origins = str(view[at:], *_ENCODING).split("\0")
    if len(origins) != count + 1:
        raise ValueError("the cache is damaged")
    if count and min(created) < 0:  # type: ignore[type-var, operator]
        created = [None if at is None or at < 0 else at for at in created]
    counted = zip(allocated, apparent, files, strict=True)
    usages: list[Usage | None] = list(map(Usage._make, counted))
    if -1 in allocated:
        usages = [usage if usage and usage[0] >= 0 else None for usage in usages]
    del origins[-1]
    none = repeat(())
    rows = zip(ids, parents, none, none, origins, created, usages)  # noqa: B905
    return dict(zip(ids, map(Image._make, rows), strict=True)), seen
