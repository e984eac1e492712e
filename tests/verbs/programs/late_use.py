"""Remove an image; another program comes between the look at it and the move.

Arguments: the store, which way it comes (lock, old, stack), the image, its child.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from plashui.base.errors import InUse
from plashui.helper import process as helper
from plashui.operations import remove as removal
from plashui.operations.removal_plan import PlanChanged, plan_removal
from plashui.store.store import Store

store, way = Store(sys.argv[1]), sys.argv[2]
base, child = map(int, sys.argv[3:5])
data = store.path / store.layer(child) / "_data"
move = removal._to_trash
old: list[subprocess.Popen[bytes]] = []


def late(
    store: Store, node: Path, place: Path, names: dict[int, tuple[str, ...]], keep: bool
) -> None:
    """Come first, then let it move."""
    removal._to_trash = move
    if way == "lock":
        fcntl.flock(os.open(data, os.O_RDONLY), fcntl.LOCK_SH)
    elif way == "stack":
        layer = Path(f"{store.path}-layer")
        layer.mkdir()
        helper.call(["stack", str(child), str(layer)])
    else:
        old.append(mounted())
    move(store, node, place, names, keep)


def mounted() -> subprocess.Popen[bytes]:
    """Mount the layers as the old program does, until a line is read."""
    layers = f"{data}/root:{store.path}/layer/0/{base}/_data/root"
    mount = f"mount -t overlay old -o lowerdir={layers} /mnt && echo up; read line"
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    process = subprocess.Popen(
        [*unshare, "sh", "-c", mount], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    return process


removal._to_trash = late
try:
    removal.remove(store, plan_removal(store, store.read(), [base]), trash=False)
except (InUse, PlanChanged) as error:
    print(type(error).__name__, error, os.getpid(), sep="|")
for process in old:
    process.communicate()
