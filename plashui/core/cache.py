"""What the layers of a store were found to be, kept in the user's cache directory.

A layer never changes once it has an id, and an id is never given out twice. So what
was read or counted once is kept for ever: reading a store changes nothing in it, and
one file answers for ten thousand layers. The file is columns of numbers, because they
are read ten times faster than text.
"""

from __future__ import annotations

import os
from _thread import allocate_lock  # threading takes longer to import
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING, Final

from plashui.core.forest import EMPTY_IMAGE, Image, Usage

if TYPE_CHECKING:
    from pathlib import Path

INDEX: Final = -1
_MAGIC: Final = b"plashui facts 4\n"
_NUL: Final = "\0"
_PIECE: Final = 4096
"""Origins that are written at once."""
_ENCODING: Final = ("utf-8", "surrogateescape")


class Cache:
    """The kept facts of one store: images by id, without their children and names.

    `seen` says, for the directory of a layer, when it last changed (nanoseconds) at
    the time all its children in `images` were there: while that is so, they still are.
    Under INDEX it says the same of index/, which then held links of just the ids in
    `indexed`.
    """

    def __init__(self, store: str | Path) -> None:
        """Read what is kept of the store at this path; nothing if it is damaged."""
        self.store = str(store)
        self.path = file_of(self.store)
        self._stamp = _stamp(self.path)
        self._lock = allocate_lock()
        self.images: dict[int, Image] = {}
        self.seen: dict[int, int] = {}
        self.indexed: list[int] = []
        if self.path is not None:
            with suppress(OSError, ValueError, EOFError, MemoryError):
                with open(self.path, "rb") as file:
                    data = file.read()
                self._decode(data)

    @property
    def current(self) -> bool:
        """Whether it is of the store there is now, and no other has added to it."""
        return self.path == file_of(self.store) and self._stamp == _stamp(self.path)

    def note(self, images: Mapping[int, Image]) -> None:
        """Keep these in mind until something is added."""
        with self._lock:
            self.images.update(images)

    def add(
        self, images: Mapping[int, Image], seen: Mapping[int, int] | None = None
    ) -> None:
        """Keep these too. A cache that cannot be written is only a slower one."""
        if not (images or seen):
            return
        with self._lock:
            self.images.update(images)
            self.seen.update(seen or {})
        self.save()

    def save(self) -> None:
        """Keep what is in mind by now for the next program too."""
        with self._lock:
            if self.path is not None:
                self._write(self.path)
                self._stamp = _stamp(self.path)

    def _write(self, path: str) -> None:
        beside = f"{path}.{os.getpid()}.new"
        with suppress(OSError):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(beside, "wb") as file:
                for piece in self._encoded():
                    file.write(piece)
            os.rename(beside, path)

    def _encoded(self) -> Iterator[bytes]:
        """Three counts (images, those of them in the index, seen), then the columns.

        A time or a size that is not known is negative; origins end in a NUL each.
        """
        yield _MAGIC
        ids = self.indexed
        if len(ids) < len(self.images):
            indexed = set(ids)
            ids = [*ids, *(image for image in self.images if image not in indexed)]
        images = [self.images[image] for image in ids]
        none = Usage(-1, -1, -1)
        columns: tuple[Iterable[int], ...] = (
            (len(ids), len(self.indexed), len(self.seen)),
            ids,
            (image.parent for image in images),
            *([(image.own or none)[at] for image in images] for at in range(3)),
            self.seen,
            self.seen.values(),
        )
        for column in columns:
            yield array("q", column).tobytes()
        created = (-1.0 if i.created is None else i.created for i in images)
        yield array("d", created).tobytes()
        for at in range(0, len(images), _PIECE):
            origins = [i.origin.replace(_NUL, "") for i in images[at : at + _PIECE]]
            yield _NUL.join([*origins, ""]).encode(*_ENCODING)

    def _decode(self, data: bytes) -> None:
        """The opposite of `_encoded`; ValueError where the data is no such thing."""
        if not data.startswith(_MAGIC):
            raise ValueError("not a cache of facts")
        view = memoryview(data)[len(_MAGIC) :]
        count, indexed, seen = view[:24].cast("q")
        end = 24 + 48 * count + 16 * seen
        if not (0 <= indexed <= count and seen >= 0 and len(view) >= end):
            raise ValueError("the cache is cut off")
        numbers = view[24 : end - 8 * count].cast("q").tolist()
        ids, parents, *sizes = (
            numbers[at : at + count] for at in range(0, 5 * count or 5, count or 1)
        )
        times = numbers[5 * count :]
        made: list[float] = view[end - 8 * count : end].cast("d").tolist()  # type: ignore[assignment]
        created: Iterable[float | None] = made
        if made and min(made) < 0:
            created = [at if at >= 0 else None for at in made]
        usages: list[Usage | None] = list(map(Usage._make, zip(*sizes, strict=True)))
        if -1 in sizes[0]:
            usages = [usage if usage and usage[0] >= 0 else None for usage in usages]
        origins = str(view[end:], *_ENCODING).split(_NUL)
        if len(origins) != count + 1:
            raise ValueError("the cache is damaged")
        none = repeat(())
        rows = zip(ids, parents, none, none, origins, created, usages)  # noqa: B905
        self.images = dict(zip(ids, map(Image._make, rows), strict=True))
        self.seen = dict(zip(times[:seen], times[seen:], strict=True))
        self.indexed = ids[:indexed]


def _stamp(path: str | None) -> tuple[int, ...]:
    """What tells one version of a file from another."""
    try:
        found = os.stat(path or "")
    except OSError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def file_of(store: str, kind: str = "facts") -> str | None:
    """One file of a kind a store; one made anew in the same place is another store."""
    try:
        made = os.stat(f"{store}/layer/{EMPTY_IMAGE}/_data")
    except OSError:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not home.startswith("/"):
        return None  # there is no home
    identity = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    return f"{home}/plashui/{kind}-{identity}"
