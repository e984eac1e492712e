"""Restoring images from the trash, with their parents, names and children.

Links are made first, the rename of the directory comes last and makes the image
visible: a restore that is killed can be repeated.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE
from plashui.store.metadata import META
from plashui.store.names import link_name
from plashui.store.store import Store
from plashui.store.trash.listing import trashed
from plashui.store.trash.record import RECORD, Record, is_there, read_record, walk_nodes

if TYPE_CHECKING:
    from typing import Final

_SEE: Final = "`plash trash` lists its contents"


class Restored(NamedTuple):
    """The restored images; `names_lost` are names that other images have now.

    `first` are the images in the trash that were restored before, as ancestors.
    """

    ids: tuple[int, ...]
    names_kept: tuple[str, ...]
    names_lost: tuple[str, ...]
    first: tuple[int, ...] = ()


def restore(store: Store, image: int) -> Restored:
    """Restore an image with its names and all images built on it.

    Its ancestors are restored before it if they are in the trash.
    """
    store.check()
    store.create()
    with store.moving():
        return _restore(store, image)


def _restore(store: Store, image: int) -> Restored:
    line = _line(store, image)
    back = [_bring_back(store, top) for top in line]
    return _together(back, (top for top in line if top != image))


def restore_all(store: Store, images: Iterable[int]) -> Restored:
    """Restore those of several images that are in the trash.

    Raises PlashError if none is.
    """
    store.check()
    store.create()
    back: list[Restored] = []
    wanted = list(images)
    with store.moving():
        there = {image for entry in trashed(store) for image in entry.ids}
        for image in wanted:
            if image in there:
                back.append(_restore(store, image))
                there.difference_update(back[-1].ids)
    if not back:
        if len(wanted) == 1:
            what = f"image {wanted[0]} is no longer in the trash"
        else:
            what = "these images are no longer in the trash"
        raise PlashError(what, _SEE)
    return _together(back, (top for one in back for top in one.first))


def _together(back: Sequence[Restored], first: Iterable[int]) -> Restored:
    """Return several restores as one."""
    return Restored(
        tuple(sorted(i for one in back for i in one.ids)),
        tuple(name for one in back for name in one.names_kept),
        tuple(name for one in back for name in one.names_lost),
        tuple(first),
    )


def _line(store: Store, image: int) -> list[int]:
    """Return the removals to undo, in order: ancestors before descendants."""
    top = _removal_of(store, image)
    if top is None:
        raise PlashError(f"image {image} is not in the trash", _SEE)
    line = [top]
    while True:
        record = read_record(store.path / "trash" / str(line[-1]))
        parent = record.parent
        if parent == EMPTY_IMAGE or is_there(store, parent, record.parent_born):
            return line[::-1]
        above = _removal_of(store, parent) if parent > 0 else None
        if above is None or above in line:
            if parent > 0:
                why = f"its parent, image {parent}, was deleted"
            else:
                why = "its parent is unknown"
            raise PlashError(f"cannot restore image {line[-1]}: {why}")
        line.append(above)


def _removal_of(store: Store, image: int) -> int | None:
    """Return the image in the trash that contains this one; None if there is none."""
    if (store.path / "trash" / str(image)).is_dir():
        return image
    return next((t.id for t in trashed(store) if image in t.ids), None)


def _bring_back(store: Store, image: int) -> Restored:
    node = store.path / "trash" / str(image)
    record = read_record(node)
    above = "layer/0" if record.parent == EMPTY_IMAGE else store.layer(record.parent)
    place = f"{above}/{image}"
    nodes = walk_nodes(node, image)
    _refuse_if_taken(store, image, nodes)
    targets = {
        child: os.path.normpath(f"../{place}/{os.path.relpath(path, node)}")
        for child, path in nodes.items()
    }
    for child, target in targets.items():
        link = store.path / "index" / str(child)
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        except OSError as error:
            reason = f"cannot restore image {image}: {error.strerror}"
            raise PlashError(reason) from error
    kept, lost = _names(store, record, targets)
    try:
        node.rename(store.path / place)
    except OSError as error:
        for name in kept:
            with contextlib.suppress(OSError):
                (store.path / store.name_link(name)).unlink()
        raise PlashError(f"cannot restore image {image}: {error.strerror}") from error
    with contextlib.suppress(OSError):
        (store.path / place / META / RECORD).unlink()
    return Restored(tuple(sorted(nodes)), tuple(kept), tuple(lost))


def _refuse_if_taken(store: Store, image: int, ids: Iterable[int]) -> None:
    """Raise PlashError if other images have these ids now.

    The old program's `purge` restarts the ids and leaves the trash alone.
    """
    for taken in ids:
        if is_there(store, taken):
            raise PlashError(
                f"cannot restore image {image}: another image has the id {taken} now",
                f"`plash rm {taken}` removes that one, `plash trash --empty {image}`"
                " permanently deletes the one in the trash",
            )


def _names(
    store: Store, record: Record, targets: dict[int, str]
) -> tuple[list[str], list[str]]:
    """Set the names that are free; return these and the names that are taken."""
    kept: list[str] = []
    lost: list[str] = []
    for image, names in record.names.items():
        for name in names:
            try:
                free = image in targets and store.get_name(name) is None
                if free:
                    link_name(store, name, targets[image])
                (kept if free else lost).append(name)
            except PlashError:
                lost.append(name)
    return kept, lost
