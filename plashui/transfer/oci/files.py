"""The files of an image archive: a directory, or a tar of it.

Names are relative, as archives have them. Who made an archive may have put anything
into it: a name never leads out of it, and a tar with endless headers does not fill the
memory.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
import tarfile

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.base.units import size

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, BinaryIO, Final, Protocol

    class Read(Protocol):
        """What can be read, and perhaps sought."""

        def read(self, size: int = -1, /) -> bytes:
            """Return at most `size` bytes."""

    class Files(Protocol):
        """Files by their names."""

        def size(self, name: str, /) -> int | None:
            """Return the bytes of a regular file; None if there is none."""

        def open(self, name: str, start: int = 0, /) -> BinaryIO:
            """Open a regular file at an offset."""


MOST_MEMBERS: Final = 1 << 16
"""The most members of a tar that is an image archive: those have a few per layer."""
_MOST_LINKS: Final = 8
_MOST_HEADER: Final = 1 << 20
_IN_ROOTS: Final = frozenset(
    {"bin", "dev", "etc", "home", "lib", "lib64", "opt", "proc", "root", "run"}
    | {"sbin", "sys", "usr", "var"}
)
"""What lies at the top of a root filesystem, and never of an image archive."""


class Directory:
    """The files of a directory."""

    def __init__(self, path: Path) -> None:
        self._root = os.path.realpath(path)

    def size(self, name: str, /) -> int | None:
        """Return the bytes of a regular file; None if there is none."""
        try:
            found = os.stat(self._place(name))
        except (OSError, ValueError):
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def open(self, name: str, start: int = 0, /) -> BinaryIO:
        """Open a regular file at an offset."""
        if self.size(name) is None:
            raise missing(name)
        try:
            file = open(self._place(name), "rb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise PlashError(f"cannot read {clean(name)}: {error.strerror}") from error
        file.seek(start)
        return file

    def _place(self, name: str) -> str:
        place = os.path.realpath(f"{self._root}/{name}")
        if not place.startswith(f"{self._root}/"):
            raise missing(name)
        return place


class Member(NamedTuple):
    """A regular file in a tar, or a link to another name."""

    start: int
    size: int
    link: str = ""


class Tar:
    """The files in an uncompressed tar that is a file."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the headers; raise NotAnArchive if it cannot hold images."""
        self._file = file
        self._members: dict[str, Member] = {}
        for member in members(file, "r:"):
            name = normal(member.name)
            if member.isreg() and not member.issparse():
                self._members[name] = Member(member.offset_data, member.size)
            elif member.issym():
                target = posixpath.join(posixpath.dirname(name), member.linkname)
                self._members[name] = Member(0, 0, normal(target))
            elif member.islnk():
                self._members[name] = Member(0, 0, normal(member.linkname))

    def size(self, name: str, /) -> int | None:
        """Return the bytes of a regular file; None if there is none."""
        found = self._find(name)
        return found.size if found else None

    def open(self, name: str, start: int = 0, /) -> BinaryIO:
        """Open a regular file at an offset."""
        found = self._find(name)
        if found is None:
            raise missing(name)
        part = _Part(self._file.fileno(), found.start + start, found.size - start)
        return part  # type: ignore[return-value]

    def _find(self, name: str) -> Member | None:
        found = self._members.get(normal(name))
        for _link in range(_MOST_LINKS):
            if found is None or not found.link:
                return found
            found = self._members.get(found.link)
        return None


class NotAnArchive(Exception):
    """A tar is not an image archive: it may be of a root filesystem."""


def members(file: Read, mode: str) -> Any:
    """Yield the members of a tar; raise NotAnArchive as soon as it is known not to be.

    That also holds for what is not a tar at all.
    """
    try:
        with tarfile.open(fileobj=_Careful(file), mode=mode) as tar:  # type: ignore[call-overload]
            for count, member in enumerate(iter(tar.next, None)):
                if count == MOST_MEMBERS or _is_of_a_root(member.name):
                    raise NotAnArchive
                tar.members = []  # which would hold all of them
                yield member
    except (tarfile.TarError, OSError, ValueError, RecursionError) as error:
        raise NotAnArchive from error


def _is_of_a_root(name: str) -> bool:
    return normal(name).partition("/")[0] in _IN_ROOTS


def normal(name: str) -> str:
    """Return a name without `.` and `..`; one that leads out stays below the top."""
    return posixpath.normpath(f"/{name}").lstrip("/")


def missing(name: str) -> PlashError:
    """Return the error for a file that an archive lacks."""
    return PlashError(
        f"the archive is incomplete: there is no file {clean(name)[:200]} in it"
    )


def read(files: Files, name: str, most: int) -> bytes:
    """Return a small file whole."""
    length = files.size(name)
    if length is None:
        raise missing(name)
    if length > most:
        raise PlashError(
            f"cannot use the archive: {clean(name)[:200]} has {size(length)}, and at"
            f" most {size(most)} are read"
        )
    with files.open(name) as file:
        found = bytearray()
        while len(found) < length and (data := file.read(length - len(found))):
            found += data
    return bytes(found)


class _Part(io.RawIOBase):
    """A part of a file, read by its descriptor, whose offset it leaves alone."""

    def __init__(self, descriptor: int, start: int, length: int) -> None:
        self._descriptor, self._at, self._end = descriptor, start, start + length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        most = min(len(buffer), self._end - self._at)
        data = os.pread(self._descriptor, most, self._at) if most > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Careful:
    """A file that does not read much at once, since tarfile reads headers whole."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, length: int) -> bytes:
        """Read at most a header."""
        if not 0 <= length <= _MOST_HEADER:
            raise tarfile.ReadError("a header is too large")
        found = b""
        while len(found) < length and (more := self._file.read(length - len(found))):
            found += more
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move on."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return the offset."""
        return int(self._file.tell())
