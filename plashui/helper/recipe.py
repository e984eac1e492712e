"""What makes the exact tar of a layer again, compressed.

The helper writes a recipe as it unpacks a layer: the tar without the content of files.
It is mostly headers that resemble each other, so it becomes very small.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Callable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO
    from typing import IO, Final, Protocol

    class Packer(Protocol):
        """What compresses a stream."""

        def compress(self, data: bytes, /) -> bytes:
            """Return what is compressed so far."""

        def flush(self) -> bytes:
            """Return the rest."""


NAME: Final = "recipe.zlib"
"""The file in the directory of notes."""
_CHUNK: Final = 1 << 20
_NO_LINKS: Final = os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def written(notes: int) -> Iterator[Callable[[bytes], None]]:
    """Yield what compresses pieces of a recipe into a directory of notes."""
    packer = _packer()
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS
    with _told():
        descriptor = os.open(NAME, how, 0o600, dir_fd=notes)
    with open(descriptor, "wb", buffering=0) as target:
        yield lambda piece: _put(target, packer.compress(piece))
        _put(target, packer.flush())


def remove(notes: int) -> None:
    """Remove a recipe from which the tar cannot be made again."""
    with _told():
        os.unlink(NAME, dir_fd=notes)


def _packer() -> Packer:
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(1)
    return isal_zlib.compressobj(1)  # several times as fast


def _put(target: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    with _told():
        while rest:
            rest = rest[target.write(rest) :]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = f"cannot write the recipe of the layer: {error.strerror}"
        raise PlashError(why) from error


def _expand(source: IO[bytes], target: IO[bytes]) -> None:
    unpacker = zlib.decompressobj()
    try:
        while not unpacker.eof:
            piece = unpacker.unconsumed_tail or source.read(_CHUNK)
            plain = unpacker.decompress(piece, _CHUNK)
            if not piece and not plain:
                raise PlashError("the recipe of the layer is damaged: it is cut off")
            target.write(plain)
    except zlib.error as error:
        raise PlashError(f"the recipe of the layer is damaged: {error}") from None


def reader(notes: int) -> Callable[[IO[bytes]], None] | None:
    """Return what writes the recipe into a pipe; None if there is no recipe."""
    try:
        descriptor = os.open(NAME, os.O_RDONLY | _NO_LINKS, dir_fd=notes)
    except FileNotFoundError:
        return None

    def feed(pipe: IO[bytes]) -> None:
        with open(descriptor, "rb") as source:
            _expand(source, pipe)

    return feed
