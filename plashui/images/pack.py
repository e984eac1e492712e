"""An image, or a directory of this machine, becomes a tar stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from plashui.core import helper
from plashui.core.errors import PlashError
from plashui.core.progress import Cancel
from plashui.core.store import Store
from plashui.images.gnutar import first_of, is_own, said

_CHANGED: Final = re.compile(
    r".*: (file changed as we read it|File removed before we read it|File shrank by .*)"
)

Write = Callable[[bytes], object]
"""Takes the next bytes of the stream (none at its end, too)."""


def pack_image(
    store: Store,
    image: int,
    write: Write,
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Give `write` a pax tar of all that the image's root sees.

    Owners are numbers as they are in the image. It cannot be removed meanwhile.
    """
    inside = [helper.program(), "engine:pack", "."]
    words = ["engine:with", str(store.path), str(image), "--", *inside]
    _pack(words, f"image {image}", write, "", on_tick, cancel)


def pack_directory(
    directory: Path,
    write: Write,
    *,
    strangers_to_root: bool = False,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Give `write` a pax tar of a directory; what is mounted in it is left out.

    Owners are numbers inside the user's namespace, where the user is root. With
    `strangers_to_root`, ids that have none there are root's, too; else nobody's.
    """
    options = ["--strangers-to-root"] if strangers_to_root else []
    words = ["engine:pack", *options, "--", str(directory)]
    remedy = f"Read it as root: sudo tar -C {directory} -c . | plash pull:tarfile"
    _pack(words, str(directory), write, remedy, on_tick, cancel)


def _pack(
    words: Sequence[str],
    what: str,
    write: Write,
    unreadable: str,
    on_tick: Callable[[], None] | None,
    cancel: Cancel | None,
) -> None:
    outcome = helper.call(words, on_data=write, on_tick=on_tick, cancel=cancel)
    changed: list[str] = []
    trouble: list[str] = []
    for line in said(outcome):
        if _CHANGED.fullmatch(line):
            changed.append(line)
        else:
            trouble.append(line)
    if outcome.status == 0:
        return
    if trouble and is_own(trouble[-1]):
        raise helper.failure(outcome, f"reading {what}")
    if trouble:
        denied = any("Permission denied" in line for line in trouble)
        remedy = unreadable if denied else ""
        raise PlashError(f"cannot read all of {what}: {first_of(trouble)}", remedy)
    if changed:
        raise PlashError(
            f"{what} changed while it was read: {first_of(changed)}",
            "Try again when nothing writes to it",
        )
    raise helper.failure(outcome, f"reading {what}")
