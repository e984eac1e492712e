"""A file of any size as lines: forward, backward and found again, on data."""

from __future__ import annotations

import random

import pytest

from plashui.base.errors import Cancelled
from plashui.base.progress import Cancel
from plashui.ui.model.text.file_lines import (
    BLOCK,
    FileLines,
    hex_line,
    hex_spans,
    text_line,
)


class Bytes:
    """Content that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        """Hold these bytes."""
        self.data, self.size, self.got = data, len(data), 0

    def read(self, offset: int, length: int, *, cancel: Cancel | None = None) -> bytes:
        """A piece."""
        assert cancel is None
        found = self.data[offset : offset + length]
        self.got += len(found)
        return found


class Endless(Bytes):
    """Five gigabytes of lines, which nobody has in memory."""

    LINE = b"0123456789abcde\n"

    def __init__(self) -> None:
        """Every sixteen bytes are a line."""
        super().__init__(b"")
        self.size = 5 * 10**9 // 16 * 16

    def read(self, offset: int, length: int, *, cancel: Cancel | None = None) -> bytes:
        """A piece."""
        assert cancel is None or not cancel.is_set()
        length = max(0, min(length, self.size - offset))
        self.got += length
        whole = self.LINE * (length // 16 + 2)
        return whole[offset % 16 : offset % 16 + length]


def starts(data: bytes) -> list[int]:
    """Where all lines begin, by looking at all of it."""
    found = {0, *(i + 1 for i, byte in enumerate(data) if byte == 10)}
    for at in range(BLOCK, len(data), BLOCK):
        if b"\n" not in data[at - BLOCK : at]:
            found.add(at)
    return sorted(at for at in found if at < len(data))


def samples() -> list[bytes]:
    """Files of short, long and endless lines, and where blocks and lines coincide."""
    chance = random.Random(7)
    made = [b"", b"\n", b"a", b"a\n", b"\n" * 9, b"x" * (3 * BLOCK + 5)]
    made += [b"x" * (BLOCK - 1) + b"\n" + b"y" * BLOCK + b"\n" + b"z" * 9000]
    made += [b"x" * BLOCK + b"\n" + b"y" * (2 * BLOCK - 1) + b"\n\n"]
    for most in (3, 80, 5000, 20_000):
        lines = [b"l" * chance.randrange(most) for _ in range(30_000 // most + 3)]
        made.append(b"\n".join(lines))
    return made


def test_lines_are_the_same_read_at_once_down_and_up() -> None:
    for data in samples():
        expected = starts(data)
        pages = FileLines(Bytes(data), hexadecimal=False)
        assert [line.offset for line in pages.lines(len(expected) + 9)] == expected
        for at in expected[1:200]:
            pages.move(1)
            assert pages.top == at
        pages.move(len(expected))
        pages.move(1)
        assert pages.top == (expected or [0])[-1], "the last line is the end"
        for at in expected[-2:-200:-1]:
            pages.move(-1)
            assert pages.top == at


def test_any_byte_leads_to_the_line_it_is_in() -> None:
    chance = random.Random(8)
    for data in filter(None, samples()):
        expected = starts(data)
        pages = FileLines(Bytes(data), hexadecimal=False)
        for _ in range(200):
            offset = chance.randrange(len(data))
            pages.go_to(offset)
            assert pages.top == max(at for at in expected if at <= offset)


def test_moves_of_many_lines_are_as_many_moves_of_one() -> None:
    for data in filter(None, samples()):
        expected = starts(data)
        pages = FileLines(Bytes(data), hexadecimal=False)
        for by in (7, 40, 3000, -40, -3, -3000):
            at = expected.index(pages.top)
            pages.move(by)
            assert pages.top == expected[max(0, min(len(expected) - 1, at + by))]
        pages.go_to_end(10)
        assert pages.top == expected[max(0, len(expected) - 10)]


def test_five_gigabytes_are_open_and_at_their_end_at_once() -> None:
    content = Endless()
    pages = FileLines(content)
    assert pages.lines(40)[39].text == "0123456789abcde"
    pages.go_to_end(40)
    assert pages.top == content.size - 40 * 16
    assert len(pages.lines(40)) == 40
    pages.move(-1000)
    pages.switch()
    assert pages.lines(1)[0].text.startswith(f"{pages.top:08x}")
    assert content.got < 1_000_000


def test_what_is_searched_is_found_in_both_directions() -> None:
    data = b"one Two\n" * 200_000 + b"needle\n" + b"x" * 3_000_000
    pages = FileLines(Bytes(data), hexadecimal=False)
    at = data.index(b"needle")
    assert pages.find(b"needle", 0) == at
    assert pages.find(b"needle", at) == at
    assert pages.find(b"needle", at + 1) is None
    assert pages.find(b"needle", len(data), back=True) == at
    assert pages.find(b"needle", at, back=True) is None
    assert pages.find(b"two", 9) == 12, "small letters find capital ones"
    assert pages.find(b"TWO", 0) is None, "capital ones only themselves"
    assert pages.find(b"Two", 12, back=True) == 4
    for border in (1 << 20, 2 << 20):
        for by in range(-6, 2):
            hidden = bytearray(3 << 20)
            hidden[border + by : border + by + 6] = b"needle"
            found = FileLines(Bytes(bytes(hidden)))
            assert found.find(b"needle", 0) == border + by
            assert found.find(b"needle", 3 << 20, back=True) == border + by


def test_a_search_can_be_stopped_and_tells_where_it_is() -> None:
    told: list[int] = []
    cancel = Cancel()

    def tell(at: int) -> None:
        told.append(at)
        if len(told) == 3:
            cancel.set()

    pages = FileLines(Endless())
    with pytest.raises(Cancelled):
        pages.find(b"nowhere", 0, tell=tell, cancel=cancel)
    assert told == [1 << 20, 2 << 20, 3 << 20]


def test_binary_is_shown_in_hexadecimal_and_text_as_text() -> None:
    assert FileLines(Bytes(b"abc\0def")).hexadecimal
    assert not FileLines(Bytes("größer\n".encode())).hexadecimal
    row = hex_line(16, b"AB\x00\x1b\xff")
    assert row == f"00000010  {'41 42 00 1b ff':<23}  {'':<23}  AB..."


def test_no_line_can_act_on_a_terminal() -> None:
    data = "a\x1b[31m\u202eb\r\n".encode() + b"\xff\xfe\tq\n"
    pages = FileLines(Bytes(data), hexadecimal=False)
    first, second = (line.text for line in pages.lines(9))
    assert first == "a\\x1b[31m\\u202eb"
    assert second == "\\xff\\xfe        q"
    assert text_line(b"a\tb\n") == "a       b"


def test_a_file_that_is_shorter_than_it_was_ends_there() -> None:
    content = Bytes(b"a\nb\n")
    content.size = 1_000_000
    pages = FileLines(content, hexadecimal=False)
    assert [line.text for line in pages.lines(50)] == ["a", "b"]
    pages.move(50)
    pages.go_to_end(5)
    assert pages.lines(5) == []


def test_hexadecimal_takes_half_as_many_bytes_a_line_where_there_is_no_room() -> None:
    pages = FileLines(Bytes(bytes(range(256))), hexadecimal=True)
    for width, row, lines in (76, 16, 16), (75, 8, 32), (59, 8, 32), (200, 16, 16):
        pages.fit(width)
        pages.go_to(40)
        assert pages.top == 40 // row * row
        pages.go_to(0)
        shown = pages.lines(99)
        assert [line.offset for line in shown] == list(range(0, 256, row))
        assert len(shown) == lines
        assert max(len(line.text) for line in shown) <= min(width, 76)
        pages.go_to_end(3)
        assert pages.top == 256 - 3 * row


@pytest.mark.parametrize("row", [8, 16])
def test_what_was_searched_for_is_marked_in_hexadecimal_over_lines_and_pages(
    row: int,
) -> None:
    data = b"\0" * 12 + b"Needle" + b"\0" * 20 + b"needleneedle" + b"\0" * 14
    pages = FileLines(Bytes(data), hexadecimal=True)
    pages.row = row
    shown = [offset for offset in range(len(data)) if data[offset]]
    for top in range(0, len(data), row):
        pages.top = top
        marked: list[int] = []
        for line in pages.lines(2, b"needle"):
            pieces = [line.text[first:end] for first, end in line.hits]
            half = len(pieces) // 2
            seen = bytes.fromhex(" ".join(pieces[:half]))
            assert seen.decode() == "".join(pieces[half:])
            assert seen == data[line.offset : line.offset + row].replace(b"\0", b"")
            marked += seen
        assert len(marked) == sum(top <= at < top + 2 * row for at in shown)
    assert not any(line.hits for line in pages.lines(9, b"Nothing"))
    assert not any(line.hits for line in pages.lines(9))


def test_a_hit_is_marked_where_an_offset_has_more_digits_too() -> None:
    for offset in (0, 1 << 40):
        text = hex_line(offset, b"0123456789abcdef")
        for first, end, hexes in (7, 9, "37  38"), (0, 16, text[-68:-18]):
            (a, b), (c, d) = hex_spans(offset, first, end)
            assert text[a:b].strip() == hexes.strip()
            assert text[c:d] == "0123456789abcdef"[first:end]
