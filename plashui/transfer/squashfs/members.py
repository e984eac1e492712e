"""The members of a tar as GNU tar packs an image (pax), from a stream of bytes.

It comes piece by piece, from a process that is read elsewhere. So what reads it is a
generator, which yields how many bytes it needs and is sent exactly that many; `Feed`
gives them to it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.squashfs import node as n

if TYPE_CHECKING:
    from typing import Final

    from plashui.transfer.squashfs.node import Attributes

Wants = Generator[int, bytes, None]
"""Yields how many bytes it needs, is sent them, and has taken in all when it ends."""

_RECORD: Final = 512
_MOST_HEADER: Final = 16 << 20
"""The most bytes of an extended header: attributes of 64 KiB each are in it."""
_ATTRIBUTE: Final = b"SCHILY.xattr."
_SPARSE: Final = b"GNU.sparse."
_TYPES: Final = {
    b"5": n.DIRECTORY,
    b"2": n.LINK,
    b"3": n.CHARACTER,
    b"4": n.BLOCK,
    b"6": n.FIFO,
    b"0": n.FILE,
    b"\0": n.FILE,
    b"7": n.FILE,
}


class Member(NamedTuple):
    """One member. `type` is 0 for another name of a file, `target`.

    `packed` bytes follow, which are the file's, of `size` bytes. A `sparse` one begins
    with the list of the parts that it has.
    """

    type: int
    name: bytes
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int
    packed: int
    target: bytes
    device: int
    attributes: Attributes
    sparse: bool


class Feed:
    """Gives a generator the bytes that it wants."""

    def __init__(self, wants: Wants) -> None:
        """Start it."""
        self._wants = wants
        self._held = bytearray()
        self._need = next(wants)

    def write(self, piece: bytes) -> None:
        """Pass on the next bytes of the stream."""
        held, at = self._held, 0
        held += piece
        while len(held) - at >= self._need:
            with memoryview(held) as view:
                data = bytes(view[at : at + self._need])
            at += self._need
            self._need = self._wants.send(data)
        del held[:at]


def members(take: Callable[[Member], Wants]) -> Wants:
    """Read a tar; `take` reads the content of each member, `packed` bytes of it.

    What follows the end of the tar is read, too. `Feed.write` is given all of it; an
    incomplete tar is noticed by the process that writes it.
    """
    more: dict[bytes, bytes] = {}
    while True:
        header = yield _RECORD
        kind = header[156:157]
        if kind == b"\0" and not header.strip(b"\0"):
            continue  # the end, or padding
        if header[257:262] != b"ustar":
            raise PlashError("cannot read the tar of the image: it is damaged")
        if kind in b"xg":
            size = _number(header[124:136])
            if size > _MOST_HEADER:
                raise PlashError("cannot read the tar of the image: it is damaged")
            data = (yield _padded(size))[:size]
            if kind == b"x":
                more = _records(data)
            continue
        member = _member(header, kind, more)
        more = {}
        yield from take(member)
        rest = -member.packed % _RECORD
        if rest:
            yield rest


def parts() -> Generator[int, bytes, list[tuple[int, int]]]:
    """Read the list of the parts of a sparse file: (offset, size), in order."""
    text = b""
    numbers: list[int] = []
    while not numbers or len(numbers) < 1 + 2 * numbers[0]:
        text += yield _RECORD
        *lines, text = text.split(b"\n")
        numbers += map(int, lines)
    count = numbers[0]
    pairs = iter(numbers[1 : 1 + 2 * count])
    return list(zip(pairs, pairs, strict=True))


def _member(header: bytes, kind: bytes, more: dict[bytes, bytes]) -> Member:
    name = more.get(_SPARSE + b"name") or more.get(b"path")
    if name is None:
        name = _text(header[0:100])
        prefix = _text(header[345:500])
        name = prefix + b"/" + name if prefix else name
    packed = _size(more, header)
    sparse = more.get(_SPARSE + b"major") == b"1"
    major, minor = _number(header[329:337]), _number(header[337:345])
    return Member(
        type=0 if kind == b"1" else _TYPES.get(kind, n.FILE),
        name=name,
        mode=_number(header[100:108]) & 0o7777,
        uid=_integer(more, b"uid", header[108:116]),
        gid=_integer(more, b"gid", header[116:124]),
        mtime=_seconds(more, header),
        size=int(more[_SPARSE + b"realsize"]) if sparse else packed,
        packed=packed,
        target=more.get(b"linkpath", b"") or _text(header[157:257]),
        device=minor & 0xFF | major << 8 | (minor & ~0xFF) << 12,
        attributes=tuple(
            sorted(
                (key[len(_ATTRIBUTE) :], value)
                for key, value in more.items()
                if key.startswith(_ATTRIBUTE)
            )
        ),
        sparse=sparse,
    )


def _size(more: dict[bytes, bytes], header: bytes) -> int:
    if header[156:157] not in b"0\x007":
        return 0
    return _integer(more, b"size", header[124:136])


def _seconds(more: dict[bytes, bytes], header: bytes) -> int:
    """Return when it was changed, as a squashfs can hold it: from 1970 to 2106."""
    word = more.get(b"mtime")
    if word is None:
        seconds = _number(header[136:148])
    else:
        seconds = int(word.partition(b".")[0]) if word[:1] != b"-" else 0
    return min(max(seconds, 0), 0xFFFFFFFF)


def _integer(more: dict[bytes, bytes], key: bytes, field: bytes) -> int:
    word = more.get(key)
    return _number(field) if word is None else int(word)


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # in binary, since it is large, or negative
        number = int.from_bytes(field, "big") & ~(0x80 << 8 * (len(field) - 1))
        return 0 if field[0] == 0xFF else number
    return int(field.strip(b" \0") or b"0", 8)


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _records(data: bytes) -> dict[bytes, bytes]:
    """Return the records of an extended header: `LENGTH KEY=VALUE` and a newline."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = at + int(data[at:space])
        key, _equals, value = data[space + 1 : end - 1].partition(b"=")
        found[key] = value
        at = end
    return found


def _padded(size: int) -> int:
    return size + -size % _RECORD
