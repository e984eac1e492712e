"""What a shell changed, split in two. Arguments: the store, the image, a function."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.helper import calls
from plashui.image.diff import changes_in
from plashui.operations.session import Session, shell_session
from plashui.store.changes import changes_split
from plashui.store.changes.saved_changes import discarded, kept
from plashui.store.new_name import NewName
from plashui.store.run_spec import Way
from plashui.store.store import Store

store, image = Store(sys.argv[1]), int(sys.argv[2])

CHANGE = """
rm -r /d/old; mkdir /d/old; echo 1 >/d/old/new; echo 2 >/d/old/a; mkdir /d/old/sub
rm -r /d/gone; echo 3 >/d/kept; chmod 700 /d
rm /d/file; mkdir /d/file; echo 4 >/d/file/in
mkdir -p /new/deep; echo 5 >/new/deep/x; echo 6 >/new/y; ln /new/y /new/deep/z
ln -s /nowhere /new/link
"""


@contextmanager
def shell() -> Iterator[tuple[Session, Path]]:
    """A shell that has changed all that."""
    with shell_session(store, image, Way(("sh", "-c", CHANGE))) as session:
        assert session.run() == 0
        assert session.place is not None
        yield session, session.place


def seen(place: Path) -> list[str]:
    """What is changed in a directory of changes."""
    return [f"{one.letter} {one.path}" for one in changes_in(store, image, place)]


def parts() -> None:
    """Whatever is split off is there, and nothing else; then it is put back."""
    with shell() as (session, place):
        before = seen(place)
        print(", ".join(before), flush=True)
        for paths in (
            ["d/old/new"],
            ["d/old/b"],
            ["d/old/sub"],
            ["d/gone", "d/file/in"],
            ["d/file"],
            ["d"],
            ["new/deep", "d/kept"],
            ["new/link"],
        ):
            rest = changes_split.split_off(store, place, paths, session.way)
            gone = [x for x in before if x not in seen(place)]
            added = [x for x in seen(rest) if x not in gone]
            print(", ".join(paths), ":", ", ".join(gone), "| and", *added, flush=True)
            changes_split.join(store, rest, place)
            assert seen(place) == before, (paths, seen(place))
            assert [one.place for one in kept(store)] == [place]
        for wrong in (["d/gone/b"], ["nothing"], ["d", "new"], [""], ["../x"]):
            try:
                changes_split.split_off(store, place, wrong, session.way)
            except PlashError as error:
                print(error)
            else:
                raise AssertionError(f"not refused: {wrong}")
            assert seen(place) == before
        session.discard()


def killed() -> None:
    """Killed after any number of steps, it has not begun."""
    with shell() as (session, place):
        before = seen(place)
        step = 0
        while not dies_after(step, session, place):
            assert [one.place for one in kept(store)] == [place], step
            assert seen(place) == before, step
            step += 1
        assert step > 5
        assert sorted(one.bytes or 0 for one in kept(store)) == [0, 0]
        both = {line for one in kept(store) for line in seen(one.place)}
        assert both == set(before)
        for one in kept(store):
            if one.place != place:
                changes_split.join(store, one.place, place)
        assert seen(place) == before
        session.discard()


def dies_after(step: int, session: Session, place: Path) -> bool:
    """Split in a process that is killed after so many steps; whether it ended first."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, 9), status
        return status == 0
    left, real = step, calls.split

    def split(*words: object, **options: object) -> None:
        nonlocal left
        *others, steps = words
        for one in steps:  # type: ignore[attr-defined]
            if not left:
                os._exit(9)
            left -= 1
            real(*others, [one], **options)  # type: ignore[arg-type,call-arg]

    setattr(calls, "split", split)  # noqa: B010 - mypy minds the other
    chosen = ["d/old/a", "new/deep", "d/kept"]
    try:
        changes_split.split_off(store, place, chosen, session.way)
        os._exit(0)
    finally:
        os._exit(1)


def image_of_a_part() -> None:
    """An image is made of a part, the rest is unsaved or in the trash."""
    with shell() as (session, place):
        (store.path / "map/taken").symlink_to("../layer/0/1")
        counter = store.path / "id_counter"
        counter.rename(store.path / "counter")
        counter.mkdir()
        before = seen(place)
        try:
            session.keep(without=["/new"])
        except PlashError as error:
            print("refused:", str(error).partition(":")[0])
        counter.rmdir()
        (store.path / "counter").rename(counter)
        assert seen(place) == before, "it is put together again"
        made = session.keep(NewName("part"), without=["/new", "/d/gone"])
        (rest,) = kept(store)
        print(made, *seen(rest.place), sep="\n")
        assert session.discard_rest() == rest.name
        assert [one.name for one in discarded(store)] == [rest.name]


FUNCTIONS: dict[str, Callable[[], None]] = {
    "parts": parts,
    "killed": killed,
    "image": image_of_a_part,
}
FUNCTIONS[sys.argv[3]]()
