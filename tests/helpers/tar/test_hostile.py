"""Archives that nobody would make by mistake: refused in a sentence, and no harm."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.amount import SEED, THOROUGH, WHOLE
from tests.helpers.run.test_evil_images import fingerprint
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacked, Unpacker
from tests.helpers.tar.random_tars import random_tar

MANY = 2_000_000 if THOROUGH else 60_000
layers = pytest.mark.parametrize("layer", [False, True])


@pytest.fixture
def victim(unpack: Unpacker, playground: Path) -> Iterator[Path]:
    """A directory beside that must stay as it is."""
    place = playground / "victim"
    unpack.plash.sudo('mkdir "$0" && echo mine >"$0/file"', place)
    before = fingerprint(place)
    yield place
    assert fingerprint(place) == before


def attacks(victim: Path) -> dict[str, list[bytes]]:
    """What tries to get to the victim."""
    there = os.fsencode(victim)
    inner = b"/".join(there.split(b"/")[-2:])
    return {
        "dots": [a.file(b"../" * 9 + there[1:] + b"/evil")],
        "the whole path": [a.file(there + b"/evil"), a.file(b"//" + there + b"/evil")],
        "dots in a long name": [a.pax({b"path": b"d/../../e"}) + a.file(b"x")],
        "dots in GNU's": [a.long_name(b"..") + a.directory(b"x")],
        "only dots": [a.directory(b"..", mode=0o777)],
        "a link to it": [a.symlink(b"l", there), a.file(b"l/evil")],
        "a link to the top": [a.symlink(b"l", b"/"), a.file(b"l" + there + b"/evil")],
        "a link up": [a.symlink(b"l", b"../" * 30), a.file(b"l" + there + b"/evil")],
        "a link to a link": [
            a.symlink(b"k", b"l"),
            a.symlink(b"l", there),
            a.file(b"k/file", b"evil"),
        ],
        "a link in its own place": [
            a.directory(b"d"),
            a.file(b"d/file"),
            a.symlink(b"d", there),
            a.file(b"d/file", b"evil"),
        ],
        "the magic links": [a.symlink(b"l", b"/proc/self/root"), a.file(b"l/x/evil")],
        "the mode of its target": [
            a.symlink(b"l", there),
            a.directory(b"l", mode=0o777),
            a.directory(b"l/file", mode=0o777),
        ],
        "a hard link to it": [
            a.hard_link(b"f", there + b"/file"),
            a.file(b"f", b"evil"),
        ],
        "a hard link by a link": [
            a.symlink(b"l", there),
            a.hard_link(b"f", b"l/file"),
            a.file(b"f", b"evil"),
        ],
        "a hard link to a link": [
            a.symlink(b"l", there + b"/file"),
            a.hard_link(b"f", b"l"),
            a.file(b"f", b"evil"),
        ],
        "a hard link upwards": [a.hard_link(b"f", b"../" * 30 + inner + b"/file")],
        "whiteouts of it": [a.symlink(b"l", there), a.file(b"l/.wh.file")],
        "all of it gone": [a.symlink(b"l", there), a.file(b"l/.wh..wh..opq")],
    }


@layers
@pytest.mark.parametrize("attack", attacks(Path("/x/y")))
def test_nothing_outside_is_touched(
    unpack: Unpacker, playground: Path, victim: Path, attack: str, layer: bool
) -> None:
    done = unpack(a.whole(*attacks(victim)[attack]), layer=layer)
    if done.done.returncode:
        assert done.refused
    for evil in playground.rglob("evil"):
        assert evil.is_relative_to(done.top)


NONSENSE = {
    "a size below zero": a.header(b"f", over=[(124, b"\xff" * 12)]),
    "a size beyond all": a.header(b"f", over=[(124, b"\x80" + b"\xff" * 11)]),
    "a size that wraps": a.header(b"f", over=[(124, b"\x80\0\0\0\x7f" + b"\xff" * 7)]),
    "a size in words": a.header(b"f", over=[(124, b"many")]),
    "an owner below zero": a.header(b"f", over=[(108, b"\xff" * 8)]),
    "an owner who is nobody": a.pax({b"uid": b"4294967295"}) + a.file(b"f"),
    "a mode in words": a.header(b"f", over=[(100, b"rwxrwx")]),
    "a pax size in words": a.pax({b"size": b"many"}) + a.file(b"f"),
    "a pax size below zero": a.pax({b"size": b"-1"}) + a.file(b"f"),
    "a pax size beyond all": a.pax({b"size": b"9" * 30}) + a.file(b"f"),
    "a time in words": a.pax({b"mtime": b"noon"}) + a.file(b"f"),
    "a time of nothing": a.pax({b"mtime": b"."}) + a.file(b"f"),
    "a name with NUL": a.pax({b"path": b"a\0b"}) + a.file(b"f"),
    "no name": a.file(b""),
    "a file in place of all": a.file(b"./"[:1], b"x"),
    "a link in place of all": a.symlink(b"/", b"x"),
    "records that end nowhere": a.header(b"x", b"x", size=9) + a.padded(b"99 a=bcde"),
    "records without a length": a.header(b"x", b"x", size=9) + a.padded(b"path=abc\n"),
    "records of length 0": a.header(b"x", b"x", size=9) + a.padded(b"0 path=a\n"),
    "records without a key": a.header(b"x", b"x", size=5) + a.padded(b"5 =a\n"),
    "records without a value": a.header(b"x", b"x", size=5) + a.padded(b"5 ab\n"),
    "nothing after records": a.pax({b"path": b"a"}),
    "nothing after a name": a.long_name(b"a"),
    "a part of an archive": a.header(b"f", b"M"),
    "a hole before the last": a.pax(
        {b"GNU.sparse.size": b"9", b"GNU.sparse.map": b"5,1,0,1"}
    )
    + a.file(b"f", b"xy"),
    "a hole that wraps": a.pax(
        {b"GNU.sparse.size": b"9", b"GNU.sparse.map": b"9223372036854775807,2"}
    )
    + a.file(b"f", b"xy"),
    "more in holes than there is": a.pax(
        {b"GNU.sparse.size": b"9", b"GNU.sparse.map": b"0,9"}
    )
    + a.file(b"f", b"xy"),
    "half a map": a.pax({b"GNU.sparse.size": b"9", b"GNU.sparse.map": b"0,1,2"})
    + a.file(b"f", b"x"),
    "a map in words": a.pax({b"GNU.sparse.size": b"9", b"GNU.sparse.map": b"a,b"})
    + a.file(b"f", b"x"),
    "a map without an end": a.pax(
        {b"GNU.sparse.major": b"1", b"GNU.sparse.realsize": b"9"}
    )
    + a.file(b"f", b"9" * 512),
    "a form of holes to come": a.pax({b"GNU.sparse.major": b"2"}) + a.file(b"f"),
    "a device of a huge number": a.header(b"f", b"3", over=[(329, b"\xff" * 8)]),
}


@pytest.mark.in_turn
@layers
@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_refused(unpack: Unpacker, what: str, layer: bool) -> None:
    done = unpack(NONSENSE[what] + a.END, layer=layer)
    assert done.done.returncode == 2, done
    assert done.refused


def test_what_only_looks_odd_is_taken(unpack: Unpacker) -> None:
    """Access lists and attributes that cannot be set are counted."""
    odd = {
        b"SCHILY.acl.access": b"user::rwx,nonsense",
        b"SCHILY.acl.default": b"u::rwx,g:nobody-knows:r--,o::---",
        b"SCHILY.xattr.user.": b"1",
        b"SCHILY.xattr.user." + b"n" * 300: b"1",
        b"SCHILY.xattr.user.big": b"b" * 70_000,
    }
    done = unpack(a.whole(a.pax(odd) + a.directory(b"d"), a.pax(odd) + a.file(b"f")))
    assert done.counts["files"] == 2
    assert done.counts["attributes"] >= 7


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_huge_header_is_refused_before_it_is_read(
    unpack: Unpacker, kind: bytes
) -> None:
    done = unpack(a.header(b"x", kind, size=1 << 40))
    assert "claims a huge size: 1099511627776 bytes" in done.refused
    done = unpack(a.header(b"x", kind, size=(1 << 20) + 1))
    assert "claims a huge size" in done.refused


@layers
def test_what_cannot_fit_is_refused_before_a_byte_is_written(
    unpack: Unpacker, layer: bool
) -> None:
    sized = a.pax({b"size": b"%d" % (1 << 60)}) + a.file(b"f", b"x")
    for member in (sized, a.header(b"f", size=1 << 50)):
        done = unpack(member + bytes(1 << 20), layer=layer)
        assert "No space left on device" in done.refused
        assert os.listdir(done.top) == []


def test_holes_beyond_what_a_file_system_can_hold(unpack: Unpacker) -> None:
    keys = {b"GNU.sparse.size": b"%d" % (2**62), b"GNU.sparse.map": b"0,1"}
    done = unpack(a.whole(a.pax(keys) + a.file(b"f", b"x")))
    if done.done.returncode:
        assert "File too large" in done.refused or "Invalid" in done.refused


def peak(unpack: Unpacker, tar: Path, *options: str | Path) -> int:
    """The most memory in KiB that a process had in unpacking."""
    program = unpack.plash.person.program(__file__, "peak_memory.py")
    work = unpack.plash.work("peak")
    words: list[str | Path] = [unpack.plash.person.bin / "python3", program]
    words += [unpack.plash.program, "engine:extract", *options]
    with tar.open("rb") as stdin:
        done = unpack.plash.person.run([*words, work / "data"], stdin=stdin)
    status, kibibytes = map(int, done.stdout.split())
    assert status == 0, done.stderr
    unpack.plash("engine:remove", unpack.plash.store, "peak", check=True)
    return kibibytes


def many(path: Path, count: int) -> Path:
    """An archive of very many empty files and directories."""
    with path.open("wb") as out:
        held = io.BytesIO()
        for number in range(count):
            name = b"%d/%d/%d" % (number % 7, number // 1000, number)
            if number % 50:
                held.write(a.file(name))
            else:
                held.write(a.directory(name))
            if not number % 10_000:
                out.write(held.getvalue())
                held = io.BytesIO()
        out.write(held.getvalue() + a.END)
    return path


@layers
def test_memory_does_not_grow_with_the_number_of_files(
    unpack: Unpacker, playground: Path, layer: bool
) -> None:
    if b"__asan_init" in unpack.plash.program.read_bytes():
        pytest.skip("the sanitizers' own memory grows")
    options: list[str | Path] = []
    measured = []
    for count in (MANY // 20, MANY):
        if layer:
            notes = playground / f"notes{count}"
            unpack.plash.person.run(["mkdir", notes], check=True)
            options = ["--layer", notes]
        measured.append(peak(unpack, many(playground / "many.tar", count), *options))
    assert measured[1] < measured[0] + 2000
    assert measured[1] < 24_000


def test_cut_anywhere_it_is_refused(unpack: Unpacker) -> None:
    tar = a.whole(
        a.pax({b"path": b"d/long", b"mtime": b"5"}) + a.file(b"x", b"c" * 700),
        a.long_name(b"other") + a.file(b"x", b"1"),
        a.directory(b"e"),
    )
    end = len(tar) - len(a.END)
    for length in sorted({*range(0, end, 256), 1, 511, 513, end - 1}):
        done = unpack(tar[:length])
        whole = done.done.returncode == 0
        assert not whole, length
        assert "cut off" in done.done.stderr or "no tar" in done.done.stderr
    assert unpack(tar[: end + 512]).done.returncode == 0


@layers
@pytest.mark.usefixtures("victim")
def test_whatever_bytes_are_damaged_it_ends_in_order(
    unpack: Unpacker, layer: bool
) -> None:
    chance = random.Random(SEED)
    rounds = 400 if THOROUGH else 60 if WHOLE else 15
    for _round in range(rounds):
        tar = bytearray(random_tar(chance, layer=layer))
        for _flip in range(chance.randrange(1, 4)):
            tar[chance.randrange(len(tar))] = chance.randrange(256)
        for at in range(0, len(tar), 512):  # the sums are right, so the rest counts
            block = tar[at : at + 512]
            if block[257:262] == b"ustar":
                block[148:156] = b" " * 8
                tar[at + 148 : at + 156] = b"%06o\0 " % sum(block)
        done: Unpacked = unpack(bytes(tar), layer=layer)
        assert done.done.returncode in (0, 1, 2), (SEED, done.done)
        if done.done.returncode:
            assert done.refused


def test_no_member_is_too_much_for_a_reader_who_stops(unpack: Unpacker) -> None:
    """What is after the end is read, so that the writer does not fail."""
    work = unpack.plash.work("drained")
    script = '{ cat "$0"; head -c 3000000 /dev/zero; } | "$1" engine:extract "$2"'
    tar = work / "t.tar"
    tar.write_bytes(a.whole(a.file(b"f", b"x")))
    tar.chmod(0o644)
    words = ["bash", "-o", "pipefail", "-c", script, tar]
    done = unpack.plash.person.run([*words, unpack.plash.program, work / "data"])
    assert (done.returncode, done.stderr) == (0, "")
