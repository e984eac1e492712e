"""Setting and deleting names of images; `Store.names` reads them."""

from __future__ import annotations

import os

from plashui.base.errors import NameTaken, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store import layout
from plashui.store.store import Store, check_name
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import Final

_LONGEST: Final = 255
"""The most bytes of a file name on Linux."""


def set_name(store: Store, key: str, image: int, *, take: bool = True) -> None:
    """Name an image; `take` moves the name from another image that has it.

    Without `take`, raises NameTaken if another image has the name.
    """
    from plashui.helper import calls  # not before the app's first screen

    check_new_name(key)
    try:
        calls.set_name(store.root, key, image, take=take)
    except PlashError:
        if not take:
            check_free(store, key, image)
        raise


def check_free(store: Store, key: str, image: int | None = None) -> None:
    """Raise NameTaken if an image other than `image` has the name."""
    owner = store.get_name(key)
    if owner not in (None, image):
        raise NameTaken(key, owner)


def link_name(store: Store, key: str, target: str) -> None:
    """Link a name to a path relative to map/, which may not exist yet."""
    with workdir(store) as work:
        link = work.path / "link"
        try:
            link.symlink_to(target)
            link.rename(store.path / store.name_link(key))
        except OSError as error:
            raise layout.trouble("write to", store.root, error) from error


def delete_name(store: Store, key: str) -> None:
    """Delete a name; harmless if it does not exist."""
    from plashui.helper import calls  # as above

    check_name(key)
    calls.delete_name(store.root, key)


def check_new_name(key: str) -> None:
    """Raise PlashError if the name is invalid or too long."""
    check_name(key)
    if len(os.fsencode(key)) > _LONGEST:
        raise PlashError(f"{key[:20]!r}... cannot be a name: it is too long")
