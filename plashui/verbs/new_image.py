"""The id of a new image, on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.verbs.output import out, say


def print_made(image: int) -> None:
    """Print the id of a new image; on stderr where stdout cannot be written.

    By it alone an image without a name is found again.
    """
    try:
        out(str(image))
        sys.stdout.flush()
    except OSError as error:
        raise PlashError(
            f"image {image} was made, but its id could not be written to standard"
            f" output: {error.strerror}"
        ) from error


def tell_made(place: Store, image: int, remarks: Iterable[str] = ()) -> None:
    """Say the remarks, print the id, and delete what dead processes left."""
    for remark in remarks:
        say(remark)
    print_made(image)
    if place.entries("tmp"):
        from plashui.operations import gc  # there is nothing to delete as a rule

        gc.sweep(place)
