"""When an image was last used: noted by whatever runs in it, never a reason to fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench

WAYS = ["run", "isolated", "run:persist", "build", "mounted"]
LONG_AGO = 1_000_000_000


def use(plash: Bench, way: str, image: str) -> None:
    """Do it in that way; `true` is what runs."""
    work = plash.work("use") if way in ("run:persist", "build") else None
    verb = ["run", "--isolate"] if way == "isolated" else [way]
    words: list[str | Path] = [*verb, image, "true"]
    if work:
        options = ["--build"] if way == "build" else []
        words = ["run:persist", *options, image, work, "true"]
    done = plash(*words)
    assert (done.returncode, done.stderr) == (0, "")
    if work:
        plash("engine:remove", plash.store, work.name, check=True)


def notes(store: Path) -> Path:
    return store / "layer/0/_meta/used"


@pytest.mark.parametrize("way", WAYS)
def test_a_use_is_noted_and_the_next_one_again(
    plash: Bench, image: str, way: str
) -> None:
    other = plash.layer("mkdir made", image)
    assert not notes(plash.store).exists()
    use(plash, way, image)
    note = notes(plash.store) / image
    assert note.stat().st_size == 0
    assert note.stat().st_uid == plash.person.uid
    os.utime(note, (LONG_AGO, LONG_AGO))
    before = note.stat().st_ino
    use(plash, way, image)
    assert note.stat().st_mtime > LONG_AGO + 1
    assert note.stat().st_ino == before, "a time was set, and no file made"
    assert [path.name for path in notes(plash.store).iterdir()] == [image]
    use(plash, way, other)
    assert {path.name for path in notes(plash.store).iterdir()} == {image, other}


def test_looking_is_no_use(plash: Bench, image: str) -> None:
    for words in (["nodepath", image], ["id", image], ["engine:users", plash.store]):
        plash(*words, check=True)
    plash("engine:list", plash.store, image, "/", check=True)
    assert not notes(plash.store).exists()


@pytest.mark.parametrize("how", ["file", "link", "link for the note", "no right to"])
def test_where_no_use_can_be_noted_all_runs_and_nothing_is_said(
    plash: Bench, image: str, playground: Path, how: str
) -> None:
    victim = playground / "victim"
    victim.mkdir()
    plash.person.give(victim)
    use(plash, "run", image)
    place = notes(plash.store)
    shutil.rmtree(place)
    if how == "file":
        place.write_text("in the way")
    elif how == "link":
        place.symlink_to(victim)
    elif how == "link for the note":
        place.mkdir()
        plash.person.give(place)
        (place / image).symlink_to(victim / "made")
    else:
        place.mkdir(mode=0o555)  # of whoever runs this: root, where there are others
    for way in ("run", "mounted"):
        use(plash, way, image)
    assert list(victim.iterdir()) == [], "no link was followed"


def test_what_root_noted_in_a_users_store_the_user_notes_again(
    plash: Bench, image: str
) -> None:
    use(plash, "run", image)
    note = notes(plash.store) / image
    note.unlink()
    note.touch(mode=0o644)  # by whoever runs this: root, where there are others
    os.utime(note, (LONG_AGO, LONG_AGO))
    use(plash, "run", image)
    assert note.stat().st_mtime > LONG_AGO + 1


@pytest.mark.parametrize("way", ["run", "isolated", "mounted"])
def test_in_a_store_for_reading_nothing_is_left(
    plash: Bench, image: str, way: str
) -> None:
    def seen() -> dict[Path, int]:
        return {p: p.lstat().st_mtime_ns for p in plash.store.rglob("*")}

    before = seen()
    words = {"isolated": ["run", "--isolate"]}.get(way, [way])
    done = plash(*words, image, "/bin/true", env={"PLASH_READ_ONLY": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert seen() == before
