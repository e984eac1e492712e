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
from plashui.core.errors import PlashError
from plashui.core.progress import Cancel, Progress, Report, silent
from plashui.core.store import Store
from plashui.images.compression import packer
from plashui.images.pack import pack_image
from plashui.images.unpack import Unpacked, Wording, unpack

_LONGEST: Final = 220  # bytes of a name that leave room for the suffix
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
    done = 0
    packed = packer(name)(file)

    def write(piece: bytes) -> None:
        nonlocal done
        packed.write(piece)
        done += len(piece)

    def tick() -> None:
        report(Progress(f"writing {what}", done, None, "bytes"))

    pack_image(store, image, write, on_tick=tick, cancel=cancel)
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
        beside = _beside(place)
        with beside.open("xb") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                beside.rename(place)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _cannot_write(path, error) from error


def _beside(place: Path) -> Path:
    """Where something is made before it gets its name."""
    name = os.fsdecode(os.fsencode(place.name)[:_LONGEST])
    return place.with_name(f"{name}.partial-{os.getpid()}")


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
    then lies beside it, called `….partial-PID`.
    """
    store.layer(image)
    place = place_for(store, target)
    beside = _beside(place)
    try:
        beside.mkdir(mode=0o700)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        done = _fill(store, image, beside, target, report, cancel)
        _rename(beside, place, target)
    except BaseException:
        engine.remove_tree(beside)
        raise
    return done


def export_remarks(done: Unpacked, target: Path) -> list[str]:
    """What a person should know of a copy."""
    found = done.remarks()
    if done.map == "full":
        words = f"plash sudo rm -rf {shlex.quote(str(target))}"
        found.append(f"It belongs to your subordinate ids: {words} removes it")
    return found


def _fill(
    store: Store,
    image: int,
    directory: Path,
    target: Path,
    report: Report,
    cancel: Cancel | None,
) -> Unpacked:
    done = 0

    def feed(pipe: IO[bytes]) -> None:
        def write(piece: bytes) -> None:
            nonlocal done
            pipe.write(piece)
            done += len(piece)

        pack_image(store, image, write, cancel=cancel)

    def tick() -> None:
        report(Progress(f"copying to {target}", done, None, "bytes"))

    wording = Wording(f"copy image {image} to {target}", _FREE)
    return unpack(directory, feed, wording=wording, on_tick=tick, cancel=cancel)


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
