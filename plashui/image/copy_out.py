"""Copying files out of an open image, as faithfully as the user's rights allow."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report
from plashui.base.units import plural
from plashui.helper import as_root
from plashui.helper.listing import Entry
from plashui.store.atomic_write import new_directory

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.mounted_image import Merged

_SET_ID: Final = stat.S_ISUID | stat.S_ISGID
_FILE_TYPES: Final = {"c": stat.S_IFCHR, "b": stat.S_IFBLK, "s": stat.S_IFSOCK}


class Copied(NamedTuple):
    """The result of a copy: the number of files and directories, and their bytes.

    `skipped` are the paths of device nodes that could not be made. `unset` counts
    files that lost a setuid or setgid bit because their owner changed.
    """

    files: int
    bytes: int
    skipped: tuple[str, ...]
    unset: int = 0

    def remarks(self) -> list[str]:
        """Return what the copy lacks, for people."""
        found = []
        if self.skipped:
            found.append(f"left out: {plural(len(self.skipped), 'device node')}")
        return [*found, *unset_remarks(self.unset)]


def unset_remarks(count: int) -> list[str]:
    """Describe how many files of a copy lost a setuid or setgid bit."""
    if not count:
        return []
    files = plural(count, "file")
    return [f"{files} lost the setuid or setgid bit, since the copy belongs to you"]


def copy(
    image: Merged, path: str, target: Path, report: Report, cancel: Cancel | None
) -> Copied:
    """Copy `path` of the image to `target`; see Merged.copy_out."""
    job = _Copy(image, report, cancel)
    try:
        job.make(path, image.entry(path), target)
        job.fill()
    except BaseException:
        as_root.remove_tree(target)
        raise
    finally:
        job.close()
    return Copied(job.files, job.bytes, tuple(job.skipped), job.unset)


class _Copy:
    """The state of one copy."""

    def __init__(self, image: Merged, report: Report, cancel: Cancel | None) -> None:
        self.image, self.report, self.cancel = image, report, cancel
        self.files = self.bytes = self.unset = 0
        self.skipped: list[str] = []
        self._opened = contextlib.ExitStack()
        self._top = -1
        self._directories: list[tuple[str, Entry, Path]] = []
        self._twins: dict[tuple[int, int], Path] = {}

    def close(self) -> None:
        """Close the target directory."""
        self._opened.close()

    def fill(self) -> None:
        """Copy the content of all directories, level by level.

        The directories' own attributes come last: a mode may forbid writing, and
        writing changes the mtime.
        """
        for path, _entry, target in self._directories:  # `make` appends to it
            for entry in self.image.entries(path):
                self.make(f"{path}/{entry.name}", entry, target / entry.name)
        for path, entry, target in reversed(self._directories):
            place = self._place(path)
            try:
                self._describe(place, entry, target)
            finally:
                _close(place)

    def make(self, path: str, entry: Entry, target: Path) -> None:
        """Copy one entry; a directory without its content."""
        if self.cancel is not None:
            self.cancel.check()
        place = self._place(path)
        try:
            if place is not None and self._is_twin(place, target):
                self.files += 1
                return
            if not self._create(path, entry, place, target):
                self.skipped.append(path)
                return
            self.files += 1
            if entry.kind != "d":
                self._describe(place, entry, target)
        finally:
            _close(place)

    def _place(self, path: str) -> int | None:
        """Open a path with O_PATH; None if only the helper may."""
        with contextlib.suppress(PermissionError):
            return self.image.open(path, os.O_PATH | os.O_NOFOLLOW)
        return None

    def _is_twin(self, place: int, target: Path) -> bool:
        """Link `target` if its file was copied under another name; return whether."""
        facts = os.fstat(place)
        if facts.st_nlink < 2 or stat.S_ISDIR(facts.st_mode):
            return False
        first = self._twins.setdefault((facts.st_dev, facts.st_ino), target)
        if first == target:
            return False
        os.link(first, target, follow_symlinks=False)
        return True

    def _create(self, path: str, entry: Entry, place: int | None, target: Path) -> bool:
        if entry.kind == "d":
            made = self._make_directory(target)
            self._directories.append((path, entry, made))
        elif entry.kind == "l":
            target.symlink_to(entry.target)
        elif entry.kind == "p":
            os.mkfifo(target, 0o600)
        elif entry.kind == "-":
            self._file(path, place, target)
        else:
            try:
                number = os.makedev(*(entry.device or (0, 0)))
                os.mknod(target, _FILE_TYPES[entry.kind] | 0o600, number)
            except PermissionError:
                return False
        return True

    def _file(self, path: str, place: int | None, target: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(target, flags, 0o600), "wb", buffering=0) as file:
            try:
                if place is None:
                    raise PermissionError
                source = os.open(f"/proc/self/fd/{place}", os.O_RDONLY | os.O_NONBLOCK)
            except PermissionError:
                done = self.bytes
                done += self.image.read_hidden(path, file.fileno(), self.cancel)
                self._progress(done)
                return
            try:
                self._bytes(source, file.fileno())
            finally:
                os.close(source)

    def _bytes(self, source: int, target: int) -> None:
        """Copy the bytes of a file, keeping its holes."""
        size = os.fstat(source).st_size
        done, at = self.bytes, 0
        while at < size:
            try:
                at = os.lseek(source, at, os.SEEK_DATA)
            except OSError:
                break  # only a hole follows
            end = os.lseek(source, at, os.SEEK_HOLE)
            os.lseek(target, at, os.SEEK_SET)
            while at < end:
                sent = os.sendfile(target, source, at, min(end - at, 1 << 24))
                if not sent:
                    break
                at += sent
                self._progress(done + at)
        os.ftruncate(target, size)
        self._progress(done + size)

    def _make_directory(self, target: Path) -> Path:
        """Make a directory; return its path, for the first one through a descriptor."""
        if self._directories:
            target.mkdir(0o700)
            return target
        self._top = self._opened.enter_context(new_directory(target, mode=0o700))
        return Path(f"/proc/self/fd/{self._top}")

    def _describe(self, place: int | None, entry: Entry, target: Path) -> None:
        """Copy owner, extended attributes, mode and mtime.

        A file whose owner changes loses its setuid and setgid bits.
        """
        flags = os.O_PATH | os.O_CLOEXEC
        is_top = self._top >= 0 and target == Path(f"/proc/self/fd/{self._top}")
        made = os.open(target, flags if is_top else flags | os.O_NOFOLLOW)
        try:
            name = f"/proc/self/fd/{made}"
            mode = entry.mode
            if os.geteuid() == 0:
                os.chown(name, entry.uid, entry.gid)
            elif entry.kind != "d" and mode & _SET_ID:
                mode &= ~_SET_ID
                self.unset += 1
            if place is not None:
                _copy_attributes(f"/proc/self/fd/{place}", name)
            if entry.kind != "l":
                Path(name).chmod(mode)
            os.utime(name, ns=(entry.mtime, entry.mtime))
        finally:
            os.close(made)

    def _progress(self, done: int) -> None:
        self.bytes = done
        self.report(Progress("copying", done, None, "bytes"))
        if self.cancel is not None:
            self.cancel.check()


def _close(place: int | None) -> None:
    if place is not None:
        os.close(place)


def _copy_attributes(source: str, target: str) -> None:
    """Copy the extended attributes that can be read and written; skip others."""
    try:
        names = os.listxattr(source)
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            value = os.getxattr(source, name)
            os.setxattr(target, name, value)
