"""A layer that no tar was unpacked into has a tar of its own, and always the same."""

from __future__ import annotations

import io
import json
import os
import random
import stat
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests import trees
from tests.amount import SEED, WHOLE
from tests.conftest import Programs, playground_in
from tests.helpers.conftest import Bench, make_store
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacker
from tests.people import MapKind, Person

Members = dict[str, tarfile.TarInfo]


def own_tar(
    person: Person, top: Path, *options: str, implied: bytes = b""
) -> tuple[bytes, list[dict[str, Any]]]:
    """The tar of a layer's directory, and what was left out of it."""
    words = [person.bin / "plash", "engine:pack-layer", "--own", "--status-fd", "2"]
    done = subprocess.run(
        person.argv([*words, *options, top]),
        env=person.environment(),
        input=implied,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stderr.splitlines()]
    return done.stdout, [event for event in events if event["ev"] == "left-out"]


def refused(person: Person, top: Path) -> str:
    """Why there is no tar of it."""
    words = [person.bin / "plash", "engine:pack-layer", "--own", top]
    done = person.run(words)
    assert done.returncode in (1, 2), done
    begin = "plash error: cannot make the tar of the layer: "
    assert done.stderr.startswith(begin)
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix(begin)


def members(data: bytes) -> Members:
    """The members by name, in the order of the tar."""
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        return {member.name: member for member in tar}


def work(plash: Bench, script: str, name: str = "own") -> Path:
    """A directory in which the script was run by the person's root."""
    top = plash.work(name) / "data"
    plash.sudo('cd "$0" && ' + script, top)
    return top


def test_members_come_in_one_order_with_nothing_but_what_is_theirs(
    plash: Bench,
) -> None:
    top = work(
        plash,
        "mkdir -p b/c a && echo x >b/f && ln b/f b/hard && ln -s f b/soft &&"
        " mknod b/w c 0 0 && mkfifo a/pipe && : >b/!first && : >b-c && : >B &&"
        " mknod zz c 0 0 && touch -h -d @7 a/pipe b/* b b-c B a . && chmod 4711 b/f",
    )
    data, left = own_tar(plash.person, top)
    found = members(data)
    assert list(found) == [
        *(".", ".wh.zz", "B", "a", "a/pipe", "b", "b/.wh.w"),
        *("b/!first", "b/c", "b/f", "b/hard", "b/soft", "b-c"),
    ]
    assert left == []
    assert data[:3] == b"./\0"
    assert data.endswith(bytes(1024))
    assert len(data) == 512 * (len(found) + 1 + 2), "no member needs a record"
    for name, member in found.items():
        assert (member.uname, member.gname, member.pax_headers) == ("", "", {}), name
        assert (member.uid, member.gid) == (0, 0)
        assert member.mtime == (0 if ".wh." in name else 7)
    assert (found["b/f"].mode, found["b/f"].size) == (0o4711, 2)
    assert (found["b/hard"].islnk(), found["b/hard"].linkname) == (True, "b/f")
    assert (found["b/soft"].issym(), found["b/soft"].linkname) == (True, "f")
    assert found["a/pipe"].isfifo()
    assert found["b/.wh.w"].isreg()


def test_a_tree_of_everything_comes_back(
    plash: Bench, unpack: Unpacker, playground: Path
) -> None:
    """Also twice the same, and of a copy, whose files lie elsewhere."""
    person = plash.person
    top = trees.make(person, playground / "tree")
    data, (left,) = own_tar(person, top)
    assert left == {
        **{"ev": "left-out", "kind": "socket"},
        **{"files": 1, "path": "etc/socket"},
    }
    assert own_tar(person, top)[0] == data
    plash.sudo('cp -a "$0" "$1"', top, playground / "copy")
    assert own_tar(person, playground / "copy")[0] == data
    done = unpack(data, layer=True)
    assert done.counts["attributes"] == 0
    seen, wanted = (trees.look(person, place) for place in (done.top, top))
    for row in wanted.values():
        row.pop("sparse", None)  # see layer_tar.c
    for row in seen.values():
        row.pop("sparse", None)
    assert seen == wanted
    assert done.counts["recipe"]
    assert done.implied == []
    assert own_tar(person, done.top)[0] == data


def test_everybody_makes_the_same_tar(
    people: dict[MapKind, Person], base: Path
) -> None:
    """Also who has one id and keeps owners in attributes."""
    attribute = {b"SCHILY.xattr.user.mine": b"\0\n=", b"mtime": b"1.5"}
    tar = a.whole(
        a.directory(b"d", mode=0o2750, uid=7, gid=8),
        a.file(b"d/f", b"x" * 600, mode=0o4711, uid=9, gid=10),
        a.hard_link(b"d/hard", b"d/f"),
        a.file(b"d/.wh.gone"),
        a.directory(b"e", uid=1),
        a.file(b"e/.wh..wh..opq"),
        a.pax(attribute) + a.file(b"with", b"w", uid=1, mode=0o400),
        a.file(b"f/implied", b"m"),
        a.symlink(b"soft", b"d"),
        a.file(b"twice", b"1"),
        a.file(b"twice", b"2", uid=4, gid=4),
    )
    tars = {}
    for kind, person in people.items():
        with contextmanager(playground_in)(base, person, "same") as place:
            unpack = Unpacker(Bench(person, make_store(person, place / "store")))
            done = unpack(tar, layer=True)
            assert not done.counts["recipe"]
            assert done.notes is not None
            implied = (done.notes / "implied").read_bytes()
            assert sorted(implied.split(b"\0")) == [b"", b".", b"f"]
            tars[kind] = own_tar(person, done.top, implied=implied)[0]
    assert len(set(tars.values())) == 1, {kind: len(one) for kind, one in tars.items()}
    (one,) = set(tars.values())
    found = members(one)
    assert list(found) == [
        *("d", "d/.wh.gone", "d/f", "d/hard", "e", "e/.wh..wh..opq"),
        *("f/implied", "soft", "twice", "with"),
    ]
    assert (found["twice"].uid, found["with"].mode) == (4, 0o400)
    assert (found["d"].gid, found["d"].mode) == (8, 0o2750)


@pytest.mark.parametrize("kind", ["user", "trusted"])
def test_marks_of_both_kinds_of_writers(plash: Bench, kind: str) -> None:
    if kind == "trusted" and plash.person.map != "root":
        return
    top = work(
        plash,
        "mkdir -p d e && : >d/gone && echo x >d/stays && : >e/f &&"
        f" setfattr -n {kind}.overlay.opaque -v x d &&"
        f" setfattr -n {kind}.overlay.whiteout d/gone &&"
        f" setfattr -n {kind}.overlay.whiteout -v y d/stays &&"
        f" setfattr -n {kind}.overlay.opaque -v y e &&"
        f" setfattr -n {kind}.overlay.origin -v y e/f",
    )
    found = members(own_tar(plash.person, top)[0])
    names = [".", "d", "d/.wh.gone", "d/stays", "e", "e/.wh..wh..opq", "e/f"]
    assert list(found) == names
    assert not [m for m in found.values() if "overlay" in str(m.pax_headers)]


def test_what_only_the_kernel_can_assemble_is_refused(plash: Bench) -> None:
    if plash.person.map != "root":
        return
    top = work(plash, "mkdir d && setfattr -n trusted.overlay.redirect -v x d")
    assert refused(plash.person, top).startswith("overlayfs redirects /d. Copy the ")


_TOO_MUCH: Final = """
import os, socket
for name in ('s', 'd/s'):
    socket.socket(socket.AF_UNIX).bind(name)
for _number in range(20):
    os.mkdir('x' * 250)
    os.chdir('x' * 250)
"""


def test_what_a_layer_cannot_hold_is_told(plash: Bench) -> None:
    top = work(
        plash,
        "mkdir -p d .wh.d && : >d/.wh.f && : >d/.wh..wh..opq && mknod .wh.w c 0 0 &&"
        f' python3 -c "{_TOO_MUCH}"',
    )
    data, left = own_tar(plash.person, top)
    assert [one | {"path": ""} for one in left] == [
        {"ev": "left-out", "kind": "socket", "files": 2, "path": ""},
        {"ev": "left-out", "kind": "name", "files": 4, "path": ""},
        {"ev": "left-out", "kind": "length", "files": 1, "path": ""},
    ]
    assert [one["path"] for one in left][:2] == ["d/s", ".wh.w"]
    assert left[2]["path"].startswith("x" * 250)
    assert len(members(data)) == 1 + 1 + 4096 // 251


def test_times_as_they_are(plash: Bench, unpack: Unpacker) -> None:
    """In records only where the header has no room for them."""
    top = plash.work("times") / "data"
    for time in (0, -1, -2_000_000_000, 10**11, 5):
        for fraction in (0, 500_000_000, 1, 999_999_999):
            file = top / f"{time}.{fraction}"
            file.write_text("")
            plash.person.give(file)
            os.utime(file, ns=(0, time * 10**9 + fraction))
    kept = {file.name: file.stat().st_mtime_ns for file in top.iterdir()}
    assert len(kept) == 20
    data, _left = own_tar(plash.person, top)
    found = members(data)
    for name, time in kept.items():
        said = found[name].pax_headers.get("mtime")
        plain = 0 <= time < 1 << 33 and time % 10**9 == 0
        assert (said is None) == plain, name
        assert Decimal(said or int(found[name].mtime)) * 10**9 == time, name
        assert not said or not ("." in said and said.endswith("0"))
    done = unpack(data, layer=True)
    assert {file.name: file.stat().st_mtime_ns for file in done.top.iterdir()} == kept


def test_no_time_is_later_than_the_limit(plash: Bench) -> None:
    top = work(plash, ": >new && : >old && touch -d @1000.5 old && touch -d @2000.5 s")
    found = members(own_tar(plash.person, top, "--clamp", "2000")[0])
    times = {name: found[name].mtime for name in (".", "new", "old", "s")}
    assert times == {".": 2000, "new": 2000, "old": 1000.5, "s": 2000}


def test_holes_are_zeros_that_everybody_reads(plash: Bench) -> None:
    top = work(plash, "truncate -s 1000000 f && echo end >>f")
    data, _left = own_tar(plash.person, top)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        member = tar.getmember("f")
        assert (member.type, member.size) == (tarfile.REGTYPE, 1_000_004)
        file = tar.extractfile(member)
        assert file is not None
        assert file.read() == bytes(1_000_000) + b"end\n"
    assert len(data) > 1_000_000


def test_a_size_beyond_eight_gigabytes_is_said(plash: Bench) -> None:
    top = work(plash, f"truncate -s {9 << 30} f")
    words = plash.person.argv([plash.program, "engine:pack-layer", "--own", top])
    env = plash.person.environment()
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE) as made:
        assert made.stdout is not None
        with tarfile.open(fileobj=made.stdout, mode="r|") as tar:
            assert tar.next() is not None
            member = tar.next()
            assert member is not None
            assert member.size == 9 << 30
        made.kill()


@pytest.mark.in_turn
def test_a_deep_tree_and_a_full_directory(plash: Bench) -> None:
    """Thousands of levels, and of names, in little memory and with few descriptors."""
    top = work(
        plash,
        'python3 -c "import os\n'
        "for n in range(20000): os.close(os.open('%05d' % (n * 7919 % 20000), 65))\n"
        "for n in range(3000): os.mkdir('d'); os.chdir('d'); os.mkdir('e')\"",
    )
    script = 'ulimit -n 30; exec "$0" engine:pack-layer --own "$1"'
    done = subprocess.run(
        plash.person.argv(["sh", "-c", script, plash.program, top]),
        env=plash.person.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    names = list(members(done.stdout))
    assert names[1:20001] == [f"{n:05}" for n in range(20000)]
    assert "/".join("d" * 2048) in names
    assert len(names) == 1 + 20000 + 2048 + 2048 - 1


def test_more_attributes_than_anybody_unpacks(plash: Bench) -> None:
    top = work(plash, ": >f")
    value = b"v" * 60_000
    try:
        for number in range(18):
            os.setxattr(top / "f", f"user.{number}", value)
    except OSError:
        pytest.skip("this file system holds no such attributes")
    said = refused(plash.person, top)
    assert said == (
        "f: it has more than 1048576 bytes of attributes, which nobody unpacks\n"
    )


@pytest.mark.parametrize("name", ["a=b", "a%3Db", "a%25b", "100%", "%3", "ä\n"])
def test_odd_names_of_attributes(plash: Bench, unpack: Unpacker, name: str) -> None:
    top = work(plash, ": >f")
    try:
        os.setxattr(top / "f", f"user.{name}", b"\0\n=")
    except OSError:
        pytest.skip("this file system holds no such attributes")
    done = unpack(own_tar(plash.person, top)[0], layer=True)
    assert done.counts["attributes"] == 0
    assert os.getxattr(done.top / "f", f"user.{name}") == b"\0\n="


def _grow(chance: random.Random, top: Path) -> dict[str, tuple[object, ...]]:
    """Fill a directory at random; what is in it, as `read` says it."""
    found: dict[str, tuple[object, ...]] = {}
    places = [top]
    for number in range(60):
        place = chance.choice(places)
        name = chance.choice("abä \n") * chance.choice((1, 9, 100, 120)) + str(number)
        path = place / name
        kind = chance.choice("fffdls")
        inside = str(path.relative_to(top))
        if len(os.fsencode(name)) > 250 or len(os.fsencode(path)) > 3000:
            continue
        if kind == "d":
            path.mkdir()
            places.append(path)
        elif kind == "f":
            path.write_bytes(chance.randbytes(chance.choice((0, 1, 511, 512, 70_000))))
        elif kind == "s":
            path.symlink_to("t" * chance.choice((1, 100, 101, 3000)))
        else:
            files = [top / n for n, row in found.items() if row[0] == "f"]
            if not files:
                continue
            path.hardlink_to(chance.choice(files))
            kind = "f"
        found[inside] = (kind,)
        time = chance.choice((0, 1, 1 << 33, 10**10)) * 10**9
        time += chance.choice((0, 1, 5 * 10**8))
        os.utime(path, ns=(time, time), follow_symlinks=False)
        if kind != "s":
            mode = chance.choice((0o644, 0o700, 0o6755, 0o1777))
            own = 0o100 if kind == "d" and os.geteuid() != 0 else 0  # to go into it
            path.chmod(mode | own)
    for name in found:
        found[name] = _facts(top / name)
    return found


def _facts(path: Path) -> tuple[object, ...]:
    facts = path.lstat()
    mode, time = facts.st_mode, facts.st_mtime_ns
    if stat.S_ISLNK(mode):
        return ("s", time, path.readlink().name)
    if stat.S_ISDIR(mode):
        return ("d", time, stat.S_IMODE(mode))
    return ("f", time, stat.S_IMODE(mode), path.read_bytes())


def _read(data: bytes) -> Mapping[str, tuple[object, ...]]:
    """What Python's reader finds in a tar."""
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            text = member.pax_headers.get("mtime", str(int(member.mtime)))
            seconds, _point, fraction = text.partition(".")
            time = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
            if member.issym():
                found[member.name] = ("s", time, member.linkname)
            elif member.isdir():
                found[member.name] = ("d", time, member.mode)
            else:
                file = tar.extractfile(member)
                assert file is not None
                found[member.name] = ("f", time, member.mode, file.read())
    del found["."]
    return found


def test_random_layers_as_python_reads_them(tmp_path: Path, programs: Programs) -> None:
    chance = random.Random(SEED)
    for number in range(30 if WHOLE else 8):
        top = tmp_path / str(number)
        top.mkdir()
        wanted = _grow(chance, top)
        done = subprocess.run(
            [programs.plash, "engine:pack-layer", "--own", top],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert _read(done.stdout) == wanted, SEED
