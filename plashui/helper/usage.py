"""Counting what directories take on the disk (`engine:usage`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import process
from plashui.helper.batches import batches
from plashui.helper.decode import understood
from plashui.model.forest import Usage

if TYPE_CHECKING:
    from pathlib import Path


def usage(
    store: str | Path,
    paths: Sequence[str],
    found: Callable[[str, Usage], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Count the disk use of directories, given relative to the store.

    `found` is called for each as soon as it is counted, not for missing ones.
    """
    import json

    for batch in batches(paths):

        def line(data: bytes, batch: list[str] = batch) -> None:
            with understood("counting"):
                value = json.loads(data)
                path = batch[value["n"]]
                if value.get("missing"):
                    return
                counted = Usage(value["allocated"], value["apparent"], value["files"])
            found(path, counted)

        words = ["engine:usage", str(store), *batch]
        outcome = process.call(words, on_line=line, on_tick=on_tick, cancel=cancel)
        if outcome.status:
            raise process.failure(outcome, "counting")
        if outcome.stdout:  # the last line has no newline
            line(outcome.stdout)


@contextlib.contextmanager
def usage_beside_layers(
    store: str | Path, paths: Sequence[str], kept: str | None
) -> Iterator[Callable[[], dict[str, int]]]:
    """Count the disk use of paths without image contents, while the block runs.

    The path "." is the store without the other paths. The block gets a function that
    waits for the allocated bytes of each path, 0 for a missing one. `kept` is the file
    in which the helper caches its counts.
    """
    import json

    options = ["--beside-layers", *(["--kept", kept] if kept else [])]
    words = ["engine:usage", *options, str(store), *paths]
    with process.in_background(words) as ended:

        def counted() -> dict[str, int]:
            outcome = ended()
            if outcome.status:
                raise process.failure(outcome, "counting")
            with understood("counting"):
                found = map(json.loads, outcome.stdout.splitlines())
                return {paths[one["n"]]: one.get("allocated", 0) for one in found}

        yield counted
