"""A full description of one image."""

from __future__ import annotations

import os

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.image.config_of import nearest_config
from plashui.image.os_release import named_by
from plashui.model.forest import Forest, Size, lineage_paths
from plashui.store import marks
from plashui.store.metadata import DATA, META, read_json
from plashui.store.oci.oci_nodes import IMAGE, LAYER
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Any


class Description(NamedTuple):
    """One image: sizes in allocated bytes, `created` and `used` in epoch seconds.

    `used` is None if it was never used. `lineage` are the ids of the image and its
    ancestors; `distribution` is '' if unknown.
    """

    id: int
    names: tuple[str, ...]
    origin: str
    created: float | None
    parent: int
    children: tuple[int, ...]
    lineage: tuple[int, ...]
    own: Size
    chain: Size
    subtree: Size
    files: int | None
    apparent: int | None
    distribution: str
    skipped_devices: int
    path: str
    pinned: bool
    used: float | None
    note: str
    """The note that a person wrote."""
    kept: tuple[str, ...]
    """The directories of its unsaved changes."""
    layer: dict[str, Any]
    """The digests of a pulled layer; {} for others."""
    oci: dict[str, Any]
    """Digests, reference and platform of a pulled image; {} for others."""
    config: dict[str, Any]
    """The OCI config of the image, or of the nearest below it that has one."""

    def from_config(self) -> list[tuple[str, str]]:
        """Return what the config says, for people; it is foreign text."""
        return config_lines(self.config)


def config_lines(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what an OCI config says, for people: names and values, "" for nothing."""
    found = _object(config.get("config"))
    start = [*_texts(found.get("Entrypoint")), *_texts(found.get("Cmd"))]
    labels = _object(found.get("Labels"))
    return [
        ("runs", " ".join(start)),
        ("as", " ".join(_texts([found.get("User")]))),
        ("in", " ".join(_texts([found.get("WorkingDir")]))),
        ("with", ", ".join(_texts(found.get("Env")))),
        ("volumes", ", ".join(_object(found.get("Volumes")))),
        ("ports", ", ".join(_object(found.get("ExposedPorts")))),
        ("stopped by", " ".join(_texts([found.get("StopSignal")]))),
        ("labels", ", ".join(f"{key}={text}" for key, text in labels.items())),
    ]


def describe(store: Store, forest: Forest, image: int) -> Description:
    """Collect what the store and the image's own files tell about it."""
    node = forest.images[image]
    lineage = tuple(forest.lineage(image))
    paths = lineage_paths(forest, image)
    notes = read_json(f"{store.root}/{paths[0]}/{META}/image.json")
    skipped = notes.get("skipped_devices")
    return Description(
        id=image,
        names=node.names,
        origin=node.origin,
        created=node.created,
        parent=node.parent,
        children=node.children,
        lineage=lineage,
        own=forest.own(image),
        chain=forest.chain(image),
        subtree=forest.subtree(image),
        files=node.own.files if node.own else None,
        apparent=node.own.apparent if node.own else None,
        distribution=next((it for at in paths if (it := named_by(store, at))), ""),
        skipped_devices=skipped if isinstance(skipped, int) else 0,
        path=f"{store.root}/{paths[0]}/{DATA}/root",
        pinned=image in forest.pinned,
        used=marks.last_use(store, image),
        note=marks.note_of(store, image),
        kept=_kept(store, image),
        layer=_object(notes.get(LAYER)),
        oci=_object(notes.get(IMAGE)),
        config=nearest_config(
            read_json(f"{store.root}/{at}/{META}/image.json") for at in paths
        ),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str) and one]


def _kept(store: Store, image: int) -> tuple[str, ...]:
    if not os.path.isdir(f"{store.root}/kept"):
        return ()
    # Imported here: it takes half the time of everything else.
    from plashui.store.changes.saved_changes import kept

    return tuple(str(one.place) for one in kept(store, image))
