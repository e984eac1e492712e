"""Changing how an image is meant to be run: a new image without files, or in place."""

from __future__ import annotations

import json
import os
import shlex

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.image.config_of import carried, nearest_config
from plashui.model.config_changes import changed
from plashui.operations.build import commit_config
from plashui.store.atomic_write import exchange
from plashui.store.metadata import META, MOST_WISHES, write_json, write_wishes
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.oci.oci_nodes import EMPTY, IMAGE, LAYER, notes_of_chain
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

    from plashui.model.config_changes import Changes
    from plashui.store.store import Store

_ORIGIN: Final = 1000
"""The most characters of the changes that an image's origin repeats."""
_WITHOUT: Final = "Leave out --amend: that makes a new image"
_OURS: Final = ("image.json", "run.conf")


def set_config(
    store: Store,
    image: int,
    changes: Changes,
    *,
    amend: bool = False,
    name: NewName = UNNAMED,
) -> int:
    """Change the config that an image has, or takes from those below it.

    The result is a new image built on it, without files, whose id is returned. With
    `amend` it is the image itself, and what is built on it and has no config of its
    own; a pulled image stays as it came. Raises PlashError, and changes nothing, if one
    of the changes is wrong.
    """
    name.check(store, image if amend else None)
    command = ["plash", "config", *changes.words()]
    if amend:
        _amend(store, image, changes, command)
        name.give(store, image)
        return image
    config = _new_config(store, image, changes)
    origin = shlex.join(command)
    if len(origin) > _ORIGIN:
        origin = f"{origin[: _ORIGIN - 1]}…"
    made = commit_config(store, image, origin, config, {"command": command})
    name.give(store, made)
    return made


def _new_config(store: Store, image: int, changes: Changes) -> dict[str, Any]:
    config = carried(nearest_config(notes for _, notes in notes_of_chain(store, image)))
    config["config"] = changed(config["config"], changes)
    if len(json.dumps(config)) > MOST_WISHES:
        raise PlashError("cannot change the config: it would be larger than 1 MiB")
    return config


def can_amend(store: Store, image: int) -> bool:
    """Return whether an image can change in place: a pulled one cannot."""
    notes = notes_of_chain(store, image)[0][1]
    return LAYER not in notes and IMAGE not in notes


def _amend(store: Store, image: int, changes: Changes, command: list[str]) -> None:
    """Exchange the metadata of an image for new metadata, in one step."""
    with workdir(store) as work, store.moving():
        if not can_amend(store, image):
            raise PlashError(
                f"cannot change the config of image {image} in place: it was pulled,"
                " and is kept as it came",
                _WITHOUT,
            )
        config = _new_config(store, image, changes)
        node, notes = notes_of_chain(store, image)[0]
        if notes.get(EMPTY) is True:  # then that is all that its command has done
            before = notes.get("command")
            more = command[2:] if isinstance(before, list) and before else command
            notes["command"] = [*(before if isinstance(before, list) else []), *more]
        old, new = store.path / node / META, work.path / META
        try:
            write_wishes(new, config)
            write_json(new / "image.json", {**notes, "config": config})
            _flush(new / "run.conf")
            _replace(old, new)
        except OSError as error:
            raise PlashError(
                f"cannot change the config of image {image} in place: {error.strerror}",
                _WITHOUT,
            ) from error


def _replace(old: Path, new: Path) -> None:
    """Put a directory of metadata in the place of the old one, whose rest it takes."""
    if not old.is_dir():  # made by the old program
        new.rename(old)
        return
    for entry in os.scandir(old):
        if entry.is_file(follow_symlinks=False) and entry.name not in _OURS:
            os.link(entry.path, new / entry.name, follow_symlinks=False)
    exchange(new, old)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
