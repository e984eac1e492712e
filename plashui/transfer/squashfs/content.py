"""The data of files: blocks and fragments, compressed side by side, in order."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.squashfs.members import parts

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import BinaryIO, Final

    from plashui.transfer.squashfs.compressors import Compress
    from plashui.transfer.squashfs.members import Member, Wants
    from plashui.transfer.squashfs.node import Node

    Tell = Callable[[int, int], None]

_AS_IT_IS: Final = 1 << 24
"""Marks the size of a block that is not compressed."""
_AT_ONCE: Final = 1 << 20
"""So many bytes go to a thread together: each change of threads costs time."""
_MOST_WAITING: Final = 8
_MOST_THREADS: Final = 4
_FOUND_TWICE: Final = 8
"""The most blocks of a file that is stored once if it is there twice: it is read whole
before it is known whether it is."""


class _Waiting(NamedTuple):
    """Blocks that a thread compresses; `tell` learns where each is, and its size."""

    packed: Future[list[bytes]]
    plain: list[bytes]
    tell: list[Tell]


class Content:
    """Takes in the data of files, and writes it to an open file from `at` on."""

    def __init__(self, out: BinaryIO, at: int, block: int, compress: Compress) -> None:
        """Write at the position of `out`, which is the byte `at` of the squashfs."""
        from concurrent.futures import ThreadPoolExecutor

        self.out, self.at, self.block = out, at, block
        self.fragments: list[tuple[int, int]] = []
        self.twice: list[tuple[Node, Node]] = []
        usable = len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(min(usable, _MOST_THREADS))
        self._compress = compress
        self._waiting: deque[_Waiting] = deque()
        self._plain: list[bytes] = []
        self._tell: list[Tell] = []
        self._held = 0
        self._tail = bytearray()
        self._known: dict[bytes, Node] = {}
        self._zeros = bytes(block)

    def put(self, data: bytes) -> int:
        """Write bytes as they are; return where they are."""
        at = self.at
        self.out.write(data)
        self.at += len(data)
        return at

    def whole(self, node: Node, data: bytes) -> None:
        """Take in the content of a small file."""
        digest = hashlib.sha256(data).digest()
        same = self._known.setdefault(digest, node)
        if same is not node:
            self.twice.append((node, same))
            return
        for at in range(0, len(data), self.block):
            self._piece(node, data[at : at + self.block], last=True)

    def file(self, node: Node, member: Member) -> Wants:
        """Take in the content of a file, as it comes."""
        if member.sparse:
            yield from self._sparse(node, member)
        elif 0 < member.packed <= _FOUND_TWICE * self.block:
            self.whole(node, (yield member.packed))
        else:
            left = member.packed
            while left:
                piece = yield min(left, self.block)
                left -= len(piece)
                self._piece(node, piece, last=not left)

    def _sparse(self, node: Node, member: Member) -> Wants:
        """Take in a file with holes: zeros, of which whole blocks take no room."""
        found = yield from parts()
        held, at = bytearray(), 0

        def zeros(until: int) -> None:
            nonlocal at
            while at < until:
                step = min(until - at, self.block - len(held))
                if not held and step == self.block:
                    self._hole(node)
                else:
                    held.extend(self._zeros[:step])
                at += step
                settle()

        def settle() -> None:
            if len(held) == self.block:
                self._piece(node, bytes(held), last=False)
                held.clear()

        for offset, size in found:
            zeros(offset)
            while at < offset + size:
                step = min(offset + size - at, self.block - len(held))
                held += yield step
                at += step
                settle()
        zeros(member.size)
        if held:
            self._piece(node, bytes(held), last=True)

    def _hole(self, node: Node) -> None:
        node.blocks.append(0)
        node.holes += self.block

    def _piece(self, node: Node, piece: bytes, *, last: bool) -> None:
        """Take in the next block of a file, or its end."""
        if len(piece) < self.block:
            if not last:
                raise AssertionError("only the end of a file is no whole block")
            if len(self._tail) + len(piece) > self.block:
                self._close_fragment()
            node.fragment, node.offset = len(self.fragments), len(self._tail)
            self._tail += piece
            return
        if piece == self._zeros:
            self._hole(node)
            return
        index = len(node.blocks)
        first = node.holes == index * self.block
        node.blocks.append(0)

        def tell(at: int, size: int) -> None:
            node.blocks[index] = size
            if first:
                node.start = at

        self._compressed(piece, tell)

    def _close_fragment(self) -> None:
        if not self._tail:
            return
        number = len(self.fragments)
        self.fragments.append((0, 0))

        def tell(at: int, size: int) -> None:
            self.fragments[number] = (at, size)

        self._compressed(bytes(self._tail), tell)
        self._tail.clear()

    def _compressed(self, plain: bytes, tell: Tell) -> None:
        self._plain.append(plain)
        self._tell.append(tell)
        self._held += len(plain)
        if self._held >= _AT_ONCE:
            self._submit()
            while self._waiting and (
                len(self._waiting) > _MOST_WAITING or self._waiting[0].packed.done()
            ):
                self._settle()

    def _submit(self) -> None:
        """Let a thread compress the blocks that wait for that."""
        packed = self._pool.submit(self._compress_all, self._plain)
        self._waiting.append(_Waiting(packed, self._plain, self._tell))
        self._plain, self._tell, self._held = [], [], 0

    def _compress_all(self, blocks: list[bytes]) -> list[bytes]:
        return [self._compress(plain) for plain in blocks]

    def _settle(self) -> None:
        """Write the blocks that came first."""
        waited = self._waiting.popleft()
        for data, plain, tell in zip(
            waited.packed.result(), waited.plain, waited.tell, strict=True
        ):
            if len(data) < len(plain):
                tell(self.put(data), len(data))
            else:
                tell(self.put(plain), len(plain) | _AS_IT_IS)

    def finish(self) -> None:
        """Write what is left; all files then know where their data is."""
        self._close_fragment()
        self._submit()
        while self._waiting:
            self._settle()
        for node, same in self.twice:
            node.start, node.blocks, node.holes = same.start, same.blocks, same.holes
            node.fragment, node.offset = same.fragment, same.offset

    def close(self) -> None:
        """End the threads, also if not all was written."""
        self._pool.shutdown(cancel_futures=True)
