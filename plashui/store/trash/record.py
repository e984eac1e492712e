"""The record of an image in the trash: what a restore needs."""

from __future__ import annotations

import os
import time
from collections.abc import Container, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.small_file import time_in
from plashui.model.forest import EMPTY_IMAGE, MOST_BYTES
from plashui.store.ids import image_id, image_ids
from plashui.store.metadata import DATA, META, read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

    from plashui.store.store import Store

RECORD: Final = "trash.json"
"""The file name of the record in the image's `_meta`."""


class Record(NamedTuple):
    """The record; `parent` is -1 and `removed` (epoch seconds) 0 if unknown.

    `parent_born` tells the parent from a later image with the same id; see `born`.
    """

    parent: int
    removed: float
    names: dict[int, list[str]]
    parent_born: int | None = None


def born(node: str | Path) -> int | None:
    """Return when a layer's directory was made, in epoch nanoseconds; None if missing.

    No two images share it, even if the old program's `purge` restarted the ids.
    """
    try:
        return os.stat(f"{node}/{DATA}").st_mtime_ns
    except OSError:
        return None


def read_record(node: Path) -> Record:
    """Read the record of an image in the trash; ignore damaged values."""
    value = read_json(node / META / RECORD)
    parent, names, on = (value.get(key) for key in ("parent", "names", "parent_born"))
    kept: dict[int, list[str]] = {}
    if isinstance(names, dict):
        for key, values in names.items():
            image = image_id(str(key))
            if image is not None and isinstance(values, list):
                kept[image] = [v for v in values if isinstance(v, str)]
    return Record(
        parent if type(parent) is int and 0 <= parent <= MOST_BYTES else -1,
        time_in(value.get("removed")) or 0.0,
        kept,
        on if type(on) is int else None,
    )


def is_there(store: Store, image: int, when_born: int | None = None) -> bool:
    """Return whether an image exists, made at the time `born` if that is known."""
    try:
        node = f"{store.root}/{store.layer(image)}"
    except PlashError:
        return False
    return when_born is None or born(node) in (when_born, None)


def grounds(store: Store) -> dict[int, int]:
    """Map the parents of the images in the trash to one such image each."""
    trashed = sorted(image_ids(store.entries("trash")), reverse=True)
    return {
        read_record(store.path / "trash" / str(image)).parent: image
        for image in trashed
    }


def standing_on(store: Store, images: Container[int]) -> list[int]:
    """Return images in the trash that are built on these: at most one for each."""
    found = grounds(store)
    return sorted(found[parent] for parent in found if parent in images)


def write_record(
    draft: Path, node: Path, names: Mapping[int, tuple[str, ...]], *, durable: bool
) -> None:
    """Write the record of the image with the directory `node` to the file `draft`."""
    record: dict[str, Any] = {
        "parent": image_id(node.parent.name) or EMPTY_IMAGE,
        "parent_born": born(node.parent),
        "removed": time.time(),
        "names": {str(image): keys for image, keys in names.items()},
    }
    write_json(draft, record, durable=durable)


def walk_nodes(top: str | Path, image: int) -> dict[int, str]:
    """Return the directories of the image at `top` and of all nested in it, by id."""
    found = {image: str(top)}
    stack = [str(top)]
    while stack:
        directory = stack.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    child = image_id(entry.name)
                    if child is not None and entry.is_dir(follow_symlinks=False):
                        found[child] = entry.path
                        stack.append(entry.path)
        except OSError:
            continue
    return found
