"""The OCI config of any image: how it is run, and what made its layers.

An own image has the config of the nearest image below that has one. A pulled image
stays as it came; of what is built on it, the history goes on layer by layer.
"""

from __future__ import annotations

import time

from plashui.base.light import TYPE_CHECKING
from plashui.model.oci_history import MOST_TEXT, entries_of
from plashui.model.platform import this_machine
from plashui.store.metadata import DATA, created_of
from plashui.store.oci.oci_nodes import IMAGE, LAYER, has_layer, notes_of_chain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from plashui.store.store import Store

    Chain = list[tuple[str, dict[str, Any]]]

_OF_ALL: Final[tuple[str, ...]] = ("author", "os.version", "os.features")
"""What an own image takes from the config below it, beside platform and `config`."""


def effective_config(
    store: Store, image: int, *, clamp: int | None = None
) -> dict[str, Any]:
    """Return the OCI image config document of an image, without `rootfs`.

    Its history has one entry that is not empty for each node of the chain for which
    `oci_nodes.has_layer` holds. The same store gives the same document. No time of an
    own layer is after `clamp` (epoch seconds), if given; those that came with a pulled
    image stay.
    """
    chain = notes_of_chain(store, image)
    base = nearest_config([notes for _node, notes in chain])
    if chain and isinstance(chain[0][1].get(IMAGE), dict) and base:
        return {key: value for key, value in base.items() if key != "rootfs"}
    pulled, own = _history_of_pulled(chain)
    entries = [_own_entry(store, *at, clamp) for at in reversed(own)]
    created = [one["created"] for one in entries[-1:] if "created" in one]
    document = carried(base) | {"history": pulled + entries}
    return {"created": created[0], **document} if created else document


def carried(config: dict[str, Any]) -> dict[str, Any]:
    """Return what an image takes from the config below it: platform and `config`."""
    here = this_machine()
    platform = {"architecture": here.architecture, "os": here.os}
    platform |= {"variant": here.variant} if here.variant else {}
    if isinstance(config.get("architecture"), str) and config["architecture"]:
        keys = ("architecture", "os", "variant")
        platform = {"os": here.os} | {key: config[key] for key in keys if key in config}
    more = {key: config[key] for key in _OF_ALL if key in config}
    wishes = config.get("config")
    return {**platform, **more, "config": wishes if isinstance(wishes, dict) else {}}


def nearest_config(chain: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the config of the first of these notes that have one; {} for none."""
    found = (
        notes["config"] for notes in chain if isinstance(notes.get("config"), dict)
    )
    return next(found, {})


def _history_of_pulled(chain: Chain) -> tuple[list[dict[str, Any]], Chain]:
    """Return the entries of a chain's pulled image, and the nodes above it."""
    for at, (_node, notes) in enumerate(chain):
        if isinstance(notes.get(IMAGE), dict):
            layers = sum(has_layer(below) for _node, below in chain[at:])
            return entries_of(nearest_config([notes]), layers), chain[:at]
    return [], chain


def _own_entry(
    store: Store, node: str, notes: dict[str, Any], clamp: int | None
) -> dict[str, Any]:
    """Return the entry of a node that no pulled config tells of."""
    entry: dict[str, Any] = {}
    if not isinstance(notes.get(LAYER), dict):  # else it notes when it was pulled
        when = created_of(notes.get("created"), f"{store.root}/{node}/{DATA}") or 0.0
        entry["created"] = _in_words(when if clamp is None else min(when, clamp))
    command, origin = notes.get("command"), notes.get("origin")
    if isinstance(command, list) and command:
        words = [word for word in command if isinstance(word, str)]
        came = isinstance(notes.get(LAYER), dict)  # with the words of its config
        entry["created_by"] = _text(" ".join(words) if came else _line(words))
    elif isinstance(origin, str) and origin:
        entry["comment"] = _text(origin)
    return entry if has_layer(notes) else {**entry, "empty_layer": True}


def _line(words: list[str]) -> str:
    import shlex  # only for what was built here

    return shlex.join(words)


def _in_words(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _text(text: str) -> str:
    """Return a text as JSON for others may hold it, with no bytes that are no text."""
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return known[:MOST_TEXT]
