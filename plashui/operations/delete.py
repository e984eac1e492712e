"""Permanent deletion of image directories: moved to tmp/ first, then deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report
from plashui.helper import deleting
from plashui.store import marks
from plashui.store.store import Store
from plashui.store.trash.record import is_there
from plashui.store.workdir import rest_left_to_clean, work_name

if TYPE_CHECKING:
    from pathlib import Path


def delete(
    store: Store,
    places: Iterable[Path],
    images: Iterable[int],
    report: Report,
    cancel: Cancel | None,
) -> None:
    """Delete image directories permanently; move them out of the trash first.

    `images` are the ids in `places`, whose marks are removed. It needs no free space
    on the disk.
    """
    moved: list[str] = []
    with rest_left_to_clean(store, moved):
        with store.moving():
            for place in places:
                name = place.name
                if not place.exists():
                    continue  # another process deleted or restored it
                if place.parent.name == "trash":
                    name = work_name(name)
                    what = f"delete image {place.name}"
                    _rename(place, store.path / "tmp" / name, what)
                moved.append(name)
            # Images that another process restored keep their marks.
            marks.forget(store, [i for i in images if not is_there(store, i)])
        with contextlib.suppress(OSError):  # not empty
            (store.path / "trash").rmdir()
        deleting.remove(store.path, moved, report=report, cancel=cancel)


def _rename(source: Path, target: Path, what: str) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise PlashError(f"cannot {what}: {error.strerror}") from error


def paths_of(nodes: Mapping[int, str]) -> dict[int, Path]:
    """Convert the directories of images to Path."""
    from pathlib import Path  # importing it takes as long as a verb that only reads

    return {image: Path(node) for image, node in nodes.items()}
