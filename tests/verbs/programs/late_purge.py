"""Purge a store; another program takes an image's lock between the look and the move.

Arguments: the store, the image.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

from plashui.base.errors import InUse
from plashui.operations import purge
from plashui.store.store import Store

store, image = Store(sys.argv[1]), int(sys.argv[2])
layers = purge._layers


def late(top: Path, called: Callable[[str], str]) -> dict[int, Path]:
    """Take the lock once they are moved."""
    found = layers(top, called)
    if top != store.path:
        fcntl.flock(os.open(found[image], os.O_RDONLY), fcntl.LOCK_SH)
    return found


purge._layers = late
try:
    purge.purge(store)
except InUse as error:
    print(error)
