"""Tars through pipes and inherited descriptors; ids that cannot be written."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run


def bash(
    person: Person, store: Path, script: str, *words: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a script, for which `ui` is plashui, on the store."""
    env = {"PLASH_DATA": str(store), "ui": str(person.bin / "plashui")}
    return person.run(["bash", "-c", script, "bash", *words], env=env, cwd=store.parent)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "script",
    [
        '"$ui" pull:tarfile <(zcat "$1")',
        'exec 3<"$2"; "$ui" pull:tarfile /dev/fd/3',
        '"$ui" pull:tarfile /dev/stdin <"$2"',
        'zcat "$1" | "$ui" pull:tarfile /dev/stdin',
        'mkfifo f; zcat "$1" >f & "$ui" pull:tarfile f; rm f',
        '"$ui" pull:url "file://$2"',
    ],
)
def test_a_tar_is_read_from_whatever_can_be_read(
    person: Person, plash: Verb, store: Path, busybox_tar: Path, script: str
) -> None:
    packed = store.parent / "x.tar.gz"
    packed.write_bytes(gzip.compress(busybox_tar.read_bytes(), 1))
    done = bash(person, store, script, packed, busybox_tar)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    assert plash("run", "1", "echo", "works").stdout == "works\n"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "script",
    [
        '"$ui" push:tarfile 1 >(cat >x.tar); wait $!',
        '"$ui" push:tarfile 1 /dev/stdout | cat >x.tar',
        '"$ui" push:tarfile 1 /dev/stdout >x.tar',
        '"$ui" push:tarfile 1 /dev/fd/4 4>x.tar',
        'mkfifo f; cat f >x.tar & "$ui" push:tarfile 1 f; wait; rm f',
    ],
)
def test_a_tar_is_written_to_whatever_can_be_written(
    person: Person, plashui: Run, store: Path, image: str, script: str
) -> None:
    place = store.parent
    assert plashui("push:tarfile", image, place / "expected.tar").returncode == 0
    done = bash(person, store, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "x.tar").read_bytes() == (place / "expected.tar").read_bytes()


def test_a_descriptor_that_is_not_open_says_so(store: Path, plashui: Run) -> None:
    done = plashui("pull:tarfile", "/dev/fd/77")
    assert done.stderr == "plash error: cannot read /dev/fd/77: Bad file descriptor\n"
    assert images(store) == []


@pytest.mark.parametrize("words", ["pull:tarfile {tar}", "squash {image}"])
@pytest.mark.parametrize("output", ["/dev/full", ">(exec true)"])
def test_an_id_that_cannot_be_written_is_told_on_standard_error(
    person: Person,
    plashui: Run,
    store: Path,
    busybox_tar: Path,
    image: str,
    words: str,
    output: str,
) -> None:
    child = plashui("build", image, "touch", "/new").stdout.strip()
    typed = words.format(tar=busybox_tar, image=child)
    wait = "wait $!;" if output.startswith(">") else ""
    done = bash(person, store, f'exec > {output}; {wait} "$ui" {typed}')
    assert done.returncode == 1
    new = images(store)[-1]
    assert str(new) not in (image, child)
    assert f"plash error: image {new} was made, but its id could not be" in done.stderr
    assert leftovers(store) == []


def test_failures_are_seen_where_child_signals_are_ignored(
    person: Person, store: Path, busybox_tar: Path, image: str
) -> None:
    """Who ignores SIGCHLD hands that on, and the kernel forgets how children ended."""
    damaged = store.parent / "damaged.tar"
    damaged.write_bytes(busybox_tar.read_bytes()[:900_000])
    script = 'trap "" CHLD; "$ui" build 1 false; echo $?; "$ui" pull:tarfile "$1"'
    done = bash(person, store, script, damaged)
    assert (done.stdout, done.returncode) == ("1\n", 1)
    assert [str(i) for i in images(store)] == [image]


def test_a_library_sees_them_too(
    person: Person, store: Path, busybox_tar: Path
) -> None:
    damaged = store.parent / "damaged.tar"
    damaged.write_bytes(busybox_tar.read_bytes()[:900_000])
    words = [person.bin / "python3", person.program(__file__, "import_unwaited.py")]
    done = person.run([*words, store, damaged], check=True)
    assert done.stdout.startswith("cannot extract the tar: ")
