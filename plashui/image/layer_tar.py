"""The tar of one layer, as it leaves the store."""

from __future__ import annotations

import contextlib
import hashlib
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper.pack import pack_layer, pack_own_layer
from plashui.store import locks
from plashui.store.metadata import DATA, META, read_json
from plashui.store.oci import oci_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Final

    from plashui.base.progress import Cancel
    from plashui.helper.pack import Write
    from plashui.store.store import Store

_PLACE: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LayerTar(NamedTuple):
    """The tar of a layer that was written; `diff_id` is its digest.

    `exact`: it is the very tar that was pulled. `left_out` says in sentences what the
    tar of a layer cannot hold, as sockets.
    """

    exact: bool
    left_out: tuple[str, ...]
    diff_id: str


def has_layer(store: Store, image: int) -> bool:
    """Return whether an image has a layer of its own, and is not only a config."""
    return oci_nodes.has_layer(_notes(store, store.layer(image)))


def write_layer(
    store: Store,
    image: int,
    write: Write,
    *,
    clamp: int | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> LayerTar:
    """Pass to `write` the tar of an image's own layer.

    That is the very tar that was pulled if what is needed to make it again is there.
    Else the same layer always gives the same tar, whoever makes it; no time in that
    one is later than `clamp`, in epoch seconds (SOURCE_DATE_EPOCH). The image cannot be
    removed during the call.
    """
    digest = hashlib.sha256()

    def take(data: bytes) -> None:
        digest.update(data)
        write(data)

    with _opened(store, image) as layer:
        noted = layer.diff_id
        exact = False
        if noted is not None and layer.meta is not None:
            exact = pack_layer(
                layer.root, layer.meta, take, on_tick=on_tick, cancel=cancel
            )
        left_out: tuple[str, ...] = ()
        if not exact:
            left_out = pack_own_layer(
                layer.root,
                layer.implied,
                take,
                clamp=clamp,
                on_tick=on_tick,
                cancel=cancel,
            )
    found = f"sha256:{digest.hexdigest()}"
    if exact and found != noted:
        raise PlashError(
            f"the layer of image {image} is not what was pulled: its digest is {found},"
            f" not {noted}",
            "A file of it was changed, or the disk is failing. Remove it and pull anew",
        )
    return LayerTar(exact, left_out, found)


class _Layer(NamedTuple):
    """The open directory of a layer, that of its notes, and what they say."""

    root: int
    meta: int | None
    implied: int | None
    diff_id: str | None


@contextlib.contextmanager
def _opened(store: Store, image: int) -> Iterator[_Layer]:
    node = store.layer(image)
    place = f"{store.root}/{node}"
    with contextlib.ExitStack() as stack:

        def opened(path: str, flags: int) -> int:
            descriptor = os.open(path, flags)
            stack.callback(os.close, descriptor)
            return descriptor

        try:
            stack.enter_context(locks.in_use(f"{place}/{DATA}"))
            store.layer(image)  # it may have been removed before it was locked
            root = opened(f"{place}/{DATA}/root", _PLACE)
        except OSError as error:
            raise PlashError(
                f"cannot read the layer of image {image}: {error.strerror}"
            ) from error
        meta = implied = None
        with contextlib.suppress(OSError):  # the old program makes no notes
            meta = opened(f"{place}/{META}", _PLACE)
            implied = opened(f"{place}/{META}/implied", _FILE)
        yield _Layer(root, meta, implied, _diff_id(_notes(store, node)))


def _diff_id(notes: dict[str, Any]) -> str | None:
    """Return the digest of the tar that a layer was pulled as."""
    layer = notes.get(oci_nodes.LAYER)
    found = layer.get("diff_id") if isinstance(layer, dict) else None
    return found if isinstance(found, str) else None


def _notes(store: Store, node: str) -> dict[str, Any]:
    return read_json(f"{store.root}/{node}/{META}/image.json")
