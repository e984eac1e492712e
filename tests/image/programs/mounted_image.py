"""Open a merged image and do with it what the words say; print the results as JSON.

Arguments: the store, the image, and calls as JSON: lists of words that each begin with
the name of a function below. An error is its sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress
from plashui.helper import listing
from plashui.helper.listing import Entry
from plashui.image.mounted_image import Merged, open_image
from plashui.store.store import Store

store = Store(sys.argv[1])


def entries(image: Merged, path: str) -> list[Entry]:
    """List a directory."""
    return sorted(image.entries(path))


def entry(image: Merged, path: str) -> Entry:
    """Look at a file."""
    return image.entry(path)


def read(image: Merged, path: str, offset: int = 0, length: int | None = None) -> str:
    """Read a file, or a range of it."""
    return image.read(path, offset, length).decode()


def leads_to_directory(image: Merged, path: str) -> bool:
    """Tell whether a path does."""
    return image.leads_to_directory(path)


def copy_out(image: Merged, path: str, target: str) -> object:
    """Copy a tree out of it."""
    return image.copy_out(path, Path(target))


def cancelled_copy(image: Merged, target: str) -> bool:
    """Copy all, cancelled at the first report; true if it was reported and ended."""
    cancel, seen = Cancel(), []

    def report(progress: Progress) -> None:
        seen.append(progress.done)
        cancel.set()

    try:
        image.copy_out("/", Path(target), report=report, cancel=cancel)
    except Cancelled:
        return bool(seen)
    return False


def listed_by_helper(image: Merged, path: str) -> list[Entry]:
    """List a directory as the helper does."""
    return sorted(listing.list_directory(store.path, image._image, path))


def listed_of_layer(image: Merged, path: str) -> list[Entry]:
    """List a directory of the image's own layer."""
    return list(listing.list_directory(store.path, image._image, path, layer=True))


def hold(_image: Merged) -> None:
    """Keep it open until the input ends."""
    print("open", flush=True)
    sys.stdin.read()


FUNCTIONS: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        entries,
        entry,
        read,
        leads_to_directory,
        copy_out,
        cancelled_copy,
        listed_by_helper,
        listed_of_layer,
        hold,
    )
}
results = []
with open_image(store, int(sys.argv[2])) as image:
    for name, *words in json.loads(sys.argv[3]):
        try:
            results.append(FUNCTIONS[name](image, *words))
        except PlashError as error:
            results.append(str(error))
print(json.dumps(results))
