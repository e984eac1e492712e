"""Remove an image, killed once it is moved. Arguments: the store, the image."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn
from unittest import mock

from plashui.operations import remove as removal
from plashui.operations.removal_plan import plan_removal
from plashui.store.store import Store


def killed(*_words: object) -> NoReturn:
    """End by SIGKILL."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("not reached")


mock.patch.object(removal, "walk_nodes", killed).start()
store, image = Store(sys.argv[1]), int(sys.argv[2])
removal.remove(store, plan_removal(store, store.read(), [image]), trash=False)
