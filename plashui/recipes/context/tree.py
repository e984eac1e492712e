"""Trees of files to copy from: a directory of this machine, an image, texts.

Paths in a tree have no leading slash; "" is its root. What is ignored is not there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from functools import partial

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.helper.listing import Entry
from plashui.image.rooted_path import open_inside
from plashui.model.file_kinds import KINDS
from plashui.recipes.context.holes import OpenFile
from plashui.recipes.context.patterns import Ignored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO, Final, Protocol

    from plashui.image.mounted_image import Merged

    class Tree(Protocol):
        """A tree of files."""

        def entries(self, path: str) -> list[Entry]:
            """Return what is in a directory, in the order of names."""

        def entry(self, path: str) -> Entry | None:
            """Return what is at a path, None for nothing; a link is not followed."""

        def content(self, path: str) -> Iterator[bytes]:
            """Yield the bytes of a file."""

        def attributes(self, path: str) -> Mapping[str, bytes]:
            """Return the extended attributes that are copied with a file."""

        def identity(self, path: str) -> object:
            """Return what all names of one file have in common; None for one name."""


_PIECE: Final = 1 << 20
_SET_ID: Final = stat.S_ISUID | stat.S_ISGID
_NONE: Final = (FileNotFoundError, NotADirectoryError)
ROOT: Final = Entry("", "d", 0o755, 0, 0, 0, 0, 0)
"""The root directory of a tree of texts, and of the empty image."""


class Directory:
    """A directory of this machine. Root owns its files; none is setuid or setgid."""

    def __init__(
        self, root: int, name: str, ignored: Callable[[str, bool], bool] | None
    ) -> None:
        """Take an open directory, its name for people, and what to leave out."""
        self._root, self._name = root, name
        self._ignored = ignored or (lambda _path, _is_directory: False)

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a directory, in the order of names."""
        prefix = f"{path}/" if path else ""
        found = self._listed(path)
        return [one for one in found if not self._hides(prefix + one.name, one.kind)]

    def _listed(self, path: str) -> list[Entry]:
        try:
            opened = open_inside(self._root, path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                return [_entry(opened, name) for name in sorted(os.listdir(opened))]
            finally:
                os.close(opened)
        except OSError as error:
            raise self._trouble(path, error) from error

    def _hides(self, path: str, kind: str) -> bool:
        """Return whether a path is ignored, and nothing in it is kept."""
        if not self._ignored(path, kind == "d"):
            return False
        return kind != "d" or not self._keeps_something(path)

    def _keeps_something(self, path: str) -> bool:
        """Return whether something in an ignored directory is not ignored itself."""
        rest = [path]
        while rest:
            path = rest.pop()
            if isinstance(self._ignored, Ignored) and self._ignored.keeps_within(path):
                for one in self._listed(path):
                    inner = f"{path}/{one.name}"
                    if not self._ignored(inner, one.kind == "d"):
                        return True
                    rest += [inner] if one.kind == "d" else []
        return False

    def entry(self, path: str) -> Entry | None:
        """Return what is at a path, None for nothing; a link is not followed."""
        above, _slash, name = path.rpartition("/")
        try:
            opened = open_inside(self._root, above, os.O_PATH | os.O_DIRECTORY)
            try:
                found = _entry(opened, name or ".")._replace(name=name)
            finally:
                os.close(opened)
        except _NONE:
            return None
        except OSError as error:
            raise self._trouble(path, error) from error
        return None if name and self._hides(path, found.kind) else found

    def content(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
            with open(open_inside(self._root, path, flags), "rb", 0) as file:
                while data := file.read(_PIECE):
                    yield data
        except OSError as error:
            raise self._trouble(path, error) from error

    @contextlib.contextmanager
    def opened(self, path: str) -> Iterator[OpenFile]:
        """Open a file for the block."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        try:
            descriptor = open_inside(self._root, path, flags)
        except OSError as error:
            raise self._trouble(path, error) from error
        try:
            yield OpenFile(descriptor, partial(self._trouble, path))
        finally:
            os.close(descriptor)

    def attributes(self, _path: str) -> Mapping[str, bytes]:
        """Return none: those of this machine mean nothing in an image."""
        return {}

    def identity(self, _path: str) -> object:
        """Return None: each name is a file of its own, since its key says no more."""
        return None

    def _trouble(self, path: str, error: OSError) -> PlashError:
        return _trouble(f"{self._name}/{path}" if path else self._name, error)


def _entry(directory: int, name: str) -> Entry:
    facts = os.stat(name, dir_fd=directory, follow_symlinks=False)
    kind = KINDS.get(stat.S_IFMT(facts.st_mode), "s")
    target = os.readlink(name, dir_fd=directory) if kind == "l" else ""
    mode, number = stat.S_IMODE(facts.st_mode), facts.st_rdev
    return Entry(
        name,
        kind,
        mode if kind == "d" else mode & ~_SET_ID,
        0,
        0,
        facts.st_size,
        facts.st_blocks * 512,
        facts.st_mtime_ns,
        (os.major(number), os.minor(number)) if kind in "cb" else None,
        target,
    )


class OfImage:
    """An image that is open."""

    def __init__(self, image: Merged) -> None:
        """Take an open image."""
        self._image = image

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a directory, in the order of names."""
        return sorted(self._image.entries(f"/{path}"), key=lambda one: one.name)

    def entry(self, path: str) -> Entry | None:
        """Return what is at a path, None for nothing; a link is not followed."""
        try:
            found = self._image.entry(f"/{path}")
        except PlashError as error:
            if error.__cause__ is None or isinstance(error.__cause__, _NONE):
                return None
            raise
        return found._replace(name=path.rpartition("/")[2])

    def content(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        at = 0
        while data := self._image.read(f"/{path}", at, _PIECE):
            yield data
            at += len(data)

    @contextlib.contextmanager
    def opened(self, path: str) -> Iterator[OpenFile | None]:
        """Open a file for the block; None if only the helper may read it."""
        try:
            descriptor = self._image.open_file(f"/{path}")
        except PermissionError:
            yield None
            return
        except OSError as error:
            raise _trouble(path, error) from error
        try:
            yield OpenFile(descriptor, partial(_trouble, path))
        finally:
            os.close(descriptor)

    def attributes(self, path: str) -> Mapping[str, bytes]:
        """Return the capabilities of a program, and attributes of people."""
        found = {}
        try:
            place = self._image.open(f"/{path}", os.O_PATH | os.O_NOFOLLOW)
        except OSError:
            return {}
        try:
            name = f"/proc/self/fd/{place}"
            for key in os.listxattr(name):
                if key == "security.capability" or _is_a_persons(key):
                    found[key] = os.getxattr(name, key)
        except OSError:
            return found
        finally:
            os.close(place)
        return found

    def identity(self, path: str) -> object:
        """Return what all names of one file have in common; None for one name."""
        try:
            place = self._image.open(f"/{path}", os.O_PATH | os.O_NOFOLLOW)
        except OSError:
            return None
        facts = os.fstat(place)
        os.close(place)
        return (facts.st_dev, facts.st_ino) if facts.st_nlink > 1 else None


def _trouble(where: str, error: OSError) -> PlashError:
    return PlashError(f"cannot read {clean(where)}: {error.strerror}")


def _is_a_persons(key: str) -> bool:
    ours = ("user.overlay.", "user.containers.", "user.fuseoverlayfs.")
    return key.startswith("user.") and not key.startswith(ours)


class Texts:
    """Files that a recipe has in it."""

    def __init__(self, files: Mapping[str, bytes], mode: int = 0o644) -> None:
        """Take the content of each file by its name."""
        self._files, self._mode = files, mode

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a directory, in the order of names."""
        found = [] if path else [self.entry(name) for name in sorted(self._files)]
        return [one for one in found if one]

    def entry(self, path: str) -> Entry | None:
        """Return what is at a path, None for nothing."""
        if not path:
            return ROOT
        data = self._files.get(path)
        if data is None:
            return None
        size, now = len(data), time.time_ns()
        return Entry(path, "-", self._mode, 0, 0, size, size, now)

    def content(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        yield self._files[path]

    def attributes(self, _path: str) -> Mapping[str, bytes]:
        """Return none."""
        return {}

    def identity(self, _path: str) -> object:
        """Return None."""
        return None


class Opened:
    """One open file, as a tree that has nothing else."""

    def __init__(self, name: str, file: BinaryIO, mode: int) -> None:
        """Take the name and the mode that the file gets."""
        facts = os.fstat(file.fileno())
        size, time = facts.st_size, facts.st_mtime_ns
        self._file = file
        self._entry = Entry(name, "-", mode, 0, 0, size, size, time)

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a directory."""
        return [] if path else [self._entry]

    def entry(self, path: str) -> Entry | None:
        """Return what is at a path, None for nothing."""
        if not path:
            return ROOT
        return self._entry if path == self._entry.name else None

    def content(self, _path: str) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        at = 0
        while data := os.pread(self._file.fileno(), _PIECE, at):
            yield data
            at += len(data)

    def attributes(self, _path: str) -> Mapping[str, bytes]:
        """Return none."""
        return {}

    def identity(self, _path: str) -> object:
        """Return None."""
        return None
