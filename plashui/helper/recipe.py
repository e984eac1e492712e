"""What makes the exact tar of a layer again, compressed.

The helper writes a recipe as it unpacks a layer: the tar without the content of files.
It is mostly headers that resemble each other, so it becomes very small.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO, Final

_PLAIN: Final = "recipe"
NAME: Final = "recipe.zlib"
"""The file in the directory of notes."""
_CHUNK: Final = 1 << 20
_NO_LINKS: Final = os.O_NOFOLLOW | os.O_CLOEXEC


def compress(notes: int) -> None:
    """Compress the recipe in a directory of notes; an empty one is removed."""
    try:
        plain = os.open(_PLAIN, os.O_RDONLY | _NO_LINKS, dir_fd=notes)
        with open(plain, "rb") as source:
            if os.fstat(plain).st_size:
                how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS
                with open(os.open(NAME, how, 0o600, dir_fd=notes), "wb") as target:
                    _squeeze(source, target)
        os.unlink(_PLAIN, dir_fd=notes)
    except OSError as error:
        why = f"cannot write the recipe of the layer: {error.strerror}"
        raise PlashError(why) from error


def _squeeze(source: IO[bytes], target: IO[bytes]) -> None:
    packer = zlib.compressobj(1)
    while piece := source.read(_CHUNK):
        target.write(packer.compress(piece))
    target.write(packer.flush())


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
