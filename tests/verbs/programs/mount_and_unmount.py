"""Mount an image at a new directory, look, unmount it twice; or say why it cannot be.

Arguments: the store, the image, the directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.operations import mount
from plashui.store.store import Store

store, image, place = Store(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
try:
    mount.mount(store, image, place)
except PlashError as error:
    print("no:", error)
    assert not place.exists(), "what was made for it is gone"
    sys.exit()
assert (place / "etc/passwd").is_file()
assert mount.places(store, image) == [str(place)], mount.places(store, image)
assert mount.places(store, image + 1) == []
mount.unmount(store, str(place))
assert mount.places(store, image) == []
assert list(place.iterdir()) == []
print("yes")
try:
    mount.unmount(store, str(place))
except PlashError as error:
    print(error)
