"""An image leaves the store: as a tar, or as a directory."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import calls
from plashui.helper.pack import pack_image
from plashui.helper.unpack import Unpacked, Wording
from plashui.image.copy_out import unset_remarks
from plashui.store.atomic_write import directory_beside, new_directory, place_of
from plashui.store.store import Store
from plashui.transfer.compression import packer
from plashui.transfer.files import FREE_SPACE, cannot_write, whole
from plashui.transfer.flow import Flow, repack

if TYPE_CHECKING:
    from typing import IO, BinaryIO


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
    with whole(target) as file:
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
    pack_image(store.path, image, write, on_tick=flow.tick, cancel=cancel)
    packed.close()
    file.flush()


class Exported(NamedTuple):
    """How a copy was made."""

    unpacked: Unpacked

    def remarks(self, target: Path) -> list[str]:
        """What a person should know of it."""
        found = [*self.unpacked.remarks(), *unset_remarks(self.unpacked.unset)]
        if self.unpacked.map == "full":
            words = f"plash sudo rm -rf {shlex.quote(str(target))}"
            found.append(f"It belongs to your subordinate ids: {words} removes it")
        return found


def export_directory(
    store: Store,
    image: int,
    target: Path,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Exported:
    """Copy the merged image to a directory, faithful to the last attribute.

    The directory must be new or empty; it appears whole or not at all. A plain user's
    copy belongs to his subordinate ids, and no file of it is setuid or setgid. If this
    process is killed, what was copied by then lies beside it, called
    `NAME.partial-PID`, until the next export to that name.
    """
    store.layer(image)
    place = place_for(store, target)
    with contextlib.ExitStack() as stack:
        try:
            # Nobody else can reach what is in it before it is finished.
            beside = stack.enter_context(directory_beside(place))
            made = beside / "root"
            directory = stack.enter_context(new_directory(made))
        except OSError as error:
            raise cannot_write(target, error) from error
        done = repack(
            lambda write: pack_image(store.path, image, write, cancel=cancel),
            directory,
            Flow(report, f"copying to {target}"),
            wording=Wording(f"copy image {image} to {target}", FREE_SPACE),
            unset_ids=os.geteuid() != 0,
            cancel=cancel,
        )
        _rename(made, place, target)
        beside.rmdir()
    return Exported(done)


def place_for(store: Store, target: Path) -> Path:
    """Where the copy will be; PlashError if it cannot be there."""
    try:
        place = place_of(target)
        inside = store.path.resolve()
        # What `plash mkdtemp` has made is there to be filled.
        to_fill = place.parent == inside / "tmp" and place.is_dir()
        if (inside == place or inside in place.parents) and not to_fill:
            raise PlashError(f"{target} is in the store", "Choose another place")
        if place.is_dir():
            if place.samefile("."):
                raise PlashError(
                    f"{target} is the working directory, in whose place a new one"
                    " would come",
                    "Name a new directory in it, or go out of it",
                )
            with os.scandir(place) as entries:
                if next(entries, None) is not None:
                    raise PlashError(f"{target} is not empty", "Choose a new name")
            if place.is_mount():
                raise _is_mount(target)
        elif os.path.lexists(place):
            raise PlashError(f"{target} is there already", "Choose a new name")
    except OSError as error:
        raise cannot_write(target, error) from error
    return place


def _is_mount(target: Path) -> PlashError:
    return PlashError(
        f"{target} is a mount point, which no directory can take the place of",
        f"Name a new directory in it, or: plash push:tarfile ID | tar -xpC {target}",
    )


def _rename(made: Path, place: Path, target: Path) -> None:
    """Give the finished copy its name; of an empty directory it takes the place."""
    try:
        try:
            made.rename(place)
        except PermissionError:
            # Where only the owner may (sticky), and that is a subordinate id.
            calls.rename(made, place)
    except OSError as error:
        if place.is_mount():
            raise _is_mount(target) from error
        raise cannot_write(target, error) from error
