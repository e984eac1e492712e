"""Emptying the trash: permanent deletion of the images in it."""

from __future__ import annotations

from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import usage
from plashui.model.forest import Usage
from plashui.operations.delete import delete, paths_of
from plashui.operations.preconditions import refuse_if_needed, refuse_if_used
from plashui.processes import holders
from plashui.store.metadata import DATA
from plashui.store.store import Store
from plashui.store.trash.listing import trashed
from plashui.store.trash.record import walk_nodes


def empty(
    store: Store,
    images: Iterable[int] | None = None,
    *,
    force: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Delete images in the trash (default: all) permanently; return the bytes freed.

    Unless `force`, raises InUse if processes run in them, and Needed if other images
    in the trash are built on them; nothing is deleted then.
    """
    wanted = [t.id for t in trashed(store)] if images is None else images
    chosen = list(dict.fromkeys(wanted))
    nodes: dict[int, str] = {}
    for image in chosen:
        if not (store.path / "trash" / str(image)).is_dir():
            if images is None:
                continue  # another process removed it
            raise PlashError(f"image {image} is not in the trash")
        nodes |= walk_nodes(store.path / "trash" / str(image), image)
    if not nodes:
        return 0
    if not force:
        data = {image: node / DATA for image, node in paths_of(nodes).items()}
        refuse_if_used(holders.holders(store.path), data)
        refuse_if_needed(store, nodes, nodes)
    freed = 0

    def count(_path: str, usage: Usage) -> None:
        nonlocal freed
        freed += usage.allocated

    usage.usage(store.path, [f"trash/{n}" for n in chosen], count, cancel=cancel)
    places = [store.path / "trash" / str(image) for image in chosen]
    delete(store, places, nodes, report, cancel)
    return freed
