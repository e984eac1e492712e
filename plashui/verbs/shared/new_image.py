"""The id of a new image, on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.verbs.shared.output import out, say


def print_made(image: int) -> None:
    """Print the id of a new image; if stdout fails, raise an error that has the id.

    Without it, an image without a name is hard to find.
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
    """Print the remarks and the id; remove leftovers of killed processes."""
    for remark in remarks:
        say(remark)
    print_made(image)
    sweep(place)


def sweep(place: Store) -> None:
    """Remove leftovers of killed processes, after something was made."""
    if place.entries("tmp"):
        from plashui.operations import gc  # there is nothing to delete as a rule

        gc.sweep(place)
