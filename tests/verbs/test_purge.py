"""purge: everything in the store, once somebody has said yes and nobody uses it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


@pytest.fixture
def full(plashui: Run, image: str) -> str:
    """A store with something of everything; the id of its named image."""
    child = plashui("build", image, "touch", "/x").stdout.strip()
    gone = plashui("build", image, "touch", "/y").stdout.strip()
    plashui("map", "box", child)
    plashui("pin", child)
    plashui("rm", "--trash", gone)
    plashui("recall", "id", child)
    return child


def test_everything_goes_and_ids_begin_anew(
    plashui: Run, store: Path, person: Person, full: str, busybox_tar: Path
) -> None:
    kept = set(person.home.glob(".cache/plashui/facts-*"))
    done = plashui("purge", "--yes")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert list(store.iterdir()) == []
    assert len(kept - set(person.home.glob(".cache/plashui/facts-*"))) == 1
    assert plashui("ls").returncode == 0
    assert plashui("purge", "--yes").returncode == 0, "and once more"
    assert plashui("pull:tarfile", busybox_tar).stdout == "1\n"
    assert plashui("pin").stdout == ""
    assert full


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "yesterday\n", "no\ny\n"])
def test_from_a_pipe_anything_but_a_yes_deletes_nothing(
    plashui: Run, store: Path, full: str, answer: str
) -> None:
    before = images(store)
    done = plashui("purge", input=answer)
    assert done.returncode == 1
    assert "nothing was deleted" in done.stderr
    assert "--yes" in done.stderr
    assert done.stderr.count("\n") == 1
    assert images(store) == before
    assert full


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Y", "y\ny\n"])
def test_a_yes_from_a_pipe_is_one(
    plashui: Run, store: Path, full: str, answer: str
) -> None:
    done = plashui("purge", input=answer)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert list(store.iterdir()) == []
    assert full


@pytest.mark.parametrize(("answer", "gone"), [("y", True), ("", False), ("n", False)])
def test_at_a_terminal_it_says_what_is_lost_and_asks(
    store: Path, person: Person, full: str, answer: str, gone: bool
) -> None:
    ours, theirs = os.openpty()
    env = {"PLASH_DATA": str(store)}
    words = [person.bin / "plashui", "purge"]
    process = person.start(words, env=env, stdin=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while b"[y/N] " not in said:
        said += os.read(ours, 4096)
    assert b"2 images, 1 of them pinned, 1 in the trash, " in said
    os.write(ours, answer.encode() + b"\n")
    assert process.wait(60) == (0 if gone else 1)
    os.close(ours)
    assert (not (store / "index").exists()) is gone
    assert full


def test_it_refuses_while_somebody_uses_an_image_or_makes_one(
    plashui: Run, store: Path, person: Person, full: str, busybox_tar: Path
) -> None:
    before = images(store)
    env = {"PLASH_DATA": str(store)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    run = person.start([person.bin / "plash", "run", full, "cat"], env=env, **pipes)
    assert run.stdin
    assert run.stdout
    run.stdin.write(b"up\n")
    run.stdin.flush()
    assert run.stdout.readline() == b"up\n"
    done = plashui("purge", "--yes")
    assert done.returncode == 1
    assert f"image {full} is in use by process" in done.stderr
    assert "(cat)" in done.stderr
    run.stdin.close()
    assert run.wait() == 0
    run.stdout.close()

    words = [person.bin / "plashui", "pull:tarfile"]
    pull = person.start(words, env=env, **pipes)
    assert pull.stdin
    assert pull.stdout
    wait_for(lambda: leftovers(store), "the import to begin")
    done = plashui("purge", "--yes")
    assert done.returncode == 1
    assert f"process {pull.pid} is working in the store" in done.stderr
    assert images(store) == before
    pull.stdin.write(busybox_tar.read_bytes())
    pull.stdin.close()
    assert pull.wait() == 0
    assert int(pull.stdout.read()) in images(store)
    pull.stdout.close()


def test_what_is_not_the_stores_own_is_left_alone(
    plashui: Run, store: Path, person: Person, full: str, busybox_tar: Path
) -> None:
    person.run(["sh", "-c", 'echo mine > "$0/thesis.tex"', store], check=True)
    assert plashui("purge", "--yes").returncode == 0
    assert (store / "thesis.tex").read_text() == "mine\n"
    assert plashui("pull:tarfile", busybox_tar).stdout == "1\n"
    assert full


def test_a_directory_that_is_no_store_is_not_emptied(
    person: Person, playground: Path
) -> None:
    home = playground / "home"
    script = 'mkdir -p "$0/tmp" "$0/index" "$0/map" && echo mine > "$0/index/thesis"'
    person.run(["sh", "-c", script + ' && : > "$0/notes"', home], check=True)
    words = [person.bin / "plashui", "purge", "--yes"]
    done = person.run(words, env={"PLASH_DATA": str(home)})
    assert done.returncode == 1
    assert "is not a store: nothing was deleted" in done.stderr
    assert (home / "index/thesis").read_text() == "mine\n"
    assert sorted(os.listdir(home)) == ["index", "map", "notes", "tmp"]


def test_what_a_purge_that_was_killed_left_goes_with_the_next(
    plashui: Run, store: Path, full: str
) -> None:
    for part in ("layer", "trash", "map"):
        (store / part).rename(store.parent / part)
    assert plashui("ls").returncode == 0
    assert plashui("purge", "--yes").returncode == 0
    assert list(store.iterdir()) == []
    assert full


def test_who_comes_between_the_look_and_the_move_keeps_all(
    plashui: Run, store: Path, person: Person, full: str
) -> None:
    before = plashui("ls", "--json").stdout
    words = [person.bin / "python3", person.program(__file__, "late_purge.py")]
    done = person.run([*words, store, full], env={"PLASH_DATA": str(store)})
    assert f"image {full} is in use" in done.stdout, done.stderr
    assert plashui("ls", "--json").stdout == before
    assert plashui("map", "box").stdout == f"{full}\n"
    assert leftovers(store) == []
