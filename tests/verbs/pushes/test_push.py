"""Images leave the store as they are, whole or not at all."""

from __future__ import annotations

import os
import pty
import signal
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import trees
from tests.conftest import cannot, playground_in
from tests.people import Person
from tests.tools import children_of, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

CHANGE = (
    "rm -r /gone && mkdir /gone && chmod 700 /gone && rm /d/attribute && rm -r /opaque"
    " && mkdir /opaque && echo new >/opaque/new && echo more >>/d/setuid && mv /d/e /f"
)


@pytest.fixture
def rich(plashui: Run, person: Person, playground: Path) -> str:
    """The id of an image with everything in it, and changes in a second layer."""
    tree = trees.make(person, playground / "tree")
    done = plashui("pull:dir", tree)
    assert done.returncode == 0, done.stderr
    child = plashui("build", done.stdout.strip(), "sh", "-c", CHANGE)
    assert child.returncode == 0, child.stderr
    return child.stdout.strip()


def without_marks(tree: trees.Tree) -> trees.Tree:
    """Root sees in the merged image what the store's other users need; nobody else."""
    for row in tree.values():
        row["attributes"].pop("user.overlay.opaque", None)
    return tree


def as_copied(person: Person, tree: trees.Tree) -> trees.Tree:
    """What a directory holds to which it is pushed: of plain users nothing setuid."""
    if person.map != "root":
        for row in tree.values():
            if not stat.S_ISDIR(row["type"]):
                row["mode"] &= ~(stat.S_ISUID | stat.S_ISGID)
    return tree


def test_a_tar_pushed_and_pulled_is_the_same_tree(
    plashui: Run, person: Person, store: Path, playground: Path, rich: str
) -> None:
    expected = without_marks(trees.look_into(person, store, rich))
    assert "./gone/x" not in expected
    assert "./opaque/x" not in expected
    assert expected["./d/holes"]["sparse"]
    file = playground / "out.tar.zst"
    pushed = plashui("push:tarfile", rich, file)
    assert (pushed.returncode, pushed.stdout, pushed.stderr) == (0, "", "")
    pulled = plashui("pull:tarfile", file)
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert trees.look_into(person, store, pulled.stdout.strip()) == expected
    # The same again is the same file, to the byte, however it leaves. (But for a file
    # with holes, in whose place tar writes its own number.)
    again = playground / "again.tar.zst"
    plashui("map", "rich", rich)
    child = plashui("build", "rich", "rm", "/d/holes").stdout.strip()
    assert plashui("push:tarfile", child, file).returncode == 0
    assert plashui("push:tarfile", child, again).returncode == 0
    assert file.read_bytes() == again.read_bytes()
    assert [p.name for p in playground.glob("*partial*")] == []
    assert leftovers(store) == []


def test_a_tar_on_standard_output_is_the_one_in_a_file(
    plashui: Run, person: Person, store: Path, playground: Path, image: str
) -> None:
    assert plashui("push:tarfile", image, playground / "a.tar").returncode == 0
    for words in ([], ["-"]):
        with (playground / "b.tar").open("wb") as stream:
            process = person.start(
                [person.bin / "plash", "push:tarfile", image, *words],
                env={"PLASH_DATA": str(store)},
                stdout=stream,
            )
            assert process.wait() == 0
        assert (playground / "a.tar").read_bytes() == (
            playground / "b.tar"
        ).read_bytes()
    with tarfile.open(playground / "a.tar") as tar:
        members = {member.name: member for member in tar}
    assert {member.uname for member in members.values()} == {""}
    assert "bin/busybox" in {name.removeprefix("./") for name in members}
    # Whoever reads no more of it than the beginning gets no complaint.
    script = f"{person.bin}/plash push:tarfile {image} | head -c 10 | wc -c"
    done = person.run(["sh", "-c", script], env={"PLASH_DATA": str(store)})
    assert (done.stdout.strip(), done.stderr) == ("10", "")


def test_a_terminal_gets_no_tar(person: Person, store: Path, image: str) -> None:
    ours, theirs = pty.openpty()
    try:
        process = person.start(
            [person.bin / "plash", "push:tarfile", image],
            env={"PLASH_DATA": str(store)},
            stdout=theirs,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        assert b"nothing for a terminal" in process.stderr.read()
        process.stderr.close()
        assert process.wait() == 1
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.fixture
def shared_memory(person: Person) -> Iterator[Path]:
    """A directory of the person's on another file system."""
    place = Path("/dev/shm")
    if not os.access(place, os.W_OK):
        cannot("/dev/shm is not there")
    yield from playground_in(place, person, "plashui-tests-push")


@pytest.mark.in_turn(False)
def test_a_directory_pushed_is_the_same_tree(
    plashui: Run,
    plash: Run,
    person: Person,
    store: Path,
    shared_memory: Path,
    playground: Path,
    rich: str,
) -> None:
    expected = as_copied(person, without_marks(trees.look_into(person, store, rich)))
    for place in (shared_memory / "copy", playground / "copy"):
        if place.parent == playground:
            person.run(["mkdir", place], check=True)  # an empty one will do
        done = plashui("push:dir", rich, place)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert trees.look(person, place) == expected
        if person.map == "full":
            assert f"plash sudo rm -rf {place} removes it" in done.stderr
            assert plash("sudo", "rm", "-rf", place).returncode == 0
        if person.map == "root":
            assert done.stderr == ""
        else:
            assert "1 file lost the setuid or setgid bit" in done.stderr
    assert leftovers(store) == []


@pytest.mark.in_turn(False)
def test_a_new_directory_is_filled_with_no_python_started(
    alone: Run,
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    rich: str,
) -> None:
    expected = as_copied(person, without_marks(trees.look_into(person, store, rich)))
    done = alone("push:dir", rich, "copy", cwd=playground)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert trees.look(person, playground / "copy") == expected
    assert [p.name for p in playground.glob("copy*")] == ["copy"]
    assert leftovers(store) == []
    # What is said of it is what Python's way says.
    alone("sudo", "rm", "-rf", playground / "copy")
    told = plashui("push:dir", rich, "copy", cwd=playground).stderr
    assert done.stderr == told


def test_what_is_more_than_a_new_directory_is_plashuis(
    alone: Run, person: Person, store: Path, playground: Path, image: str
) -> None:
    person.run(["mkdir", "empty", "b.partial-7"], cwd=playground, check=True)
    person.run(["ln", "-s", "a", "link"], cwd=playground, check=True)
    for target in ("empty", "link", "b", "new/", ".", store / "copy", "no/where"):
        done = alone("push:dir", image, target, cwd=playground)
        assert done.returncode == 1
        assert "the program plashui is neither beside" in done.stderr
    done = alone("push:dir", "0", "a", cwd=playground)
    assert "image 0 is the special empty image" in done.stderr
    names = ["alone", "b.partial-7", "empty", "link", "store"]
    assert sorted(p.name for p in playground.iterdir()) == names


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_copy_that_is_stopped_is_not_there(
    plash: Run,
    person: Person,
    playground: Path,
    store: Path,
    image: str,
    how: signal.Signals,
) -> None:
    big = ["dd", "if=/dev/zero", "of=/big", "bs=1M", "count=300"]
    child = plash("build", image, *big).stdout.strip()
    process = person.start(
        [person.bin / "plash", "push:dir", child, "copy"],
        env={"PLASH_DATA": str(store)},
        cwd=playground,
    )
    mark = playground / f"copy.partial-{process.pid}"
    wait_for(lambda: mark.exists() and len(children_of(process.pid)) > 1, "both tars")
    process.send_signal(how)
    assert process.wait() == -how
    if how != signal.SIGKILL:
        assert [path.name for path in playground.iterdir()] == ["store"]
        return
    assert [path.name for path in playground.glob("copy*")] == [mark.name]
    done = plash("push:dir", image, "copy", cwd=playground)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in playground.glob("copy*")] == ["copy"]


@pytest.mark.in_turn(False)
def test_a_copy_pulled_again_is_the_same_image(
    plashui: Run, person: Person, store: Path, playground: Path, rich: str
) -> None:
    assert plashui("push:dir", rich, playground / "copy").returncode == 0
    done = plashui("pull:dir", playground / "copy")
    assert (done.returncode, done.stderr) == (0, "")
    expected = as_copied(person, without_marks(trees.look_into(person, store, rich)))
    assert trees.look_into(person, store, done.stdout.strip()) == expected


@pytest.mark.in_turn(False)
def test_a_copy_whose_root_is_not_ours_gets_its_name_among_others_files(
    plashui: Run, plash: Run, person: Person, playground: Path, image: str
) -> None:
    """In a directory like /tmp only a file's owner may rename it."""
    owner = "0:0" if person.map == "single" else "5:5"
    child = plashui("build", image, "chown", owner, "/").stdout.strip()
    sticky = playground / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    done = plashui("push:dir", child, sticky / "copy")
    assert done.returncode == 0, done.stderr
    shown = plash("sudo", "stat", "-c", "%u:%g", sticky / "copy").stdout
    assert shown == f"{owner}\n"
    assert [p.name for p in sticky.iterdir()] == ["copy"]


def test_nothing_is_overwritten_but_a_file_by_a_whole_one(
    plashui: Run, person: Person, store: Path, playground: Path, image: str
) -> None:
    full, empty = playground / "full", playground / "empty"
    person.run(["mkdir", full, empty], check=True)
    person.run(["touch", full / "x", playground / "file.tar"], check=True)
    for words, says in (
        (("push:dir", image, full), "is not empty"),
        (("push:dir", image, full / "x"), "already exists"),
        (("push:dir", image, "."), "is the working directory"),
        (("push:dir", image, full / "a/b"), "No such file or directory"),
        (("push:dir", image, store / "copy"), "is in the store"),
        (("push:dir", image, "/proc/copy"), "cannot write /proc/copy"),
        (("push:dir", "99", playground / "new"), "no image"),
        (("push:tarfile", "99", playground / "new"), "no image"),
        (("push:tarfile", image, full), "Is a directory"),
        (("push:tarfile", image, full / "a/b.tar"), "No such file or directory"),
        (("push:tarfile", image, "/proc/x.tar"), "cannot write /proc/x.tar"),
        (("push:tarfile", image, full / "a.tar.lz4"), "cannot compress as .lz4"),
    ):
        done = plashui(*words, cwd=empty)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert done.stderr.startswith("plash error: "), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        assert says in done.stderr
    assert [p.name for p in full.iterdir()] == ["x"]
    names = ["empty", "file.tar", "full", "store"]
    assert sorted(p.name for p in playground.iterdir()) == names
    assert plashui("push:tarfile", image, playground / "file.tar").returncode == 0
    assert tarfile.is_tarfile(playground / "file.tar")
    assert stat.S_IMODE((playground / "file.tar").stat().st_mode) == 0o644


def test_a_directory_that_mkdtemp_made_is_filled(
    plashui: Run, plash: Run, image: str
) -> None:
    place = Path(plash("mkdtemp").stdout.strip())
    done = plashui("push:dir", image, place)
    assert done.returncode == 0, done.stderr
    seen = plash("sudo", "ls", place / "bin/busybox").stdout
    assert seen == f"{place}/bin/busybox\n"
    assert [p.name for p in place.parent.iterdir()] == [place.name]
    plash("sudo", "rm", "-r", place)


@pytest.mark.in_turn(False)
def test_others_links_in_a_sticky_directory_are_not_followed(
    plashui: Run,
    person: Person,
    people: dict[str, Person],
    playground: Path,
    image: str,
) -> None:
    other = next((one for one in people.values() if one.uid != person.uid), None)
    guarded = Path("/proc/sys/fs/protected_symlinks").read_text() == "1\n"
    if not guarded or other is None or os.geteuid() != 0:
        pytest.skip("only root has two users, and fs.protected_symlinks must be 1")
    assert other is not None
    sticky = playground / "sticky"
    person.run(["mkdir", "-m", "1777", sticky], check=True)
    victim = playground / "victim"
    person.run(["mkdir", victim], check=True)
    (victim / "file").write_text("precious")
    for name, target in (("a.tar", "file"), ("b.tar", "new"), ("dir", "")):
        other.run(["ln", "-s", victim / target, sticky / name], check=True)
    for words in (
        ("push:tarfile", image, sticky / "a.tar"),
        ("push:tarfile", image, sticky / "b.tar"),
        ("push:dir", image, sticky / "dir"),
    ):
        done = plashui(*words)
        assert done.returncode == 1, words
        assert (
            done.stderr == f"plash error: cannot write {words[2]}: Permission denied\n"
        )
    assert (victim / "file").read_text() == "precious"
    assert os.listdir(victim) == ["file"]
    # One's own are.
    for name in ("a.tar", "b.tar"):
        (sticky / name).unlink()
        person.run(["ln", "-s", victim / name, sticky / name], check=True)
        assert plashui("push:tarfile", image, sticky / name).returncode == 0
        assert tarfile.is_tarfile(victim / name)
        assert (sticky / name).is_symlink()


def test_names_and_memory_work(plashui: Run, playground: Path, image: str) -> None:
    plashui("map", "box", image)
    assert plashui("push:tarfile", "box", playground / "a.tar").returncode == 0
    plashui("recall", "id", "box")
    for alias, target in (("push:tarfile", "b.tar"), ("push:dir", "b")):
        done = plashui("recall", alias, playground / target)
        assert done.returncode == 0, done.stderr
    assert plashui("export-tar", "box", playground / "c.tar").returncode == 0
    assert plashui("copy", "box", playground / "c").returncode == 0
    a, b, c = ((playground / f"{name}.tar").read_bytes() for name in "abc")
    assert a == b == c
    assert plashui("cache", "push:dir", "box", playground / "d").returncode == 1


@pytest.fixture
def small_disk(playground: Path) -> Iterator[Path]:
    """A file system on which there is room for half a busybox."""
    if os.geteuid() != 0:
        cannot("only root can mount a small file system")
    place = playground / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "tmpfs", str(place)]
    subprocess.run(mount, check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_says_so_and_keeps_nothing(
    plashui: Run, store: Path, small_disk: Path, image: str
) -> None:
    for words in (
        ("push:tarfile", image, small_disk / "a.tar"),
        ("push:dir", image, small_disk / "a"),
    ):
        done = plashui(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "No space left on device" in done.stderr
        assert "Free some space there" in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        assert list(small_disk.iterdir()) == []
    # It is a mount: it cannot become the copy itself.
    done = plashui("push:dir", image, small_disk)
    assert "is a mount point" in done.stderr
    assert leftovers(store) == []


def test_a_file_that_may_not_grow_says_so(
    person: Person, store: Path, playground: Path, image: str
) -> None:
    script = f"ulimit -f 100; exec {person.bin}/plash push:tarfile {image} a.tar"
    env = {"PLASH_DATA": str(store)}
    done = person.run(["bash", "-c", script], env=env, cwd=playground)
    assert done.returncode == 1
    assert "cannot write a.tar: File too large" in done.stderr
    assert [p.name for p in playground.iterdir()] == ["store"]


STUCK = """#!/bin/sh
case $1 in
engine:pack-image | engine:extract) exec sleep 600 ;;
*) exec {plash} "$@" ;;
esac
"""


class Stuck:
    """A push to `out` that has begun and never ends; `mark` is what it has made."""

    def __init__(self, person: Person, store: Path, image: str, verb: str) -> None:
        place = store.parent
        stuck = place / "stuck"
        stuck.write_text(STUCK.format(plash=person.bin / "plash"))
        stuck.chmod(0o755)
        env = {"PLASH_DATA": str(store), "PLASHUI_HELPER": str(stuck)}
        words = [person.bin / "plashui", verb, image, place / "out"]
        self.process = person.start(words, env=env, stderr=subprocess.DEVNULL)
        self.mark = place / f"out.partial-{self.process.pid}"
        began = lambda: self.mark.exists() and children_of(self.process.pid)  # noqa: E731
        wait_for(began, "it to begin")

    def stop(self, how: signal.Signals) -> int:
        """Send it a signal; its status."""
        helpers = children_of(self.process.pid)
        self.process.send_signal(how)
        if how == signal.SIGKILL:
            self.process.wait()
        for pid in helpers:
            os.kill(pid, signal.SIGKILL)
        return self.process.wait()


VERBS = pytest.mark.parametrize("verb", ["push:tarfile", "push:dir"])


@VERBS
def test_interrupted_it_leaves_nothing(
    person: Person, store: Path, playground: Path, image: str, verb: str
) -> None:
    push = Stuck(person, store, image, verb)
    assert push.stop(signal.SIGINT) == -signal.SIGINT
    assert list(playground.glob("out*")) == []


@VERBS
def test_what_a_killed_one_left_is_marked_and_goes_with_the_next(
    plashui: Run, person: Person, store: Path, playground: Path, image: str, verb: str
) -> None:
    dead = Stuck(person, store, image, verb)
    assert dead.stop(signal.SIGKILL) == -signal.SIGKILL
    assert list(playground.glob("out*")) == [dead.mark]
    (playground / "precious").mkdir()
    not_ours = [playground / f"out{end}" for end in (".partial-x", ".partial-1", "er")]
    not_ours[1].symlink_to("precious")
    for path in (not_ours[0], not_ours[2]):
        path.write_text("x")
    living = Stuck(person, store, image, verb)
    try:
        assert not dead.mark.exists()
        done = plashui(verb, image, playground / "out")
        assert done.returncode == 0, done.stderr
        assert living.mark.exists(), "somebody works on it"
    finally:
        living.stop(signal.SIGKILL)
    assert living.mark.exists()
    person.run([person.bin / "plash", "sudo", "rm", "-r", playground / "out"])
    assert plashui(verb, image, playground / "out").returncode == 0
    assert sorted(playground.glob("out*")) == sorted([playground / "out", *not_ours])
    assert (playground / "precious").is_dir()


@pytest.mark.in_turn(False)
@pytest.mark.parametrize("program", ["plash", "plashui"])
def test_a_file_of_an_id_beyond_ones_own_is_an_error_that_names_it(
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    image: str,
    program: str,
) -> None:
    if os.geteuid() != 0:
        cannot("only root can put another's file into a layer")
    node = Path(plashui("nodepath", image).stdout.strip()) / "_data/root"
    (node / "foreign").write_text("x")
    (node / "foreign").chmod(0o600)
    for words in (("push:tarfile", image, "a.tar"), ("push:dir", image, "a")):
        line = [person.bin / program, *words]
        done = person.run(line, env={"PLASH_DATA": str(store)}, cwd=playground)
        if person.map == "root":  # has no id beyond its own
            assert done.returncode == 0
            continue
        assert done.returncode == 1
        assert f"cannot read all of image {image}: ./foreign: " in done.stderr
        assert done.stderr.count("\n") == 1
        assert [p.name for p in playground.iterdir()] == ["store"]
