"""Remove an image; it comes to be in use between the look at it and the move.

Arguments: the store, the image, its child, and how (by a lock, or by a new child).
"""

from __future__ import annotations

import fcntl
import os
import sys
from typing import Any
from unittest import mock

from plashui.base.errors import InUse
from plashui.operations import remove as removal
from plashui.operations.removal_plan import PlanChanged, plan_removal
from plashui.store.store import Store

store, way = Store(sys.argv[1]), sys.argv[4]
image, child = map(int, sys.argv[2:4])
move, data = removal._to_trash, store.path / store.layer(child) / "_data"


def late(*words: Any) -> None:
    """Use it, then let it move."""
    if way == "lock":
        fcntl.flock(os.open(data, os.O_RDONLY), fcntl.LOCK_SH)
    else:
        new = store.path / store.layer(child) / "99"
        (new / "_data/root").mkdir(parents=True)
        (store.path / "index/99").symlink_to(f"../{new.relative_to(store.path)}")
    move(*words)


mock.patch.object(removal, "_to_trash", late).start()
plan = plan_removal(store, store.read(), [image])
try:
    removal.remove(store, plan, trash=False)
except (InUse, PlanChanged) as error:
    print(type(error).__name__)
