"""A file of any size as lines on a screen, read in pieces: no widget.

Where a line begins can be told by looking a little back only: behind each newline,
and, since a file may have none, at every multiple of `BLOCK` before which there is a
whole block without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean

BLOCK: Final = 4096
ROW: Final = 16
"""Bytes of a line in hexadecimal, half as many where there is no room."""
HEX_CELLS: Final = 76
"""Cells that a line of so many takes."""
_PIECE: Final = 1 << 20  # bytes searched at once
_TAB: Final = 8


class Readable(Protocol):
    """What there is to show."""

    size: int

    def read(self, offset: int, length: int, *, cancel: Cancel | None = None) -> bytes:
        """At most `length` bytes from `offset` on; fewer only at the end."""


class Shown(NamedTuple):
    """A line: where it begins, its clean text, and what of that was searched for.

    `hits` are its letters from each first to before each last, in order.
    """

    offset: int
    text: str
    hits: tuple[tuple[int, int], ...] = ()


class Pages:
    """Lines from some place on, as text or in hexadecimal; moved about by lines."""

    def __init__(self, content: Readable, *, hexadecimal: bool | None = None) -> None:
        """Start at the top; what holds a NUL early on is shown in hexadecimal."""
        self.content = content
        if hexadecimal is None:
            hexadecimal = b"\0" in content.read(0, 2 * BLOCK)
        self.hexadecimal = hexadecimal
        self.row = ROW
        self.top = 0
        self.bottom = 0
        """Behind the last line that was given out."""

    def switch(self) -> None:
        """Text instead of hexadecimal or the other way round, at the same place."""
        self.hexadecimal = not self.hexadecimal
        self.top = self._begin(self.top)

    def fit(self, width: int) -> None:
        """Take what is beside hexadecimal in so many cells, too."""
        row = ROW if width >= HEX_CELLS else ROW // 2
        if row != self.row:
            self.row = row
            if self.hexadecimal:
                self.top = self._begin(self.top)

    def lines(self, count: int, needle: bytes = b"") -> list[Shown]:
        """So many lines from the top of the page on, fewer at the end.

        In hexadecimal with what of them is the needle: it may go over several.
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
        """So many lines down, or up; the last line is as far as it goes."""
        if self.hexadecimal:
            last = max(0, self.content.size - 1) // self.row * self.row
            self.top = max(0, min(last, self.top + by * self.row))
        elif by < 0:
            self.top = self._back(self.top, -by)
        else:
            self.top = self._down(self.top, by)

    def go_to(self, offset: int) -> None:
        """The line that holds this byte is the first."""
        self.top = self._begin(max(0, min(offset, self.content.size - 1)))

    def go_to_end(self, height: int) -> None:
        """The last line is the lowest of `height`."""
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
        """Where the bytes are, from `start` on, or before it; None if nowhere.

        Without a capital letter in it, small and capital ASCII letters are the same.
        `tell` hears now and then how far it is.
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
        """Some lines from the beginning of one on, the newline with each.

        None at the end of the file, which may come sooner than its size says.
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
        """Where the line at `at` in the data ends; None if that is further on."""
        newline = data.find(b"\n", at)
        end = len(data) if newline < 0 else newline + 1
        # A block without a newline ends the line, if it is one whole.
        block = -(-(start + at) // BLOCK) * BLOCK + BLOCK - start
        if block < end or (block == end and newline < 0):
            return block
        return None if newline < 0 else end

    def _begin(self, offset: int) -> int:
        """Where the line begins that holds this byte."""
        if self.hexadecimal:
            return offset // self.row * self.row
        if offset <= 0:
            return 0
        start = max(0, offset // BLOCK * BLOCK - BLOCK)
        return self._starts(start, offset + 1)[-1]

    def _starts(self, start: int, end: int) -> list[int]:
        """Where lines begin in [start, end), or are cut by its start; start counts
        from a multiple of BLOCK."""
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
        """Where the line begins that is so many above the one at `offset`."""
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
    """Whether small and capital letters are the same to it."""
    return needle == needle.lower()


def _places(data: bytes, needle: bytes) -> list[tuple[int, int]]:
    """From where to where the needle is in the data; what overlaps is one place."""
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
    """A line of text, harmless to show; tabs as blanks."""
    text = (
        data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
    )
    if "\t" in text:
        return "\t".join(map(clean, text.split("\t"))).expandtabs(_TAB)
    return clean(text)


def hex_line(offset: int, row: bytes, most: int = ROW) -> str:
    """Where, at most so many bytes, and what of them is printable ASCII."""
    eights = (row[at : at + 8].hex(" ") for at in range(0, most, 8))
    text = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in row)
    return "  ".join([f"{offset:08x}", *(f"{part:<23}" for part in eights), text])


def hex_spans(
    offset: int, first: int, end: int, most: int = ROW
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where in such a line its bytes from `first` to before `end` are: both times."""

    def cell(byte: int) -> int:
        return begin + byte * 3 + byte // 8

    begin = len(f"{offset:08x}") + 2
    letters = cell(most)
    return (cell(first), cell(end - 1) + 2), (letters + first, letters + end)
