"""Change an image, wait for a line, and try to keep the changes on a full disk.

Arguments: the store, the image, a directory on another disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.operations.session import resumed, shell_session
from plashui.store.changes.saved_changes import kept
from plashui.store.new_name import NewName
from plashui.store.run_spec import Way
from plashui.store.store import Store

store, image, other = Store(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
with shell_session(store, image, Way(("sh", "-c", "echo 1 >/kept"))) as s:
    s.run()
    print("changed", flush=True)
    sys.stdin.readline()
    place = s.park()
    for _again in range(2):
        try:
            s.keep(NewName("later"))
        except PlashError as error:
            print(error)
    assert s.changes().files == 1
    assert s.park() == place
(found,) = kept(store)
assert found.place == place, found
with resumed(store, found) as s:
    s.park(other)
assert kept(store) == []
