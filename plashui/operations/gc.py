"""What is left over goes: of killed programs, and of downloads that were given up."""

from __future__ import annotations

import contextlib
import os

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.units import plural, size
from plashui.helper import calls
from plashui.model.forest import Usage
from plashui.operations import leftovers
from plashui.operations.delete import REST
from plashui.store import cache, layout, partial_downloads, saved_changes
from plashui.store.saved_changes import kept
from plashui.store.store import Store
from plashui.store.trash import trashed

if TYPE_CHECKING:
    from pathlib import Path


class Cleaned(NamedTuple):
    """How many leftovers went, links that led nowhere, and the bytes they took.

    `orphans` are unsaved changes of images that are gone: only a person can tell
    whether anybody wants them, so they stay. `trouble` says what else did, and why.
    """

    leftovers: int
    links: int
    bytes: int
    orphans: tuple[Path, ...]
    trouble: PlashError | None

    def sentence(self) -> str:
        """What was done, for people."""
        counts = ((self.leftovers, "leftover"), (self.links, "dead link"))
        done = " and ".join(plural(count, what) for count, what in counts if count)
        if not done and not self.bytes:
            return "nothing was removed" if self.trouble else "nothing was left behind"
        freed = f", {size(self.bytes)} freed" if self.bytes else ""
        return f"{done or plural(0, 'leftover')} removed{freed}"

    def warnings(self) -> list[str]:
        """What a person has to decide about."""
        return [
            f"{path} holds changes of an image that is gone" for path in self.orphans
        ]


def clean(
    store: Store, *, report: Report = silent, cancel: Cancel | None = None
) -> Cleaned:
    """Remove the leftovers; never what a living process uses.

    Raises PlashError, with nothing touched, if there is something else than a store.
    """
    if store.check() and not layout.is_store(store.root):
        raise PlashError(
            f"{store.root} is not a store: nothing was removed",
            "PLASH_DATA names the store",
        )
    layout.refuse_anothers(store.root)
    before = _weight(store, cancel)
    swept = sweep(store, report=report, cancel=cancel)
    count = swept.directories + partial_downloads.forget(store)
    cache.forget_gone()
    images = store.read().images
    orphans = tuple(one.place for one in kept(store) if one.image not in images)
    freed = max(0, before - _weight(store))
    return Cleaned(count, swept.links, freed, orphans, swept.trouble)


def _weight(store: Store, cancel: Cancel | None = None) -> int:
    """The bytes of what could go."""
    found: list[Usage] = []
    names = [f"tmp/{name}" for name in leftovers.left_behind(store)]
    calls.usage(
        store.root, names, lambda _path, usage: found.append(usage), cancel=cancel
    )
    total = sum(usage.allocated for usage in found)
    with contextlib.suppress(OSError), os.scandir(f"{store.root}/downloads") as entries:
        total += sum(
            entry.stat(follow_symlinks=False).st_blocks * 512 for entry in entries
        )
    return total


def sweep(
    store: Store, *, report: Report = silent, cancel: Cancel | None = None
) -> leftovers.Swept:
    """Remove what is left over, as far as that can be done; see leftovers.

    Every operation ends with it. What cannot be removed is not its fault: only `clean`
    says so. Nothing happens in a directory that is not a store.
    """
    swept = leftovers.Swept()
    try:
        if not layout.is_store(store.root) or layout.is_anothers(store.root):
            return swept
        links = leftovers.forget(store, _everything_in_trash)
        saved_changes.sweep(store)
        swept = leftovers.remove(store, report=report, cancel=cancel)
        return swept._replace(links=links)
    except Cancelled as error:
        raise Cancelled(REST) from error
    except PlashError as error:
        return swept._replace(trouble=error)


def _everything_in_trash(store: Store) -> set[int]:
    return {image for entry in trashed(store) for image in entry.ids}
