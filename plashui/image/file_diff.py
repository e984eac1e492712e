"""Comparison of two files, of one or two images, line by line."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.units import plural, size
from plashui.helper.listing import Entry
from plashui.image.file_reader import Content
from plashui.image.mounted_image import open_image
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

MOST_BYTES: Final = 1 << 20
"""The most bytes of a file that is compared line by line."""
_MOST_LINES: Final = 20_000
_PATIENCE: Final = 8.0  # seconds for matching lines
_HEAD: Final = 8192  # a NUL in these first bytes means that a file is not text
_PIECE: Final = 1 << 20
_AROUND: Final = 3  # lines shown around a change


class Side(NamedTuple):
    """A file of an image."""

    image: int
    path: str


class FileDiff(NamedTuple):
    """The difference between two files: a sentence, and lines if both are text.

    The lines are those of a unified diff, with foreign text as it is; none if the
    files are equal or cannot be compared line by line.
    """

    sentence: str
    lines: tuple[str, ...] = ()


def compare_files(
    store: Store, old: Side, new: Side, *, cancel: Cancel | None = None
) -> FileDiff:
    """Compare two files, or the targets of two links.

    Raises PlashError if one is missing, or neither a regular file nor a link.
    """
    entries = [_entry(store, side) for side in (old, new)]
    kinds = [entry.kind for entry in entries]
    if kinds == ["l", "l"]:
        old_target, new_target = ([f"{entry.target}\n"] for entry in entries)
        return _of_lines(old_target, new_target, cancel=cancel)
    if "l" in kinds:
        what = ["a link" if kind == "l" else "a file" for kind in kinds]
        return FileDiff(f"differ: {' and '.join(what)}")
    with Content(store, *old) as before, Content(store, *new) as after:
        sizes = f"{size(before.size)} and {size(after.size)}"
        if max(before.size, after.size) > MOST_BYTES:
            if _same(before, after, cancel):
                return FileDiff(f"the same, {size(after.size)}")
            return FileDiff(f"differ: {sizes}, too big to compare line by line")
        one, other = (c.read(0, MOST_BYTES, cancel=cancel) for c in (before, after))
    if one == other:
        return FileDiff(f"the same, {size(len(other))}")
    if b"\0" in one[:_HEAD] or b"\0" in other[:_HEAD]:
        return FileDiff(f"differ: {sizes}, not text")
    lines = [_lines(data) for data in (one, other)]
    if max(map(len, lines)) > _MOST_LINES:
        return FileDiff(f"differ: {sizes}, too many lines to compare")
    try:
        return _of_lines(*lines, cancel=cancel)
    except TimeoutError:
        return FileDiff(f"differ: {sizes}, comparing their lines takes too long")


def _entry(store: Store, side: Side) -> Entry:
    with open_image(store, side.image) as image:
        entry = image.entry(side.path)
    if entry.kind not in ("-", "l"):
        raise PlashError(f"cannot compare {side.path}: it is neither file nor link")
    return entry


def _same(one: Content, other: Content, cancel: Cancel | None) -> bool:
    if one.size != other.size:
        return False
    for at in range(0, one.size, _PIECE):
        if cancel is not None:
            cancel.check()
        pieces = {c.read(at, _PIECE, cancel=cancel) for c in (one, other)}
        if len(pieces) > 1:
            return False
    return True


def _lines(data: bytes) -> list[str]:
    """Split into lines that keep their newlines; the last may have none."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


class _Matcher(difflib.SequenceMatcher[str]):
    """Stops when it is cancelled or takes longer than _PATIENCE."""

    def __init__(
        self, old: Sequence[str], new: Sequence[str], cancel: Cancel | None
    ) -> None:
        self._cancel = cancel
        self._end = time.monotonic() + _PATIENCE
        super().__init__(None, old, new)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """Do one step of the comparison, unless it is to stop."""
        if self._cancel is not None:
            self._cancel.check()
        if time.monotonic() > self._end:
            raise TimeoutError
        return super().find_longest_match(alo, ahi, blo, bhi)


def _of_lines(
    old: Sequence[str], new: Sequence[str], *, cancel: Cancel | None
) -> FileDiff:
    groups = list(_Matcher(old, new, cancel).get_grouped_opcodes(_AROUND))
    if not groups:
        return FileDiff("the same")
    found = tuple(line for group in groups for line in _hunk(group, old, new))
    added = sum(line.startswith("+") for line in found)
    removed = sum(line.startswith("-") for line in found)
    return FileDiff(f"{plural(added, 'line')} added, {removed} removed", found)


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]],
    old: Sequence[str],
    new: Sequence[str],
) -> Iterator[str]:
    _tag, start, _end, from_, _to = group[0]
    _tag, _start, end, _from, to = group[-1]
    yield f"@@ -{_range(start, end)} +{_range(from_, to)} @@"
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            yield from _signed(" ", old[i1:i2])
            continue
        yield from _signed("-", old[i1:i2])
        yield from _signed("+", new[j1:j2])


def _range(start: int, end: int) -> str:
    """Format a range as diff(1) does: the first line and the number of lines."""
    count = end - start
    return f"{start + 1 if count else start},{count}"


def _signed(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield sign + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ no newline at the end"
