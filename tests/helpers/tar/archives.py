"""Tars made byte by byte, of what programs write and of what none would."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable

BLOCK = 512
END = bytes(2 * BLOCK)


def padded(content: bytes) -> bytes:
    """The content in whole blocks."""
    return content + bytes(-len(content) % BLOCK)


def number(value: int, width: int) -> bytes:
    """A field: octal where it fits, else binary as GNU tar has it."""
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    return (value + (256**width if value < 0 else 1 << 8 * width - 1)).to_bytes(
        width, "big"
    )


def header(
    name: bytes,
    kind: bytes = b"0",
    *,
    size: int = 0,
    mode: int = 0o644,
    uid: int = 0,
    gid: int = 0,
    mtime: int = 1_000_000_000,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    device: tuple[int, int] = (0, 0),
    prefix: bytes = b"",
    over: Iterable[tuple[int, bytes]] = (),
) -> bytes:
    """One block; `over` puts bytes anywhere before the sum is made."""
    block = bytearray(
        name.ljust(100, b"\0")[:100]
        + number(mode, 8)
        + number(uid, 8)
        + number(gid, 8)
        + number(size, 12)
        + number(mtime, 12)
        + b" " * 8
        + kind
        + link.ljust(100, b"\0")[:100]
        + magic
        + bytes(64)
        + number(device[0], 8)
        + number(device[1], 8)
        + prefix.ljust(155, b"\0")
    ).ljust(BLOCK, b"\0")
    for at, what in over:
        block[at : at + len(what)] = what
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def record(key: bytes, value: bytes) -> bytes:
    """A pax record, whose length counts itself."""
    rest = len(key) + len(value) + 3
    length = rest + 1
    while length != rest + len(str(length)):
        length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def pax(records: dict[bytes, bytes], kind: bytes = b"x") -> bytes:
    """An extended header of these records."""
    text = b"".join(record(*one) for one in records.items())
    return header(b"PaxHeaders/x", kind, size=len(text)) + padded(text)


def file(name: bytes, content: bytes = b"", **facts: object) -> bytes:
    """A regular file."""
    return header(name, size=len(content), **facts) + padded(content)  # type: ignore[arg-type]


def directory(name: bytes, **facts: object) -> bytes:
    """A directory."""
    return header(name, b"5", **{"mode": 0o755, **facts})  # type: ignore[arg-type]


def symlink(name: bytes, target: bytes, **facts: object) -> bytes:
    """A symbolic link."""
    return header(name, b"2", link=target, **facts)  # type: ignore[arg-type]


def hard_link(name: bytes, target: bytes) -> bytes:
    """A hard link."""
    return header(name, b"1", link=target)


def long_name(name: bytes, kind: bytes = b"L") -> bytes:
    """GNU's way to have a long name (L), or target of a link (K)."""
    text = name + b"\0"
    start = header(b"././@LongLink", kind, size=len(text), magic=b"ustar  \0")
    return start + padded(text)


def whole(*members: bytes) -> bytes:
    """An archive, with its end mark."""
    return b"".join(members) + END


def by_python(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """An archive of Python's tarfile."""
    import io

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()
