"""A merged image, read through a mount that no other process sees.

The helper reads what the user's own id may not, such as directories of subordinate
ids, so that everything is there that the image's root sees.
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
from plashui.helper import calls, listing
from plashui.helper.listing import Entry
from plashui.image.copy_out import Copied, copy
from plashui.image.rooted_path import open_inside
from plashui.model.file_kinds import KINDS
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_PIECE: Final = 1 << 20  # bytes read at once
_NOBODY: Final = 65534  # the id for owners that are not mapped in the image


@contextlib.contextmanager
def open_image(store: Store, image: int) -> Iterator[Merged]:
    """Open an image with all its layers for the block.

    A removal of the image is refused during the block, because it is in use.
    """
    held = calls.mountfd(store.path, image)
    try:
        yield Merged(store.path, image, held)
    finally:
        for descriptor in (held.mount, held.root, *held.locks):
            os.close(descriptor)


class Merged:
    """An open image. Paths are as its root sees them, with or without a leading "/"."""

    def __init__(self, store: Path, image: int, held: calls.Mounted) -> None:
        """Wrap a mounted image; use `open_image` instead."""
        self._store, self._image, self._held = store, image, held

    def entries(self, path: str = "/") -> list[Entry]:
        """Return the entries of a directory, unordered."""
        with self._told("list", path):
            try:
                return list(self._entries(path))
            except PermissionError:
                return listing.list_directory(self._store, self._image, path)

    def _entries(self, path: str) -> Iterator[Entry]:
        uids, gids = self._held.uids, self._held.gids
        if uids is None or gids is None:
            raise PermissionError  # only the helper can map the owners
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
        """Return whether a path leads to a directory; False if it is not accessible."""
        try:
            os.close(self.open(path, os.O_PATH | os.O_DIRECTORY))
        except OSError:
            return False
        return True

    def entry(self, path: str) -> Entry:
        """Return the entry of a path; a link at its end is not followed."""
        above, _slash, name = path.rstrip("/").rpartition("/")
        if name in ("", ".", ".."):
            above, name = path, "."
        with self._told("look at", path):
            try:
                return self._entry(above, name)
            except PermissionError:
                listed = listing.list_directory(self._store, self._image, above or "/")
        for entry in listed:
            if entry.name == name:
                return entry
        raise PlashError(f"image {self._image} does not contain {path}")

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
        """Return at most `length` bytes of a regular file from `offset`.

        Links are followed. Without `length` the whole file is read into memory.
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
        """Open any path of the image; raise PermissionError if the user may not."""
        return open_inside(self._held.mount, path, flags)

    def open_file(self, path: str, flags: int = 0) -> int:
        """Open a regular file for reading; never open anything else."""
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
        """Let the helper write a file to the descriptor `target`; return its bytes."""
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
        """Copy a file, or a directory with its content, to a new `target`.

        Links are copied as links. Modes, mtimes, hard links, holes and extended
        attributes are kept, and owners if this is root; otherwise the copy belongs to
        the user. Files that only the helper may read lose hard links and extended
        attributes. A copy that fails or is cancelled is removed. Paths longer than
        4096 bytes cannot be copied.
        """
        if os.path.lexists(target):
            raise PlashError(f"{target} already exists", "Choose a new name")
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
    kind = KINDS.get(stat.S_IFMT(facts.st_mode), "-")
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
    """Translate an id of this machine into the image's id."""
    for inside, outside, count in ranges:
        if outside <= owner < outside + count:
            return inside + owner - outside
    return _NOBODY
