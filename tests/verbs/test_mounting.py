"""An image mounted where every program sees it, as the app does it."""

from __future__ import annotations

from pathlib import Path

from tests.people import Person


def test_an_image_is_mounted_where_it_can_be_and_told_where_not(
    person: Person, store: Path, playground: Path, image: str
) -> None:
    place = playground / "new" / "mnt"
    program = person.program(__file__, "mount_and_unmount.py")
    words = [person.bin / "python3", program, store, image, place]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    if first == "yes":
        assert "nothing is mounted there" in rest[0]
    else:
        assert person.map != "root"
        assert "fuse" in first
