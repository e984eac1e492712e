"""Agree to take an image in use, and find another one in use: print which.

Arguments: the store, `plash`, the image to remove, the one seen in use, the new one.
"""

from __future__ import annotations

import subprocess
import sys

from plashui.base.errors import InUse
from plashui.operations.removal_plan import plan_removal, seen_in
from plashui.operations.remove import remove
from plashui.store.store import Store

store = Store(sys.argv[1])
top, seen, new = map(int, sys.argv[3:])


def start(image: int) -> subprocess.Popen[bytes]:
    """Run something in an image, until it is killed."""
    words = [sys.argv[2], "run", str(image), "sh", "-c", "echo up; exec sleep 1000"]
    run = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert run.stdout
    assert run.stdout.readline() == b"up\n"
    return run


runs = [start(seen)]
plan = plan_removal(store, store.read(), [top])
assert {holder.image for holder in plan.in_use} == {seen}
runs.append(start(new))
try:
    remove(store, plan, trash=True, allow=seen_in(plan))
except InUse as error:
    print(*{holder.image for holder in error.holders})
finally:
    for run in runs:
        run.kill()
        run.wait()
