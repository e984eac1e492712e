"""Mounting an image for all programs, and a shell of this machine inside an image."""

from __future__ import annotations

import contextlib

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import calls, command, process
from plashui.operations.build import environment
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def mount(store: Store, image: int, directory: Path) -> None:
    """Mount an image read-only at a directory; create the directory if necessary."""
    try:
        made = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlashError(f"cannot make {directory}: {error.strerror}") from error
    words = ["mount", str(image), str(directory)]
    outcome = command.finish(words, environment=environment(store))
    if outcome.status:
        if made:
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise process.failure(outcome, "mounting")


def unmount(store: Store, directory: str) -> None:
    """Unmount the image at a directory."""
    outcome = command.finish(["umount", directory], environment=environment(store))
    if outcome.status:
        raise process.failure(outcome, "unmounting")


def places(store: Store, image: int) -> list[str]:
    """Return the directories at which an image is mounted."""
    users = calls.users(store.root)
    return [user.place for user in users if user.how == "mount" and user.image == image]


def stand_in(store: Store, image: int) -> int:
    """Run a shell of this machine inside a mounted image; return its exit status.

    It runs on this process's terminal.
    """
    return command.foreground(["mounted", str(image)], environment=environment(store))
