"""A tree in a squashfs as the tar that the helper unpacks."""

from __future__ import annotations

from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.reader import DamagedSquashfs

if TYPE_CHECKING:
    from typing import Final

    from plashui.transfer.squashfs.node import Node
    from plashui.transfer.squashfs.reader import Squashfs

_RECORD: Final = 512
_MOST_NAME: Final = 100
_MOST_ID: Final = 0o7777777
_MOST_SIZE: Final = 0o77777777777
_MOST_PATH: Final = 4096
_ANOTHER_NAME: Final = b"1"
_TYPES: Final = {
    n.DIRECTORY: b"5",
    n.FILE: b"0",
    n.LINK: b"2",
    n.CHARACTER: b"3",
    n.BLOCK: b"4",
    n.FIFO: b"6",
}


def tar_of(squashfs: Squashfs, top: Node) -> Iterator[bytes]:
    """Yield a tar of all below a directory, which becomes its root.

    Sockets are left out. Raises DamagedSquashfs for a directory that is in itself.
    """
    seen = {top.place}
    names: dict[int, bytes] = {}
    yield from _member(squashfs, b".", top, names)
    ways = [(b".", squashfs.listing(top))]
    while ways:
        above, listing = ways[-1]
        name, place = next(listing, (b"", 0))
        if not name:
            ways.pop()
            continue
        path, node = above + b"/" + name, squashfs.inode(place)
        yield from _member(squashfs, path, node, names)
        if node.type == n.DIRECTORY:
            if place in seen or len(path) > _MOST_PATH:
                raise DamagedSquashfs
            seen.add(place)
            ways.append((path, squashfs.listing(node)))
    yield bytes(2 * _RECORD)


def _member(
    squashfs: Squashfs, path: bytes, node: Node, names: dict[int, bytes]
) -> Iterator[bytes]:
    if node.type == n.SOCKET:
        return
    if node.links > 1 and node.type != n.DIRECTORY:
        first = names.setdefault(node.place, path)
        if first != path:
            yield header(path, node, kind=_ANOTHER_NAME, target=first)
            return
    if node.type != n.FILE:
        yield header(path, node, kind=_TYPES[node.type], target=node.target)
        return
    parts = squashfs.parts(node)
    packed, listed, sparse = node.size, b"", {}
    if sum(size for _at, size in parts) < node.size:
        if sum(parts[-1] if parts else (0, 0)) < node.size:
            parts.append((node.size, 0))
        numbers = [len(parts), *(number for part in parts for number in part)]
        listed = b"".join(b"%d\n" % number for number in numbers)
        listed += bytes(-len(listed) % _RECORD)
        packed = len(listed) + sum(size for _at, size in parts)
        sparse = {
            b"GNU.sparse.major": b"1",
            b"GNU.sparse.minor": b"0",
            b"GNU.sparse.name": path,
            b"GNU.sparse.realsize": b"%d" % node.size,
        }
    yield header(path, node, kind=b"0", size=packed, more=sparse) + listed
    yield from squashfs.data(node)
    yield bytes(-packed % _RECORD)


def header(
    path: bytes,
    node: Node,
    *,
    kind: bytes,
    size: int = 0,
    target: bytes = b"",
    more: dict[bytes, bytes] | None = None,
) -> bytes:
    """Return the header of a member, and before it what does not fit into it."""
    records = dict(more or {})
    if len(path) > _MOST_NAME:
        records[b"path"] = path
    if len(target) > _MOST_NAME:
        records[b"linkpath"] = target
    for key, number, most in (
        (b"uid", node.uid, _MOST_ID),
        (b"gid", node.gid, _MOST_ID),
        (b"size", size, _MOST_SIZE),
    ):
        if number > most:
            records[key] = b"%d" % number
    if kind != _ANOTHER_NAME:
        records |= {b"SCHILY.xattr." + key: value for key, value in node.attributes}
    fields = _packed(path, target, size, kind, node)
    if not records:
        return fields
    data = b"".join(_record(key, value) for key, value in records.items())
    before = _packed(b"././@PaxHeader", b"", len(data), b"x")
    return before + data + bytes(-len(data) % _RECORD) + fields


def _packed(
    path: bytes, target: bytes, size: int, kind: bytes, node: Node | None = None
) -> bytes:
    mode, uid, gid, mtime, device = 0o644, 0, 0, 0, 0
    if node is not None:
        mode, uid, gid = node.mode, node.uid, node.gid
        mtime, device = node.mtime, node.device
    major, minor = device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00
    header = b"".join(
        (
            path[:_MOST_NAME].ljust(100, b"\0"),
            b"%07o\0" % (mode & 0o7777),
            b"%07o\0" % min(uid, _MOST_ID),
            b"%07o\0" % min(gid, _MOST_ID),
            b"%011o\0" % min(size, _MOST_SIZE),
            b"%011o\0" % mtime,
            b" " * 8,
            kind,
            target[:_MOST_NAME].ljust(100, b"\0"),
            b"ustar\00000",
            bytes(64),
            b"%07o\0" % major,
            b"%07o\0" % minor,
        )
    ).ljust(_RECORD, b"\0")
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def _record(key: bytes, value: bytes) -> bytes:
    """Return a record of an extended header, whose length counts itself."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) > len(str(rest)):
        length += 1
    return b"%d %s=%s\n" % (length, key, value)
