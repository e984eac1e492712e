"""Reading a squashfs 4.0: its inodes and the data of files. It may come from anybody.

Nothing is believed: each number is held against what there is, the memory of one block
is bounded, and what does not fit raises DamagedSquashfs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.compressors import NUMBERS, decompressor
from plashui.transfer.squashfs.node import Node
from plashui.transfer.squashfs.writer import FORM, HEAD, MAGIC

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from plashui.transfer.squashfs.compressors import Decompress
    from plashui.transfer.squashfs.node import Attributes

_META: Final = 8192
_NO_TABLE: Final = 0xFFFFFFFFFFFFFFFF
_MOST_BLOCK: Final = 1 << 20
_MOST_BLOCKS: Final = 1 << 24
"""Of a file: two terabytes, as squashfs are usually made."""
_MOST_TARGET: Final = 4096
_MOST_ATTRIBUTES: Final = 1 << 20
_PREFIXES: Final = (b"user.", b"trusted.", b"security.")
_ELSEWHERE: Final = 0x100
"""Marks an attribute whose value is kept with another file."""


class DamagedSquashfs(PlashError):
    """A squashfs that cannot be read."""

    def __init__(self, why: str = "it is damaged") -> None:
        """Say why."""
        super().__init__(f"cannot read the squashfs: {why}")


class _Head(NamedTuple):
    """The head, as the format has it."""

    magic: int
    inodes: int
    time: int
    block: int
    fragments: int
    compression: int
    block_log: int
    flags: int
    owners: int
    major: int
    minor: int
    root: int
    size: int
    owner_table: int
    attribute_table: int
    inode_table: int
    directory_table: int
    fragment_table: int
    export_table: int


def is_squashfs(head: bytes) -> bool:
    """Return whether a file that begins so is a squashfs."""
    return head[:4] == struct.pack("<I", MAGIC)


class Squashfs:
    """A squashfs in an open file, from a byte of it on."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        """Read its head and its small tables."""
        self._number, self._start = file.fileno(), start
        self._there = os.fstat(self._number).st_size - start
        head = _Head(*struct.unpack(FORM, self._pread(0, HEAD)))
        if head.magic != MAGIC or head.major != 4:
            raise DamagedSquashfs("it is not a squashfs 4.0")
        if not 4096 <= head.block <= _MOST_BLOCK or head.block & (head.block - 1):
            raise DamagedSquashfs
        if head.size > self._there:
            raise DamagedSquashfs("the end is missing")
        self.head = head
        names = {number: name for name, number in NUMBERS.items() if name != "none"}
        if head.compression not in names:
            raise DamagedSquashfs("its compression is not known here")
        self.compression = names[head.compression]
        self._unpack: Decompress = decompressor(self.compression)
        self._meta: Callable[[int], tuple[bytes, int]] = lru_cache(64)(self._meta_block)
        self._fragment: Callable[[int], bytes] = lru_cache(4)(self._fragment_block)
        self._owners = self._table(head.owner_table, head.owners, "<I")
        self._fragments = self._table(head.fragment_table, head.fragments, "<QII")
        self._attributes_at: tuple[int, list[tuple[int, ...]]] | None = None

    # Bytes

    def _pread(self, at: int, count: int) -> bytes:
        if at + count > self._there:
            raise DamagedSquashfs("the end is missing")
        data = os.pread(self._number, count, self._start + at)
        if len(data) != count:
            raise DamagedSquashfs("the end is missing")
        return data

    def _unpacked(self, data: bytes, most: int) -> bytes:
        try:
            plain = self._unpack(data, most)
        except Exception as error:  # each library has its own
            raise DamagedSquashfs from error
        if len(plain) > most:
            raise DamagedSquashfs
        return plain

    def _meta_block(self, at: int) -> tuple[bytes, int]:
        """Return a metadata block, and where the next one is."""
        (word,) = struct.unpack("<H", self._pread(at, 2))
        size = word & 0x7FFF
        if size > _META:
            raise DamagedSquashfs
        data = self._pread(at + 2, size)
        return (data if word & 0x8000 else self._unpacked(data, _META)), at + 2 + size

    def _cursor(self, table: int, place: int) -> _Cursor:
        return _Cursor(self._meta, table + (place >> 16), place & 0xFFFF)

    def _table(self, at: int, count: int, form: str) -> list[tuple[int, ...]]:
        """Return a table that a list of its blocks leads to."""
        if not count:
            return []
        size = struct.calcsize(form)
        blocks = -(-count * size // _META)
        if blocks * 8 > self.head.size:
            raise DamagedSquashfs
        places = struct.unpack(f"<{blocks}Q", self._pread(at, 8 * blocks))
        data = b"".join(self._meta_block(place)[0] for place in places)
        if len(data) < count * size:
            raise DamagedSquashfs
        return list(struct.iter_unpack(form, data[: count * size]))

    # Inodes

    def root(self) -> Node:
        """Return the root directory."""
        found = self.inode(self.head.root)
        if found.type != n.DIRECTORY:
            raise DamagedSquashfs
        return found

    def inode(self, place: int) -> Node:
        """Return the inode at a place of the table; `device` of a directory is its own.

        `start`, `offset` and `size` of a directory lead to its listing.
        """
        at = self._cursor(self.head.inode_table, place)
        type_, mode, uid, gid, mtime, number = at.unpack("<HHHHII")
        extended, type_ = type_ > n.SOCKET, (type_ - 1) % n.SOCKET + 1
        if uid >= len(self._owners) or gid >= len(self._owners):
            raise DamagedSquashfs
        node = Node(type_, mode & 0o7777, mtime=mtime)
        node.uid, node.gid = self._owners[uid][0], self._owners[gid][0]
        node.number, node.place = number, place
        attributes = n.NOTHING
        if type_ == n.DIRECTORY and extended:
            form = "<IIIIHHI"
            links, size, start, _up, _count, offset, attributes = at.unpack(form)
            node.links, node.size, node.start, node.offset = links, size, start, offset
        elif type_ == n.DIRECTORY:
            start, links, size, offset, _up = at.unpack("<IIHHI")
            node.links, node.size, node.start, node.offset = links, size, start, offset
        elif type_ == n.FILE:
            attributes = self._file(node, at, extended=extended)
        else:
            (node.links,) = at.unpack("<I")
            if type_ == n.LINK:
                (size,) = at.unpack("<I")
                if size > _MOST_TARGET:
                    raise DamagedSquashfs
                node.target = at.take(size)
            elif type_ in (n.BLOCK, n.CHARACTER):
                (node.device,) = at.unpack("<I")
            if extended:
                (attributes,) = at.unpack("<I")
        node.attributes = self._attributes(attributes)
        return node

    def _file(self, node: Node, at: _Cursor, *, extended: bool) -> int:
        attributes = n.NOTHING
        if extended:
            start, size, holes, links = at.unpack("<QQQI")
            fragment, offset, attributes = at.unpack("<III")
            node.holes, node.links = holes, links
        else:
            start, fragment, offset, size = at.unpack("<IIII")
        whole, rest = divmod(size, self.head.block)
        count = whole + (rest > 0 and fragment == n.NOTHING)
        if count > _MOST_BLOCKS:
            raise DamagedSquashfs("a file in it is too large")
        if fragment != n.NOTHING and fragment >= len(self._fragments):
            raise DamagedSquashfs
        node.start, node.size, node.fragment, node.offset = (
            start,
            size,
            fragment,
            offset,
        )
        node.blocks = at.numbers(count)
        return attributes

    def listing(self, node: Node) -> Iterator[tuple[bytes, int]]:
        """Yield name and inode's place of all that is in a directory."""
        left = node.size - 3
        place = node.start << 16 | node.offset
        at = self._cursor(self.head.directory_table, place)
        before = b""
        while left > 0:
            count, start, _number = at.unpack("<III")
            left -= 12
            if count >= 256:
                raise DamagedSquashfs
            for _ in range(count + 1):
                offset, _apart, _type, size = at.unpack("<HhHH")
                if size >= 256:
                    raise DamagedSquashfs
                name = at.take(size + 1)
                left -= 9 + size
                if name in (b".", b"..") or b"/" in name or b"\0" in name:
                    raise DamagedSquashfs
                if name <= before:  # they are in order: none is there twice
                    raise DamagedSquashfs
                before = name
                yield name, start << 16 | offset

    def find(self, path: bytes) -> Node | None:
        """Return the inode of a path, in which no link is followed."""
        node = self.root()
        for part in path.split(b"/"):
            if node.type != n.DIRECTORY:
                return None
            for name, place in self.listing(node):
                if name == part:
                    node = self.inode(place)
                    break
            else:
                return None
        return node

    # Attributes

    def _attributes(self, number: int) -> Attributes:
        if number == n.NOTHING or self.head.attribute_table == _NO_TABLE:
            return ()
        if self._attributes_at is None:
            at = self.head.attribute_table
            start, count, _unused = struct.unpack("<QII", self._pread(at, 16))
            self._attributes_at = start, self._table(at + 16, count, "<QII")
        start, table = self._attributes_at
        if number >= len(table):
            raise DamagedSquashfs
        place, count, _size = table[number]
        return tuple(self._pairs(self._cursor(start, place), start, count))

    def _pairs(
        self, at: _Cursor, start: int, count: int
    ) -> Iterator[tuple[bytes, bytes]]:
        taken = 0
        for _ in range(count):
            kind, size = at.unpack("<HH")
            name = at.take(size)
            (length,) = at.unpack("<I")
            taken += length + size
            if taken > _MOST_ATTRIBUTES or kind & 0xFF >= len(_PREFIXES):
                raise DamagedSquashfs
            value = at.take(length)
            if kind & _ELSEWHERE:
                (place,) = struct.unpack("<Q", value)
                other = self._cursor(start, place)
                (length,) = other.unpack("<I")
                taken += length
                if taken > _MOST_ATTRIBUTES:
                    raise DamagedSquashfs
                value = other.take(length)
            yield _PREFIXES[kind & 0xFF] + name, value

    # Data

    def parts(self, node: Node) -> list[tuple[int, int]]:
        """Return the parts of a file that are no holes: (offset, size), in order."""
        found: list[tuple[int, int]] = []
        block = self.head.block
        for index, word in enumerate([*node.blocks, 1]):
            at = index * block
            size = min(node.size - at, block) if word & 0xFFFFFF else 0
            if size <= 0:
                continue
            if found and sum(found[-1]) == at:
                found[-1] = found[-1][0], found[-1][1] + size
            else:
                found.append((at, size))
        return found

    def data(self, node: Node) -> Iterator[bytes]:
        """Yield the content of a file without its holes, a block at a time."""
        at, left, block = node.start, node.size, self.head.block
        for word in node.blocks:
            want, size = min(left, block), word & 0xFFFFFF
            left -= want
            if not size:
                continue
            plain = self._data_block(at, size, as_it_is=bool(word & 1 << 24))
            at += size
            if len(plain) != want:
                raise DamagedSquashfs
            yield plain
        if left:
            plain = self._fragment(node.fragment)[node.offset : node.offset + left]
            if len(plain) != left:
                raise DamagedSquashfs
            yield plain

    def _data_block(self, at: int, size: int, *, as_it_is: bool) -> bytes:
        if size > self.head.block:
            raise DamagedSquashfs
        data = self._pread(at, size)
        return data if as_it_is else self._unpacked(data, self.head.block)

    def _fragment_block(self, number: int) -> bytes:
        at, word, _unused = self._fragments[number]
        return self._data_block(at, word & 0xFFFFFF, as_it_is=bool(word & 1 << 24))


class _Cursor:
    """Reads on through metadata blocks."""

    def __init__(
        self, block: Callable[[int], tuple[bytes, int]], at: int, offset: int
    ) -> None:
        self._block = block
        self._data, self._next = block(at)
        self._at = offset

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        found = self._data[self._at : self._at + count]
        self._at += len(found)
        while len(found) < count:
            self._data, self._next = self._block(self._next)
            if not self._data:
                raise DamagedSquashfs
            more = self._data[: count - len(found)]
            self._at = len(more)
            found += more
        return found

    def unpack(self, form: str) -> tuple[int, ...]:
        """Return the next numbers."""
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def numbers(self, count: int) -> list[int]:
        """Return so many numbers, which are as many as there are or an error."""
        found: list[int] = []
        while len(found) < count:
            step = min(count - len(found), 2048)
            found += self.unpack(f"<{step}I")
        return found
