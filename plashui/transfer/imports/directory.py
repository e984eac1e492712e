"""Importing a directory of this machine by copying it."""

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
from plashui.transfer.imports.survey import survey
from plashui.transfer.imports.tarball import Imported, empty_layer, make_image

if TYPE_CHECKING:
    from pathlib import Path


class Copied(NamedTuple):
    """The new image, and how it differs from the directory.

    `strangers` counts files of other users of this machine, which root owns in the
    image; `mounts` are the paths of mounts in the directory, which are left out.
    """

    image: Imported
    strangers: int
    mounts: tuple[str, ...]

    def remarks(self) -> list[str]:
        """Return the differences, for people."""
        found = []
        if self.mounts:
            where = ", ".join(self.mounts)
            found.append(f"{plural(len(self.mounts), 'mount')} left out: {where}")
        if self.strangers:
            files = plural(self.strangers, "file")
            found.append(f"{files} of other users: owned by root in the image")
        return [*found, *self.image.remarks()]


def import_directory(
    store: Store,
    directory: Path,
    *,
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Copied:
    """Make an image of a copy of a directory tree, with all attributes.

    For a plain user, files of the user's subordinate ids keep the ids that they have
    in the user's namespace; all others belong to root. Raises NameTaken if another
    image has the name.
    """
    name.check(store)
    try:
        real = directory.resolve(strict=True)
        os.stat(real / ".")
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "too many links"
        raise PlashError(f"cannot read {directory}: {why}") from error
    with workdir(store) as work, empty_layer(work) as data:
        _refuse_to_copy_itself(real, work.path.resolve(), store)
        # Inside the namespace, ids that are not mapped cannot be told apart.
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
    """Raise PlashError if the tree to copy contains the work directory of the copy.

    Other mounts are not entered and may contain it.
    """
    if real in work.parents and real.stat().st_dev == work.stat().st_dev:
        raise PlashError(
            f"{real} contains the store {store.path}",
            "Choose another directory, or another store with PLASH_DATA",
        )
