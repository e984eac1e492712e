"""Archives that ADD unpacks: told by what is in them, not by their names."""

from __future__ import annotations

import io
import tarfile

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.image.links import follow
from plashui.transfer import compression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO, Any, Final

    from plashui.recipes.context.layer import LayerTar
    from plashui.recipes.context.tree import Tree

_PIECE: Final = 1 << 18
_BLOCK: Final = 512
_KEPT: Final = "SCHILY.xattr."


class _Stream(io.RawIOBase):
    """The pieces of a file as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            more = next(self._pieces, None)
            if more is None:
                return 0
            self._rest = more
        data = self._rest[: len(buffer)]
        self._rest = self._rest[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def _plain(content: Iterator[bytes], piece: int = _PIECE) -> IO[bytes]:
    """Return what is in a file, decompressed piece by piece if it is compressed."""
    stream = _buffered(content)
    opener = compression.opener(stream.peek(_BLOCK)[: compression.MAGIC_BYTES])
    if opener is None:
        return stream
    pieces = compression.pieces(opener(stream), piece)
    return _buffered(pieces)


def _buffered(content: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Stream(content), _PIECE)


def is_archive(content: Iterator[bytes]) -> bool:
    """Return whether the bytes of a file are a tar, plain or compressed."""
    try:
        head = _plain(content, _BLOCK).read(_BLOCK)
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, PlashError):
        return False
    return True


def put_archive(
    layer: LayerTar, base: Tree, target: str, content: Iterator[bytes], name: str
) -> None:
    """Write what is in an archive to a layer, below a directory of the image."""
    place = _Places(layer, base, target)
    try:
        with tarfile.open(
            fileobj=_plain(content), mode="r|", errorlevel=2, ignore_zeros=False
        ) as archive:
            for info in archive:
                _put(layer, place, archive, info)
    except (tarfile.TarError, EOFError) as error:
        raise PlashError(f"cannot unpack {clean(name)}: {error}") from error


def _put(
    layer: LayerTar,
    place: _Places,
    archive: tarfile.TarFile,
    info: tarfile.TarInfo,
) -> None:
    path = place.of(info.name)
    if not path:
        return
    file = archive.extractfile(info) if info.isreg() else None
    if info.islnk():
        info.linkname = place.of(info.linkname)
    elif not (info.isreg() or info.issym() or info.isdir() or info.isdev()):
        return
    if info.sparse is not None:  # its holes are written as zeros
        info.type = tarfile.REGTYPE
    headers = {
        key: value
        for key, value in info.pax_headers.items()
        if key.startswith(_KEPT) or key == "mtime"
    }
    layer.member(path, info, _pieces(file.read) if file else iter(()), headers)


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while data := read(_PIECE):
        yield data


class _Places:
    """Where the members of an archive belong: below a directory, never outside.

    A directory that the archive does not have itself may be a link in the image.
    """

    def __init__(self, layer: LayerTar, base: Tree, target: str) -> None:
        self._layer, self._base, self._target = layer, base, target
        self._known: dict[str, str] = {"": target}

    def of(self, name: str) -> str:
        """Return the path of a member in the image; "" for the archive's own root."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise PlashError(f"the archive has a name with .. in it: {clean(name)}")
        if not parts:
            return ""
        above = self._directory("/".join(parts[:-1]))
        return f"{above}/{parts[-1]}" if above else parts[-1]

    def _directory(self, inner: str) -> str:
        known = self._known.get(inner)
        if known is None:
            path = f"{self._target}/{inner}" if self._target else inner
            known = path if self._layer.has(path) else follow(self._base.entry, path)
            self._known[inner] = known
        return known
