"""Bringing images back from the trash, with their place, their names, and their kin.

Links come first and the one rename last: until then nothing is visible but what was
there before, so whoever is killed half way can do it again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE
from plashui.store.metadata import META
from plashui.store.names import link_name
from plashui.store.store import Store
from plashui.store.trash import trashed
from plashui.store.trash_record import NOTE, Note, is_there, read_note, walk_nodes

if TYPE_CHECKING:
    from typing import Final

    pass

_SEE: Final = "`plashui trash` shows what is"


class Restored(NamedTuple):
    """What came back; `names_lost` belong to other images by now.

    `first` are the removals that were undone with it: of what the image stood on.
    """

    ids: tuple[int, ...]
    names_kept: tuple[str, ...]
    names_lost: tuple[str, ...]
    first: tuple[int, ...] = ()


def restore(store: Store, image: int) -> Restored:
    """Bring an image back with its place, its names, and what stood on it.

    What it stood on comes back before it, if that is in the trash too.
    """
    store.check()
    store.create()
    with store.moving():
        line = _line(store, image)
        back = [_bring_back(store, top) for top in line]
    return Restored(
        tuple(sorted(i for one in back for i in one.ids)),
        tuple(name for one in back for name in one.names_kept),
        tuple(name for one in back for name in one.names_lost),
        tuple(top for top in line if top != image),
    )


def restore_all(store: Store, images: Iterable[int]) -> Restored:
    """Bring several back: those of them that are in the trash, as one removal.

    Raises PlashError if none is.
    """
    back: list[Restored] = []
    there = {image for entry in trashed(store) for image in entry.ids}
    wanted = list(images)
    for image in wanted:
        if image in there:
            back.append(restore(store, image))
            there.difference_update(back[-1].ids)
    if not back:
        what = "it is" if len(wanted) == 1 else "none of it is"
        raise PlashError(f"{what} in the trash any more", _SEE)
    return Restored(
        tuple(sorted(i for one in back for i in one.ids)),
        tuple(name for one in back for name in one.names_kept),
        tuple(name for one in back for name in one.names_lost),
        tuple(top for one in back for top in one.first),
    )


def _line(store: Store, image: int) -> list[int]:
    """The removals to be undone, in order: each stands on one before it or none."""
    top = _removal_of(store, image)
    if top is None:
        raise PlashError(f"image {image} is not in the trash", _SEE)
    line = [top]
    while True:
        note = read_note(store.path / "trash" / str(line[-1]))
        parent = note.parent
        if parent == EMPTY_IMAGE or is_there(store, parent, note.parent_born):
            return line[::-1]
        above = _removal_of(store, parent) if parent > 0 else None
        if above is None or above in line:
            stood = f"image {parent}, on which it stood, is gone for good"
            unknown = "what it stood on is not known any more"
            raise PlashError(
                f"image {line[-1]} cannot come back: {stood if parent > 0 else unknown}"
            )
        line.append(above)


def _removal_of(store: Store, image: int) -> int | None:
    """The image that this one went to the trash with (or alone); None if it did not."""
    if (store.path / "trash" / str(image)).is_dir():
        return image
    return next((t.id for t in trashed(store) if image in t.ids), None)


def _bring_back(store: Store, image: int) -> Restored:
    node = store.path / "trash" / str(image)
    note = read_note(node)
    above = "layer/0" if note.parent == EMPTY_IMAGE else store.layer(note.parent)
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
    kept, lost = _names(store, note, targets)
    try:
        node.rename(store.path / place)
    except OSError as error:
        for name in kept:
            with contextlib.suppress(OSError):
                (store.path / "map" / name).unlink()
        raise PlashError(f"cannot restore image {image}: {error.strerror}") from error
    with contextlib.suppress(OSError):
        (store.path / place / META / NOTE).unlink()
    return Restored(tuple(sorted(nodes)), tuple(kept), tuple(lost))


def _refuse_if_taken(store: Store, image: int, ids: Iterable[int]) -> None:
    """Raise PlashError if other images have these ids now.

    The old program's `purge` leaves the trash alone, and begins to count anew.
    """
    for taken in ids:
        if is_there(store, taken):
            raise PlashError(
                f"image {image} cannot come back: another image has the id {taken} now",
                f"`plash rm {taken}` removes that one, `plash trash --empty {image}`"
                " deletes the one in the trash for good",
            )


def _names(
    store: Store, note: Note, targets: dict[int, str]
) -> tuple[list[str], list[str]]:
    """Give the names back that nobody else has by now; those, and the others."""
    kept: list[str] = []
    lost: list[str] = []
    for image, names in note.names.items():
        for name in names:
            try:
                free = image in targets and store.get_name(name) is None
                if free:
                    link_name(store, name, targets[image])
                (kept if free else lost).append(name)
            except PlashError:
                lost.append(name)
    return kept, lost
