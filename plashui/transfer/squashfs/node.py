"""One inode of a squashfs."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

DIRECTORY: Final = 1
FILE: Final = 2
LINK: Final = 3
BLOCK: Final = 4
CHARACTER: Final = 5
FIFO: Final = 6
SOCKET: Final = 7

NOTHING: Final = 0xFFFFFFFF
"""Stands for no fragment, and for no attributes."""

AS_IT_IS: Final = 0x8000
"""Marks the size of a metadata block that is not compressed."""

Attributes = tuple[tuple[bytes, bytes], ...]


class Node:
    """One inode; `type` is one of the numbers above.

    `blocks` are the sizes of a file's blocks as they are in the table, from `start` on;
    `fragment` and `offset` say where its end is. `holes` counts bytes in no block.
    `number` and `place` are those of the inode, once it has them.
    """

    __slots__ = (
        "attributes",
        "blocks",
        "children",
        "device",
        "fragment",
        "gid",
        "holes",
        "links",
        "mode",
        "mtime",
        "number",
        "offset",
        "place",
        "size",
        "start",
        "target",
        "type",
        "uid",
    )

    def __init__(
        self,
        type_: int,
        mode: int,
        *,
        uid: int = 0,
        gid: int = 0,
        mtime: int = 0,
        size: int = 0,
        target: bytes = b"",
        device: int = 0,
        attributes: Attributes = (),
    ) -> None:
        """Make an inode that has no content yet."""
        self.type, self.mode, self.mtime = type_, mode, mtime
        self.uid, self.gid = uid, gid
        self.size, self.target, self.device = size, target, device
        self.attributes = attributes
        self.children: dict[bytes, Node] = {}
        self.blocks: list[int] = []
        self.start = self.holes = self.offset = self.number = 0
        self.fragment = NOTHING
        self.links = 1
        self.place = -1
