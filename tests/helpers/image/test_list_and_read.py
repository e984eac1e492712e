"""engine:list and engine:read: into an image, with the eyes of its root."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.conftest import Bench, Word
from tests.helpers.mount.test_mount import HOSTILE

FIELDS = 13


class Row(NamedTuple):
    """One record of engine:list, as it comes."""

    name: str
    kind: str
    mode: str
    uid: str
    gid: str
    size: str
    allocated: str
    mtime: str
    device: str
    target: str
    mark: str
    links: str
    attributes: str


def rows(
    plash: Bench, image: str, path: str, *options: str, told: str | None = None
) -> dict[str, Row]:
    """The records of a directory, by name."""
    words: list[Word] = ["engine:list", *options, plash.store, image, path]
    parts = plash(*words, check=True, input=told).stdout.split("\0")
    assert parts.pop() == ""
    assert len(parts) % FIELDS == 0
    found = [Row(*parts[i : i + FIELDS]) for i in range(0, len(parts), FIELDS)]
    return {row.name: row for row in found}


def read(plash: Bench, image: str, path: str, *options: str) -> str:
    """The bytes of a file, as text."""
    words: list[Word] = ["engine:read", *options, plash.store, image, path]
    return plash(*words, check=True).stdout


def failure(plash: Bench, verb: str, image: str, path: str) -> str:
    """The one line with which it refuses."""
    done = plash(verb, plash.store, image, path, timeout=20)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.startswith("plash error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


KINDS_OF_FILES = (
    "mkdir -m 1750 d && mkfifo -m 600 p && ln -s ../x l && echo abc >f && chmod 4711 f"
    " && touch -d '2001-02-03 04:05:06.789012345Z' f && ln f g && truncate -s 1M sparse"
)


def test_every_kind_of_file_is_described(plash: Bench, image: str) -> None:
    script = (
        f"{KINDS_OF_FILES} && python3 -c"
        " 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'"
    )
    child = plash.layer(f"mkdir k && cd k && {script}", image)
    found = rows(plash, child, "/k")
    assert {n: r.kind for n, r in found.items()} == {
        **{"d": "d", "p": "p", "l": "l", "f": "-", "g": "-", "sparse": "-", "s": "s"}
    }
    mtime = "981173106789012345"
    assert found["f"][2:] == ("4711", "0", "0", "4", "4096", mtime, *[""] * 5)
    assert found["d"].mode == "1750"
    assert found["l"].target == "../x"
    assert (found["sparse"].size, found["sparse"].allocated) == ("1048576", "0")
    assert set(rows(plash, child, "/")) >= {"k", "etc", "bin"}
    assert rows(plash, child, "k") == rows(plash, child, "/etc/../k/.") == found


@pytest.mark.parametrize("seconds", [-9_300_000_000, -1, 0, 10_413_792_000])
def test_a_time_is_told_however_far_it_is(
    plash: Bench, image: str, seconds: int
) -> None:
    """More than 292 years from 1970: more nanoseconds than 64 bits hold."""
    when = seconds * 10**9 + 500_000_000
    child = plash.layer("touch far", image)
    file = plash.content(child) / "far"
    os.utime(file, ns=(0, when))
    if file.stat().st_mtime_ns != when:
        pytest.skip("the file system here has no such times")
    assert int(rows(plash, child, "/", "--layer")["far"].mtime) == when


def test_devices_have_numbers(plash: Bench, image: str) -> None:
    if plash.person.map != "root":
        pytest.skip("only root makes devices")
    child = plash.layer("mknod n c 1 3; mknod b b 7 200", image)
    found = rows(plash, child, "/")
    assert (found["n"].kind, found["n"].device) == ("c", "1:3")
    assert (found["b"].kind, found["b"].device) == ("b", "7:200")
    assert "not a regular file" in failure(plash, "engine:read", child, "/n")


def test_what_only_the_images_root_may_see_is_seen(plash: Bench, image: str) -> None:
    script = "mkdir -p d/e && echo secret >d/e/f && chmod 0 d/e/f d/e d"
    if plash.person.map != "single":
        script += " && chown -R 7:8 d"
    child = plash.layer(script, image)
    assert rows(plash, child, "/d")["e"].mode == "0"
    assert read(plash, child, "/d/e/f") == "secret\n"
    owner = ("0", "0") if plash.person.map == "single" else ("7", "8")
    assert rows(plash, child, "/d/e")["f"][3:5] == owner


def test_names_are_bytes(plash: Bench, image: str) -> None:
    script = (
        f"mkdir '{HOSTILE}' && ln -s '{HOSTILE}' l && echo x >'{HOSTILE}/{HOSTILE}'"
    )
    child = plash.layer(script, image)
    assert rows(plash, child, "/")["l"].target == HOSTILE
    assert list(rows(plash, child, "l")) == [HOSTILE]
    assert read(plash, child, f"/l/{HOSTILE}") == "x\n"


def test_ranges_of_a_file(plash: Bench, image: str) -> None:
    child = plash.layer("seq 100000 >f", image)
    whole = "".join(f"{n}\n" for n in range(1, 100001))
    assert read(plash, child, "f") == whole
    assert read(plash, child, "f", "--offset", "3", "--length", "5") == whole[3:8]
    assert read(plash, child, "f", "--offset", "400000") == whole[400000:]
    assert read(plash, child, "f", "--offset", "99999999") == ""
    assert read(plash, child, "f", "--length", "0") == ""


def test_only_files_are_read_and_only_directories_listed(
    plash: Bench, image: str
) -> None:
    child = plash.layer("mkfifo p; mkdir d; ln -s p l; ln -s loop loop", image)
    for path in ("p", "l"):
        assert "not a regular file" in failure(plash, "engine:read", child, path)
        assert "Not a directory" in failure(plash, "engine:list", child, path)
    assert "Is a directory" in failure(plash, "engine:read", child, "d")
    assert "Not a directory" in failure(plash, "engine:list", child, "/etc/passwd")
    for verb in ("engine:read", "engine:list"):
        assert "No such file" in failure(plash, verb, child, "/nowhere")
        assert "symbolic links" in failure(plash, verb, child, "/loop")
        assert "no image 99" in failure(plash, verb, "99", "/")


def test_links_lead_nowhere_but_into_the_image(
    plash: Bench, image: str, playground: Path
) -> None:
    canary = playground / "canary"
    plash.person.run(["sh", "-c", 'mkdir "$0"; echo mine >"$0/f"', canary])
    up = "../" * 30
    script = (
        f'ln -s "{canary}" a; ln -s "{up}{canary}" b; ln -s /proc/self/root c;'
        f" ln -s /etc/passwd d; ln -s {up}etc/group e; rm -rf proc;"
        f' mkdir -p "./{playground}"'
    )
    child = plash.layer(script, image)
    for path in ("a", "b", "c", f"c/{canary}", str(canary), f"{up}{canary}"):
        assert "No such file" in failure(plash, "engine:list", child, path)
        assert "No such file" in failure(plash, "engine:read", child, f"{path}/f")
    assert read(plash, child, "d").startswith("root:x:0:0:root:/root:/bin/sh\n")
    assert read(plash, child, "e") == "root:x:0:\n"


def test_a_layer_shows_what_it_removed(plash: Bench, image: str) -> None:
    script = (
        "rm -rf /usr/share/doc && mkdir /usr/share/doc && rm /etc/group && >/etc/new"
    )
    child = plash.build(image, "sh", "-c", script)
    layer = rows(plash, child, "/etc", "--layer")
    assert {n: r.kind for n, r in layer.items()} == {"group": "w", "new": "-"}
    doc = rows(plash, child, "/usr/share", "--layer")["doc"]
    assert (doc.kind, doc.mark) == ("d", "")
    below = rows(plash, child, "/usr/share/doc", "--layer")
    assert {n: r.kind for n, r in below.items()} == {"x": "w"}
    assert rows(plash, child, "/usr", "--layer")["share"].mark == ""
    merged = rows(plash, child, "/etc")
    assert set(merged) == {"passwd", "new"}
    assert rows(plash, child, "/usr/share")["doc"].mark == ""
    assert rows(plash, child, "/usr/share/doc") == {}
    assert read(plash, child, "/etc/new", "--layer") == ""
    assert plash("engine:read", "--layer", plash.store, child, "/etc/passwd").returncode


def test_big_directories_and_the_ground(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir big; cd big; seq 20000 | xargs touch", image)
    assert set(rows(plash, child, "big")) == {str(n) for n in range(1, 20001)}
    assert rows(plash, "0", "/") == rows(plash, "0", "/", "--layer") == {}


def test_all_below_is_listed_and_each_directory_before_what_is_in_it(
    plash: Bench, image: str
) -> None:
    child = plash.layer(f"mkdir -p k/deep && cd k && {KINDS_OF_FILES}", image)
    layer = rows(plash, child, "/", "--layer", "--recursive")
    names = ["", "k", *(f"k/{n}" for n in ("d", "deep", "f", "g", "l", "p", "sparse"))]
    assert sorted(layer) == names
    assert list(layer)[:2] == names[:2]
    one_by_one = rows(plash, child, "/k")
    for name, row in one_by_one.items():
        assert layer[f"k/{name}"][1:11] == row[1:11]
    assert layer["k/f"].links == layer["k/g"].links != ""
    assert layer["k/l"].links == layer["k/sparse"].links == ""
    merged = rows(plash, child, "/", "--recursive")
    assert merged.keys() > layer.keys() | {"etc/group", "usr/share/doc/x/copyright"}
    assert merged["k/f"][:11] == layer["k/f"][:11]
    assert set(rows(plash, child, "/k", "--recursive")) == {
        name.removeprefix("k").removeprefix("/") for name in names[1:]
    }


def test_only_chosen_directories_are_entered(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir -p a/b/c a/e/f b/x; touch a/b/c/n a/e/f/n b/y", image)
    told = "a\0a/b/\0usr/share\0nowhere\0b"
    found = rows(plash, child, "/", "--chosen", told=told)
    top = rows(plash, child, "/")
    below = {"a/b", "a/e", "a/b/c", "a/b/c/n", "b/x", "b/y"}
    assert found.keys() == top.keys() | below | {""}
    assert rows(plash, child, "/", "--chosen", told="").keys() == top.keys() | {""}


def test_attributes_are_told_and_the_overlays_own_are_not(
    plash: Bench, image: str
) -> None:
    program = plash.person.program(__file__, "odd_attributes.py")
    child = plash.layer(f"python3 {program}", image)
    for directory, mark in (("o", "y"), ("o/d", "n")):  # a layer of an older program
        call = f"'$0', 'user.overlay.opaque', b'{mark}'"
        plash.sudo(
            f'python3 -c "import os; os.setxattr({call})"',
            plash.content(child) / directory,
        )
    found = rows(plash, child, "/", "--layer", "--recursive")
    assert found["o"].mark == "y"
    words = found["o"].attributes.split(" ")
    name = os.fsencode("user.=\n\udcff").hex()
    assert sorted(words) == sorted(["", f"{b'user.a'.hex()}=", f"{name}=00203d"])
    assert found["o/d"][10:] == found["l"][10:] == ("", "", "")
    if plash.person.map == "root":
        plash.sudo(
            "python3 -c \"import os; os.setxattr('$0', 'trusted.overlay.redirect',"
            " b'/x')\"",
            plash.content(child) / "o",
        )
        again = rows(plash, child, "/", "--layer", "--recursive")
        assert again["o"].mark == "r"


@pytest.mark.in_turn
def test_a_tree_deeper_than_any_path_is_listed_and_gathered(
    plash: Bench, image: str
) -> None:
    program = plash.person.program(__file__, "deep_tree.py")
    child = plash.layer(f"python3 {program}", image)
    deep = "/".join(["d"] * 2200)
    found = rows(plash, child, "/", "--layer", "--recursive")
    assert len(found) == 2202
    assert f"{deep}/end" in found
    plash.work("again")
    told = "".join(f"d\0\0{name}\0" for name, row in found.items() if row.kind == "d")
    told = told.removeprefix("d\0\0\0") + f"f\0{child}\0{deep}/end\0"
    told += "".join(f"=\0{child}\0{'/'.join(['d'] * n)}\0" for n in range(2200, -1, -1))
    plash("engine:gather", plash.store, child, "again", input=told, check=True)
    again = rows(plash, plash.commit("again"), "/", "--layer", "--recursive")
    assert {n: r[:10] for n, r in again.items()} == {
        n: r[:10] for n, r in found.items()
    }


def test_a_directory_that_cannot_be_read_is_said_not_left_out(
    plash: Bench, image: str
) -> None:
    if plash.person.map == "root":
        pytest.skip("root may read everything")
    child = plash.layer("mkdir d e", image)
    place = plash.content(child)
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to somebody else")
    os.chown(place / "d", 12345, 12345)
    (place / "d").chmod(0)
    words: list[Word] = ["--layer", "--recursive", plash.store, child, "/"]
    done = plash("engine:list", *words)
    assert done.returncode == 1
    assert done.stderr == "plash error: cannot list d/: Permission denied\n"
    assert set(rows(plash, child, "/", "--layer")) == {"d", "e"}


def test_wrong_words_are_told(plash: Bench, image: str) -> None:
    usage, number = "usage: plash engine:", "plash error: --"
    unknown = "plash error: engine:list has no option --offset."
    words: list[tuple[str, list[Word]]] = [
        (usage, ["engine:list", plash.store, image]),
        (unknown, ["engine:list", "--offset", "1", plash.store, image, "/"]),
        (number, ["engine:read", "--offset", plash.store, image, "/"]),
        (number, ["engine:read", "--offset", "-1", plash.store, image, "/"]),
        (number, ["engine:read", "--length", "9" * 20, plash.store, image, "/"]),
        (
            "plash error: engine:read has no option --recursive.",
            ["engine:read", "--recursive", plash.store, image, "/"],
        ),
        (usage, ["engine:gather", plash.store, image]),
        (usage, ["engine:mountfd", plash.store, image]),
    ]
    for expected, wrong in words:
        done = plash(*wrong)
        assert done.returncode == 2, wrong
        assert done.stderr.startswith(expected), (wrong, done.stderr)
        assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_ends_it(plash: Bench, image: str) -> None:
    child = plash.layer("truncate -s 100G f", image)
    process = plash.start(
        "engine:read",
        plash.store,
        child,
        "/f",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.read(4096) == bytes(4096)
    process.stdout.close()
    assert process.wait(30) == -signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()


def test_the_end_of_the_lifeline_ends_it(plash: Bench, image: str) -> None:
    child = plash.layer("truncate -s 100G f", image)
    read_on = 'engine:read --lifeline-fd 8 "$@" >/dev/null'
    script = f'exec 8</dev/null; exec "{plash.program}" {read_on}'
    words = ["bash", "-c", script, "x", plash.store, child, "/f"]
    assert plash.person.run(words, timeout=20).returncode == 1
