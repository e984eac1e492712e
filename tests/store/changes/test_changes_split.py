"""A part of unsaved changes is kept, and the rest becomes changes of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.helper.listing import Entry
from plashui.store.changes.changes_split import plan
from tests.conftest import Verb
from tests.people import Person

Split = Callable[[str], list[str]]

PARTS = """\
M /d, T /d/file, A /d/file/in, D /d/gone, D /d/gone/b, A /d/kept, M \
/d/old/a, D /d/old/b, A /d/old/new, A /d/old/sub, A /new, A /new/deep, A \
/new/deep/x, A /new/deep/z, A /new/link, A /new/y
d/old/new : A /d/old/new | and
d/old/b : D /d/old/b | and
d/old/sub : A /d/old/sub | and
d/gone, d/file/in : A /d/file/in, D /d/gone, D /d/gone/b | and T /d/file
d/file : T /d/file, A /d/file/in | and
d : M /d, T /d/file, A /d/file/in, D /d/gone, D /d/gone/b, A /d/kept, M \
/d/old/a, D /d/old/b, A /d/old/new, A /d/old/sub | and
new/deep, d/kept : A /d/kept, A /new/deep, A /new/deep/x, A /new/deep/z, A \
/new/y | and A /new
new/link : A /new/link | and A /new
cannot split off /d/gone/b: /d/gone was deleted as a whole. Name /d/gone
cannot split off /nothing: it is not among the changes
cannot split the changes: nothing would be left
cannot split off /: it is not among the changes
cannot split off /../x: it is not among the changes
"""
"""What the program says: paths, what leaves the changes with them, what is with it."""


TREE = (
    "mkdir -p /d/old /d/gone; echo a >/d/old/a; echo b >/d/old/b; echo c >/d/gone/b;"
    " echo f >/d/file; echo b >/d/b"
)


@pytest.fixture
def split(
    person: Person, store: Path, plash: Verb, busybox_tar: Path
) -> Callable[[str], list[str]]:
    """What came of a function of the program."""
    plash("pull:tarfile", busybox_tar, check=True)
    made = plash("build", "1", "sh", "-c", TREE, check=True)
    program = person.program(__file__, "split_changes.py")

    def run(function: str) -> list[str]:
        words = [person.bin / "python3", program, store, made.stdout.strip(), function]
        done = person.run(words, env={"PLASH_DATA": str(store)})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    return run


def test_every_part_can_be_split_off_and_put_back(split: Split) -> None:
    assert split("parts") == PARTS.splitlines()


def test_a_split_that_is_killed_has_not_begun(split: Split) -> None:
    split("killed")


def test_an_image_is_made_of_a_part(split: Split, plash: Verb) -> None:
    refused, made, *rest = split("image")
    assert refused.startswith("refused: ")
    assert rest == [
        "D /d/gone",
        "D /d/gone/b",
        "A /new",
        "A /new/deep",
        "A /new/deep/x",
        "A /new/deep/z",
        "A /new/link",
        "A /new/y",
    ]
    there = plash("run", made, "sh", "-c", "find /d | sort; ls -d /new", check=False)
    assert there.stdout.split() == [
        *("/d", "/d/b", "/d/file", "/d/file/in", "/d/gone", "/d/gone/b", "/d/kept"),
        *("/d/old", "/d/old/a", "/d/old/new", "/d/old/sub"),
    ]
    mode = plash("run", made, "stat", "-c", "%a", "/d").stdout.strip()
    assert mode == "700", "the directory's own mode stays with what is in it"


def _entry(path: str, kind: str = "-", links: int = 0) -> Entry:
    return Entry(path, kind, 0, 0, 0, 0, 0, 0, links=links)


LISTED = [
    _entry("", "d"),
    _entry("a", "d"),
    _entry("a/b", "d"),
    _entry("a/b/c"),
    _entry("a/one", links=7),
    _entry("w", "w"),
    _entry("z", links=7),
]


@pytest.mark.parametrize(
    ("chosen", "steps"),
    [
        ({"w"}, "d mw"),
        ({"a/b"}, "d da ma/b"),
        ({"a/b", "a/b/c"}, "d da ma/b"),
        ({"a/b/c"}, "d da da/b ma/b/c"),
        ({"z"}, "d da ma/one mz"),
        ({"a"}, "d ma mz"),
    ],
)
def test_a_directory_moves_whole_and_a_file_with_all_its_names(
    chosen: set[str], steps: str
) -> None:
    assert " ".join("".join(step) for step in plan(LISTED, chosen)) == steps


@pytest.mark.parametrize("chosen", [{"a", "w"}, {"w/x"}, {"b"}, {""}, {"a/../w"}])
def test_what_is_not_a_part_is_refused(chosen: set[str]) -> None:
    with pytest.raises(PlashError, match="cannot split"):
        plan(LISTED, chosen)
