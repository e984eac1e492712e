"""The database of rpm: headers in a table of SQLite. Older kinds are not read."""

from __future__ import annotations

import struct

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.image.packages.package import LONGEST, Package, path_in
from plashui.image.packages.sqlite_file import blobs

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.packages.reading import Files

NAME: Final = "rpm"
_PLACES: Final = ("usr/lib/sysimage/rpm", "var/lib/rpm")
_OLDER: Final = {
    "Packages": "it is a Berkeley DB, of an rpm before 4.16",
    "Packages.db": "it is an ndb, as openSUSE's rpm makes it",
}
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH = 1000, 1001, 1002, 1003, 1022
_STATES, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1029, 1116, 1117, 1118
_MOST_FILES: Final = 1 << 20
"""The most files of one package."""


def read(files: Files) -> list[Package] | None:
    """Return the packages; None if the image has no such database."""
    for place in _PLACES:
        data = files.read(f"{place}/rpmdb.sqlite")
        if data is not None:
            wal = files.read(f"{place}/rpmdb.sqlite-wal") or b""
            rows = blobs(data, wal, "Packages", "blob", files.cancel)
            return [one for row in rows if (one := parse(row)) is not None]
        names = files.names(place)
        for name, why in _OLDER.items():
            if name in names:
                raise PlashError(f"{place}/{name} is not readable: {why}")
    return None


def parse(blob: bytes) -> Package | None:
    """Return the package of a header; None if it has no name. Raise PlashError."""
    try:
        header = Header(blob)
        name, version, release, arch = (
            header.text(tag) for tag in (_NAME, _VERSION, _RELEASE, _ARCH)
        )
        epoch = header.numbers(_EPOCH)
        paths = _paths(header)
    except (struct.error, ValueError, IndexError) as error:
        raise PlashError("cannot read rpmdb.sqlite: it is damaged") from error
    if not name:
        return None
    version = f"{version}-{release}" if release else version
    version = f"{epoch[0]}:{version}" if epoch else version
    return Package(NAME, name, version, arch, paths)


class Header:
    """A header of rpm: an index of tags, each with a type and a place in the data."""

    def __init__(self, blob: bytes) -> None:
        """Read the index; raise struct.error or ValueError if it is damaged."""
        count, length = struct.unpack_from(">II", blob)
        start = 8 + 16 * count
        if start + length > len(blob):
            raise ValueError("cut off")
        self._data = blob[start : start + length]
        self._index: dict[int, tuple[int, int]] = {}
        for tag, _type, at, many in struct.iter_unpack(">IIII", blob[8:start]):
            self._index.setdefault(tag, (at, many))

    def text(self, tag: int) -> str:
        """Return the (first) string of a tag; '' if it has none."""
        return (self.texts(tag, most=1) or [""])[0]

    def texts(self, tag: int, most: int = _MOST_FILES) -> list[str]:
        """Return the strings of a tag."""
        at, many = self._index.get(tag, (0, 0))
        found = []
        for _each in range(min(many, most)):
            end = self._data.index(b"\0", at)
            found.append(self._data[at:end].decode("utf-8", "surrogateescape"))
            at = end + 1
        return found

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the 32-bit numbers of a tag."""
        at, many = self._index.get(tag, (0, 0))
        return struct.unpack_from(f">{min(many, _MOST_FILES)}I", self._data, at)

    def octets(self, tag: int) -> bytes:
        """Return the bytes of a tag."""
        at, many = self._index.get(tag, (0, 0))
        return self._data[at : at + many]


def _paths(header: Header) -> tuple[str, ...]:
    """Return the paths of the files that are installed: their state is 0."""
    names, places = header.texts(_BASE_NAMES), header.numbers(_DIR_INDEXES)
    directories, states = header.texts(_DIR_NAMES), header.octets(_STATES)
    found = []
    for at, (name, place) in enumerate(zip(names, places, strict=True)):
        directory = directories[place]
        if at < len(states) and states[at]:
            continue
        if len(directory) + len(name) <= LONGEST:
            path = path_in(directory + name)
            found += [path] if path else []
    return tuple(found)
