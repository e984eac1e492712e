"""What a file holds: an app of ours, another AppImage, a squashfs. Nothing is run."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.files import opened
from plashui.transfer.onefile import conf
from plashui.transfer.onefile.runtime import (
    HEAD,
    digest_of,
    is_appimage,
    squashfs_offset,
    stamp_of,
)
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.reader import Squashfs

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, BinaryIO, Final, Literal

_MOST_CONFIG: Final = 4 << 20


class Found(NamedTuple):
    """A squashfs in a file, from the byte `offset` on."""

    kind: Literal["app", "AppImage", "squashfs"]
    offset: int
    squashfs: Squashfs


class Held(NamedTuple):
    """What an app holds; `conf` are keys and values of its app.conf.

    `stamp` is the digest that it names for its squashfs, `digest` the one it has.
    """

    name: str
    image: str
    offset: int
    size: int
    compression: str
    stamp: str
    digest: str
    conf: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> bool:
        """Whether the squashfs is the one that the file was made with."""
        return self.stamp == self.digest

    def values(self, key: str) -> list[str]:
        """Return the values of a key, in order."""
        return [value for name, value in self.conf if name == key]

    def value(self, key: str, otherwise: str = "") -> str:
        """Return the value of a key that is there once."""
        return next(iter(self.values(key)), otherwise)


def found_in(file: BinaryIO) -> Found | None:
    """Return the squashfs in an open file; None if there is none."""
    offset = squashfs_offset(file)
    if offset is None:
        return None
    squashfs = Squashfs(file, offset)
    if not is_appimage(os.pread(file.fileno(), HEAD, 0)):
        return Found("squashfs", offset, squashfs)
    ours = squashfs.find(conf.CONF.encode()) and squashfs.find(conf.ROOT.encode())
    return Found("app" if ours else "AppImage", offset, squashfs)


def small_file(squashfs: Squashfs, path: str, most: int) -> bytes | None:
    """Return the content of a file; None if it is missing, or larger than that."""
    node = squashfs.find(path.encode())
    if node is None or node.type != n.FILE or node.size > most or node.holes:
        return None
    return b"".join(squashfs.data(node))


def config_in(squashfs: Squashfs) -> dict[str, Any] | None:
    """Return the OCI config that the image of an app had."""
    import json

    data = small_file(squashfs, conf.CONFIG, _MOST_CONFIG)
    try:
        value = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def look_at(path: Path) -> Held:
    """Say what an app holds; raise PlashError for a file that is none."""
    if path.is_fifo():  # opening it waits for a writer
        raise _no_file(path)
    with opened(path) as file:
        if not file.seekable():
            raise _no_file(path)
        found = found_in(file)
        if found is None or found.kind != "app":
            kind = "not an app" if found is None else _KINDS[found.kind]
            raise PlashError(f"{path} is {kind}", "`plash push:app` makes apps")
        data = small_file(found.squashfs, conf.CONF, conf.MOST_BYTES)
        pairs = conf.read(data or b"")
        values = dict(pairs)
        return Held(
            name=values.get("Name", ""),
            image=values.get("Image", ""),
            offset=found.offset,
            size=os.fstat(file.fileno()).st_size,
            compression=_compression(found.squashfs),
            stamp=stamp_of(file, found.offset) or "",
            digest=digest_of(file, found.offset),
            conf=tuple(pairs),
        )


def _no_file(path: Path) -> PlashError:
    return PlashError(f"cannot read {path}: it is not a file", "Save it first")


def _compression(squashfs: Squashfs) -> str:
    return "none" if squashfs.head.flags & 0x3 == 0x3 else squashfs.compression


_KINDS: Final = {
    "AppImage": "an AppImage that was not made of an image",
    "squashfs": "a squashfs, not an app",
}
