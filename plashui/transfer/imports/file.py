"""Importing images from files: layouts, docker's archives, root filesystem tars."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.units import size
from plashui.transfer import compression
from plashui.transfer.compression import MAGIC_BYTES
from plashui.transfer.files import opened, write_all
from plashui.transfer.oci.archive import Archive, Held, archive_in, pick
from plashui.transfer.oci.files import Directory, NotAnArchive, Tar, members
from plashui.transfer.oci.plan import Plan, plan_pull

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from plashui.model.platform import Platform
    from plashui.store.store import Store

_CHUNK: Final = 1 << 20
_FIRST: Final = 16
"""Members of a compressed tar that are looked at before it is decompressed whole."""


class InFile(NamedTuple):
    """An image that was found in a file, and the price of pulling it."""

    archive: Archive
    held: Held
    plan: Plan


@contextlib.contextmanager
def images_in(
    store: Store,
    path: Path,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Iterator[Archive | None]:
    """Open the images in a file or directory for the block.

    None for a file that may be the tar of a root filesystem. An archive that is
    compressed as a whole is decompressed into the store for the block, since what
    describes the images may be anywhere in it.
    """
    if path.is_dir():
        found = archive_in(Directory(path))
        if found is None:
            raise PlashError(
                f"{path} holds neither an OCI layout nor a docker archive",
                f"`plash pull:dir {path}` copies a root filesystem",
            )
        yield found
        return
    with (
        opened(path) as file,
        images_of(store, file, str(path), report=report, cancel=cancel) as archive,
    ):
        yield archive


@contextlib.contextmanager
def images_of(
    store: Store,
    file: BinaryIO,
    what: str,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Iterator[Archive | None]:
    """Do the same for a file that is open; `what` names it."""
    with contextlib.ExitStack() as stack:
        if not file.seekable():
            raise PlashError(f"cannot read {what}: it is not a file", "Save it first")
        head = file.read(MAGIC_BYTES)
        file.seek(0)
        opener = compression.opener(head)
        plain = file
        try:
            if opener is not None:
                _look(file, opener)
                file.seek(0)
                plain = stack.enter_context(nameless_file(store))
                _decompress(file, opener, plain, store.disk().free, report, cancel)
            found = archive_in(Tar(plain))
        except NotAnArchive:
            found = None
        file.seek(0)
        yield found


def find_image(
    store: Store, archive: Archive, word: str = "", platform: Platform | None = None
) -> InFile:
    """Return the image in an archive that a word means; "" means the only one."""
    held = pick(archive, word)
    return InFile(archive, held, plan_pull(store, archive, held.reference, platform))


def _look(file: BinaryIO, opener: compression.Opener) -> None:
    """Raise NotAnArchive if the first members of a compressed tar show it."""
    reader, errors = opener(file)
    try:
        for count, _member in enumerate(members(reader, "r|")):
            if count == _FIRST:
                return
    except errors as error:
        raise NotAnArchive from error


def nameless_file(store: Store) -> BinaryIO:
    """Make a file without a name on the store's disk, for what is not kept."""
    store.create()
    try:
        return tempfile.TemporaryFile(dir=store.path / "tmp", buffering=0)
    except OSError as error:
        raise PlashError(f"cannot write to the store: {error.strerror}") from error


def _decompress(
    file: BinaryIO,
    opener: compression.Opener,
    target: BinaryIO,
    most: int,
    report: Report,
    cancel: Cancel | None,
) -> None:
    done = 0
    for data in compression.pieces(opener(file), _CHUNK):
        done += len(data)
        if done > most:
            raise PlashError(
                f"the archive is larger than {size(most)} when decompressed, which is"
                " what is free"
            )
        write_all(target, data)
        report(Progress("decompressing the archive", done, None, "bytes"))
        if cancel is not None:
            cancel.check()
    target.seek(0)
