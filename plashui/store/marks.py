"""Marks on images: pins, times of last use, and notes that a person wrote.

A mark is a file `ID` in the directory of its kind, so that one listing returns the
marks of all images; only notes have content. The directories are in the metadata of
layer 0: the old program ignores them there and removes them when it purges the store,
after which ids start again. An image in the trash keeps its marks.
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
from plashui.store.ids import image_id, image_ids

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

_NOTES: Final = "layer/0/_meta"
PINNED: Final = f"{_NOTES}/pinned"
USED: Final = f"{_NOTES}/used"  # written by the helper: last_use.c
WRITTEN: Final = f"{_NOTES}/written"
"""The directories of pins, last uses and notes, relative to the store."""
_ALL: Final = (PINNED, USED, WRITTEN)

LONGEST_NOTE: Final = 4096
"""The most characters of a note."""


def pinned(root: str) -> frozenset[int]:
    """Return the pinned ids of the store at this path, also of removed images."""
    return frozenset(_ids(f"{root}/{PINNED}"))


def _ids(directory: str) -> list[int]:
    try:
        return image_ids(os.listdir(directory))
    except OSError:
        return []


def pin(store: Store, image: int) -> None:
    """Protect an image from shrinks and from removal by mistake."""
    store.layer(image)
    layout.refuse_anothers(store.root)
    directory = f"{store.root}/{PINNED}"
    try:
        make_private(f"{store.root}/{_NOTES}", PASSABLE)
        make_private(directory)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with store.moving():  # else a removal may miss the pin
            store.layer(image)
            with contextlib.suppress(FileExistsError):  # anything of that name is a pin
                os.close(os.open(f"{directory}/{image}", flags, 0o600))
    except OSError as error:
        raise PlashError(f"cannot pin image {image}: {error.strerror}") from error


def unpin(store: Store, image: int) -> None:
    """Remove the pin of an image; harmless if it has none."""
    layout.refuse_anothers(store.root)
    try:
        os.unlink(f"{store.root}/{PINNED}/{image}")
    except FileNotFoundError:
        return
    except OSError as error:
        raise PlashError(f"cannot unpin image {image}: {error.strerror}") from error


def last_used(store: Store) -> dict[int, float]:
    """Return when a command was last started in each image, in epoch seconds.

    Images that were never used are missing.
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
    """Return when a command was last started in an image, in epoch seconds.

    None if it was never used.
    """
    try:
        return time_in(os.lstat(f"{store.root}/{USED}/{image}").st_mtime) or 0.0
    except OSError:
        return None


def note_use(store: Store, image: int, when: float) -> None:
    """Record that a command was started in an image then, in epoch seconds."""
    store.layer(image)
    make_private(f"{store.root}/{_NOTES}", PASSABLE)
    make_private(f"{store.root}/{USED}")
    at = f"{store.root}/{USED}/{image}"
    write_small(at, [], durable=False)
    os.utime(at, (when, when))


def forget(store: Store, images: Iterable[int]) -> None:
    """Remove the marks of deleted images."""
    for image in images:
        for directory in _ALL:
            with contextlib.suppress(OSError):
                os.unlink(f"{store.root}/{directory}/{image}")


def marked(store: Store) -> set[int]:
    """Return every id that has a mark."""
    return {i for place in _ALL for i in _ids(f"{store.root}/{place}")}


def write_note(store: Store, image: int, text: str) -> None:
    """Replace the note of an image; '' deletes it."""
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
        raise PlashError("a note must be valid Unicode text") from error
    except OSError as error:
        raise PlashError(f"cannot write the note: {error.strerror}") from error


def note_of(store: Store, image: int) -> str:
    """Return the note of an image; '' if it has none."""
    try:
        written = read_small(f"{store.root}/{WRITTEN}/{image}", 4 * LONGEST_NOTE)
    except OSError:
        return ""
    return written.decode("utf-8", "surrogateescape")


def notes(store: Store) -> dict[int, str]:
    """Return all notes by image."""
    ids = _ids(f"{store.root}/{WRITTEN}")
    return {image: text for image in ids if (text := note_of(store, image))}
