"""A directory of this machine is copied into an image; it stays as it is."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.units import plural
from plashui.helper import subids
from plashui.helper.pack import pack_directory
from plashui.helper.unpack import Wording
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.store import Store
from plashui.store.workdir import workdir
from plashui.transfer.flow import Flow, repack
from plashui.transfer.survey import survey
from plashui.transfer.tarball import Imported, empty_layer, make_image

if TYPE_CHECKING:
    from pathlib import Path


class Copied(NamedTuple):
    """The new image, and what is not as it was.

    `strangers` counts what belonged to other users of the machine and is root's now;
    `mounts` are the paths of what was mounted in the directory, which is left out.
    """

    image: Imported
    strangers: int
    mounts: tuple[str, ...]

    def remarks(self) -> list[str]:
        """What a person should know of it."""
        found = []
        if self.mounts:
            where = ", ".join(self.mounts)
            found.append(f"{plural(len(self.mounts), 'mount')} left out: {where}")
        if self.strangers:
            files = plural(self.strangers, "file")
            found.append(f"{files} of other users: root's in the image")
        return [*found, *self.image.remarks()]


def import_directory(
    store: Store,
    directory: Path,
    *,
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Copied:
    """Make an image of a copy of a directory tree, faithful to the last attribute.

    As a plain user: his own files become root's, those of his subordinate ids keep
    the number they have inside, and everybody else's become root's. Raises NameTaken
    if the image cannot have its name.
    """
    name.check(store)
    try:
        real = directory.resolve(strict=True)
        os.stat(real / ".")
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is a loop of links"
        raise PlashError(f"cannot read {directory}: {why}") from error
    with workdir(store) as work, empty_layer(work) as data:
        _refuse_to_copy_itself(real, work.path.resolve(), store)
        # Only from outside of our namespace it can be told whose things are.
        ours = subids.ours() if os.geteuid() != 0 else None
        found = survey(real, ours, report, cancel)
        adopt = found.strangers > 0
        unpacked = repack(
            lambda write: pack_directory(
                real, write, strangers_to_root=adopt, cancel=cancel
            ),
            data,
            Flow(report, f"copying {directory}", found.bytes),
            wording=Wording(f"copy {directory}"),
            lock=work.lock,
            cancel=cancel,
        )
        image = make_image(store, work, unpacked, str(directory), name, cancel)
        return Copied(image, found.strangers, found.mounts)


def _refuse_to_copy_itself(real: Path, work: Path, store: Store) -> None:
    """The copy must not be part of what is copied. (Other mounts are not entered.)"""
    if real in work.parents and real.stat().st_dev == work.stat().st_dev:
        raise PlashError(
            f"{real} holds the store {store.path} itself",
            "Choose a directory beside it, or another store with PLASH_DATA",
        )
