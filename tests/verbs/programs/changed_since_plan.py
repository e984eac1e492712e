"""Plan to shrink a store, change it, and carry the plan out: print what that raises.

Arguments: the store, the change (pin, name, late pin, late name, child), the image.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest import mock

from plashui.base.errors import PlashError
from plashui.operations import remove as removal
from plashui.operations import shrink
from plashui.store import marks, names
from plashui.store.disk_usage import measured
from plashui.store.store import Store

store, way, image = Store(sys.argv[1]), sys.argv[2], int(sys.argv[3])
remove, move = removal.remove, removal._to_trash
planned = shrink.plan(
    store, measured(store, store.read()), shrink.Wish(to=0), trash=False
)


def pinned_late(*words: Any, **more: Any) -> removal.Removed:
    """Pin the image just before it is removed."""
    marks.pin(store, image)
    return remove(*words, **more)


def named_late(*words: Any) -> None:
    """Name it just before it is moved, as the old program does."""
    names.link_name(store, "late", f"../{store.layer(image)}")
    move(*words)


if way == "pin":
    marks.pin(store, image)
elif way == "name":
    names.set_name(store, "now named", image)
elif way == "late pin":
    mock.patch.object(shrink, "remove", pinned_late).start()
elif way == "late name":
    mock.patch.object(removal, "_to_trash", named_late).start()
else:
    layer = store.layer(image)
    Path(store.path / layer / "99/_data/root").mkdir(parents=True)
    (store.path / "index/99").symlink_to(f"../{layer}/99")
try:
    shrink.carry_out(store, planned)
except PlashError as error:
    print(type(error).__name__, error, sep="|")
