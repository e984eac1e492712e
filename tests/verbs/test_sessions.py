"""What a shell changed becomes an image, is gone on with later, and is never lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Verb, playground_in
from tests.people import Person
from tests.tools import descendants, leftovers, wait_for, with_attributes
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


@pytest.fixture
def script(person: Person, store: Path, image: str) -> Run:
    """Run a function of programs/sessions.py on the store; what it prints."""

    def run(name: str, *words: str | Path) -> object:
        argv = [person.bin / "python3", person.program(__file__, "sessions.py")]
        done = person.run(
            [*argv, store, image, name, *words], env={"PLASH_DATA": str(store)}
        )
        assert done.returncode == 0, done.stderr
        return done

    return run  # type: ignore[return-value]


def test_changes_are_gone_on_with_and_become_an_image(
    script: Run, plash: Verb, store: Path, image: str
) -> None:
    lines = script("later").stdout.splitlines()
    assert lines[0] == "1"
    assert "id_counter: it is not a regular file" in lines[1]
    assert "cannot be a name" in lines[2]
    assert plash("id", "later").stdout.strip() == lines[3]
    assert plash("parent", "later").stdout.strip() == image
    assert plash("run", "later", "cat", "/kept").stdout == "1\n2\n"
    assert plash("run", "later", "ls", "/usr").stdout == "", "what was removed is gone"
    assert leftovers(store) == []


def test_of_an_image_that_is_gone_nothing_is_lost(
    script: Run, plashui: Run, plash: Verb, store: Path, image: str
) -> None:
    in_trash, away, place = script("gone").stdout.splitlines()
    assert f"image {image} was removed meanwhile. Type a directory" in away
    assert "it is in the trash. Decide later" in in_trash
    told = plashui("clean").stderr
    assert f"{place} holds unsaved changes of a removed image" in told
    (store / "away").rename(store / f"layer/0/{image}")
    link = store / "index" / image
    if not link.is_symlink():  # the clean took it, as it led nowhere
        link.symlink_to(f"../layer/0/{image}")
    assert plash("run:persist", image, place, "cat", "/kept").stdout == "1\n"
    assert Path(place).name in plashui("show", image).stdout


@pytest.fixture
def elsewhere(
    memory: Path, base: Path, person: Person, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """A directory of the person's on another file system, if there is one."""
    place = with_attributes(memory, base)
    yield from playground_in(place, person, request.node.name)


def test_changes_are_kept_at_any_directory(
    script: Run, plash: Verb, image: str, elsewhere: Path, store: Path
) -> None:
    target = elsewhere / "changes"
    assert "already exists" in script("elsewhere", target).stdout
    command = ["sh", "-c", "cat /kept; ls /usr 2>&1 || echo gone"]
    done = plash("run:persist", image, target, *command)
    assert done.stdout.startswith("1\n"), done.stderr
    assert done.stdout.endswith("gone\n")
    assert leftovers(store) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_killed_while_it_copies_it_takes_the_copying_along(
    person: Person, playground: Path, how: int
) -> None:
    """A copy of a big tree takes minutes, and nobody would know of it."""
    tools = playground / "tools"
    person.run(["mkdir", tools], check=True)
    copying = Path(__file__).parent / "programs/endless_copy.sh"
    shutil.copyfile(copying, tools / "cp")
    (tools / "cp").chmod(0o755)
    process = person.start(
        [person.bin / "python3", person.program(__file__, "copy_here.py"), tools],
        env={"PATH": f"{tools}:{os.environ['PATH']}"},
        stderr=subprocess.DEVNULL,
        cwd=playground,
    )
    wait_for((tools / "copies").exists, "it to copy")
    found = descendants(process.pid)
    assert len(found) > 2  # the helper, its keeper, the copying
    process.send_signal(how)
    assert process.wait(30) != 0
    gone = lambda: not [pid for pid in found if Path(f"/proc/{pid}").exists()]  # noqa: E731
    wait_for(gone, "the copying to end")


def test_a_command_finds_what_the_form_said(
    script: Run, plash: Verb, playground: Path, person: Person, image: str
) -> None:
    host = playground / "host dir"
    person.run(["mkdir", host], check=True)
    person.run(["sh", "-c", 'echo 1 >"$0/file"', host], check=True)
    lines = script("ways", host).stdout.splitlines()
    assert lines[0] == f"X='a b' PLASH_EXPORT=X plash run {image} sh -c 'echo $X'"
    assert lines[1:4] == ["a b", "5 /tmp", "1"]
    assert (host / "file").read_text() == "2\n"
    assert plash("run", lines[4], "cat", "/kept").stdout == "1\n"
