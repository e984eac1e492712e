"""A merged image, looked into and copied from without a mount anybody else sees.

What the user's own id may not see (directories of subordinate ids, mode 0700) is asked
of the helper, so that everything is there that the image's root sees.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import calls
from plashui.helper.calls import Entry
from plashui.image.copy_out import Copied, copy
from plashui.image.rooted_path import open_inside
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_PIECE: Final = 1 << 20  # bytes read at once
_NOBODY: Final = 65534  # whom an id is that the image has no name for
_KINDS: Final = {
    stat.S_IFREG: "-",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFCHR: "c",
    stat.S_IFBLK: "b",
    stat.S_IFIFO: "p",
    stat.S_IFSOCK: "s",
}


@contextlib.contextmanager
def open_image(store: Store, image: int) -> Iterator[Merged]:
    """The image with all its layers, for the time of the block.

    It cannot be removed meanwhile: who tries is told that it is in use.
    """
    held = calls.mountfd(store.path, image)
    try:
        yield Merged(store.path, image, held)
    finally:
        for descriptor in (held.mount, held.root, *held.locks):
            os.close(descriptor)


class Merged:
    """An image while it is open. Paths are as its own root sees them, "/" or not."""

    def __init__(self, store: Path, image: int, held: calls.Mounted) -> None:
        """Stand for a mounted image; `open_image` makes and unmakes it."""
        self._store, self._image, self._held = store, image, held

    def entries(self, path: str = "/") -> list[Entry]:
        """What a directory holds, in no order."""
        with self._told("list", path):
            try:
                return list(self._entries(path))
            except PermissionError:
                return calls.list_directory(self._store, self._image, path)

    def _entries(self, path: str) -> Iterator[Entry]:
        uids, gids = self._held.uids, self._held.gids
        if uids is None or gids is None:
            raise PermissionError  # whose the files are, only the helper knows
        directory = self.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for name in os.listdir(directory):
                facts = os.stat(name, dir_fd=directory, follow_symlinks=False)
                link = stat.S_ISLNK(facts.st_mode)
                target = os.readlink(name, dir_fd=directory) if link else ""
                yield _entry(name, facts, target, uids, gids)
        finally:
            os.close(directory)

    def leads_to_directory(self, path: str) -> bool:
        """Whether there is a directory, be it by links; False if we may not see it."""
        try:
            os.close(self.open(path, os.O_PATH | os.O_DIRECTORY))
        except OSError:
            return False
        return True

    def entry(self, path: str) -> Entry:
        """What one path is; a link at its end is not followed."""
        above, _slash, name = path.rstrip("/").rpartition("/")
        if name in ("", ".", ".."):
            above, name = path, "."
        with self._told("look at", path):
            try:
                return self._entry(above, name)
            except PermissionError:
                listed = calls.list_directory(self._store, self._image, above or "/")
        for entry in listed:
            if entry.name == name:
                return entry
        raise PlashError(f"there is no {path} in image {self._image}")

    def _entry(self, above: str, name: str) -> Entry:
        directory = self.open(above, os.O_PATH | os.O_DIRECTORY)
        try:
            facts = os.stat(name, dir_fd=directory, follow_symlinks=False)
            link = stat.S_ISLNK(facts.st_mode)
            target = os.readlink(name, dir_fd=directory) if link else ""
            return _entry(
                name, facts, target, self._held.uids or (), self._held.gids or ()
            )
        finally:
            os.close(directory)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """A regular file's bytes from `offset` on, at most `length`.

        Links are followed. Without `length` all of the file is held in memory.
        """
        found = bytearray()
        with self._told("read", path):
            try:
                descriptor = self.open_file(path)
            except PermissionError:
                calls.read_file(
                    self._store,
                    self._image,
                    path,
                    found.extend,
                    offset=offset,
                    length=length,
                )
                return bytes(found)
            try:
                while length is None or len(found) < length:
                    most = (
                        _PIECE if length is None else min(_PIECE, length - len(found))
                    )
                    piece = os.pread(descriptor, most, offset + len(found))
                    if not piece:
                        break
                    found += piece
            finally:
                os.close(descriptor)
        return bytes(found)

    def open(self, path: str, flags: int) -> int:
        """A descriptor of anything in the image; PermissionError if it is not ours."""
        return open_inside(self._held.mount, path, flags)

    def open_file(self, path: str, flags: int = 0) -> int:
        """A regular file to be read; of anything else nothing is opened."""
        place = self.open(path, os.O_PATH | flags)
        try:
            mode = os.fstat(place).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(mode):
                raise PlashError(f"cannot read {path}: it is not a regular file")
            again = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
            return os.open(f"/proc/self/fd/{place}", again)
        finally:
            os.close(place)

    def read_hidden(self, path: str, target: int, cancel: Cancel | None) -> int:
        """Have the helper read a file into `target`; how many bytes it has."""
        with open(target, "wb", closefd=False) as file:
            calls.read_file(self._store, self._image, path, file.write, cancel=cancel)
            return file.tell()

    def copy_out(
        self,
        path: str,
        target: Path,
        *,
        report: Report = silent,
        cancel: Cancel | None = None,
    ) -> Copied:
        """Copy a file, or a directory with all in it, to a new `target`.

        A link is copied as a link. Modes, times of change, hard links, holes and
        extended attributes are kept; owners too if this is root, else everything
        belongs to the user. Of what only the helper may read, hard links become
        files of their own and attributes are lost. Whatever stops it, what was copied
        is removed again. Paths of more than 4096 bytes cannot be copied.
        """
        if os.path.lexists(target):
            raise PlashError(f"{target} is there already", "Choose a new name")
        try:
            return copy(self, path, target, report, cancel)
        except OSError as error:
            why = error.strerror or "not permitted"
            where = f"from image {self._image} to {target}"
            raise PlashError(f"cannot copy {path} {where}: {why}") from error

    @contextlib.contextmanager
    def _told(self, verb: str, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or "not permitted"
            raise PlashError(
                f"cannot {verb} {path} in image {self._image}: {reason}"
            ) from error


def _entry(
    name: str,
    facts: os.stat_result,
    target: str,
    uids: Sequence[tuple[int, int, int]],
    gids: Sequence[tuple[int, int, int]],
) -> Entry:
    kind = _KINDS.get(stat.S_IFMT(facts.st_mode), "-")
    number = facts.st_rdev
    return Entry(
        name,
        kind,
        stat.S_IMODE(facts.st_mode),
        _inside(facts.st_uid, uids),
        _inside(facts.st_gid, gids),
        facts.st_size,
        facts.st_blocks * 512,
        facts.st_mtime_ns,
        (os.major(number), os.minor(number)) if kind in "cb" else None,
        target,
    )


def _inside(owner: int, ranges: Sequence[tuple[int, int, int]]) -> int:
    """The id that the image's root sees for one of this machine's."""
    for inside, outside, count in ranges:
        if outside <= owner < outside + count:
            return inside + owner - outside
    return _NOBODY
