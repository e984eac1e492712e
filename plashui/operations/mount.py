"""An image where every program sees it, and a program that stands in one."""

from __future__ import annotations

import contextlib

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import calls, process
from plashui.operations.build import environment
from plashui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def mount(store: Store, image: int, directory: Path) -> None:
    """Mount an image, read-only, at a directory, which is made if it is missing."""
    try:
        made = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlashError(f"cannot make {directory}: {error.strerror}") from error
    words = ["mount", str(image), str(directory)]
    outcome = process.finish(words, environment=environment(store))
    if outcome.status:
        if made:
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise process.failure(outcome, "mounting")


def unmount(store: Store, directory: str) -> None:
    """The image is seen there no longer."""
    outcome = process.finish(["umount", directory], environment=environment(store))
    if outcome.status:
        raise process.failure(outcome, "unmounting")


def places(store: Store, image: int) -> list[str]:
    """Where an image is mounted."""
    users = calls.users(store.root)
    return [user.place for user in users if user.how == "mount" and user.image == image]


def stand_in(store: Store, image: int) -> int:
    """A shell of this machine that stands in the image, on our terminal; the status."""
    return process.foreground(["mounted", str(image)], environment=environment(store))
