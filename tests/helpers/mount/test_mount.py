"""mount and umount: an image where every program sees it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import cannot, processes_naming
from tests.helpers.conftest import Bench, Word, make_chain, make_store
from tests.people import Person
from tests.tools import number_of, wait_for

HOSTILE = "a,b:c\\d e\nf\033[1m\udcff"
BUSY = ("flock", "--nonblock", "--exclusive")


@pytest.fixture
def person(person: Person, base: Path) -> Iterator[Person]:
    """The person, in a mount namespace of the test's own, where /dev/fuse is usable.

    Whatever a test leaves mounted goes with it.
    """
    if person.map != "root":
        for program in ("fuse-overlayfs", "fusermount3"):
            if not shutil.which(program):
                cannot(f"{program} is not installed (Debian: fuse-overlayfs fuse3)")
    if os.geteuid() != 0:
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            cannot("/dev/fuse is not usable, and only root can change that")
        yield person
        return
    node = base / "fuse"
    if not node.exists():
        os.mknod(node, 0o20666, os.makedev(10, 229))
        node.chmod(0o666)
    try:
        os.close(os.open(node, os.O_RDWR))
    except OSError as error:
        if person.map != "root":
            cannot(f"a /dev/fuse for plain users cannot be made: {error.strerror}")
    script = 'mount --bind "$0" /dev/fuse; echo ready; exec sleep 1000'
    words = ["unshare", "--mount", "sh", "-c", script, str(node)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == b"ready\n"
            enter = ("nsenter", f"--target={holder.pid}", "--mount")
            yield dataclasses.replace(person, prefix=(*enter, *person.prefix))
        finally:
            holder.kill()


@pytest.fixture
def place(plash: Bench, playground: Path) -> Path:
    """An empty directory of the person's."""
    path = playground / "place"
    plash.person.run(["mkdir", path], check=True)
    return path


def table(plash: Bench, place: Path) -> list[str]:
    """The sources of what is mounted at a place, as the person sees the mounts."""
    escaped = str(place)
    for char in "\\ \t\n":
        escaped = escaped.replace(char, f"\\{ord(char):03o}")
    lines = plash.person.run(["cat", "/proc/self/mountinfo"]).stdout.splitlines()
    found = [x.split(" - ")[1] for x in lines if x.split(" ")[4] == escaped]
    return [x.split(" ")[1] for x in found]


def sh(plash: Bench, script: str, *words: str | Path) -> str:
    """What a shell of the person's prints, host programs and all."""
    return plash.person.run(["sh", "-c", script, *words], check=True).stdout


def failure(plash: Bench, *words: str | Path | int) -> str:
    """The one line with which it refuses."""
    done = plash(*words)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stderr.startswith("plash error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def is_free(plash: Bench, directory: Path) -> bool:
    """Whether nobody holds a lock on it."""
    return plash.person.run([*BUSY, directory, "true"]).returncode == 0


def test_a_mounted_image_is_seen_by_all_and_read_only(
    plash: Bench, image: str, place: Path
) -> None:
    done = plash("mount", image, place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "root:x:0:0" in sh(plash, 'cat "$0/etc/passwd"', place)
    denied = plash.person.run(["touch", place / "new"])
    assert "Read-only file system" in denied.stderr
    (source,) = table(plash, place)
    assert source == f"plashui:{image}:{number_of(plash.store)}:-"
    done = plash("umount", place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sh(plash, 'ls -A "$0"', place) == ""
    assert is_free(plash, plash.content(image).parent)


def test_changes_are_kept_and_there_again(
    plash: Bench, image: str, place: Path, playground: Path
) -> None:
    changes = playground / "changes"
    plash("mount", image, place, changes, check=True)
    script = (
        'cd "$0" && echo 1 >new && rm -r usr/share/doc && mkdir usr/share/doc &&'
        " rm etc/group && mv var var2"
    )
    sh(plash, script, place)
    plash("umount", place, check=True)
    assert {"data", "work"} == {p.name for p in changes.iterdir()}
    assert (changes / "data/new").stat().st_uid == plash.person.uid
    plash("mount", image, place, changes, check=True)
    seen = sh(plash, 'cd "$0"; cat new; ls -A usr/share/doc; ls etc var2', place)
    assert seen.split() == ["1", "etc:", "passwd", "var2:", "lib"]
    plash("umount", place, check=True)
    if plash.person.map == "root":
        script = "cat /new; ls -A /usr/share/doc"
        done = plash("run:persist", image, changes, "sh", "-c", script)
        assert (done.stdout, done.stderr) == ("1\n", "")


def test_what_runs_have_removed_does_not_come_back(
    plash: Bench, image: str, place: Path
) -> None:
    script = "rm -rf /usr/share/doc && mkdir /usr/share/doc && rm /etc/group"
    child = plash.build(image, "sh", "-c", script)
    plash("mount", child, place, check=True)
    seen = sh(plash, 'cd "$0"; ls -A usr/share/doc; ls etc', place)
    assert seen.split() == ["passwd"]


def test_files_of_other_ids_are_read(plash: Bench, image: str, place: Path) -> None:
    if plash.person.map == "single":
        pytest.skip("has no other ids")
    script = "mkdir -m 700 d; echo secret >d/f; chmod 600 d/f; chown -R 7:7 d"
    child = plash.layer(script, image)
    plash("mount", child, place, check=True)
    assert sh(plash, 'cat "$0/d/f"', place) == "secret\n"
    outside = plash.content(child)
    owner = plash.sudo('stat -c %u "$0/d"', outside).strip()
    assert owner == "7"
    assert sh(plash, 'stat -c %u "$0/d"', place) == sh(
        plash, 'stat -c %u "$0"/d', outside
    )


def test_one_place_takes_one_image(plash: Bench, image: str, place: Path) -> None:
    plash("mount", image, place, check=True)
    said = failure(plash, "mount", image, place)
    assert "an image is already mounted there" in said
    assert len(table(plash, place)) == 1


def test_two_do_not_write_to_one_directory(
    plash: Bench, image: str, place: Path, playground: Path
) -> None:
    changes, other = playground / "changes", playground / "other"
    sh(plash, 'mkdir "$0"', other)
    plash("mount", image, place, changes, check=True)
    refused: list[list[Word]] = [
        ["mount", image, other, changes],
        ["run:persist", image, changes, "true"],
        ["engine:with", "--upper", changes, plash.store, image, "--", "true"],
    ]
    for words in refused:
        assert "is using it" in failure(plash, *words)
    plash("umount", place, check=True)
    plash("mount", image, other, changes, check=True)
    plash("umount", other, check=True)

    process = plash.start(
        "run:persist",
        image,
        changes,
        "cat",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"x\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"x\n"
    assert "another run is using it" in failure(plash, "mount", image, place, changes)
    process.communicate()
    assert table(plash, place) == []


def test_places_that_will_not_do(plash: Bench, image: str, playground: Path) -> None:
    sh(plash, 'cd "$0" && : >file && mkdir full && : >full/x', playground)
    missing = failure(plash, "mount", image, playground / "missing")
    assert "No such file or directory" in missing
    assert "Not a directory" in failure(plash, "mount", image, playground / "file")
    assert "no image 99" in failure(plash, "mount", 99, playground / "full")
    plash("mount", image, playground / "full", check=True)
    assert "etc" in sh(plash, 'ls "$0"', playground / "full").split()
    plash("umount", playground / "full", check=True)
    assert sh(plash, 'ls "$0"', playground / "full") == "x\n"
    for words in (["mount"], ["mount", "1"], ["umount"], ["mount", "1", "a", "b", "c"]):
        done = plash(*words)
        assert done.stderr.startswith(f"usage: plash {words[0]} ")
        assert done.returncode == 1


def test_only_images_are_unmounted(plash: Bench, place: Path) -> None:
    assert "nothing is mounted there" in failure(plash, "umount", place)
    assert "is not an image (proc)" in failure(plash, "umount", "/proc")
    assert "No such file" in failure(plash, "umount", place / "missing")
    assert sh(plash, "cat /proc/self/comm") == "cat\n"


def test_a_mount_that_is_used_names_the_user(
    plash: Bench, image: str, place: Path
) -> None:
    plash("mount", image, place, check=True)
    words = ["sh", "-c", 'cd "$0" && exec cat', str(place)]
    process = plash.person.start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"here\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"here\n"  # so it is cat by now
    assert f"process {process.pid} (cat) is using it" in failure(plash, "umount", place)
    process.communicate()
    plash("umount", place, check=True)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "mkdir usr && : >usr/.wh.share",
            "takes /usr/.wh.share for the removal of another file",
        ),
        (
            "mkdir -m 700 a && mkdir a/b &&"
            " setfattr -n user.fuseoverlayfs.opaque -v y a/b",
            "takes /a/b for a directory that hides the ones below",
        ),
    ],
)
def test_an_image_looks_the_same_in_every_mount_or_in_none(
    plash: Bench, image: str, place: Path, script: str, said: str
) -> None:
    """To the kernel's overlay these are files and attributes like any other."""
    child = plash.layer(script, image)
    assert "share" in plash("mounted", child, "ls", "-A", "usr").stdout
    if plash.person.map == "root":
        plash("mount", child, place, check=True)
        assert "share" in sh(plash, 'ls "$0/usr"', place)
        plash("umount", place, check=True)
        return
    told = failure(plash, "mount", child, place)
    assert (
        f"fuse-overlayfs {said}. `plash mounted {child} CMD` and plashui, the app"
        in told
    )
    assert table(plash, place) == []


def test_places_and_changes_of_any_name(
    plash: Bench, image: str, playground: Path
) -> None:
    place, changes = playground / HOSTILE, playground / f"plashtmp_ {HOSTILE}"
    sh(plash, 'mkdir "$0"', place)
    if plash.person.map != "root":
        said = failure(plash, "mount", image, place, changes)
        assert "its path has a colon" in said  # fuse-overlayfs has no way to say it
        changes = playground / changes.name.replace(":", "")
    plash("mount", image, place, changes, check=True)
    sh(plash, 'echo x >"$0/new"', place)
    assert "an image is already mounted there" in failure(plash, "mount", image, place)
    plash("umount", place, check=True)
    assert table(plash, place) == []
    assert (changes / "data/new").read_text() == "x\n"


def test_a_store_of_any_name(
    person: Person, playground: Path, busybox_tar: Path
) -> None:
    """Paths with commas, colons and backslashes mean something to mount options."""
    plash = Bench(person, make_store(person, playground / HOSTILE))
    place = playground / "place"
    sh(plash, 'mkdir "$0"', place)
    image = plash.image_of(busybox_tar)
    image = plash.layer(": >two", plash.layer(": >one; : >two", image))
    names = {"one", "two", "bin", "etc"}
    assert names <= set(plash("run", image, "ls", "/", check=True).stdout.split())
    assert names <= set(plash("mounted", image, "ls", check=True).stdout.split())
    child = plash.build(image, "rm", "/one")
    plash("mount", child, place, check=True)
    seen = set(sh(plash, 'ls "$0"', place).split())
    assert (names - {"one"} <= seen, "one" in seen) == (True, False)
    plash("umount", place, check=True)


def test_every_layer_of_a_deep_image_is_mounted(plash: Bench, place: Path) -> None:
    make_chain(plash, 500)
    for depth in (500, 1):
        plash("mount", depth, place, check=True)
        assert sh(plash, 'find "$0" -name "f*" | wc -l', place).strip() == str(depth)
        plash("umount", place, check=True)


def test_the_empty_image_is_not_mounted(plash: Bench, place: Path) -> None:
    done = plash("mount", 0, place)
    assert done.returncode == 1
    assert done.stderr.startswith("plash error: image 0 is the special empty image")
    assert sh(plash, 'grep -c " $0 " /proc/self/mountinfo || :', place) == "0\n"


def test_a_mounted_image_is_locked(plash: Bench, image: str, place: Path) -> None:
    """The kernel's own mount is known by the mount table instead."""
    plash("mount", image, place, check=True)
    free = is_free(plash, plash.content(image).parent)
    assert free is (plash.person.map == "root")
    plash("umount", place, check=True)


def test_a_mount_whose_server_was_killed_is_unmounted(
    plash: Bench, image: str, place: Path, playground: Path
) -> None:
    if plash.person.map == "root":
        pytest.skip("the kernel is the server")
    plash("mount", image, place, playground / "changes", check=True)
    (server,) = processes_naming(place)
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: is_free(plash, playground / "changes"), "the locks to be free")
    assert "plash umount" in failure(plash, "mount", image, place)
    plash("umount", place, check=True)
    assert table(plash, place) == []


def test_without_fuse_a_plain_user_is_told_what_to_do(
    plash: Bench, image: str, place: Path
) -> None:
    if plash.person.map == "root":
        pytest.skip("root needs no FUSE")
    script = 'PATH=/nowhere exec "$0" mount "$1" "$2" "$2/changes"'
    words = ["sh", "-c", script, plash.program, image, place]
    done = plash.person.run(words, env=plash.environment())
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for part in (
        "fuse-overlayfs",
        "not installed",
        f"plash mounted {image} CMD",
        "app",
    ):
        assert part in done.stderr


def test_mounts_of_the_old_program_are_unmounted_and_others_not(
    plash: Bench, image: str, place: Path, playground: Path
) -> None:
    if plash.person.map != "root":
        pytest.skip("needs root, who mounts overlays")
    root = "_data/root"
    old = f"lowerdir={plash.store}/index/{image}/{root}:{plash.store}/index/0/{root}"
    sh(plash, 'mount -t overlay overlay -o "$1" "$0"', place, old)
    plash("umount", place, check=True)
    sh(plash, 'mkdir "$0/a" "$0/b"', playground)
    theirs = f"lowerdir={playground}/a:{playground}/b"
    sh(plash, 'mount -t overlay overlay -o "$1" "$0"', place, theirs)
    assert "is not an image (overlay)" in failure(plash, "umount", place)
    # of two on one place the upper one counts, and goes
    covered = playground / "covered"
    sh(plash, 'mkdir "$0"', covered)
    plash("mount", image, covered, check=True)
    sh(plash, 'mount -t tmpfs other "$0"', covered)
    assert "is not an image (other)" in failure(plash, "umount", covered)
    sh(plash, 'umount "$0"', covered)
    plash("umount", covered, check=True)


def test_nothing_stays_on_the_way_of_older_kernels(
    plash: Bench, image: str, place: Path
) -> None:
    if plash.person.map != "root":
        pytest.skip("for root; a plain user's mount is of another kind")
    before = plash.person.run(["cat", "/proc/self/mountinfo"]).stdout
    for tier in ("2", "3"):
        plash("mount", "--overlay-tier", tier, image, place, check=True)
        assert "passwd" in sh(plash, 'ls "$0/etc"', place)
        plash("umount", place, check=True)
    assert plash.person.run(["cat", "/proc/self/mountinfo"]).stdout == before
