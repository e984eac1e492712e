"""What is noted of images beside them: pins, last uses, and what a person wrote.

Each is a file `ID` in one directory, empty but for what was written, so that one look
tells them of all images there are. The directories lie in the notes of layer 0, on
which every image stands: the old program ignores them, and when it purges the store and
gives out the ids anew they are gone too. A mark stays while its image is in the trash.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import (
    PASSABLE,
    make_private,
    read_small,
    time_in,
    write_small,
)
from plashui.store import layout
from plashui.store.scan import image_id, image_ids

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

_NOTES: Final = "layer/0/_meta"
PINNED: Final = f"{_NOTES}/pinned"
USED: Final = f"{_NOTES}/used"  # written by the helper: lastuse.c
WRITTEN: Final = f"{_NOTES}/written"
"""Where pins, last uses and notes are, from the store."""
_ALL: Final = (PINNED, USED, WRITTEN)

LONGEST_NOTE: Final = 4096
"""Characters of a note."""


def pinned(root: str) -> frozenset[int]:
    """The ids pinned in the store at this path, maybe of images that are gone."""
    return frozenset(_ids(f"{root}/{PINNED}"))


def _ids(directory: str) -> list[int]:
    try:
        return image_ids(os.listdir(directory))
    except OSError:
        return []


def pin(store: Store, image: int) -> None:
    """Keep this image from being taken by a shrink, or removed by mistake."""
    store.layer(image)
    layout.refuse_anothers(store.root)
    directory = f"{store.root}/{PINNED}"
    try:
        make_private(f"{store.root}/{_NOTES}", PASSABLE)
        make_private(directory)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with store.moving():  # else it could be taken out before the pin is seen
            store.layer(image)
            with contextlib.suppress(FileExistsError):  # whatever it is, it is a pin
                os.close(os.open(f"{directory}/{image}", flags, 0o600))
    except OSError as error:
        raise PlashError(f"cannot pin image {image}: {error.strerror}") from error


def unpin(store: Store, image: int) -> None:
    """No longer; harmless if it was not pinned."""
    layout.refuse_anothers(store.root)
    try:
        os.unlink(f"{store.root}/{PINNED}/{image}")
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
        with os.scandir(f"{store.root}/{USED}") as entries:
            for entry in entries:
                image = image_id(entry.name)
                if image is not None:
                    with contextlib.suppress(OSError):
                        used = entry.stat(follow_symlinks=False).st_mtime
                        found[image] = time_in(used) or 0.0
    except OSError:
        pass
    return found


def last_use(store: Store, image: int) -> float | None:
    """The same of one image; None if nothing was ever started in it."""
    try:
        return time_in(os.lstat(f"{store.root}/{USED}/{image}").st_mtime) or 0.0
    except OSError:
        return None


def forget(store: Store, images: Iterable[int]) -> None:
    """Take away the marks of images that are gone for good."""
    for image in images:
        for directory in _ALL:
            with contextlib.suppress(OSError):
                os.unlink(f"{store.root}/{directory}/{image}")


def marked(store: Store) -> set[int]:
    """Every id that has a mark."""
    return {i for place in _ALL for i in _ids(f"{store.root}/{place}")}


def write_note(store: Store, image: int, text: str) -> None:
    """Note this of an image, in place of what was noted before; '' is nothing."""
    store.layer(image)
    if len(text) > LONGEST_NOTE:
        raise PlashError(f"a note has at most {LONGEST_NOTE} characters")
    layout.refuse_anothers(store.root)
    directory = f"{store.root}/{WRITTEN}"
    try:
        if not text:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{directory}/{image}")
            return
        make_private(f"{store.root}/{_NOTES}", PASSABLE)
        make_private(directory)
        written = text.encode("utf-8", "surrogateescape")
        write_small(f"{directory}/{image}", [written])
    except UnicodeEncodeError as error:
        raise PlashError("a note cannot hold halves of characters") from error
    except OSError as error:
        raise PlashError(f"cannot note it: {error.strerror}") from error


def note_of(store: Store, image: int) -> str:
    """What was noted of an image; '' if nothing."""
    try:
        written = read_small(f"{store.root}/{WRITTEN}/{image}", 4 * LONGEST_NOTE)
    except OSError:
        return ""
    return written.decode("utf-8", "surrogateescape")


def notes(store: Store) -> dict[int, str]:
    """What was noted, of each image that has a note."""
    ids = _ids(f"{store.root}/{WRITTEN}")
    return {image: text for image in ids if (text := note_of(store, image))}
