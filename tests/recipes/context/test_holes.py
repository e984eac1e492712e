"""Files with holes: a digest is that of the content, wherever the holes are."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plashui.recipes.context.holes import ContentDigest, OpenFile
from tests.recipes.drawn import DRAWN

UNIT = 1 << 15
"""Half of a block, so that some begin or end in the middle of one."""
PARTS = st.lists(st.sampled_from(["hole", "zeros", "a", "b"]), max_size=9)
ENDS = st.sampled_from([b"", b"\0", b"end"])


def written(place: Path, parts: list[str], end: bytes, *, holes: bool) -> Path:
    """A file of these parts; without `holes` those are zeros."""
    with open(place, "wb") as file:
        for part in parts:
            if part == "hole" and holes:
                file.seek(UNIT, os.SEEK_CUR)
            else:
                file.write({"a": b"a", "b": b"b"}.get(part, b"\0") * UNIT)
        file.write(end)
        file.truncate(file.tell())
    return place


def digest(place: Path) -> tuple[str, bytes]:
    """The digest of a file, and its content as it was read."""
    with open(place, "rb") as file:
        opened = OpenFile(file.fileno(), lambda error: error)
        found, content = ContentDigest(), bytearray(opened.size)
        for at, piece in opened.pieces():
            found.add(at, piece)
            content[at : at + len(piece)] = piece
        return found.text(opened.size), bytes(content)


@DRAWN
@given(PARTS, ENDS, PARTS, ENDS)
def test_files_have_the_same_digest_if_their_content_is_the_same(
    tmp_path_factory: object,
    one: list[str],
    one_end: bytes,
    other: list[str],
    other_end: bytes,
) -> None:
    place = Path(str(tmp_path_factory.getbasetemp()))  # type: ignore[attr-defined]
    seen = [
        digest(written(place / "holes", parts, end, holes=holes))
        for parts, end in ((one, one_end), (other, other_end))
        for holes in (True, False)
    ]
    plain = [
        written(place / "plain", parts, end, holes=False).read_bytes()
        for parts, end in ((one, one_end), (other, other_end))
    ]
    assert [content for _digest, content in seen] == [plain[0]] * 2 + [plain[1]] * 2
    assert seen[0] == seen[1]
    assert seen[2] == seen[3]
    assert (seen[0][0] == seen[2][0]) == (plain[0] == plain[1])
