"""Whatever is wrong with a store: a sentence, nothing lost, nothing half made.

Each fault is met by every verb. A verb may do its work all the same; if not, it ends
with 1 and one line that says what, why and what to do, and the store is as it was.
"""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import cannot, playground_in
from tests.people import Person
from tests.store.test_store import snapshot
from tests.tools import images, leftovers

PLAIN = pytest.mark.parametrize("person", ["full", "single"], indirect=True)
ONE = pytest.mark.parametrize("person", ["full"], indirect=True)


@dataclass
class Place:
    """A store with a busybox image 1 ("box"), its child 2, and 3 in the trash."""

    person: Person
    store: Path
    beside: Path

    def __call__(
        self, *words: str | Path, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `plash WORDS…` on it."""
        variables = {"PLASH_DATA": str(self.store), **env}
        command = [self.person.bin / "plash", *words]
        return self.person.run(command, env=variables, cwd=self.beside)

    def layer(self) -> Path:
        """A new directory that could be a layer."""
        path = self.beside / "layer"
        self.person.run(["mkdir", "-p", path / "etc"], check=True)
        return path


@pytest.fixture(scope="module")
def whole() -> Iterator[dict[str, Path]]:
    """A whole store of each person's that was asked for, to be copied."""
    made: dict[str, Path] = {}
    yield made
    for path in made.values():
        shutil.rmtree(path.parent)


@pytest.fixture
def place(
    person: Person,
    playground: Path,
    busybox_tar: Path,
    base: Path,
    whole: dict[str, Path],
) -> Place:
    """The store, whole."""
    if person.map not in whole:
        template = base / f"whole-{person.map}"
        template.mkdir()
        person.give(template)
        whole[person.map] = template / "store"
        fill(Place(person, whole[person.map], person.home), busybox_tar)
    for name in ("beside", "disk"):
        (playground / name).mkdir()
        person.give(playground / name)
    store = playground / "disk/store"
    person.run(["cp", "-a", whole[person.map], store], check=True)
    return Place(person, store, playground / "beside")


def fill(place: Place, tar: Path) -> None:
    """Make the images."""
    for words in (
        ["pull:tarfile", tar],
        ["map", "box", "1"],
        ["build", "box", "touch", "/made"],
        ["build", "box", "touch", "/other"],
        ["rm", "--trash", "3"],
        ["ls"],
    ):
        done = place(*words)
        assert done.returncode == 0, done.stderr


READING: Final[list[list[str]]] = [
    *(["ls"], ["ls", "--json"], ["df"], ["show", "1"], ["trash"]),
    *(["map", "box"], ["id", "box"], ["parent", "1"], ["nodepath", "1"]),
    *(["recall", "id", "box"], ["recall", "map", "box"], ["config", "1"]),
]
RUNNING: Final[list[list[str]]] = [
    *(["run", "1", "true"], ["mounted", "1", "true"]),
    *(["run", "--isolate", "1", "true"], ["run:persist", "1", "KEPT", "true"]),
]
WRITING: Final[list[list[str]]] = [
    *(["build", "1", "touch", "/x"], ["stack", "1", "LAYER"], ["pull:tarfile", "TAR"]),
    *(["map", "new", "1"], ["map", "box", ""], ["check", "1", "/etc/passwd"]),
    *(["recall", "build", "1", "touch", "/c"], ["cache", "build", "1", "touch", "/c"]),
    *(["restore", "3"], ["trash", "--empty"], ["rm", "--trash", "2"], ["rm", "2"]),
    *(["init"], ["clean"], ["mkdtemp"], ["config", "1", "--env", "A=1"]),
    ["config", "1", "--env", "A=1", "--amend"],
]


def refused(done: subprocess.CompletedProcess[str]) -> None:
    """It says so in one line, and nothing on stdout."""
    assert done.returncode in (1, 125), done
    assert done.stdout == ""
    assert done.stderr.startswith("plash error: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def meet(
    place: Place, tar: Path, lines: list[list[str]], says: str | None = None
) -> None:
    """Run every line; each works or is refused, and `says` so if it must be refused."""
    for line in lines:
        known = {"LAYER": str(place.layer()), "TAR": str(tar)}
        words = [known.get(word, word) for word in line]
        done = place(*words)
        assert "Traceback" not in done.stderr, (line, done.stderr)
        if says is not None or done.returncode:
            refused(done)
            assert (says or "") in done.stderr, (line, done.stderr)
            assert place.layer().is_dir(), "what was to be a layer is still there"


@contextmanager
def moved_away(path: Path, instead: Callable[[Path, Path], None]) -> Iterator[None]:
    """Something else in place of a file or directory of the store."""
    kept = path.with_name(f"{path.name}-kept")
    path.rename(kept)
    instead(path, kept)
    try:
        yield
    finally:
        path.unlink()
        kept.rename(path)


def link_to(path: Path, kept: Path) -> None:
    path.symlink_to(kept.name)


def dangling(path: Path, _kept: Path) -> None:
    path.symlink_to("nowhere")


def a_file(path: Path, _kept: Path) -> None:
    path.write_text("no directory")


PARTS = ["index", "layer", "layer/0", "map", "tmp", "trash"]


@PLAIN
@pytest.mark.parametrize(
    ("name", "instead"),
    [
        *((name, link_to) for name in PARTS),
        *(("index", a_file), ("layer/0", dangling), ("map", a_file)),
        *(("tmp", dangling), ("trash", a_file)),
    ],
)
def test_what_should_be_a_directory_is_none(
    place: Place,
    busybox_tar: Path,
    name: str,
    instead: Callable[[Path, Path], None],
) -> None:
    before = snapshot(place.store)
    with moved_away(place.store / name, instead):
        says = f"{place.store}/{name} must be a directory, but is "
        lines = [line for line in WRITING if line[0] not in ("clean", "trash")]
        meet(place, busybox_tar, lines, says)
        meet(place, busybox_tar, [["ls"], ["df"], ["show", "1"]], says)
        meet(place, busybox_tar, [*READING[5:], RUNNING[0], RUNNING[3], ["clean"]])
    after = snapshot(place.store)
    assert {p: e[4] for p, e in after.items()} == {p: e[4] for p, e in before.items()}


def test_a_disk_that_is_full(
    person: Person, playground: Path, busybox_tar: Path
) -> None:
    disk = playground / "disk"
    disk.mkdir()
    (playground / "beside").mkdir()
    person.give(playground / "beside")
    with mounted("-t", "tmpfs", "-o", "size=8m,nr_inodes=1500", "tmpfs", disk):
        person.give(disk)
        place = Place(person, disk / "store", playground / "beside")
        fill(place, busybox_tar)
        with suppress(OSError), (disk / "zero").open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
        with suppress(OSError):
            for number in range(1500):
                (disk / f"{number}").mkdir()
        before = place("ls", "--json").stdout
        meet(place, busybox_tar, READING)
        needy = WRITING[:8]
        needy.remove(["map", "box", ""])
        needy += WRITING[-2:]
        meet(place, busybox_tar, needy, "No space left on device")
        meet(place, busybox_tar, [["mkdtemp"], ["rm", "--trash", "2"]], "No space left")
        assert place("ls", "--json").stdout == before
        assert leftovers(place.store) == []
        if person.map == "root":
            meet(place, busybox_tar, RUNNING[:3])
        # What makes room works.
        for words in (["trash", "--empty"], ["rm", "2"], ["rm", "1"]):
            done = place(*words)
            assert done.returncode == 0, (words, done.stderr)
            assert "freed" in done.stderr
        assert images(place.store) == []
        assert leftovers(place.store) == []


@contextmanager
def mounted(*words: str | Path) -> Iterator[None]:
    """Something mounted for the time of the block."""
    if os.geteuid() != 0:
        cannot("only root may mount")
    subprocess.run(["mount", *map(str, words)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(words[-1])], check=True)


def test_a_store_that_is_read_only(place: Place, busybox_tar: Path) -> None:
    before = snapshot(place.store)
    with mounted("--bind", place.store, place.store):
        remount = ["mount", "-o", "remount,bind,ro", str(place.store)]
        subprocess.run(remount, check=True)
        for line in [*READING, *RUNNING]:
            if line[0] == "run:persist":
                continue
            done = place(*line)
            assert done.returncode == 0, (line, done.stderr)
        lines = [line for line in WRITING if line[0] not in ("clean", "init")]
        meet(place, busybox_tar, lines, "Read-only file system")
        meet(place, busybox_tar, [["clean"], ["init"]])
    after = snapshot(place.store)
    assert {p: e[4] for p, e in after.items()} == {p: e[4] for p, e in before.items()}


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_store_of_another_user(
    place: Place, busybox_tar: Path, people: dict[str, Person], playground: Path
) -> None:
    if "full" not in people:
        cannot("only root can make other users")
    other = people["full"]
    beside = playground / "others"
    beside.mkdir()
    other.give(beside)
    theirs = Place(other, place.store, beside)
    before = snapshot(place.store)
    for mode, says in ((0o700, "It belongs to the user root"), (0o755, "")):
        place.store.chmod(mode)
        if says:
            lines = [*WRITING, ["ls"], ["df"], ["show", "1"]]
            lines = [line for line in lines if line[0] not in ("clean", "trash")]
            meet(theirs, busybox_tar, lines, says)
        else:
            meet(theirs, busybox_tar, [*READING, *RUNNING, *WRITING])
    place.store.chmod(0o700)
    after = snapshot(place.store)
    assert {p: e[4] for p, e in after.items()} == {p: e[4] for p, e in before.items()}


@ONE
def test_root_reads_the_store_of_a_user_and_leaves_nothing_in_it(
    place: Place, busybox_tar: Path, playground: Path, people: dict[str, Person]
) -> None:
    """Its owner could put links in the way of what root writes, and not remove it."""
    if "root" not in people:
        cannot("only root can be root")
    beside = playground / "roots"
    beside.mkdir()
    theirs = Place(people["root"], place.store, beside)
    before = snapshot(place.store)
    meet(theirs, busybox_tar, [*READING, *RUNNING])
    lines = [line for line in WRITING if line[0] not in ("check", "recall", "cache")]
    lines += [["pin", "1"], ["pin", "--off", "1"], ["note", "1", "x"]]
    says = f"belongs to the user {place.person.name}"
    meet(theirs, busybox_tar, [*lines, ["purge", "--yes"]], says)
    for words in (["squash", "2"], ["shrink", "--to", "0"]):
        done = theirs(*words)  # what it would do comes first
        assert done.returncode == 1, done
        assert says in done.stderr.splitlines()[-1]
    after = snapshot(place.store)
    assert {p: e[4] for p, e in after.items()} == {p: e[4] for p, e in before.items()}
    assert not [p for p in place.store.rglob("*") if p.lstat().st_uid == 0]


@ONE
def test_what_may_not_be_looked_into_is_not_taken_for_empty(place: Place) -> None:
    old = 1_000_000_000
    for image in (1, 2):
        os.utime(place.store / f"index/{image}", (old, old), follow_symlinks=False)
    for directory, words in (
        ("index", ["ls"]),
        ("index", ["df"]),
        ("index", ["clean"]),
        ("layer/0", ["ls"]),
        ("trash", ["trash"]),
        ("layer/0/1", ["clean"]),
    ):
        (place.store / directory).chmod(0)
        done = place(*words)
        (place.store / directory).chmod(0o700)
        assert images(place.store) == [1, 2], (directory, words)
        assert "no images yet" not in done.stderr
        if words != ["clean"]:
            assert done.returncode == 1, (directory, words)
            assert "Permission denied" in done.stderr
    assert [e["id"] for e in json.loads(place("trash", "--json").stdout)] == [3]


@PLAIN
def test_a_store_that_is_no_directory_or_cannot_be_made(
    place: Place, busybox_tar: Path
) -> None:
    here = place.beside
    (here / "file").write_text("x")
    (here / "nowhere").symlink_to("not/there")
    (here / "thesis").mkdir()
    (here / "thesis/thesis.tex").write_text("x")
    for path, says in (
        ("file", "is not a directory"),
        ("file/below", "Not a directory"),
        ("nowhere", "is a broken link"),
        ("thesis", "is not a store"),
        ("/proc/nothing", "cannot make the store /proc/nothing"),
        ("/root/secret/store", "Permission denied"),
    ):
        bad = Place(place.person, here / path, here)
        lines = [["init"], ["mkdtemp"], ["pull:tarfile", "TAR"]]
        meet(bad, busybox_tar, lines, says)
        meet(bad, busybox_tar, [*READING[::2], RUNNING[0], *WRITING[3:8]])
    assert (here / "file").read_text() == "x"
    assert os.listdir(here / "thesis") == ["thesis.tex"]


@PLAIN
def test_where_the_store_is_said_to_be(place: Place, playground: Path) -> None:

    def listed(path: str) -> list[tuple[int, list[str]]]:
        found = json.loads(place("ls", "--json", PLASH_DATA=path).stdout)
        return [(image["id"], image["names"]) for image in found]

    listing = listed(str(place.store))
    assert listing
    link = place.beside / "link"
    link.symlink_to(place.store)
    for path in (str(link), "link", os.path.relpath(place.store, place.beside)):
        assert listed(path) == listing
        assert place("run", "box", "echo", "hi", PLASH_DATA=path).stdout == "hi\n"
        made = place("build", "box", "touch", "/x", PLASH_DATA=path)
        assert made.returncode == 0, made.stderr
        assert place("rm", made.stdout.strip(), PLASH_DATA=path).returncode == 0
    home = pwd.getpwuid(place.person.uid).pw_dir
    for words in (["data"], ["plashui"]):
        unset = ["env", "-u", "HOME", "PLASH_DATA="]
        command = [place.person.bin / "plash", "data"]
        if words == ["plashui"]:
            command = [place.person.bin / "plashui", "df", "--json"]
        done = place.person.run([*unset, *command], cwd=playground)
        assert done.returncode == 0, done.stderr
        assert f"{home}/.plashdata" in done.stdout
    odd = place.beside / "bytes \udce9\n[x]"
    place.person.run(["cp", "-a", place.store, odd])
    done = place("nodepath", "2", PLASH_DATA=str(odd))
    assert done.stdout == f"{odd}/layer/0/1/2\n"
    for words in (["ls"], ["df"], ["map", "x", "2"], ["build", "x", "touch", "/y"]):
        done = place(*words, PLASH_DATA=str(odd))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_somebody_without_a_home_is_told_so(person: Person) -> None:
    if os.geteuid() != 0:
        cannot("only root can be a user that has no name")
    nobody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
    for program in ("plash", "plashui"):
        for words in (["ls"], ["id", "1"], ["init"]):
            command = [*nobody, "env", "-u", "HOME", person.bin / program, *words]
            done = person.run(command, cwd=Path("/"))
            refused(done)
            assert "neither PLASH_DATA nor HOME is set" in done.stderr


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_an_account_that_is_in_no_file_is_asked_of_the_name_service(
    person: Person,
) -> None:
    """As those of systemd-homed, sssd and LDAP."""
    if os.geteuid() != 0:
        cannot("only root can be a user that is in no file")
    place = person.home / "service"  # which everybody may enter
    place.mkdir(mode=0o755)
    entry = "eve:x:54321:1::/home/eve:/bin/sh"
    service = place / "getent"
    service.write_text(f'#!/bin/sh\n[ "$*" = "passwd 54321" ] && echo "{entry}"\n')
    service.chmod(0o755)
    somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
    command = [*somebody, "env", "-u", "HOME", person.bin / "plash", "data"]
    env = {"PATH": f"{place}:/usr/bin:/bin"}
    done = person.run(command, env=env, cwd=Path("/"))
    assert done.stdout == "/home/eve/.plashdata\n", done.stderr


COUNTERS: Final[dict[str, Callable[[Path], object]]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "behind": lambda path: path.write_bytes(b"x"),
    "of the trash": lambda path: path.write_bytes(b"xx"),
}


@pytest.mark.parametrize("fault", COUNTERS)
def test_a_counter_that_lags_behind_gives_no_id_out_twice(
    place: Place, fault: str
) -> None:
    COUNTERS[fault](place.store / "id_counter")
    # A link that leads nowhere is no image, but has its number all the same.
    (place.store / "index/5").symlink_to("../layer/0/5")
    (place.store / "index/9999999999").symlink_to("../layer/0/9999999999")
    first, second = place("build", "box", "true"), place("build", "2", "true")
    assert (first.stdout, second.stdout) == ("4\n", "6\n"), first.stderr
    assert place("restore", "3").returncode == 0
    assert images(place.store) == [1, 2, 3, 4, 6]
    assert (place.store / "id_counter").stat().st_size == 6


@PLAIN
@pytest.mark.parametrize("fault", ["directory", "link", "dangling", "fifo"])
def test_a_counter_that_is_no_file_is_refused(
    place: Place, busybox_tar: Path, fault: str
) -> None:
    counter = place.store / "id_counter"
    counter.unlink()
    if fault == "directory":
        counter.mkdir()
    elif fault == "fifo":
        os.mkfifo(counter)
        place.person.give(counter)
    else:
        counter.symlink_to("../other" if fault == "link" else "nowhere")
        (place.store.parent / "other").write_bytes(b"12345")
    meet(place, busybox_tar, WRITING[:3], "is not a regular file")
    meet(place, busybox_tar, [*READING, *RUNNING])
    assert not (place.store.parent / "other").exists() or fault in ("link", "dangling")
    if fault == "link":
        assert (place.store.parent / "other").read_bytes() == b"12345"
    counter.rmdir() if fault == "directory" else counter.unlink()
    assert place("build", "box", "true").stdout == "4\n"


@pytest.mark.parametrize("damage", ["garbage", "nested", "unreadable", "link", "file"])
def test_notes_that_cannot_be_read_are_as_good_as_none(
    place: Place, damage: str
) -> None:
    meta = place.store / "layer/0/1/_meta"
    if damage == "garbage":
        for note in meta.iterdir():
            note.write_bytes(b"\xff{\x00")
    elif damage == "nested":
        for note in meta.iterdir():
            note.write_bytes(b"[" * 100_000)
    elif damage == "unreadable":
        shutil.rmtree(place.person.home / ".cache", ignore_errors=True)
        meta.chmod(0)
    else:
        shutil.rmtree(meta)
        meta.symlink_to("nowhere") if damage == "link" else meta.write_text("x")
    cold = {"XDG_CACHE_HOME": str(place.beside / "cold")}
    for line in [*READING, *RUNNING]:
        done = place(*line, **cold)
        assert done.returncode == 0, (line, done.stderr)
    assert '"own": ' in place("show", "1", "--json", **cold).stdout
    done = place("build", "1", "touch", "/x", **cold)
    assert done.returncode == 0, done.stderr
    done = place("rm", "1", **cold)
    refused(done)
    assert "image 3 in the trash is built on it" in done.stderr
    for words in (["trash", "--empty", "3"], ["rm", "1"]):
        done = place(*words, **cold)
        assert done.returncode == 0, done.stderr
    assert images(place.store) == []


def as_bytes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"origin": "x"}')
        file.truncate(1 << 40)


NONSENSE: Final[dict[str, Callable[[Path], object]]] = {
    "empty": as_bytes(b""),
    "cut off": as_bytes(b'{"origin": "x", "allo'),
    "random bytes": lambda path: path.write_bytes(random.Random(7).randbytes(5000)),
    "a list": as_bytes(b"[1, 2]"),
    "deep": as_bytes(b'{"origin": ' * 100_000),
    "huge": huge,
    "a pipe": os.mkfifo,
    "a directory": Path.mkdir,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "halves of characters": as_bytes(
        b'{"origin": "\\ud800", "created": "\\udfff", "command": ["\\ud800"],'
        b' "names": {"3": ["\\ud800"]}, "\\ud800": 1, "note": "\\udc80"}'
    ),
    "big numbers": as_bytes(
        b'{"allocated": 9223372036854775808, "apparent": %b, "files": 1e999,'
        b' "created": "9999-12-31T23:59:59-12:00", "parent": %b, "removed": 1e999,'
        b' "saved": -1e999, "image": %b}' % ((b"9" * 400,) * 3)
    ),
    "not what it should be": as_bytes(
        b'{"origin": {}, "created": 5, "allocated": true, "apparent": -1, "files": "x",'
        b' "parent": "1", "removed": "never", "names": [], "saved": null, "image": []}'
    ),
    "a number that is none": as_bytes(b'{"removed": NaN, "saved": NaN, "parent": NaN}'),
}
"""What may be where a note was. (Of the caches too: they are notes of our own.)"""


@pytest.mark.parametrize("kind", NONSENSE)
@ONE
def test_a_note_or_a_cache_that_is_nonsense_makes_nothing_fail(
    place: Place, kind: str
) -> None:
    cache = {"XDG_CACHE_HOME": str(place.beside / "cache")}
    for words in (
        ["note", "1", "mine"],
        ["pin", "1"],
        ["cache", "build", "1", "true"],
        ["recall", "id", "1"],
        ["run", "1", "true"],
        ["ls"],
        ["df"],
    ):
        done = place(*words, **cache)
        assert done.returncode == 0, done.stderr
    kept = place.store / "kept/1-abc"
    place.person.run(["mkdir", "-p", kept / "data", kept / "work"], check=True)
    (kept / "session.json").write_text("{}")
    notes = [
        path
        for place_of in ("layer/0", "trash", "memory", "kept")
        for path in (place.store / place_of).rglob("*")
        if "_data" not in path.parts
        and path.parent.name not in ("1-abc", "0")
        and path.is_file()
    ]
    notes += [kept / "session.json", *(place.beside / "cache/plashui").iterdir()]
    names = {path.name.partition("-")[0] for path in notes}
    assert names >= {"image.json", "usage.json", "trash.json", "last", "made", "facts"}
    for path in notes:
        path.unlink()
        NONSENSE[kind](path)
        if not path.is_symlink():
            place.person.give(path)
    for line in [*READING, ["history", "2"], ["shrink", "--dry-run"], *RUNNING[:3]]:
        done = place(*line, **cache)
        assert done.returncode == 0, (line, done.stderr)
    for line in (
        *(["rm", "--trash", "2"], ["restore", "2"], ["build", "1", "true"]),
        *(["cache", "build", "1", "true"], ["recall", "id", "1"]),
        *(["pin", "1"], ["squash", "2"], ["df"]),
    ):
        done = place(*line, **cache)
        assert done.returncode == 0, (line, done.stderr)
    for image in json.loads(place("ls", "--json", **cache).stdout):
        assert image["own"] is not None, "what is not noted is counted"
    assert place("clean", **cache).returncode == 0


@pytest.fixture
def in_memory(person: Person) -> Iterator[Place]:
    """No store yet, on a file system whose files may be of any size."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        cannot("/dev/shm is not there")
    for beside in playground_in(memory, person, "plashui-tests-vast"):
        yield Place(person, beside / "store", beside)


@ONE
def test_files_of_more_bytes_than_a_number_holds_make_nothing_fail(
    in_memory: Place, busybox_tar: Path
) -> None:
    """Three holes of 4 EiB: together more than 64 bits can say."""
    holes = "for i in 1 2 3; do truncate -s 4611686018427387904 /hole$i; done"
    for words in (
        ["init"],
        ["pull:tarfile", busybox_tar],
        ["build", "1", "sh", "-c", holes],
        *(
            ["ls"],
            ["ls", "--json"],
            ["df"],
            ["df", "--json"],
            ["show", "2"],
            ["diff", "2"],
        ),
        *(["clean"], ["shrink", "--dry-run"], ["build", "2", "true"]),
        *(["rm", "--trash", "3"], ["restore", "3"], ["trash"], ["rm", "2"], ["df"]),
        ["purge", "--yes"],
    ):
        done = in_memory(*words)
        assert done.returncode == 0, (words, done.stderr)
    assert os.listdir(in_memory.store) == []


IDS = ["007", "-1", "0", "77", "a/b"]
IDS_TOO = ["99999999999", "9999999999", "", ".", "..", "\xb2", "--", "-x", "--json"]
IDS_TOO += ["x" * 300, "bo\x1b[31mx", "no\nname", "\udcff", "\uff11"]
FINE = {
    "0": ("run", "run:persist", "mounted", "mount", "check", "id", "recall"),
    "": ("map",),  # which deletes a name
    "--": ("map", "trash"),
    "--json": ("trash",),
}
"""The verbs to which such a word says something else."""


@ONE
def test_what_is_no_image_is_refused_by_every_verb(place: Place) -> None:
    before = snapshot(place.store)
    for word in IDS:
        for line in (
            *(["run", word, "true"], ["run", "--isolate", word], ["mounted", word]),
            *(["run:persist", word, "KEPT", "true"], ["mount", word, "."]),
            *(["nodepath", word], ["parent", word], ["id", word], ["show", word]),
            *(["build", word, "true"], ["check", word, "x"], ["map", "k", word]),
            *(["rm", word], ["rm", "--trash", word], ["restore", word]),
            *(["trash", "--empty", word], ["recall", "id", word]),
            ["cache", "build", word, "true"],
        ):
            if line[0] not in FINE.get(word, ()):
                not_understood(place(*line))
    for word in IDS_TOO:
        for line in (["run", word], ["show", word], ["map", "k", word], ["rm", word]):
            if line[0] not in FINE.get(word, ()):
                not_understood(place(*line))
    after = snapshot(place.store)
    assert {p: e[4] for p, e in after.items()} == {p: e[4] for p, e in before.items()}


def not_understood(done: subprocess.CompletedProcess[str]) -> None:
    """It is refused, in one line or with how the verb is used."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    *before, error = done.stderr.splitlines()
    assert error.startswith(("plash error: ", "usage: ")), done
    assert all(line.startswith("usage: ") for line in before), done


KEYS = ["", ".", "..", "a//b", "/", "x" * 256, "é" * 128]


@ONE
def test_a_name_that_could_not_be_used_is_not_given(place: Place) -> None:
    before = sorted(os.listdir(place.store / "map"))
    for key in KEYS:
        refused(place("map", "--", key, "1"))
        refused(place("map", "--", "../index/1" if key == "/" else key, "1"))
    assert sorted(os.listdir(place.store / "map")) == before
    for key in ("x" * 255, "é" * 127, "a\nb", "\x1b[31m", " ", "\udcff", "1a", "²"):
        assert place("map", key, "2").returncode == 0, key
        for words in (["map", key], ["id", key]):
            assert place(*words).stdout == "2\n", words
        assert place("map", key, "").returncode == 0
    # Where an id is taken, digits are an id, and a dash begins an option.
    for key in ("007", "42", "0", "8080", "-x", "--json", "--force", "--status-fd"):
        assert place("map", key, "2").returncode == 0, key
        assert place("map", key).stdout == "2\n"
        assert place("map", key, "").returncode == 0
    assert place("map", "--help", "2").returncode == 0
    assert place("map", "--", "--help").stdout == "2\n"
    assert place("map", "--help", "").returncode == 0
    assert sorted(os.listdir(place.store / "map")) == before


@PLAIN
def test_an_image_that_cannot_be_counted_is_told_of_by_every_verb(
    place: Place,
) -> None:
    """Root has built it in a user's store, as earlier versions let it."""
    if os.geteuid() != 0:
        cannot("only root makes what its owner may not read")
    hidden = place.store / "layer/0/1/2"
    for path in (hidden, *hidden.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    for path in (hidden / "_data/root", hidden):
        path.chmod(0o700)
    cold = {"XDG_CACHE_HOME": str(place.beside / "cold")}
    for line in [*READING, ["history", "2"], ["shrink", "--dry-run"], ["clean"]]:
        done = place(*line, **cold)
        assert (done.returncode, done.stderr.count("unexpected error")) == (0, 0), done
    assert json.loads(place("df", "--json", **cold).stdout)["layers"]["2"] is None
    told = json.loads(place("history", "2", "--json", **cold).stdout)
    assert told[0]["own"] is None
    assert images(place.store) == [1, 2]
