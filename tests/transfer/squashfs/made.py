"""Tars as images are packed, and the squashfs that comes of them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

from plashui.transfer.squashfs.reader import Squashfs
from plashui.transfer.squashfs.writer import writing

PIECE = 40_000


def member(
    name: str, kind: bytes = tarfile.REGTYPE, **fields: object
) -> tarfile.TarInfo:
    """A member of a tar; `attributes` are extended ones, `data` is its content."""
    found = tarfile.TarInfo(name)
    found.type, found.mode, found.mtime = kind, 0o644, 1_000_000_000
    for key, value in fields.items():
        setattr(found, key, value)
    return found


def tar_of(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """A pax tar of them."""
    made = io.BytesIO()
    with tarfile.open(
        fileobj=made, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape"
    ) as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def squashed(
    place: Path, tar: bytes, compression: str = "zstd", before: int = 0
) -> Path:
    """A squashfs of a tar, with some bytes before it."""
    with place.open("w+b") as out:
        out.write(bytes(before))
        with writing(out, compression=compression, time=7) as writer:
            feed = writer.tar(b"")
            for at in range(0, len(tar), PIECE):
                feed.write(tar[at : at + PIECE])
            end = before + writer.finish()
        out.truncate(end)
    return place


def contents(path: Path, start: int = 0) -> dict[str, bytes]:
    """All files of a squashfs with their content."""
    from plashui.transfer.squashfs.as_tar import tar_of as as_tar

    found: dict[str, bytes] = {}
    with path.open("rb") as file:
        squashfs = Squashfs(file, start)
        data = b"".join(as_tar(squashfs, squashfs.root()))
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        for info in tar:
            body = tar.extractfile(info)
            found[info.name] = body.read() if body else b""
    return found
