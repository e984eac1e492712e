"""A merged image from Python: listed, read and copied from, by everybody."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from plashui.image.rooted_path import open_inside
from tests.conftest import Prepared
from tests.helpers.conftest import Bench, busybox_image
from tests.helpers.run.test_evil_images import fingerprint
from tests.people import Person
from tests.tools import mounts_of, wait_for

HOSTILE = "a,b:c\\d e\nf\033[1m\udcff"


@pytest.fixture
def plash(person: Person, store: Path) -> Bench:
    """The helper, on the person's empty store."""
    return Bench(person, store)


@pytest.fixture
def image(plash: Bench, busybox_tar: Path, prepared: Prepared) -> str:
    """The id of a busybox image."""
    return busybox_image(plash, busybox_tar, prepared)


def words(plash: Bench, image: str, *calls: Sequence[object]) -> list[str | Path]:
    """The command line that does the calls with `image` open."""
    program = plash.person.program(__file__, "mounted_image.py")
    python = plash.person.bin / "python3"
    return [python, program, plash.store, image, json.dumps(calls)]


def within(plash: Bench, image: str, *calls: Sequence[object]) -> list[Any]:
    """What each call of a function of programs/mounted_image.py returns, or its error.

    It is made in a process of the person's own, with the image open.
    """
    done = plash.person.run(words(plash, image, *calls))
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


MADE = (
    "mkdir k && cd k && mkdir -m 1750 d && mkfifo -m 600 p && ln -s ../x l"
    " && echo abc >f && chmod 4711 f && ln f g && truncate -s 1M sparse"
    " && printf end >>sparse && touch -hd '2001-02-03 04:05:06.789012345Z' f l d"
)
MTIME = 981173106789012345


def test_what_is_listed_is_what_the_helper_lists(plash: Bench, image: str) -> None:
    script = MADE
    if plash.person.map != "single":
        script += " && chown -h 7:8 f l && chmod 4711 f"
    child = plash.layer(script, image)
    ours, theirs = within(plash, child, ("entries", "/k"), ("listed_by_helper", "/k"))
    assert ours == theirs
    owner = [0, 0] if plash.person.map == "single" else [7, 8]
    f = next(e for e in ours if e[0] == "f")
    assert f == ["f", "-", 0o4711, *owner, 4, 4096, MTIME, None, "", False, 0, []]
    paths = ("/k/f", "k/f", "/k/../k/f", "/k/l", "/")
    found = within(plash, child, *(("entry", path) for path in paths))
    assert found[:3] == [f, f, f]
    assert (found[3][1], found[3][9], found[4][1]) == ("l", "../x", "d")


def test_a_layer_is_listed_with_what_it_removed(plash: Bench, image: str) -> None:
    script = "rm -rf /usr/share/doc && mkdir /usr/share/doc && rm /etc/group"
    child = plash.build(image, "sh", "-c", script)
    paths = ("/etc", "/usr/share", "/usr/share/doc")
    listed = within(plash, child, *(("listed_of_layer", path) for path in paths))
    found = [entry for entries in listed for entry in entries]
    # The directory that hid what lies below it was opaque until it was a layer.
    assert [(e[0], e[1], e[10]) for e in found] == [
        ("group", "w", False),
        ("doc", "d", False),
        ("x", "w", False),
    ]


def test_ranges_are_read(plash: Bench, image: str) -> None:
    child = plash.layer("seq 300000 >f", image)
    ranges: list[tuple[int, ...]] = [(), (3, 5), (2000000 - 12,), (9 << 40,)]
    whole = "".join(f"{n}\n" for n in range(1, 300001))
    expected = [whole, whole[3:8], whole[2000000 - 12 :], ""]
    assert within(plash, child, *(("read", "/f", *r) for r in ranges)) == expected


def test_what_only_the_images_root_sees_is_there(plash: Bench, image: str) -> None:
    script = "mkdir -p d/e && seq 9 >d/e/f && chmod 0 d/e/f d/e d"
    if plash.person.map != "single":
        script += " && chown -R 7:8 d"
    child = plash.layer(script, image)
    listed, file, text, directory = within(
        plash,
        child,
        ("entries", "/d"),
        ("entry", "/d/e/f"),
        ("read", "/d/e/f", 2, 4),
        ("entry", "/d"),
    )
    assert (listed[0][0], file[5], text, directory[2]) == ("e", 18, "2\n3\n", 0)


def test_what_is_not_there_is_said_in_one_sentence(plash: Bench, image: str) -> None:
    child = plash.layer("mkfifo p; ln -s p l; ln -s /nowhere n", image)
    found = within(
        plash,
        child,
        ("entries", "/nix"),
        ("read", "/n"),
        ("entry", "/nix"),
        ("entries", "/etc/passwd"),
        ("read", "/etc"),
        ("read", "/l"),
        ("read", "a\0b"),
    )
    tail = f"in image {child}: No such file or directory"
    assert found == [
        f"cannot list /nix {tail}",
        f"cannot read /n {tail}",
        f"cannot look at /nix {tail}",
        f"cannot list /etc/passwd in image {child}: Not a directory",
        f"cannot read /etc in image {child}: Is a directory",
        "cannot read /l: it is not a regular file",
        f"cannot read a\0b in image {child}: Invalid argument",
    ]


def test_links_never_lead_to_the_host(
    plash: Bench, image: str, playground: Path
) -> None:
    canary = playground / "canary"
    plash.person.run(["sh", "-c", 'mkdir "$0"; echo mine >"$0/f"', canary])
    before = fingerprint(canary)
    up = "../" * 30
    script = (
        f'ln -s "{canary}" a; ln -s "{up}{canary}" b; ln -s /proc/self/root c;'
        f' ln -s "{canary}/f" d; ln -s /etc/passwd e; mkdir x; ln -s /a x/y; ln -s x z'
    )
    child = plash.layer(script, image)
    paths = ["a", "b", f"c{canary}", str(canary), f"x/y/../..{canary}", f"{up}{canary}"]
    said = within(
        plash,
        child,
        *(("entries", path) for path in paths),
        *(("read", f"{path}/f") for path in paths),
        *(("entry", f"{path}/f") for path in paths),
        *(("copy_out", f"{path}/f", "out") for path in paths),
        ("read", "d"),
    )
    assert len(said) == 25
    assert all(s.endswith("No such file or directory") for s in said), said
    (text,) = within(plash, child, ("read", "e"))
    assert text[:4] == "root"
    ways = [*paths, "e", "none", "x", "/z"]
    lead = within(plash, child, *(("leads_to_directory", path) for path in ways))
    assert lead == [False] * 8 + [True, True]
    assert fingerprint(canary) == before
    assert not (plash.person.home / "out").exists()


def test_a_copy_is_faithful(plash: Bench, image: str, playground: Path) -> None:
    script = MADE + (
        f" && mkdir '{HOSTILE}' && echo x >'{HOSTILE}/{HOSTILE}'"
        f" && chmod 500 '{HOSTILE}'"
        " && ln -s /etc/passwd away && cd .. && chmod 750 k"
    )
    if plash.person.map == "root":
        script += " && chown -h 7:8 k/f k/l && chmod 4711 k/f"
    child = plash.layer(script, image)
    plash.sudo('setfattr -n user.note -v hello "$0/k/f"', plash.content(child))
    target = playground / "out"
    (copied,) = within(plash, child, ("copy_out", "/k", str(target)))
    files, size, skipped, unset = copied
    root = plash.person.map == "root"
    assert (files, skipped, unset) == (10, [], 0 if root else 1)
    assert size == 4 + 1048579 + 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o750
    facts = (target / "f").lstat()
    # A program that was setuid for one user must not become so for another one.
    mode = 0o4711 if root else 0o711
    assert (stat.S_IMODE(facts.st_mode), facts.st_mtime_ns) == (mode, MTIME)
    assert (target / "f").read_text() == "abc\n"
    assert facts.st_ino == (target / "g").lstat().st_ino
    assert os.getxattr(target / "f", "user.note") == b"hello"
    owner = (
        (7, 8) if plash.person.map == "root" else (plash.person.uid, plash.person.gid)
    )
    for name in ("f", "l"):
        seen = (target / name).lstat()
        assert (seen.st_uid, seen.st_gid, seen.st_mtime_ns) == (*owner, MTIME)
    assert (target / "l").readlink() == Path("../x")
    assert (target / "away").readlink() == Path("/etc/passwd")
    assert stat.S_IMODE((target / "d").stat().st_mode) == 0o1750
    assert (target / "d").stat().st_mtime_ns == MTIME
    assert stat.S_ISFIFO((target / "p").stat().st_mode)
    sparse = (target / "sparse").stat()
    assert (sparse.st_size, sparse.st_blocks * 512 < 100000) == (1048579, True)
    assert (target / HOSTILE / HOSTILE).read_text() == "x\n"
    assert stat.S_IMODE((target / HOSTILE).stat().st_mode) == 0o500


def test_hidden_files_are_copied_too(
    plash: Bench, image: str, playground: Path
) -> None:
    script = (
        "mkdir -p k/d/e && seq 9 >k/d/e/f && ln -s x k/d/l && chmod 0 k/d/e/f k/d/e"
    )
    if plash.person.map != "single":
        script += " && chown -R 7:8 k/d"
    child = plash.layer(script + " && chmod 700 k/d", image)
    target = playground / "out"
    found = within(plash, child, ("copy_out", "/k", str(target)))
    assert found == [[5, 18, [], 0]]
    assert stat.S_IMODE((target / "d/e").lstat().st_mode) == 0
    text = plash.sudo('cat "$0/d/e/f"; readlink "$0/d/l"', target)
    assert text == "".join(f"{n}\n" for n in range(1, 10)) + "x\n"


def test_single_files_and_links_are_copied(
    plash: Bench, image: str, playground: Path
) -> None:
    child = plash.layer("ln -s etc/passwd link", image)
    found = within(
        plash,
        child,
        ("copy_out", "/etc/passwd", f"{playground}/a"),
        ("copy_out", "link", f"{playground}/b"),
        ("copy_out", "/etc", f"{playground}/a"),
        ("copy_out", "/etc/passwd", f"{playground}/no/such"),
    )
    assert found[0] == [1, 30, [], 0]
    assert found[2] == f"{playground}/a already exists. Choose a new name"
    where = f"from image {child} to {playground}/no/such"
    assert found[3] == f"cannot copy /etc/passwd {where}: No such file or directory"
    assert (playground / "a").read_text() == "root:x:0:0:root:/root:/bin/sh\n"
    assert (playground / "b").readlink() == Path("etc/passwd")


def test_devices_are_left_out_and_named(
    plash: Bench, image: str, playground: Path, people: dict[str, Person]
) -> None:
    if plash.person.map != "root" or "full" not in people:
        pytest.skip("only root makes an image with devices")
    child = plash.layer("mkdir k; mknod k/n c 1 3; : >k/f", image)
    target = playground / "out"
    found = within(plash, child, ("copy_out", "/k", str(target)))
    assert found == [[3, 0, [], 0]]
    assert (target / "n").stat().st_rdev == os.makedev(1, 3)
    plash.store.chmod(0o755)  # as who lends a store to others
    plain = Bench(people["full"], plash.store)
    found = within(plain, child, ("copy_out", "/k", "plain"))
    assert found == [[2, 0, ["/k/n"], 0]]
    assert os.listdir(plain.person.home / "plain") == ["f"]
    plain.person.run(["rm", "-r", "plain"], check=True)


def test_a_copy_that_is_cancelled_leaves_nothing(
    plash: Bench, image: str, playground: Path
) -> None:
    target = playground / "out"
    assert within(plash, image, ("cancelled_copy", str(target))) == [True]
    assert not target.exists()


def test_an_open_image_is_in_use_until_its_holder_dies(
    plash: Bench, image: str
) -> None:
    line = words(plash, image, ("hold",))
    process = plash.person.start(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=plash.environment()
    )
    assert process.stdout
    assert process.stdout.readline() == b"open\n"
    plashui = plash.person.bin / "plashui"
    remove = [plashui, "rm", image]
    done = plash.person.run(remove, env=plash.environment())
    assert done.returncode == 1
    assert f"image {image} is in use" in done.stderr
    process.kill()
    process.communicate()
    assert mounts_of(plash.store) == []
    wait_for(
        lambda: plash.person.run(remove, env=plash.environment()).returncode == 0,
        "the image to be free",
    )


def test_a_mounted_image_is_in_use_by_its_place(plash: Bench, image: str) -> None:
    if plash.person.map != "root":
        pytest.skip("root's mounts have no process")
    script = (
        'mkdir "$0/pl ace"; "$1/plash" mount "$2" "$0/pl ace"; "$1/plashui" rm "$2";'
        ' "$1/plash" umount "$0/pl ace"; rmdir "$0/pl ace"; "$1/plashui" rm "$2"'
    )
    home, bin_ = plash.person.home, plash.person.bin
    line = ["unshare", "--mount", "sh", "-c", script, home, bin_, image]
    done = plash.person.run(line, env=plash.environment())
    assert done.returncode == 0, done.stderr
    assert f"image {image} is mounted at {home}/pl ace" in done.stderr


def test_paths_of_one_root(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to("/../../file")
    (tmp_path / "in/file").write_text("inside")
    (tmp_path / "file").write_text("outside")
    root = os.open(tmp_path / "in", os.O_PATH)
    try:
        for path in ("/link", "../file", "/../file", "./link"):
            found = open_inside(root, path, os.O_RDONLY)
            assert os.read(found, 99) == b"inside"
            os.close(found)
        with pytest.raises(OSError, match="Invalid argument"):
            open_inside(root, "a\0b", os.O_RDONLY)
    finally:
        os.close(root)
