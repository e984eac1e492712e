"""Plain tars in and out are the C program's, which needs no Python for them."""

from __future__ import annotations

import signal
import stat
import tarfile
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import children_of, images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


def test_a_plain_tar_goes_in_and_out_without_python(
    alone: Run, plashui: Run, store: Path, busybox_tar: Path, playground: Path
) -> None:
    done = alone("pull:tarfile", busybox_tar)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    with busybox_tar.open("rb") as file:
        done = alone("pull:tarfile", stdin=file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")
    assert alone("push:tarfile", "1", "a.tar", cwd=playground).returncode == 0
    assert leftovers(store) == []
    # They are what Python's way makes.
    assert plashui("pull:tarfile", busybox_tar).stdout == "3\n"
    pushed = []
    for image in ("1", "2", "3"):
        assert plashui("push:tarfile", image, playground / "b.tar").returncode == 0
        pushed.append((playground / "b.tar").read_bytes())
    assert pushed == [(playground / "a.tar").read_bytes()] * 3
    for image in ("1", "3"):
        assert busybox_tar.name in plashui("show", image).stdout


def test_a_pushed_file_has_the_mode_that_its_maker_wants(
    alone: Run, person: Person, playground: Path, store: Path, busybox_tar: Path
) -> None:
    assert alone("pull:tarfile", busybox_tar).returncode == 0
    script = 'umask 027; "$0" push:tarfile 1 a.tar; "$0" push:tarfile 1 a.tar'
    words = ["sh", "-ec", script, playground / "alone/plash"]
    person.run(words, env={"PLASH_DATA": str(store)}, cwd=playground, check=True)
    facts = (playground / "a.tar").stat()
    assert (stat.S_IMODE(facts.st_mode), facts.st_uid) == (0o640, person.uid)
    assert tarfile.is_tarfile(playground / "a.tar")
    names = sorted(path.name for path in playground.iterdir())
    assert names == ["a.tar", "alone", "store"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_push_that_is_stopped_leaves_no_file(
    person: Person, playground: Path, store: Path, image: str, how: signal.Signals
) -> None:
    script = 'exec "$0" push:tarfile "$1" a.tar'
    child = plash_build_endless(person, store, image)
    words = ["sh", "-c", script, person.bin / "plash", child]
    process = person.start(words, env={"PLASH_DATA": str(store)}, cwd=playground)
    wait_for(lambda: children_of(process.pid), "it to begin")
    process.send_signal(how)
    assert process.wait() == -how
    assert [path.name for path in playground.iterdir()] == ["store"]


def plash_build_endless(person: Person, store: Path, image: str) -> str:
    """An image with a file that takes long to read."""
    script = '"$0" build "$1" dd if=/dev/zero of=/big bs=1M count=300 2>/dev/null'
    words = ["sh", "-ec", script, person.bin / "plash", image]
    done = person.run(words, env={"PLASH_DATA": str(store)}, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_pull_that_is_stopped_makes_no_image(
    person: Person, playground: Path, store: Path, how: signal.Signals, plashui: Run
) -> None:
    big = playground / "big.tar"
    with tarfile.open(big, "w") as tar:
        for number in range(20_000):
            member = tarfile.TarInfo(f"d{number % 100}/{number}")
            tar.addfile(member)
    big.chmod(0o644)
    process = person.start(
        [person.bin / "plash", "pull:tarfile", big], env={"PLASH_DATA": str(store)}
    )
    wait_for(lambda: leftovers(store) and children_of(process.pid), "it to begin")
    process.send_signal(how)
    assert process.wait() == -how
    assert images(store) == []
    if how == signal.SIGKILL:  # its keeper ends tar
        wait_for(lambda: plashui("clean").returncode == 0 and not leftovers(store), "")
    assert leftovers(store) == []


def test_an_id_that_cannot_be_written_is_told(
    person: Person, store: Path, busybox_tar: Path
) -> None:
    script = '"$0" pull:tarfile "$1" >/dev/full'
    words = ["bash", "-c", script, person.bin / "plash", busybox_tar]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 1
    assert done.stderr == (
        "plash error: image 1 was made, but its id could not be written to standard"
        " output: No space left on device\n"
    )
    assert images(store) == [1]


def test_what_it_leaves_to_plashui_needs_that(
    alone: Run, playground: Path, image: str
) -> None:
    for words in (
        ["pull:tarfile", "--help"],
        ["pull:tarfile", playground / "nothing"],
        ["push:tarfile", image, playground / "a.tar.gz"],
        ["push:tarfile", image, playground / "none/a.tar"],
        ["push:tarfile", image, playground],
        ["help", "push:tarfile"],
    ):
        done = alone(*words)
        assert done.returncode == 1
        assert "the program plashui is neither beside plash" in done.stderr, words


def test_a_device_that_is_full_says_so(plash: Run, image: str) -> None:
    done = plash("push:tarfile", image, "/dev/full")
    assert done.returncode == 1
    assert "cannot write /dev/full: No space left on device" in done.stderr
