"""Showing what changed in a file: both sides, or the one there is."""

from __future__ import annotations

from textual.widget import Widget

from plashui.image.diff import Change
from plashui.image.file_diff import Side
from plashui.store.store import Store
from plashui.ui.model.host import host_of


def open_change(part: Widget, store: Store, change: Change, old: int, new: int) -> None:
    """Show a file that changed from image `old` to `new`, or say why not."""
    kinds = {e.kind for e in (change.before, change.after) if e is not None}
    before, after = (Side(image, change.path) for image in (old, new))
    tell = host_of(part).tell
    if not kinds <= {"-", "l"} or "type" in change.aspects:
        tell(f"{change.path}: {change.details or 'no content to show'}")
    elif change.before is not None and change.after is not None:
        from plashui.ui.viewers.file_diff import FileDiffScreen

        screen = FileDiffScreen(store, before, after, note=change.details)
        part.app.push_screen(screen)
    elif kinds == {"-"}:
        from plashui.ui.viewers.pager import Pager

        side = after if change.before is None else before
        part.app.push_screen(Pager(store, side.image, side.path))
    else:
        tell(f"{change.path}: a link without content of its own")
