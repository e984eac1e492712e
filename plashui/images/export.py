"""An image leaves the store: as a tar, or as a directory."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final

from plashui.core import engine
from plashui.core.beside import directory_beside, file_beside
from plashui.core.errors import PlashError
from plashui.core.progress import Cancel, Report, silent
from plashui.core.store import Store
from plashui.images.compression import packer
from plashui.images.flow import Flow, repack
from plashui.images.pack import pack_image
from plashui.images.unpack import Unpacked, Wording

_FREE: Final = "Free some space there, or choose another place"


def export_tar(
    store: Store,
    image: int,
    target: Path | BinaryIO,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Write a pax tar of the merged image, compressed as the file's suffix says.

    A stream gets a plain tar. A regular file appears whole, in place of one that had
    its name, or not at all. The same image gives the same bytes.
    """
    store.layer(image)
    if not isinstance(target, Path):
        _export(store, image, target, "", "a tar", report, cancel)
        return
    packer(target.name)  # before anything is made
    with _whole(target) as file:
        _export(store, image, file, target.name, str(target), report, cancel)


def _export(
    store: Store,
    image: int,
    file: IO[bytes],
    name: str,
    what: str,
    report: Report,
    cancel: Cancel | None,
) -> None:
    packed = packer(name)(file)
    flow = Flow(report, f"writing {what}")
    write = flow.through(packed.write)
    pack_image(store, image, write, on_tick=flow.tick, cancel=cancel)
    packed.close()
    file.flush()


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which has that name once the block has ended well."""
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not stat.S_ISREG(place.stat().st_mode):
            with place.open("wb") as file:  # a pipe or a tape; a directory refuses
                yield file
            return
        with file_beside(place) as file:
            yield file
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return error
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return PlashError(f"cannot write {path}: {error.strerror}", _FREE if full else "")


def export_directory(
    store: Store,
    image: int,
    target: Path,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Unpacked:
    """Copy the merged image to a directory, faithful to the last attribute.

    The directory must be new or empty; it appears whole or not at all. A plain user's
    copy belongs to his subordinate ids. If this process is killed, what was copied by
    then lies beside it, called `NAME.partial-PID`, until the next export to that name.
    """
    store.layer(image)
    place = place_for(store, target)
    with contextlib.ExitStack() as stack:
        try:
            beside = stack.enter_context(directory_beside(place))
        except OSError as error:
            raise _cannot_write(target, error) from error
        done = repack(
            lambda write: pack_image(store, image, write, cancel=cancel),
            beside,
            Flow(report, f"copying to {target}"),
            wording=Wording(f"copy image {image} to {target}", _FREE),
            cancel=cancel,
        )
        _rename(beside, place, target)
    return done


def export_remarks(done: Unpacked, target: Path) -> list[str]:
    """What a person should know of a copy."""
    found = done.remarks()
    if done.map == "full":
        words = f"plash sudo rm -rf {shlex.quote(str(target))}"
        found.append(f"It belongs to your subordinate ids: {words} removes it")
    return found


def place_for(store: Store, target: Path) -> Path:
    """Where the copy will be; PlashError if it cannot be there."""
    place = Path(os.path.realpath(target))
    inside = store.path.resolve()
    if inside == place or inside in place.parents:
        raise PlashError(f"{target} is in the store", "Choose another place")
    try:
        if place.is_dir():
            with os.scandir(place) as entries:
                if next(entries, None) is not None:
                    raise PlashError(f"{target} is not empty", "Choose a new name")
            if place.is_mount():
                raise _is_mount(target)
        elif os.path.lexists(place):
            raise PlashError(f"{target} is there already", "Choose a new name")
    except OSError as error:
        raise _cannot_write(target, error) from error
    return place


def _is_mount(target: Path) -> PlashError:
    return PlashError(
        f"{target} is a mount point, which no directory can take the place of",
        f"Name a new directory in it, or: plash push:tarfile ID | tar -xpC {target}",
    )


def _rename(beside: Path, place: Path, target: Path) -> None:
    """Give the finished copy its name; of an empty directory it takes the place."""
    try:
        try:
            beside.rename(place)
        except PermissionError:
            # Where only the owner may (sticky), and that is a subordinate id.
            engine.rename(beside, place)
    except OSError as error:
        if place.is_mount():
            raise _is_mount(target) from error
        raise _cannot_write(target, error) from error
