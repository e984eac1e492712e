"""Exporting an image to a tar or a directory."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import as_root
from plashui.helper.pack import pack_image
from plashui.helper.unpack import Unpacked, Wording
from plashui.image.copy_out import unset_remarks
from plashui.store.atomic_write import directory_beside, new_directory, place_of
from plashui.store.store import Store
from plashui.transfer.compression import packer
from plashui.transfer.files import FREE_SPACE, cannot_write, whole
from plashui.transfer.flow import Flow, repack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, BinaryIO


def export_tar(
    store: Store,
    image: int,
    target: Path | BinaryIO,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Write a pax tar of the merged image, compressed according to the file's suffix.

    A stream gets an uncompressed tar. A regular file appears complete, replacing an
    existing one, or not at all. The output is reproducible.
    """
    store.layer(image)
    if not isinstance(target, Path):
        _export(store, image, target, "", "a tar", report, cancel)
        return
    packer(target.name)  # raise an error for the suffix before writing
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
    """The result of an export to a directory."""

    unpacked: Unpacked

    def remarks(self, target: Path) -> list[str]:
        """Return what the copy lacks and how to remove it, for people."""
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
    """Copy the merged image to a directory, with all attributes.

    The directory must be new or empty; it appears complete or not at all. A plain
    user's copy belongs to the user's subordinate ids and has no setuid or setgid
    files. If this process is killed, a part of the copy stays beside it as
    `NAME.partial-PID` until the next export to that name.
    """
    store.layer(image)
    place = place_for(store, target)
    with appearing(place, target) as beside:
        done = unpack_image(store, image, beside / "root", target, report, cancel)
    return Exported(done)


@contextlib.contextmanager
def appearing(place: Path, target: Path) -> Iterator[Path]:
    """Make a private directory; its `root`, made by the block, then gets the place.

    Everything else in it is removed. `target` is what a person calls the place.
    """
    with contextlib.ExitStack() as stack:
        try:
            beside = stack.enter_context(directory_beside(place))
        except OSError as error:
            raise cannot_write(target, error) from error
        yield beside
        _rename(beside / "root", place, target)
        as_root.remove_tree(beside) if os.listdir(beside) else beside.rmdir()


def unpack_image(
    store: Store,
    image: int,
    made: Path,
    target: Path,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Unpacked:
    """Unpack the merged image into a new directory, a part of `target`."""
    with contextlib.ExitStack() as stack:
        try:
            directory = stack.enter_context(new_directory(made))
        except OSError as error:
            raise cannot_write(target, error) from error
        return repack(
            lambda write: pack_image(store.path, image, write, cancel=cancel),
            directory,
            Flow(report, f"copying to {target}"),
            wording=Wording(f"copy image {image} to {target}", FREE_SPACE),
            unset_ids=os.geteuid() != 0,
            cancel=cancel,
        )


def place_for(store: Store, target: Path) -> Path:
    """Return the real path for the copy; raise PlashError if it cannot be there."""
    try:
        place = place_of(target)
        inside = store.path.resolve()
        # A directory of `plash mkdtemp` is meant to be filled.
        to_fill = place.parent == inside / "tmp" and place.is_dir()
        if (inside == place or inside in place.parents) and not to_fill:
            raise PlashError(f"{target} is in the store", "Choose another place")
        if place.is_dir():
            if place.samefile("."):
                raise PlashError(
                    f"{target} is the working directory, which cannot be replaced",
                    "Name a new directory in it, or leave it",
                )
            with os.scandir(place) as entries:
                if next(entries, None) is not None:
                    raise PlashError(f"{target} is not empty", "Choose a new name")
            if place.is_mount():
                raise _is_mount(target)
        elif os.path.lexists(place):
            raise PlashError(f"{target} already exists", "Choose a new name")
    except OSError as error:
        raise cannot_write(target, error) from error
    return place


def _is_mount(target: Path) -> PlashError:
    return PlashError(
        f"{target} is a mount point, which cannot be replaced",
        f"Name a new directory in it, or: plash push:tarfile ID | tar -xpC {target}",
    )


def _rename(made: Path, place: Path, target: Path) -> None:
    """Rename the complete copy to its place, which may be an empty directory."""
    try:
        try:
            made.rename(place)
        except PermissionError:
            # In a sticky directory only the owner may, which is a subordinate id.
            as_root.rename(made, place)
    except OSError as error:
        if place.is_mount():
            raise _is_mount(target) from error
        raise cannot_write(target, error) from error
