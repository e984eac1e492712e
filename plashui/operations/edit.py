"""A file of an image in a program of this machine: shown by a pager, or edited.

The program gets a private copy. What an editor has changed becomes unsaved changes of
the image, as those of a shell are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
import re
import shlex
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.helper.unpack import Wording, unpack
from plashui.image.links import follow
from plashui.image.mounted_image import open_image
from plashui.operations.session import Session
from plashui.store.atomic_write import new_directory
from plashui.store.changes import changes_directory
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import IO, Final

    from plashui.helper.listing import Entry

MOST: Final = 256_000_000
"""Bytes of the largest file that is copied for a program of this machine."""

_PIECE: Final = 1 << 20
_LONGEST: Final = 100
_ODD: Final = re.compile(r"[^A-Za-z0-9._+-]")


@dataclass
class Draft:
    """The copy of a file of an image: `file`, alone in a private directory.

    `path` is where it is in the image, without links. `above` are the directories
    above it, the root first, and `entry` is the file, as the image's root sees them.
    `kept`: leave the directory to the person at the end.
    """

    path: str
    file: Path
    above: tuple[tuple[str, Entry], ...]
    entry: Entry
    digest: bytes = b""
    kept: bool = False

    def changed(self) -> bool:
        """Return whether the copy has another content now.

        Raises PlashError if it is gone, or not a regular file any more.
        """
        return _digest(self.file) != self.digest

    def others(self) -> list[str]:
        """Return the names of what else is in its directory, such as a swap file."""
        return sorted(set(os.listdir(self.file.parent)) - {self.file.name})


def program_of(
    environment: Mapping[str, str], variables: tuple[str, ...], usual: tuple[str, ...]
) -> list[str]:
    """Return the words of the person's editor or pager.

    It is what the first of the `variables` says that is set, else the first of the
    `usual` programs that is there. Raises PlashError if there is none.
    """
    for name in variables:
        if environment.get(name, "").strip():
            try:
                return shlex.split(environment[name])
            except ValueError as error:
                what = f"${name} cannot be understood: {error}"
                raise PlashError(what, f"For example {name}={usual[0]}") from error
    for program in usual:
        if shutil.which(program, path=environment.get("PATH")):
            return [program]
    raise PlashError(
        f"there is no {' and no '.join(usual)}", f"Set ${variables[-1]} to a program"
    )


def editor(environment: Mapping[str, str]) -> list[str]:
    """Return the words of the person's editor."""
    return program_of(
        environment, ("VISUAL", "EDITOR"), ("sensible-editor", "vi", "nano")
    )


def pager(environment: Mapping[str, str]) -> list[str]:
    """Return the words of the person's pager."""
    return program_of(environment, ("PAGER",), ("less", "more"))


@contextlib.contextmanager
def copied(
    store: Store, image: int, path: str, cancel: Cancel | None = None
) -> Iterator[Draft]:
    """Copy a regular file out of an image for the block; links are followed.

    The copy is readable by this user only, and is removed at the end unless the draft
    says otherwise.
    """
    with contextlib.ExitStack() as stack:
        with open_image(store, image) as merged:
            place = "/" + follow(lambda at: merged.entry(f"/{at}"), path)
            entry = merged.entry(place)
            if entry.kind != "-":
                raise PlashError(f"{clean(path)} is not a regular file")
            if entry.size > MOST:
                raise PlashError(
                    f"{clean(path)} takes {size(entry.size)}: more than the "
                    f"{size(MOST)} that are copied for another program",
                    "Enter shows a file of any size",
                )
            above = tuple((one, merged.entry(one)) for one in _directories(place))
            try:
                directory = Path(tempfile.mkdtemp(prefix="plashui-"))
            except OSError as error:
                raise PlashError(f"cannot copy {clean(path)}: {error}") from error
            file = directory / _harmless(posixpath.basename(place))
            draft = Draft(place, file, above, entry)
            stack.callback(_remove, draft)
            merged.copy_out(place, file, cancel=cancel)
        try:
            file.chmod(0o600)
        except OSError as error:
            raise PlashError(f"cannot copy {clean(path)}: {error.strerror}") from error
        draft.digest = _digest(file)
        yield draft


def put(session: Session, draft: Draft) -> None:
    """Make the copy, as it is now, an unsaved change of the session's image.

    The file keeps its owner and mode. Raises PlashError, and keeps the copy where it
    is, if that cannot be done.
    """
    try:
        if session.place is None:
            raise PlashError("the changes were not kept")
        with _opened(draft.file) as content, _data(session.place) as data:

            def feed(pipe: IO[bytes]) -> None:
                _write(draft, content, pipe)

            wording = Wording(f"change {clean(draft.path)}")
            unpack(data, feed, wording=wording, lock=session.lock)
        changes_directory.put_down(session.place, session.way)
    except (PlashError, OSError) as error:
        draft.kept = True
        why = str(error) or type(error).__name__
        raise PlashError(why, f"What was edited is in {draft.file}") from error


def _write(draft: Draft, content: IO[bytes], pipe: IO[bytes]) -> None:
    """Write a tar of the file, and of the directories above it as they are."""
    with tarfile.open(
        fileobj=pipe,
        mode="w|",
        format=tarfile.GNU_FORMAT,
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        for path, entry in draft.above:
            info = _member(path.strip("/") or ".", entry)
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
        info = _member(draft.path.strip("/"), draft.entry)
        facts = os.fstat(content.fileno())
        info.size, info.mtime = facts.st_size, int(facts.st_mtime)
        tar.addfile(info, content)


def _member(path: str, entry: Entry) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.gid
    info.mtime = entry.mtime // 10**9
    return info


@contextlib.contextmanager
def _data(place: Path) -> Iterator[int]:
    """Make and open the directory of the changed files."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    holder = os.open(place, flags)
    try:
        with new_directory("data", holder) as data:
            yield data
    finally:
        os.close(holder)


def _directories(path: str) -> list[str]:
    """Return the directories above a path, the root first."""
    names = path.strip("/").split("/")[:-1]
    return ["/", *("/" + "/".join(names[: at + 1]) for at in range(len(names)))]


def _harmless(name: str) -> str:
    """Return a file name like that in the image, harmless on any command line."""
    return _ODD.sub("_", name)[-_LONGEST:].lstrip("-") or "file"


def _opened(file: Path) -> IO[bytes]:
    """Open the copy for reading, if it is still a regular file."""
    gone = f"the editor left no file at {file}: nothing was changed"
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise PlashError(gone) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PlashError(gone)
    return open(descriptor, "rb")


def _digest(file: Path) -> bytes:
    found = hashlib.sha256()
    with _opened(file) as opened:
        while piece := opened.read(_PIECE):
            found.update(piece)
    return found.digest()


def _remove(draft: Draft) -> None:
    if not draft.kept:
        shutil.rmtree(draft.file.parent, ignore_errors=True)
