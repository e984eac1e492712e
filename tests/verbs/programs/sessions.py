"""Sessions in an image whose changes are kept, parked, resumed or thrown away.

Arguments: the store, the image, which of the functions below, its words.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plashui.base.errors import PlashError
from plashui.helper.command import finish
from plashui.operations.session import resumed, shell_session
from plashui.store.changes.saved_changes import kept
from plashui.store.new_name import NewName
from plashui.store.run_spec import Way
from plashui.store.store import Store

store, image = Store(sys.argv[1]), int(sys.argv[2])


def sh(script: str) -> Way:
    """How a script is run."""
    return Way(("sh", "-c", script))


def refused(work: Callable[..., object], *words: object) -> str:
    """The error of what has to be refused."""
    try:
        work(*words)
    except PlashError as error:
        return str(error)
    raise AssertionError("not refused")


def later() -> None:
    """Park changes, go on with them, and make an image of them at the third try."""
    script = sh("echo 1 >/kept; rm -r /usr; mkdir /usr")
    with shell_session(store, image, script) as s:
        assert s.run() == 0
        changes = s.changes()
        assert changes.files == 1, changes
        assert changes.bytes, changes
        place = s.park()
    assert place.parent == store.path / "kept"
    assert (place / "data").is_dir()
    (found,) = kept(store, image)
    assert (found.place, found.way) == (place, s.way)
    assert kept(store, image + 1) == []

    # Somebody was killed just when he made an image of them.
    (place / "_data").mkdir()
    (place / "data").rename(place / "_data/root")
    place.rename(store.path / f"tmp/kept_4194305_{place.name}")
    (found,) = kept(store, image)
    assert found.place == place

    with resumed(store, found._replace(way=sh("cat /kept; echo 2 >>/kept"))) as s:
        assert s.run() == 0
        counter = store.path / "id_counter"
        counter.rename(store.path / "counter")
        counter.mkdir()
        print(refused(s.keep))
        counter.rmdir()
        (store.path / "counter").rename(counter)
        assert (place / "data/kept").is_file()
        assert s.changes().files >= 1
        print(refused(s.keep, NewName("a//b")))
        print(s.keep(NewName("later")))
    assert kept(store) == []


def gone() -> None:
    """Change an image that is put in the trash, brought back, and moved away."""
    with shell_session(store, image, sh("echo 1 >/kept")) as s:
        s.run()
        assert finish(["rm", "--trash", str(image)]).status == 0
        print(refused(s.keep))
        assert finish(["restore", str(image)]).status == 0
        (store.path / "layer/0" / str(image)).rename(store.path / "away")
        print(refused(s.keep))
        place = s.park()
    print(place)


def elsewhere(directory: str) -> None:
    """Park changes in a directory outside the store."""
    target = Path(directory)
    with shell_session(store, image, sh("echo 1 >/kept; rm -r /usr")) as s:
        s.run()
        print(refused(s.park, store.path))
        assert s.park(target) == target
    assert kept(store) == []
    assert (target / "data/kept").is_file()


def ways(host: str) -> None:
    """Run with a variable, isolated with a volume, and with an image that is fixed."""
    way = sh("echo $X $PWD; cat /in/file; echo 2 >/in/file; echo 1 >/kept")
    plain = way._replace(variables=("X=a b",), command=("sh", "-c", "echo $X"))
    with shell_session(store, image, plain, thrown_away=True) as s:
        print(s.line, flush=True)
        s.run()
    isolated = way._replace(
        isolated=True, variables=("X=5",), volumes=(f"{host}:/in",), directory="/tmp"
    )
    with shell_session(store, image, isolated) as s:
        assert s.run() == 0
        print(s.keep())
    fixed = isolated._replace(fixed=True, command=("touch", "/new"))
    with shell_session(store, image, fixed, thrown_away=True) as s:
        assert s.run() != 0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "later": later,
    "gone": gone,
    "elsewhere": elsewhere,
    "ways": ways,
}
FUNCTIONS[sys.argv[3]](*sys.argv[4:])
