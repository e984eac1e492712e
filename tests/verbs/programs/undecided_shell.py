"""Run a script in an image, list what it changed, and decide nothing about it.

Arguments: the store, the image, the script.
"""

from __future__ import annotations

import sys

from plashui.operations.session import shell_session
from plashui.store.run_spec import Way
from plashui.store.store import Store

store, image = Store(sys.argv[1]), int(sys.argv[2])
with shell_session(store, image, Way(("sh", "-c", sys.argv[3]))) as session:
    session.run()
    for change in session.paths():
        print(change.letter, change.path)
