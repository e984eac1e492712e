"""Packing an image, or a directory of this machine, into a tar stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import plural
from plashui.helper import process, recipe

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

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


_LEFT_OUT: Final = {
    "socket": ("socket", ""),
    "name": ("file", ", since .wh. begins the name of what a layer removes"),
    "length": ("file", ", since a path has at most 4096 bytes"),
}
_MOST_PATH: Final = 200


def pack_own_layer(
    directory: int,
    implied: int | None,
    write: Write,
    *,
    clamp: int | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> tuple[str, ...]:
    """Pass to `write` a tar of a layer's directory that depends on its content only.

    `implied` is a file with the directories that are of the layers below: see
    unpack_layer. No time in the tar is later than `clamp`, in epoch seconds. Returns
    what the tar of a layer cannot hold, for people.
    """
    said: list[str] = []

    def status(event: dict[str, Any]) -> None:
        if event.get("ev") == "left-out":
            thing, why = _LEFT_OUT[event["kind"]]
            path = clean(event["path"])
            path = path if len(path) <= _MOST_PATH else f"{path[:_MOST_PATH]}…"
            more = " and others" if event["files"] > 1 else ""
            said.append(f"{plural(event['files'], thing)} left out{why}: {path}{more}")

    limit = [] if clamp is None else ["--clamp", str(clamp)]
    outcome = process.call(
        ["engine:pack-layer", "--own", *limit, f"/proc/self/fd/{directory}/."],
        stdin=implied,
        on_data=write,
        on_status=status,
        on_tick=on_tick,
        cancel=cancel,
        pass_fds=[directory],
    )
    if outcome.status:
        raise process.failure(outcome, "reading the layer")
    return tuple(said)


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
