"""Garbage collection: leftovers of killed programs, and abandoned downloads."""

from __future__ import annotations

import contextlib
import os

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.units import plural, size
from plashui.helper import deleting, usage
from plashui.model.forest import Usage
from plashui.operations import leftovers
from plashui.store import (
    app_copies,
    build_caches,
    build_notes,
    cache,
    layout,
    partial_downloads,
)
from plashui.store.changes import saved_changes
from plashui.store.changes.saved_changes import kept
from plashui.store.oci import kept_blobs, kept_layers
from plashui.store.store import Store
from plashui.store.trash.listing import trashed
from plashui.store.workdir import REST

if TYPE_CHECKING:
    from pathlib import Path


class Cleaned(NamedTuple):
    """The numbers of removed leftovers, dead links, kept blobs and caches of builds.

    `bytes` were freed.

    `orphans` are unsaved changes of removed images, which stay, because only a person
    can decide about them. `trouble` is the first error, of a leftover that stays.
    """

    leftovers: int
    links: int
    blobs: int
    caches: int
    bytes: int
    orphans: tuple[Path, ...]
    trouble: PlashError | None

    def sentence(self) -> str:
        """Describe what was removed, for people."""
        counts = (
            (self.leftovers, "leftover"),
            (self.links, "dead link"),
            (self.blobs, "kept blob"),
            (self.caches, "cache"),
        )
        done = " and ".join(plural(count, what) for count, what in counts if count)
        if not done and not self.bytes:
            return "nothing was removed" if self.trouble else "nothing was left behind"
        freed = f", {size(self.bytes)} freed" if self.bytes else ""
        return f"{done or plural(0, 'leftover')} removed{freed}"

    def warnings(self) -> list[str]:
        """Describe what a person has to decide about."""
        return [
            f"{path} holds unsaved changes of a removed image" for path in self.orphans
        ]


def clean(
    store: Store,
    *,
    caches: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Cleaned:
    """Remove leftovers that no living process uses, and what is kept for too long.

    With `caches` also what could be of use for the next pull or build, or for the next
    start of an app.

    Raises PlashError, and changes nothing, if the directory is not a store.
    """
    if store.check() and not layout.is_store(store.root):
        raise PlashError(
            f"{store.root} is not a store: nothing was removed",
            "Set PLASH_DATA to the store",
        )
    layout.refuse_anothers(store.root)
    if cancel is not None:
        cancel.check()
    before = _weight(store, cancel, apps=caches)
    swept = sweep(store, report=report, cancel=cancel)
    count = swept.directories + partial_downloads.forget(store)
    count += kept_layers.forget(store)
    older = 0 if caches else kept_blobs.MONTH
    blobs = kept_blobs.forget(store, older=older)
    build_notes.forget(store, older=older)
    emptied = 0
    if caches:
        emptied = build_caches.forget(store, cancel=cancel)
        emptied += app_copies.forget(cancel=cancel)
    cache.forget_gone()
    images = store.read().images
    _forget_packages(store, {*images, *_everything_in_trash(store)})
    orphans = tuple(one.place for one in kept(store) if one.image not in images)
    freed = swept.bytes + max(0, before - _weight(store, apps=caches))
    return Cleaned(count, swept.links, blobs, emptied, freed, orphans, swept.trouble)


def _forget_packages(store: Store, images: set[int]) -> None:
    from plashui.image.packages import known  # not for a sweep

    known.forget_others(store, images)


def _weight(store: Store, cancel: Cancel | None = None, *, apps: bool) -> int:
    """Return the allocated bytes of kept layers, blobs, caches and downloads."""
    found: list[Usage] = []
    names = [f"tmp/{name}" for name in kept_layers.kept(store)]
    names += build_caches.places(store)
    usage.usage(
        store.root, names, lambda _path, usage: found.append(usage), cancel=cancel
    )
    total = sum(usage.allocated for usage in found) + kept_blobs.allocated(store)
    total += app_copies.allocated() if apps else 0
    with contextlib.suppress(OSError), os.scandir(f"{store.root}/downloads") as entries:
        total += sum(
            entry.stat(follow_symlinks=False).st_blocks * 512 for entry in entries
        )
    return total


def sweep(
    store: Store, *, report: Report = silent, cancel: Cancel | None = None
) -> deleting.Swept:
    """Remove leftovers as far as possible; see leftovers.

    Operations call it at their end and ignore `trouble`, which only `clean` reports.
    It does nothing in a directory that is not a store.
    """
    swept = deleting.Swept()
    try:
        if layout.is_store(store.root) and not layout.is_anothers(store.root):
            saved_changes.sweep(store)
            swept = leftovers.sweep(
                store, _everything_in_trash, report=report, cancel=cancel
            )
        return swept
    except Cancelled as error:
        raise Cancelled(REST) from error
    except PlashError as error:
        return swept._replace(trouble=error)


def _everything_in_trash(store: Store) -> set[int]:
    return {image for entry in trashed(store) for image in entry.ids}
