"""Packing an image, or a directory of this machine, into a tar stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import process, recipe

if TYPE_CHECKING:
    from pathlib import Path

Write = Callable[[bytes], object]
"""Receives the next bytes of the stream, and empty bytes at its end."""


def pack_image(
    store: Path,
    image: int,
    write: Write,
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Pass to `write` a pax tar of all that the root of an image sees.

    Owners are numeric ids of the image. The image cannot be removed during the call.
    """
    words = ["engine:pack-image", str(store), str(image)]
    _pack(words, f"image {image}", write, on_tick, cancel)


def pack_directory(
    directory: Path,
    write: Write,
    *,
    strangers_to_root: bool = False,
    cancel: Cancel | None = None,
) -> None:
    """Pass to `write` a pax tar of a directory, without other mounts inside it.

    Owners are numeric ids of the user's namespace, in which the user is root. Ids
    that are not mapped there become root's with `strangers_to_root`, else nobody's.
    """
    options = ["--strangers-to-root"] if strangers_to_root else []
    words = ["engine:pack", *options, "--", str(directory)]
    _pack(words, str(directory), write, None, cancel)


def pack_layer(
    directory: int,
    notes: int,
    write: Write,
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> bool:
    """Pass to `write` the very tar that unpack_layer unpacked into a directory.

    `notes` is what it wrote about it. Returns False if they have no recipe, since the
    tar had something twice.
    """
    feed = recipe.reader(notes)
    if feed is None:
        return False
    outcome = process.call(
        ["engine:pack-layer", f"/proc/self/fd/{directory}/."],
        feed=feed,
        on_data=write,
        on_tick=on_tick,
        cancel=cancel,
        pass_fds=[directory],
    )
    if outcome.status:
        raise process.failure(outcome, "reading the layer")
    return True


def _pack(
    words: Sequence[str],
    what: str,
    write: Write,
    on_tick: Callable[[], None] | None,
    cancel: Cancel | None,
) -> None:
    outcome = process.call(words, on_data=write, on_tick=on_tick, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, f"reading {what}")
