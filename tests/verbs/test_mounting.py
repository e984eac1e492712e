"""An image mounted where every program sees it, as the app does it."""

from __future__ import annotations

from pathlib import Path

from tests.people import Person

SCRIPT = """
import sys
from pathlib import Path
from plashui.operations import mount
from plashui.base.errors import PlashError
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
"""


def test_an_image_is_mounted_where_it_can_be_and_told_where_not(
    person: Person, store: Path, playground: Path, image: str
) -> None:
    place = playground / "new" / "mnt"
    words = [person.bin / "python3", "-c", SCRIPT, store, image, place]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    if first == "yes":
        assert "nothing is mounted there" in rest[0]
    else:
        assert person.map != "root"
        assert "fuse" in first
