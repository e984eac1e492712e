"""Cancel a removal as it begins; print what is left in tmp/ and what a sweep frees.

Arguments: the store, the image.
"""

from __future__ import annotations

import sys

from plashui.base.errors import Cancelled
from plashui.base.progress import Cancel
from plashui.operations import gc
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.store.store import Store

store, cancel = Store(sys.argv[1]), Cancel()
cancel.set()
try:
    plan = plan_removal(store, store.read(), [int(sys.argv[2])])
    remove(store, plan, trash=False, cancel=cancel)
except Cancelled:
    print(len(list((store.path / "tmp").iterdir())), gc.sweep(store).directories)
