"""A file of any size as lines, read in pieces; no widget.

The beginning of a line can be found by looking back a little: a line begins after each
newline and, because a file may have none, at every multiple of `BLOCK` that follows a
whole block without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean

BLOCK: Final = 4096
ROW: Final = 16
"""Bytes in a hexadecimal line; half as many on narrow screens."""
HEX_CELLS: Final = 76
"""Width of a full hexadecimal line, in cells."""
_PIECE: Final = 1 << 20  # bytes searched at once
_TAB: Final = 8


class Readable(Protocol):
    """A file that can be read at any offset."""

    size: int

    def read(self, offset: int, length: int, *, cancel: Cancel | None = None) -> bytes:
        """Read at most `length` bytes at `offset`; fewer only at the end."""


class Shown(NamedTuple):
    """A line: its offset, its clean text and the matches of the search in it.

    `hits` are the matches as (start, end) in characters, in order.
    """

    offset: int
    text: str
    hits: tuple[tuple[int, int], ...] = ()


class FileLines:
    """Lines of a file from any place on, as text or hexadecimal."""

    def __init__(self, content: Readable, *, hexadecimal: bool | None = None) -> None:
        """Start at the top; in hexadecimal if there is a NUL early in the file."""
        self.content = content
        if hexadecimal is None:
            hexadecimal = b"\0" in content.read(0, 2 * BLOCK)
        self.hexadecimal = hexadecimal
        self.row = ROW
        self.top = 0
        self.bottom = 0
        """Behind the last line that was given out."""

    def switch(self) -> None:
        """Switch between text and hexadecimal, at the same place."""
        self.hexadecimal = not self.hexadecimal
        self.top = self._begin(self.top)

    def fit(self, width: int) -> None:
        """Choose the length of hexadecimal lines for this width."""
        row = ROW if width >= HEX_CELLS else ROW // 2
        if row != self.row:
            self.row = row
            if self.hexadecimal:
                self.top = self._begin(self.top)

    def lines(self, count: int, needle: bytes = b"") -> list[Shown]:
        """Return up to `count` lines from the top of the page.

        Hexadecimal lines also have the matches of `needle`, which may span several
        lines.
        """
        if self.hexadecimal:
            return self._hex_lines(count, needle)
        found: list[Shown] = []
        at = self.top
        while len(found) < count and at < self.content.size:
            pieces = self._forward(at, count - len(found))
            if not pieces:
                break
            found += [Shown(start, text_line(data)) for start, data in pieces]
            at = pieces[-1][0] + len(pieces[-1][1])
        self.bottom = at
        return found

    def _hex_lines(self, count: int, needle: bytes) -> list[Shown]:
        more = max(0, len(needle) - 1)
        before = min(more, self.top)
        data = self.content.read(self.top - before, before + count * self.row + more)
        marked = _places(data, needle)
        data = data[: before + count * self.row]
        found: list[Shown] = []
        for at in range(before, len(data), self.row):
            row = data[at : at + self.row]
            offset = self.top + at - before
            hits = [
                span
                for first, end in marked
                if first < at + len(row) and end > at
                for span in hex_spans(
                    offset, max(0, first - at), min(len(row), end - at), self.row
                )
            ]
            line = hex_line(offset, row, self.row)
            found.append(Shown(offset, line, tuple(sorted(hits))))
        self.bottom = self.top + len(data) - before
        return found

    def move(self, by: int) -> None:
        """Move down by lines, or up; at most to the last line."""
        if self.hexadecimal:
            last = max(0, self.content.size - 1) // self.row * self.row
            self.top = max(0, min(last, self.top + by * self.row))
        elif by < 0:
            self.top = self._back(self.top, -by)
        else:
            self.top = self._down(self.top, by)

    def go_to(self, offset: int) -> None:
        """Make the line that holds this byte the top."""
        self.top = self._begin(max(0, min(offset, self.content.size - 1)))

    def go_to_end(self, height: int) -> None:
        """Show the last line at the bottom of `height` lines."""
        self.go_to(self.content.size - 1)
        self.move(1 - height)

    def find(
        self,
        needle: bytes,
        start: int,
        *,
        back: bool = False,
        tell: Callable[[int], object] = lambda _offset: None,
        cancel: Cancel | None = None,
    ) -> int | None:
        """Return the offset of the bytes after `start` or, with `back`, before it.

        Case is ignored if the needle has no capital letter. `tell` is called from time
        to time with the offset reached. None if nothing was found.
        """
        if not needle:
            return None
        fold = _folds(needle)
        step, more = _PIECE, len(needle) - 1
        at = start - step if back else start
        while at < self.content.size and at > -step:
            if cancel is not None:
                cancel.check()
            first = max(0, at)
            length = at + step - first + more
            data = self.content.read(first, length, cancel=cancel)
            data = data.lower() if fold else data
            found = data.rfind(needle) if back else data.find(needle)
            if found >= 0:
                return first + found
            at += -step if back else step
            tell(max(0, min(at, self.content.size)))
        return None

    # -- where lines begin ----------------------------------------------------

    def _forward(self, start: int, most: int) -> list[tuple[int, bytes]]:
        """Return some lines that follow `start`, each with its newline.

        The list is empty at the end of the file, which may be earlier than its size
        says.
        """
        length = max(2 * BLOCK, min(most * 128, 1 << 18))
        data = self.content.read(start, length)
        whole = len(data) < length or start + length >= self.content.size
        found: list[tuple[int, bytes]] = []
        at = 0
        while at < len(data) and len(found) < most:
            end = self._end(start, data, at)
            if end is None:
                if not whole:
                    break
                end = len(data)
            found.append((start + at, data[at:end]))
            at = end
        return found

    def _end(self, start: int, data: bytes, at: int) -> int | None:
        """Return where the line at `at` in the data ends; None if behind the data."""
        newline = data.find(b"\n", at)
        end = len(data) if newline < 0 else newline + 1
        # A block without a newline ends the line, if it is one whole.
        block = -(-(start + at) // BLOCK) * BLOCK + BLOCK - start
        if block < end or (block == end and newline < 0):
            return block
        return None if newline < 0 else end

    def _begin(self, offset: int) -> int:
        """Return where the line that holds this byte begins."""
        if self.hexadecimal:
            return offset // self.row * self.row
        if offset <= 0:
            return 0
        start = max(0, offset // BLOCK * BLOCK - BLOCK)
        return self._starts(start, offset + 1)[-1]

    def _starts(self, start: int, end: int) -> list[int]:
        """Return where lines begin in [start, end), including `start` itself.

        `start` is a multiple of BLOCK.
        """
        data = self.content.read(start, end - start)
        found = [start]
        at = 0
        while True:
            stop = self._end(start, data, at)
            if stop is None or stop >= len(data):
                return found
            at = stop
            found.append(start + at)

    def _back(self, offset: int, by: int) -> int:
        """Return the beginning of the line that is `by` lines above `offset`."""
        while by > 0 and offset > 0:
            # Whether a line really begins at `start` is seen only from a block before.
            start = max(0, offset // BLOCK * BLOCK - 2 * BLOCK)
            found = [at for at in self._starts(start, offset) if at < offset]
            certain = [at for at in found if at >= start + BLOCK or start == 0]
            certain = certain or [found[-1]]
            take = min(by, len(certain))
            offset = certain[-take]
            by -= take
        return offset

    def _down(self, offset: int, by: int) -> int:
        while by > 0:
            pieces = self._forward(offset, by + 1)
            if not pieces:
                return offset
            starts = [start for start, _data in pieces[1:]]
            start, data = pieces[-1]
            if start + len(data) < self.content.size:
                starts.append(start + len(data))
            if not starts:
                return offset
            take = min(by, len(starts))
            offset = starts[take - 1]
            by -= take
        return offset


def _folds(needle: bytes) -> bool:
    """Say whether the search for `needle` ignores case."""
    return needle == needle.lower()


def _places(data: bytes, needle: bytes) -> list[tuple[int, int]]:
    """Return the matches in the data as (start, end); overlapping ones are joined."""
    if not needle:
        return []
    data = data.lower() if _folds(needle) else data
    found: list[tuple[int, int]] = []
    at = data.find(needle)
    while at >= 0:
        end = at + len(needle)
        if found and at <= found[-1][1]:
            found[-1] = found[-1][0], end
        else:
            found.append((at, end))
        at = data.find(needle, at + 1)
    return found


def text_line(data: bytes) -> str:
    """Decode a line of text for display; tabs become blanks."""
    text = (
        data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
    )
    if "\t" in text:
        return "\t".join(map(clean, text.split("\t"))).expandtabs(_TAB)
    return clean(text)


def hex_line(offset: int, row: bytes, most: int = ROW) -> str:
    """Format offset, bytes and printable ASCII of a row of at most `most` bytes."""
    eights = (row[at : at + 8].hex(" ") for at in range(0, most, 8))
    text = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in row)
    return "  ".join([f"{offset:08x}", *(f"{part:<23}" for part in eights), text])


def hex_spans(
    offset: int, first: int, end: int, most: int = ROW
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the bytes `first` to `end` stand in a line: in hex and as text."""

    def cell(byte: int) -> int:
        return begin + byte * 3 + byte // 8

    begin = len(f"{offset:08x}") + 2
    letters = cell(most)
    return (cell(first), cell(end - 1) + 2), (letters + first, letters + end)
