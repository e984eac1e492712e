"""Writing a squashfs from a tar stream, in one pass; the same tar gives the same bytes.

The data of files goes out as it comes in. Inodes and directories are kept, and follow
at the end, which is the order that the format has.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.compressors import NUMBERS, SETTINGS, compressing
from plashui.transfer.squashfs.content import Content
from plashui.transfer.squashfs.members import Feed, members
from plashui.transfer.squashfs.node import Node
from plashui.transfer.squashfs.tables import Inodes, Table

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from plashui.transfer.squashfs.compressors import Compress
    from plashui.transfer.squashfs.members import Member, Wants

MAGIC: Final = 0x73717368
HEAD: Final = 96
"""The bytes of the head of a squashfs."""
FORM: Final = "<IIIIIHHHHHHQQQQQQQQ"
BLOCK: Final = 128 << 10
_NO_TABLE: Final = 0xFFFFFFFFFFFFFFFF
_AS_IT_IS: Final = 0x1 | 0x2 | 0x8 | 0x100 | 0x800
_STORED_ONCE: Final = 0x40
_HAS_SETTINGS: Final = 0x400
_NO_ATTRIBUTES: Final = 0x200


class Writer:
    """Writes one squashfs to an open file, from its position on."""

    def __init__(
        self, out: BinaryIO, compress: Compress, *, compression: str, time: int
    ) -> None:
        """Begin it; `time`, in epoch seconds, is that of all that no tar names."""
        self._out, self._compression, self._time = out, compression, time
        self._base = out.tell()
        out.write(bytes(HEAD))
        self._compress = compress
        self._content = Content(out, HEAD, BLOCK, compress)
        self._settings = SETTINGS.get(compression, b"")
        if self._settings:
            size = len(self._settings) | n.AS_IT_IS
            self._content.put(struct.pack("<H", size) + self._settings)
        self._root = self._directory()

    def _directory(self) -> Node:
        return Node(n.DIRECTORY, 0o755, mtime=self._time)

    def add_file(self, path: bytes, data: bytes, mode: int = 0o644) -> None:
        """Add a small file."""
        node = Node(n.FILE, mode, mtime=self._time, size=len(data))
        self._attach(path, node)
        if data:
            self._content.whole(node, data)

    def add_link(self, path: bytes, target: bytes) -> None:
        """Add a symbolic link."""
        self._attach(path, Node(n.LINK, 0o777, mtime=self._time, target=target))

    def tar(self, under: bytes) -> Feed:
        """Return what takes in a tar; all that is in it comes below a path."""
        root = self._place(under + b"/x")[0]

        def take(member: Member) -> Wants:
            yield from self._take(root, member)

        return Feed(members(take))

    def _take(self, root: Node, member: Member) -> Wants:
        directory, name = self._place(member.name, root)
        if not member.type:
            above, last = self._place(member.target, root)
            same = above.children.get(last)
            if same is None or same.type == n.DIRECTORY or not name:
                raise PlashError("cannot read the tar of the image: it is damaged")
            same.links += 1
            directory.children[name] = same
            return
        node = Node(
            member.type,
            member.mode,
            uid=member.uid,
            gid=member.gid,
            mtime=member.mtime,
            size=member.size if member.type == n.FILE else 0,
            target=member.target,
            device=member.device,
            attributes=member.attributes,
        )
        if node.type == n.DIRECTORY:
            there = directory.children.get(name) if name else root
            if there is not None and there.type == n.DIRECTORY:
                _become(there, node)
                return
        directory.children[name] = node
        if node.type == n.FILE:
            yield from self._content.file(node, member)

    def _attach(self, path: bytes, node: Node) -> None:
        directory, name = self._place(path)
        directory.children[name] = node

    def _place(self, path: bytes, root: Node | None = None) -> tuple[Node, bytes]:
        """Return the directory of a path, made if it is missing, and the name in it."""
        parts = [part for part in path.split(b"/") if part not in (b"", b".")]
        at = root or self._root
        for part in parts[:-1]:
            below = at.children.get(part)
            if below is None:
                below = at.children[part] = self._directory()
            at = below
            if at.type != n.DIRECTORY or part == b"..":
                raise PlashError("cannot read the tar of the image: it is damaged")
        return at, parts[-1] if parts else b""

    def finish(self) -> int:
        """Write the tables and the head; return the size of it all."""
        self._content.finish()
        written = Inodes(self._root, self._compress)
        written.write()
        put = self._content.put
        inodes = put(written.inodes.finish())
        directories = put(written.directories.finish())
        fragments = self._listed(
            struct.pack("<QII", at, size, 0) for at, size in self._content.fragments
        )
        owners = self._listed(struct.pack("<I", one) for one in written.owners)
        flags = _STORED_ONCE if self._content.twice else 0
        flags |= _HAS_SETTINGS if self._settings else 0
        flags |= _AS_IT_IS if self._compression == "none" else 0
        attributed = _NO_TABLE
        if written.attributed.known:
            attributed = self._attributes(written)
        else:
            flags |= _NO_ATTRIBUTES
        head = struct.pack(
            FORM,
            MAGIC,
            written.count,
            self._time,
            BLOCK,
            len(self._content.fragments),
            NUMBERS[self._compression],
            BLOCK.bit_length() - 1,
            flags,
            len(written.owners),
            4,
            0,
            self._root.place,
            self._content.at,
            owners,
            attributed,
            inodes,
            directories,
            fragments,
            _NO_TABLE,
        )
        self._out.seek(self._base)
        self._out.write(head)
        self._out.seek(self._base + self._content.at)
        return self._content.at

    def _listed(self, entries: Iterator[bytes]) -> int:
        """Write a table, and the list of its blocks; return where that list is."""
        table = Table(self._compress)
        for entry in entries:
            table.add(entry)
        at = self._content.put(table.finish())
        return self._list(table, at)

    def _list(self, table: Table, at: int, head: bytes = b"") -> int:
        places = [at + start for start in table.starts]
        return self._content.put(head + struct.pack(f"<{len(places)}Q", *places))

    def _attributes(self, written: Inodes) -> int:
        attributed = written.attributed
        start = self._content.put(attributed.data.finish())
        at = self._content.put(attributed.ids.finish())
        head = struct.pack("<QII", start, len(attributed.known), 0)
        return self._list(attributed.ids, at, head)

    def close(self) -> None:
        """End the threads."""
        self._content.close()


def _become(there: Node, node: Node) -> None:
    """Give a directory that is there what a later member says of it."""
    there.mode, there.uid, there.gid = node.mode, node.uid, node.gid
    there.mtime, there.attributes = node.mtime, node.attributes


@contextlib.contextmanager
def writing(out: BinaryIO, *, compression: str, time: int) -> Iterator[Writer]:
    """Write a squashfs in the block, which finishes it."""
    with compressing(compression, BLOCK) as compress:
        writer = Writer(out, compress, compression=compression, time=time)
        try:
            yield writer
        finally:
            writer.close()
