"""On a full disk it is said what makes room, and that can still be done."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers

pytestmark = pytest.mark.in_turn

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def disk(playground: Path, person: Person) -> Iterator[Path]:
    """A small file system of this person's, on a file: 16 MB of ext4, none reserved."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        cannot("only root can mount a small disk, and only with mkfs.ext4")
    file, place = playground / "disk.img", playground / "disk"
    place.mkdir()
    with file.open("wb") as image:
        image.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", file], check=True)
    made = subprocess.run(
        ["mount", "-o", "loop", file, place], check=False, capture_output=True
    )
    if made.returncode:
        cannot("no disk can be mounted from a file here")
    person.give(place)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def plashui(person: Person, disk: Path) -> Run:
    """The product on a store on that disk."""
    env = {"PLASH_DATA": str(disk)}
    return lambda *words: person.run([person.bin / "plashui", *words], env=env)


@pytest.fixture(scope="session")
def big(registries: Registries) -> str:
    """A repository: `two` is larger than that disk, `one` with its blob beside it."""
    files = [{f"f{n}": os.urandom(8 << 20).hex()} for n in range(2)]
    registries.put_files("disk/big:one", *files[:1])
    registries.put_files("disk/big:two", *files)
    return f"{registries.plain}/disk/big"


def test_an_image_that_does_not_fit_is_refused_before_anything_is_fetched(
    plashui: Run, disk: Path, big: str
) -> None:
    for options in ([], ["--dry-run"]):
        done = plashui("pull:oci", *options, f"{big}:two")
        assert done.returncode == 1
        assert done.stderr.startswith(
            "plash error: the image does not fit: its missing 2 layers have 1"
        )
        assert done.stderr.endswith("lists images to remove\n")
        assert done.stderr.count("\n") == 1
    assert images(disk) == []
    assert leftovers(disk) == []


def test_blobs_that_are_kept_beside_the_image_must_fit_too(
    plashui: Run, big: str
) -> None:
    done = plashui("pull:oci", "--dry-run", f"{big}:one")
    assert done.returncode == 0
    assert done.stderr.startswith("the image may not fit: it takes about 2")
    done = plashui("pull:oci", "--dry-run", "--keep-blobs", f"{big}:one")
    assert done.returncode == 1
    assert "on the disk with the blobs that are kept, and 1" in done.stderr


def fill(disk: Path) -> None:
    """Leave not one block free."""
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    assert os.statvfs(disk).f_bavail == 0


def test_it_says_what_emptying_the_trash_frees_and_that_works(
    plashui: Run, disk: Path, busybox_tar: Path
) -> None:
    first = plashui("pull:tarfile", busybox_tar).stdout.strip()
    second = plashui("pull:tarfile", busybox_tar).stdout.strip()
    assert plashui("rm", "--trash", first).returncode == 0
    fill(disk)
    for words in (["pull:tarfile", busybox_tar], ["build", second, "touch", "/x"]):
        done = plashui(*words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert "plash error: " in done.stderr
        assert "The disk is full: `plash trash --empty` frees 2." in done.stderr
        assert done.stderr.count("\n") == 1
    assert images(disk) == [int(second)]
    assert leftovers(disk) == []
    for words in (["rm", "--trash", second], ["pin", second]):
        done = plashui(*words)
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr
    done = plashui("trash", "--empty")
    assert done.returncode == 0, done.stderr
    assert os.statvfs(disk).f_bavail > 0
    assert leftovers(disk) == []


@pytest.mark.parametrize("way", ["rm", "shrink", "purge"])
def test_removing_needs_no_room(
    plashui: Run, disk: Path, busybox_tar: Path, way: str
) -> None:
    image = plashui("pull:tarfile", busybox_tar).stdout.strip()
    child = plashui("build", image, "touch", "/x").stdout.strip()
    assert child
    fill(disk)
    words = {"rm": [child], "shrink": [], "purge": ["--yes"]}[way]
    done = plashui(way, *words)
    assert done.returncode == 0, done.stderr
    if way == "purge":
        assert not (disk / "layer/0/1").exists()
    else:
        assert images(disk) == [int(image)]
        assert leftovers(disk) == []
    assert not (disk / "trash").exists()


def test_changes_that_cannot_be_kept_on_a_full_disk_are_kept_elsewhere(
    plashui: Run, disk: Path, playground: Path, person: Person, busybox_tar: Path
) -> None:
    image = plashui("pull:tarfile", busybox_tar).stdout.strip()
    other = playground / "changes"
    env = {"PLASH_DATA": str(disk)}
    program = person.program(__file__, "keep_on_full_disk.py")
    words = [person.bin / "python3", program, disk, image, other]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with person.start(words, env=env, **pipes) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"changed\n"
        fill(disk)
        said, _none = running.communicate(b"\n")
    assert running.returncode == 0
    lines = said.decode().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "The disk is full: `plash shrink --dry-run`" in line
    assert images(disk) == [int(image)]
    assert leftovers(disk) == []
    (disk / "filler").unlink()
    plash = [person.bin / "plash", "run:persist", image, other, "cat", "/kept"]
    assert person.run(plash, env=env).stdout == "1\n"
