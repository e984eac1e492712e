"""stack and check: images of directories and files, with no Python started."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.helpers.conftest import Bench, Word
from tests.tools import images, leftovers

ONE = pytest.mark.parametrize("person", ["full"], indirect=True)
UNSET = "plash error: an empty word is not a path. Is a variable unset?\n"


def sh(plash: Bench, script: str, *words: Path) -> str:
    """A shell script of the person's; its output."""
    return plash.person.run(["sh", "-ec", script, *words], check=True).stdout


def test_a_directory_becomes_the_layer(plash: Bench, playground: Path) -> None:
    sh(plash, 'mkdir "$0"; echo x >"$0/file"', playground / "content")
    done = plash("stack", 0, playground / "content")
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert not (playground / "content").exists()
    assert (plash.content(1) / "file").read_text() == "x\n"
    meta = plash.content(1).parent.parent / "_meta"
    born = json.loads((meta / "image.json").read_text())
    assert born["origin"] == f"stack {playground}/content"
    counted = json.loads((meta / "usage.json").read_text())
    data = plash.content(1).parent
    took = [p.lstat() for p in (data, data / "root", data / "root/file")]
    assert counted["allocated"] == sum(found.st_blocks * 512 for found in took)
    assert (counted["files"], counted["apparent"] > 2) == (1, True)
    assert leftovers(plash.store) == []


def test_a_work_directory_of_the_store_becomes_a_layer(
    plash: Bench, image: str
) -> None:
    place = Path(plash("mkdtemp", check=True).stdout.strip())
    sh(plash, 'echo x >"$0/file"', place)
    made = plash("stack", image, place, check=True).stdout.strip()
    assert (plash.content(made) / "file").read_text() == "x\n"
    # As a root directory it is not its maker's alone.
    assert plash.content(made).stat().st_mode & 0o777 == 0o755
    meta = plash.content(made).parent.parent / "_meta/image.json"
    assert json.loads(meta.read_text())["origin"] == "stack"
    assert leftovers(plash.store) == []


def test_the_changes_of_a_run_become_a_layer(plash: Bench, image: str) -> None:
    place = Path(plash("mkdtemp", check=True).stdout.strip())
    words: list[Word] = ["run:persist", image, place, "sh", "-c"]
    run = plash.start(*words, "echo up; cat", stdin=PIPE, stdout=PIPE)
    assert run.stdout
    assert run.stdout.readline() == b"up\n"
    busy = plash("stack", image, place / "data")
    assert "another run is using it" in busy.stderr
    run.communicate()
    plash(*words, "rm -r /usr; mkdir /usr; echo x >/file", check=True)
    made = plash("stack", image, place / "data", check=True).stdout.strip()
    assert plash("run", made, "ls", "-d", "/usr/share").stdout == ""


def test_what_is_in_the_store_and_no_part_of_it_becomes_a_layer(plash: Bench) -> None:
    script = "mkdir x; exec $0 stack 0 x"
    assert plash("data", "sh", "-c", script, plash.program).stdout == "1\n"


def test_a_link_to_a_directory_stands_for_it(plash: Bench, playground: Path) -> None:
    sh(plash, 'cd "$0"; mkdir -- real -d; ln -s real link', playground)
    assert plash("stack", 0, "link", cwd=playground).stdout == "1\n"
    assert plash("stack", 0, "-d", cwd=playground).stdout == "2\n"
    assert sorted(os.listdir(playground)) == ["link", "store"]


def test_no_part_of_the_store_becomes_a_layer(plash: Bench, image: str) -> None:
    store = plash.store
    sh(
        plash,
        'cd "$0"; mkdir -p trash/3/_data kept/1-x/data memory tmp/kept_1_x',
        store,
    )
    parts = ["layer", f"layer/0/{image}", "index", "map", "mnt", "trash/3", "memory"]
    parts += ["kept/1-x", "kept/1-x/data", "tmp/kept_1_x", "layer/0/_data/root", "tmp"]
    for part in (
        Path("/"),
        store,
        store.parent,
        plash.content(image),
        *map(store.joinpath, parts),
    ):
        done = plash("stack", 0, part)
        assert (done.returncode, done.stdout) == (1, ""), part
        assert done.stderr.startswith(f"plash error: cannot stack {part}: ")
        assert part.is_dir()
    assert images(store) == [int(image)]


def test_an_empty_word_is_no_directory(plash: Bench, playground: Path) -> None:
    place = playground / "precious"
    sh(plash, 'mkdir "$0"; touch "$0/file"', place)
    image = plash.layer("true")
    for words in (["stack", "0", ""], ["check", image, ""]):
        done = plash(*words, cwd=place)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", UNSET)
    assert (place / "file").exists()
    assert images(plash.store) == [int(image)]


def test_what_cannot_become_a_layer_stays_where_it_is(
    plash: Bench, playground: Path
) -> None:
    content = playground / "content"
    sh(plash, 'mkdir "$0"; touch "$0/file"', content)
    sh(plash, 'cd "$0"; rm id_counter; mkdir id_counter', plash.store)
    done = plash("stack", 0, content)
    assert (done.returncode, done.stdout) == (1, "")
    assert "it is not a regular file" in done.stderr
    assert (content / "file").exists()
    assert leftovers(plash.store) == []
    for wrong, why in (
        (content / "file", "Not a directory"),
        (content / "x", "No such"),
    ):
        done = plash("stack", 0, wrong)
        assert done.returncode == 1
        assert f"cannot stack {wrong}: {why}" in done.stderr


def test_a_directory_of_another_file_system_is_copied(plash: Bench) -> None:
    elsewhere = Path("/tmp" if plash.store.is_relative_to("/dev/shm") else "/dev/shm")
    if elsewhere.stat().st_dev == plash.store.stat().st_dev:
        pytest.skip("there is no other file system to take from")
    place = elsewhere / f"plashui-{os.getpid()}-{plash.person.map}"
    sh(plash, 'mkdir "$0"; echo x >"$0/file"', place)
    try:
        assert plash("stack", 0, place).stdout == "1\n"
        assert (plash.content(1) / "file").read_text() == "x\n"
        assert (place / "file").exists()
    finally:
        sh(plash, 'rm -r "$0"', place)
    assert leftovers(plash.store) == []


def test_check_answers_with_another_image_once_something_changed(
    plash: Bench, image: str, playground: Path
) -> None:
    file, link = playground / "-f", playground / "link"
    sh(plash, 'echo 1 >"$0"; ln -s -- -f "$1"', file, link)

    def check(path: str) -> str:
        return plash("check", image, path, cwd=playground, check=True).stdout

    paths = ("-f", "./-f", "link", "dir")
    sh(plash, 'mkdir -p "$0"; ln -sf ../-f "$0/f"', playground / "dir")
    before = {path: check(path) for path in paths}
    assert {path: check(path) for path in paths} == before
    # Another time, another inode: the same.
    sh(plash, 'cp -- "$0" "$0.new"; mv -- "$0.new" "$0"; touch -- "$0"', file)
    assert {path: check(path) for path in paths} == before
    assert len(set(before.values())) == 2, "a link stands for the file"
    sh(plash, 'echo 2 >"$0"', file)
    assert not {check(path) for path in paths} & set(before.values())
    made = before["dir"].strip()
    assert plash("parent", made).stdout == f"{image}\n"
    assert leftovers(plash.store) == []


@ONE
def test_check_needs_no_notes(plash: Bench, image: str, playground: Path) -> None:
    sh(plash, 'echo 1 >"$0"', playground / "f")
    one = plash("check", image, playground / "f").stdout
    (note,) = (plash.store / "memory").iterdir()
    assert note.stat().st_mode & 0o777 == 0o600
    for damage in ("", "{", '{"image": 99999999999, "born": 1}', '{"image": 1}'):
        note.write_text(damage)
        two = plash("check", image, playground / "f").stdout
        assert int(two) > int(one)
    sh(plash, 'rm -r "$0"; mkdir "$0"; chmod 500 "$0"', plash.store / "memory")
    assert int(plash("check", image, playground / "f").stdout) > int(two)


@ONE
def test_whenever_it_is_killed_the_directory_is_somewhere(
    plash: Bench, playground: Path
) -> None:
    """It is killed as it begins each of its renames, links and mode changes."""
    if b"__asan_init" in plash.program.read_bytes() or not shutil.which("strace"):
        pytest.skip("strace is not there, or the sanitizers' own calls would count")
    for call in ("renameat", "renameat2", "symlinkat", "fchmod"):
        for number in range(1, 5):
            place, name = playground / f"{call}-{number}", f"{call}-{number}.x"
            sh(plash, f'mkdir "$0"; echo x >"$0/{name}"', place)
            inject = f"inject={call}:signal=KILL:when={number}"
            words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject]
            argv = [*words, plash.program, "stack", "0", place]
            done = plash.person.run(argv, env=plash.environment())
            sweep = [plash.person.bin / "plashui", "clean"]
            plash.person.run(sweep, env=plash.environment(), check=True)
            found = sh(plash, f'find "$0" -name {name}', playground).split()
            assert len(found) == 1, (call, number)
            assert leftovers(plash.store) == []
            assert {*os.listdir(plash.store / "index")} == {
                *("0", *map(str, images(plash.store)))
            }, "the image is made, or it is not"
            sh(plash, 'rm -rf "$0"', place)
            if done.returncode == 0:
                break
