"""A directory becomes an image as it is, and stays."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests import trees
from tests.conftest import Verb, cannot
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run


def sh(person: Person, script: str, *words: str | Path) -> None:
    person.run(["sh", "-ec", script, *words], check=True)


def test_a_directory_becomes_an_image_as_it_is_and_stays(
    plashui: Run, person: Person, store: Path, playground: Path
) -> None:
    tree = trees.make(person, playground / "tree")
    before = trees.look(person, tree)
    sh(person, 'ln -s tree "$0/link"', playground)
    done = plashui("pull:dir", playground / "link")
    assert (done.returncode, done.stderr) == (0, "")
    assert trees.look_into(person, store, done.stdout.strip()) == before
    assert trees.look(person, tree) == before
    assert leftovers(store) == []
    shown = plashui("show", done.stdout.strip()).stdout
    assert str(playground / "link") in shown


def test_a_plain_users_files_become_roots_and_so_do_strangers(
    plashui: Run, plash: Verb, person: Person, playground: Path
) -> None:
    place = playground / "tree"
    sh(person, 'mkdir "$0" && cd "$0" && echo x >mine && chmod 4755 mine', place)
    if os.geteuid() == 0:
        for name, owner in (("root's", (0, 0)), ("other's", (33, 34))):
            (place / name).write_text("x")
            (place / name).chmod(0o644)
            os.chown(place / name, *owner)
    done = plashui("pull:dir", place)
    assert done.returncode == 0, done.stderr
    root = f"{plash('nodepath', done.stdout.strip()).stdout.strip()}/_data/root"
    script = 'cd "$0" && stat -c "%n %u:%g %a" *'
    rows = plash("sudo", "sh", "-c", script, root).stdout.splitlines()
    assert "mine 0:0 4755" in rows
    if os.geteuid() != 0:
        return
    assert "root's 0:0 644" in rows
    if person.map == "root":
        assert "other's 33:34 644" in rows
        assert done.stderr == ""
    else:
        assert "other's 0:0 644" in rows
        assert done.stderr == "2 files of other users: owned by root in the image\n"


def test_what_cannot_be_read_is_named_with_the_remedy(
    plashui: Run, person: Person, store: Path, playground: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root can hide a file from a plain user")
    place = playground / "tree"
    sh(person, 'mkdir "$0"', place)
    for name in ("a", "hidden\n", "c"):
        (place / name).write_text("x")
        (place / name).chmod(0o600)
    (place / "closed").mkdir(mode=0o700)
    done = plashui("pull:dir", place)
    if person.map == "root":
        assert done.returncode == 0
        return
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"cannot read all of {place}: ./a: " in line
    assert "Permission denied (and 3 more). " in line
    assert line.endswith(f"sudo tar -C {place} -c . | plash pull:tarfile")
    assert images(store) == []
    assert leftovers(store) == []


def test_devices_a_user_may_not_make_are_left_out_and_counted(
    plashui: Run, plash: Verb, person: Person, playground: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root can make a device node")
    place = playground / "tree"
    sh(person, 'mkdir "$0"', place)
    for minor in (3, 5):
        os.mknod(place / f"dev{minor}", 0o20666, os.makedev(1, minor))
    done = plashui("pull:dir", place)
    assert done.returncode == 0, done.stderr
    if person.map == "root":
        assert done.stderr == ""
    else:
        assert "2 device nodes left out\n" in done.stderr
    assert plash("nodepath", done.stdout.strip()).returncode == 0


def test_what_is_mounted_in_it_is_left_out_and_named(
    plashui: Run, plash: Verb, person: Person, playground: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root can mount there")
    place = playground / "tree"
    sh(person, 'mkdir -p "$0/mnt" && echo x >"$0/file"', place)
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(place / "mnt")]
    subprocess.run(mount, check=True)
    try:
        (place / "mnt/inside").write_text("x")
        done = plashui("pull:dir", place)
    finally:
        subprocess.run(["umount", str(place / "mnt")], check=True)
    assert done.returncode == 0, done.stderr
    assert "1 mount left out: mnt\n" in done.stderr
    root = f"{plash('nodepath', done.stdout.strip()).stdout.strip()}/_data/root"
    assert plash("sudo", "ls", root, f"{root}/mnt").stdout.split() == [
        *(f"{root}:", "file", "mnt"),
        f"{root}/mnt:",
    ]


def test_what_is_no_directory_to_copy_says_so(
    plashui: Run, person: Person, store: Path, playground: Path
) -> None:
    sh(person, 'cd "$0" && echo x >file && ln -s loop loop', playground)
    for name, says in (
        ("none", "No such file or directory"),
        ("file", "Not a directory"),
        ("loop", "loop"),
        ("", "contains the store"),
        ("store", "contains the store"),
    ):
        done = plashui("pull:dir", playground / name)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
    assert images(store) == []
    assert leftovers(store) == []


def test_a_layer_of_the_store_can_be_copied_too(
    plashui: Run, person: Person, store: Path, image: str
) -> None:
    node = Path(plashui("nodepath", image).stdout.strip()) / "_data/root"
    done = plashui("pull:dir", node)
    assert done.returncode == 0, done.stderr
    expected = trees.look_into(person, store, image)
    assert trees.look_into(person, store, done.stdout.strip()) == expected


def test_the_stores_own_marks_mean_nothing_in_what_is_pulled(
    plashui: Run, person: Person, playground: Path
) -> None:
    place = playground / "tree"
    program = person.program(__file__, "overlay_marks.py")
    person.run(["/usr/bin/python3", program, place], check=True)
    image = plashui("pull:dir", place).stdout.strip()
    root = Path(plashui("nodepath", image).stdout.strip()) / "_data/root"
    assert os.listxattr(root / "d") == ["user.kept"]


def test_the_cache_looks_into_the_directory(
    plashui: Run, person: Person, playground: Path
) -> None:
    place = playground / "tree"
    sh(person, 'mkdir -p "$0/d" && echo one >"$0/d/f"', place)
    first = plashui("cache", "pull:dir", place).stdout
    assert first
    assert plashui("cache", "pull:dir", place).stdout == first
    assert plashui("recall", "pull:dir", place).stdout != first
    sh(person, 'echo two >"$0/d/f"', place)
    assert plashui("cache", "pull:dir", place).stdout not in ("", first)
