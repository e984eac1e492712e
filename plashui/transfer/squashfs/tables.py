"""The tables of a squashfs: inodes, directories, fragments, owners, attributes."""

from __future__ import annotations

import struct

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.squashfs import node as n

if TYPE_CHECKING:
    from typing import Final

    from plashui.transfer.squashfs.compressors import Compress
    from plashui.transfer.squashfs.node import Attributes, Node

META: Final = 8192
"""The bytes of a metadata block, before it is compressed."""
_MOST_OWNERS: Final = 0xFFFF
_PREFIXES: Final = {b"user.": 0, b"trusted.": 1, b"security.": 2}
_EXTENDED: Final = 7
"""The type of an inode that has more fields is so much higher."""
_MOST_BASIC: Final = 0xFFFFFFFF


class Table:
    """Metadata blocks, one after the other."""

    def __init__(self, compress: Compress) -> None:
        """Begin an empty one."""
        self._compress, self._done, self._open = compress, bytearray(), bytearray()
        self.starts: list[int] = []

    def place(self) -> int:
        """Return the reference of what is added next: its block, and where in it."""
        return len(self._done) << 16 | len(self._open)

    def add(self, data: bytes) -> None:
        """Add bytes."""
        self._open += data
        while len(self._open) >= META:
            self._flush(META)

    def _flush(self, count: int) -> None:
        plain = bytes(self._open[:count])
        del self._open[:count]
        packed = self._compress(plain)
        self.starts.append(len(self._done))
        if len(packed) < len(plain):
            self._done += struct.pack("<H", len(packed)) + packed
        else:
            self._done += struct.pack("<H", len(plain) | n.AS_IT_IS) + plain

    def finish(self) -> bytes:
        """Return all blocks."""
        if self._open:
            self._flush(len(self._open))
        return bytes(self._done)


class Attributed:
    """The tables of extended attributes; nodes with the same ones share them."""

    def __init__(self, compress: Compress) -> None:
        """Begin with none."""
        self.data, self.ids = Table(compress), Table(compress)
        self.known: dict[Attributes, int] = {}

    def number(self, attributes: Attributes) -> int:
        """Return the number that stands for these attributes."""
        kept = [one for one in map(_split, attributes) if one]
        if not kept:
            return n.NOTHING
        number = self.known.get(attributes)
        if number is None:
            place, size = self.data.place(), 0
            for prefix, name, value in kept:
                head = struct.pack("<HH", _PREFIXES[prefix], len(name)) + name
                self.data.add(head + struct.pack("<I", len(value)) + value)
                size += len(prefix) + len(name) + 1 + len(value)
            self.ids.add(struct.pack("<QII", place, len(kept), size))
            number = self.known[attributes] = len(self.known)
        return number


def _split(attribute: tuple[bytes, bytes]) -> tuple[bytes, bytes, bytes] | None:
    """Return prefix, name and value; None for one that a squashfs cannot hold."""
    key, value = attribute
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            return prefix, key[len(prefix) :], value
    return None


class Inodes:
    """The tables of inodes and directories, of a tree whose data is written."""

    def __init__(self, root: Node, compress: Compress) -> None:
        """Number the inodes: by name, each directory before what is in it."""
        self.inodes, self.directories = Table(compress), Table(compress)
        self.attributed = Attributed(compress)
        self.owners: dict[int, int] = {}
        self._root = root
        self._order: list[tuple[Node, Node]] = []
        self.count = 0
        stack = [(root, root)]
        while stack:
            node, parent = stack.pop()
            if node.number:
                continue
            self.count += 1
            node.number = self.count
            if node.type == n.DIRECTORY:
                self._order.append((node, parent))
                names = sorted(node.children, reverse=True)
                stack.extend((node.children[name], node) for name in names)

    def write(self) -> None:
        """Fill the tables: what is in a directory comes before it."""
        for node, parent in reversed(self._order):
            names = sorted(node.children)
            for name in names:
                child = node.children[name]
                if child.place < 0 and child.type != n.DIRECTORY:
                    self._add(child, self._other(child))
            place, size = self.directories.place(), 0
            for data in _listing(node, names):
                self.directories.add(data)
                size += len(data)
            above = parent.number if node is not self._root else self.count + 1
            self._add(node, self._directory(node, place, size + 3, above))

    def _owner(self, number: int) -> int:
        found = self.owners.setdefault(number, len(self.owners))
        if found >= _MOST_OWNERS:
            raise PlashError(
                "cannot make a squashfs: the files belong to more than 65,535 users and"
                " groups, which is what it can hold"
            )
        return found

    def _add(self, node: Node, rest: tuple[bool, bytes]) -> None:
        extended, data = rest
        head = struct.pack(
            "<HHHHII",
            node.type + _EXTENDED * extended,
            node.mode,
            self._owner(node.uid),
            self._owner(node.gid),
            node.mtime,
            node.number,
        )
        node.place = self.inodes.place()
        self.inodes.add(head + data)

    def _directory(
        self, node: Node, place: int, size: int, above: int
    ) -> tuple[bool, bytes]:
        number = self.attributed.number(node.attributes)
        links = 2 + sum(one.type == n.DIRECTORY for one in node.children.values())
        block, offset = place >> 16, place & 0xFFFF
        if size > 0xFFFF or number != n.NOTHING:
            head = struct.pack("<IIII", links, size, block, above)
            return True, head + struct.pack("<HHI", 0, offset, number)
        return False, struct.pack("<IIHHI", block, links, size, offset, above)

    def _other(self, node: Node) -> tuple[bool, bytes]:
        number = self.attributed.number(node.attributes)
        extended = number != n.NOTHING
        more = struct.pack("<I", number) if extended else b""
        if node.type == n.FILE:
            return _file(node, number)
        if node.type == n.LINK:
            head = struct.pack("<II", node.links, len(node.target))
            return extended, head + node.target + more
        if node.type in (n.BLOCK, n.CHARACTER):
            return extended, struct.pack("<II", node.links, node.device) + more
        return extended, struct.pack("<I", node.links) + more


def _file(node: Node, number: int) -> tuple[bool, bytes]:
    sizes = struct.pack(f"<{len(node.blocks)}I", *node.blocks)
    end = (node.fragment, node.offset)
    extended = number != n.NOTHING or node.links > 1 or node.holes > 0
    if extended or node.size > _MOST_BASIC or node.start > _MOST_BASIC:
        holes = min(node.holes, max(node.size - 1, 0))  # as mksquashfs has it
        head = struct.pack("<QQQ", node.start, node.size, holes)
        return True, head + struct.pack("<IIII", node.links, *end, number) + sizes
    return False, struct.pack("<IIII", node.start, *end, node.size) + sizes


def _listing(node: Node, names: list[bytes]) -> list[bytes]:
    """Return the entries of a directory, in runs whose inodes are near each other."""
    runs: list[bytes] = []
    run: list[bytes] = []
    first: Node | None = None

    def end() -> None:
        if first is not None:
            head = struct.pack("<III", len(run) - 1, first.place >> 16, first.number)
            runs.append(head + b"".join(run))

    for name in names:
        child = node.children[name]
        if (
            first is None
            or len(run) == 256
            or child.place >> 16 != first.place >> 16
            or not -0x8000 <= child.number - first.number < 0x8000
        ):
            end()
            first, run = child, []
        offset, apart = child.place & 0xFFFF, child.number - first.number
        head = struct.pack("<HhHH", offset, apart, child.type, len(name) - 1)
        run.append(head + name)
    end()
    return runs
