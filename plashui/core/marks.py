"""What is noted of images beside them: which are pinned, and when each was last used.

Either is an empty file `ID` in one directory, so that one look tells them of all images
there are. The directories lie in the notes of layer 0, on which every image stands: the
old program ignores them, and when it purges the store and gives out the ids anew they
are gone too. A mark stays while its image is in the trash.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from plashui.core.census import image_id, image_ids
from plashui.core.errors import PlashError

if TYPE_CHECKING:
    from plashui.core.store import Store

_NOTES: Final = "layer/0/_meta"
_PINNED: Final = f"{_NOTES}/pinned"
_USED: Final = f"{_NOTES}/used"  # written by the helper: lastuse.c


def pinned(root: str) -> frozenset[int]:
    """The ids pinned in the store at this path, maybe of images that are gone."""
    return frozenset(_ids(f"{root}/{_PINNED}"))


def _ids(directory: str) -> list[int]:
    try:
        return image_ids(os.listdir(directory))
    except OSError:
        return []


def pin(store: Store, image: int) -> None:
    """Keep this image from being taken by a shrink, or removed by mistake."""
    store.layer(image)
    directory = f"{store.root}/{_PINNED}"
    try:
        os.makedirs(directory, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with store.moving():  # else it could be taken out before the pin is seen
            store.layer(image)
            os.close(os.open(f"{directory}/{image}", flags, 0o644))
    except OSError as error:
        raise PlashError(f"cannot pin image {image}: {error.strerror}") from error


def unpin(store: Store, image: int) -> None:
    """No longer; harmless if it was not pinned."""
    try:
        os.unlink(f"{store.root}/{_PINNED}/{image}")
    except FileNotFoundError:
        return
    except OSError as error:
        raise PlashError(f"cannot unpin image {image}: {error.strerror}") from error


def last_used(store: Store) -> dict[int, float]:
    """When a command was last started in each image, in epoch seconds.

    What nothing was ever started in is not in it.
    """
    found: dict[int, float] = {}
    try:
        with os.scandir(f"{store.root}/{_USED}") as entries:
            for entry in entries:
                image = image_id(entry.name)
                if image is not None:
                    with contextlib.suppress(OSError):
                        found[image] = entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        pass
    return found


def last_use(store: Store, image: int) -> float | None:
    """The same of one image; None if nothing was ever started in it."""
    try:
        return os.lstat(f"{store.root}/{_USED}/{image}").st_mtime
    except OSError:
        return None


def forget(store: Store, images: Iterable[int]) -> None:
    """Take away the marks of images that are gone for good."""
    for image in images:
        for directory in (_PINNED, _USED):
            with contextlib.suppress(OSError):
                os.unlink(f"{store.root}/{directory}/{image}")


def marked(store: Store) -> set[int]:
    """Every id that has a mark."""
    return {i for place in (_PINNED, _USED) for i in _ids(f"{store.root}/{place}")}
