"""Folders as d-utils has them: an image as plain files, to be looked at and edited.

A folder has `rootfs/`, the merged image; `config.json`, which says how it is run (the
config of its OCI image, and `net` and `rw`); and `image.txt` with the image's name.
`run:folder` of the C program runs it, and so does d-run.
"""

from __future__ import annotations

import json
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.image.config_of import effective_config
from plashui.store.metadata import META, read_json
from plashui.store.oci.oci_nodes import IMAGE
from plashui.store.store import Store
from plashui.transfer.exports.tree import Exported, appearing, place_for, unpack_image
from plashui.transfer.files import cannot_write
from plashui.transfer.registry.reference import HUB

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

    from plashui.model.platform import Platform
    from plashui.transfer.imports.from_registry import Remote
    from plashui.transfer.registry.reference import Reference

_WORDS: Final = ("User", "Hostname", "WorkingDir")
_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Folder(NamedTuple):
    """A new folder, and what a person should know of it."""

    exported: Exported
    said: tuple[str, ...]

    def remarks(self, target: Path) -> list[str]:
        """Return what it lacks and how to remove it, for people."""
        return [*self.said, *self.exported.remarks(target)]


def push_folder(
    store: Store,
    image: int,
    target: Path,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Folder:
    """Make a folder of an image; it appears complete or not at all.

    Owners are kept as by `export_directory`.
    """
    store.layer(image)
    place = _new_place(store, target)
    with appearing(place, target) as beside:
        name = _name_of(store, image)
        return _fill(store, image, beside / "root", target, name, report, cancel)


def pull_folder(
    store: Store,
    remote: Remote,
    target: Path,
    platform: Platform | None = None,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Folder:
    """Make a folder of an image in a registry; no image is made in the store.

    If the image is there already, nothing is fetched. Else its layers are unpacked in a
    store of their own beside the folder, which is removed at the end.
    """
    from plashui.transfer.oci.pull import pull  # not for folders of the store's images

    place = _new_place(store, target)
    name = name_line(remote.reference)
    plan = remote.plan(store, platform)
    with appearing(place, target) as beside:
        image, said = plan.made, tuple(plan.remarks())
        if image is None:
            store = Store(beside / "store", lasts=False)
            store.create()
            plan = plan.anew(store)
            origin = remote.reference.familiar()
            done = pull(
                store,
                remote.registry,
                plan,
                origin=origin,
                report=report,
                cancel=cancel,
                stop=remote.stop,
            )
            image, said = done.id, done.said
        made = _fill(store, image, beside / "root", target, name, report, cancel)
        return made._replace(said=(*remote.registry.told, *said, *made.said))


def name_line(reference: Reference) -> str:
    """Return what d-pull notes of an image: its name without the default registry."""
    return str(reference).removeprefix(f"{HUB}/")


def folder_config(wishes: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the config.json for the `config` of an OCI image, and what was left out.

    It came from a stranger, who must not have a say in what is shared with a folder:
    volumes that name a place of this machine, `net` and `rw` are the user's to write.
    What d-run needs is there.
    """
    env = [one for one in _texts(wishes.get("Env")) if "=" in one[1:]]
    entrypoint, cmd = _texts(wishes.get("Entrypoint")), _texts(wishes.get("Cmd"))
    words = {key: wishes.get(key) for key in _WORDS}
    volumes = wishes.get("Volumes")
    volumes = volumes if isinstance(volumes, dict) else {}
    wrong = [one for one in volumes if ":" in one or not _is_place(one)]
    config = {
        **wishes,
        **{key: word if isinstance(word, str) else "" for key, word in words.items()},
        "Env": env or [_PATH],
        "Entrypoint": entrypoint or None,
        "Cmd": cmd if cmd or entrypoint else ["/bin/sh"],
        "Volumes": {one: {} for one in volumes if one not in wrong} or None,
        "net": False,
        "rw": False,
    }
    return config, [f"left out of config.json: the volume {one}" for one in wrong]


def _is_place(path: str) -> bool:
    return path.startswith("/") and path.strip("/") != ""


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str)]


def _new_place(store: Store, target: Path) -> Path:
    """Return the real path for a folder; raise PlashError if anything is there."""
    if os.path.lexists(target):
        raise PlashError(f"{target} already exists", "Choose a new name")
    return place_for(store, target)


def _name_of(store: Store, image: int) -> str:
    """Return what an image was called where it came from; else its name, or id."""
    notes = read_json(f"{store.root}/{store.place(image)}/{META}/image.json")
    known = notes.get(IMAGE)
    reference = known.get("reference") if isinstance(known, dict) else None
    if isinstance(reference, str) and reference:
        return reference
    return next(iter(store.names().get(image, [])), str(image))


def _fill(
    store: Store,
    image: int,
    made: Path,
    target: Path,
    name: str,
    report: Report,
    cancel: Cancel | None,
) -> Folder:
    # A program of the folder may leave files there that become its owner.
    made.mkdir(mode=0o700)
    unpacked = unpack_image(store, image, made / "rootfs", target, report, cancel)
    config, said = folder_config(effective_config(store, image)["config"])
    try:
        (made / "config.json").write_text(f"{json.dumps(config, indent=2)}\n")
        line = name.encode("utf-8", "surrogateescape")
        (made / "image.txt").write_bytes(line.replace(b"\n", b" ") + b"\n")
    except OSError as error:
        raise cannot_write(target, error) from error
    return Folder(Exported(unpacked), tuple(said))
