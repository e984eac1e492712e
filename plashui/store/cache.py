"""A cache of facts about layers: origins, times and sizes.

It is one file per store in the user's cache directory, so that reading a store does
not write to it. A layer with an id never changes, and an id is assigned only once
while the store keeps its id counter; with a new counter the cache is invalid. The file
holds columns of numbers, which are read ten times faster than text.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock  # importing threading takes longer
from array import array
from binascii import crc32
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import repeat

from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import read_small, write_small
from plashui.model.forest import EMPTY_IMAGE, MOST_BYTES, Image, Usage
from plashui.store.layout import COUNTER

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

INDEX: Final = -1
_MAGIC: Final = b"plashui facts 6\n"
_MONTH: Final = 30 * 86400
_SUM: Final = 8
"""Bytes of the checksum of everything after it."""
_HEAD: Final = 48
"""Bytes of the six numbers before the columns."""
_NUL: Final = "\0"
_PIECE: Final = 4096
"""Origins that are encoded at once."""
_ENCODING: Final = ("utf-8", "surrogateescape")
_MOST: Final = 1 << 28
"""Bytes of a cache that are read; a million images need half of them."""
_BAD: Final = (OSError, ValueError, TypeError, EOFError, OverflowError, MemoryError)
"""Errors from reading a damaged cache or writing values out of range."""


class Cache:
    """The cached facts of one store: images by id, without children and names.

    `seen` has the mtime (epoch nanoseconds) of layer directories at a moment when they
    held all children in `images`: while a directory has that mtime, it still does.
    `seen[INDEX]` is the mtime of index/ when it held exactly the ids in `indexed`.
    """

    def __init__(self, store: str | Path) -> None:
        """Read the cache of the store at this path; ignore a damaged one."""
        self.store = str(store)
        self.path = file_of(self.store)
        self._stamp = _stamp(self.path)
        self._counter = _counter_of(self.store)
        self._lock = allocate_lock()
        self.images: dict[int, Image] = {}
        self.seen: dict[int, int] = {}
        self.indexed: list[int] = []
        if self.path is not None:
            with suppress(*_BAD):
                self._decode(read_small(self.path, _MOST))

    @property
    def current(self) -> bool:
        """Whether the store is still the same and no other process wrote the cache."""
        return (
            self.path == file_of(self.store)
            and self._stamp == _stamp(self.path)
            and _goes_on(self._counter, _counter_of(self.store))
        )

    def remember(self, images: Mapping[int, Image]) -> None:
        """Add images in memory; the next `add` or `save` writes them."""
        with self._lock:
            self.images.update(images)

    def add(
        self, images: Mapping[int, Image], seen: Mapping[int, int] | None = None
    ) -> None:
        """Add images and mtimes and write the file; ignore write errors."""
        if not (images or seen):
            return
        with self._lock:
            self.images.update(images)
            self.seen.update(seen or {})
        self.save()

    def save(self) -> None:
        """Write the file; ignore write errors."""
        with self._lock:
            if self.path is not None:
                self._write(self.path)
                self._stamp = _stamp(self.path)

    def _write(self, path: str) -> None:
        with suppress(*_BAD):
            directory = os.path.dirname(path)
            os.makedirs(directory, 0o700, exist_ok=True)
            if os.stat(directory).st_mode & 0o077:
                os.chmod(directory, 0o700)  # origins are command lines
            body = b"".join(self._encoded())
            head = _MAGIC + crc32(body).to_bytes(_SUM, "little")
            is_new = not os.path.exists(path)
            write_small(path, [head, body], durable=False)
            if is_new:  # a new store may replace a removed one
                forget_gone()

    def _encoded(self) -> Iterator[bytes]:
        """Yield the store's path with a NUL, six numbers, then the columns.

        The numbers are four counts (images, indexed ids, seen, steps) and the result of
        `_counter_of`. Unknown times and sizes are negative; each origin ends in a NUL.
        """
        yield self.store.encode(*_ENCODING) + b"\0"
        ids = self.indexed
        if len(ids) < len(self.images):
            indexed = set(ids)
            ids = [*ids, *(image for image in self.images if image not in indexed)]
        images = [self.images[image] for image in ids]
        none = Usage(-1, -1, -1)
        steps = [image.id for image in images if image.step]
        columns: tuple[Iterable[int], ...] = (
            (len(ids), len(self.indexed), len(self.seen), len(steps), *self._counter),
            ids,
            (image.parent for image in images),
            *([(image.own or none)[at] for image in images] for at in range(3)),
            self.seen,
            self.seen.values(),
            steps,
        )
        for column in columns:
            yield _numbers(list(column)).tobytes()
        created = (-1.0 if i.created is None else i.created for i in images)
        yield array("d", created).tobytes()
        for at in range(0, len(images), _PIECE):
            origins = [i.origin.replace(_NUL, "") for i in images[at : at + _PIECE]]
            yield _NUL.join([*origins, ""]).encode(*_ENCODING)

    def _decode(self, data: bytes) -> None:
        """Reverse `_encoded`; raise ValueError for invalid data."""
        start = len(_MAGIC) + _SUM
        view = memoryview(data)[start:]
        told = int.from_bytes(data[len(_MAGIC) : start], "little")
        if not data.startswith(_MAGIC) or crc32(view) != told:
            raise ValueError("not a cache of facts, or damaged")
        view = view[data.index(b"\0", start) + 1 - start :]
        count, indexed, seen, steps, *counter = view[:_HEAD].cast("q")
        end = _HEAD + 48 * count + 16 * seen + 8 * steps
        known = 0 <= indexed <= count and 0 <= steps <= count and seen >= 0
        if not known or len(view) < end:
            raise ValueError("the cache is cut off")
        if not _goes_on(tuple(counter), self._counter):
            raise ValueError("ids have been given out anew since")
        numbers = view[_HEAD : end - 8 * count].cast("q").tolist()
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
        made_by_steps = set(times[2 * seen :])
        marks = [i in made_by_steps for i in ids] if made_by_steps else repeat(False)
        rows = zip(ids, parents, none, none, origins, created, usages, marks)  # noqa: B905
        self.images = dict(zip(ids, map(Image._make, rows), strict=True))
        self.seen = dict(zip(times[:seen], times[seen : 2 * seen], strict=True))
        self.indexed = ids[:indexed]


def forget_gone() -> None:
    """Remove caches of removed stores, and drafts of killed processes.

    A missing store may be on a disk that is not mounted: its cache is removed only if
    it was not written for a month.
    """
    with suppress(OSError):
        directory = cache_directory()
        names = os.listdir(directory) if directory else []
        for name in names:
            with suppress(OSError):
                if _is_gone(f"{directory}/{name}", names):
                    _remove(f"{directory}/{name}")


def _remove(path: str) -> None:
    """Delete a cache: a file, or a directory of files."""
    if os.path.isdir(path):
        for name in os.listdir(path):
            os.unlink(f"{path}/{name}")
        os.rmdir(path)
    else:
        os.unlink(path)


def _is_gone(path: str, names: list[str]) -> bool:
    name = os.path.basename(path)
    kind, _dash, identity = name.partition("-")
    if name.endswith(".new"):
        pid = name.removesuffix(".new").rpartition(".")[2]
        return pid.isdecimal() and not os.path.exists(f"/proc/{pid}")
    old = time.time() - os.lstat(path).st_mtime > _MONTH
    if kind in ("nodes", "packages"):
        return old and f"facts-{identity}" not in names
    if kind != "facts":
        return False
    store = _store_of(path)
    now = file_of(store) if store else None
    return now != path if now else old


def _store_of(path: str) -> str:
    """Return the path of the store that a cache belongs to; '' if it is unreadable."""
    try:
        data = read_small(path, _MOST)
    except OSError:
        return ""
    start = len(_MAGIC) + _SUM
    said = data[start:].partition(b"\0")[0] if data.startswith(_MAGIC) else b""
    return said.decode(*_ENCODING)


def _numbers(column: list[int]) -> array[int]:
    """Return the column as 64-bit numbers, clamped to their range."""
    try:
        return array("q", column)
    except OverflowError:
        return array("q", [max(-MOST_BYTES, min(n, MOST_BYTES)) for n in column])


def _counter_of(store: str) -> tuple[int, int]:
    """Identify the id counter of a store: its inode and the last id assigned."""
    try:
        found = os.lstat(f"{store}/{COUNTER}")
    except OSError:
        return 0, 0
    return found.st_ino, found.st_size


def _goes_on(before: tuple[int, ...], now: tuple[int, int]) -> bool:
    """Return whether the id counter is the same and was not reset.

    Otherwise an id may have been assigned to a second image.
    """
    return before[0] == now[0] and before[1] <= now[1]


def _stamp(path: str | None) -> tuple[int, ...]:
    """Identify a version of a file: its inode, mtime and size; () if it is missing."""
    try:
        found = os.stat(path or "")
    except OSError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def file_of(store: str, kind: str = "facts") -> str | None:
    """Return the cache file of this kind for a store; None if there is no store.

    The name identifies the store by its disk, inode and time of creation.
    """
    try:
        made = os.stat(f"{store}/layer/{EMPTY_IMAGE}/_data")
    except OSError:
        return None
    directory = cache_directory()
    if directory is None:
        return None
    identity = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    return f"{directory}/{kind}-{identity}"


def cache_directory() -> str | None:
    """Return the directory of all caches; None for a user without a home."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return f"{home}/plashui" if home.startswith("/") else None
