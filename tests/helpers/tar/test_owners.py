"""Who has one id keeps the owners of files in an attribute, and gives them back."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacker

OWNER = "user.containers.override_stat"


def members(data: bytes) -> dict[str, tarfile.TarInfo]:
    """What a tar holds."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name.removeprefix("./"): member for member in tar}


def packed(unpack: Unpacker, top: Path) -> bytes:
    """`engine:pack` of a directory."""
    words = unpack.plash.person.argv([unpack.plash.program, "engine:pack", top])
    env = unpack.plash.person.environment()
    done = subprocess.run(words, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


HUGE = 3_000_000
LONG = b"n" * 150


def archive() -> bytes:
    """Files of many owners."""
    attribute = {b"SCHILY.xattr.user.mine": b"\0\n="}
    return a.whole(
        a.directory(b"d", mode=0o2750, uid=7, gid=8),
        a.file(b"d/f", b"x" * 600, mode=0o4711, uid=9, gid=10),
        a.hard_link(b"d/hard", b"d/f"),
        a.pax(attribute) + a.file(b"with", b"w", uid=1),
        a.pax({b"path": LONG}) + a.file(b"x", b"long", gid=1, mode=0o400),
        a.file(b"mine", b"m"),
        a.symlink(b"soft", b"d", uid=3, gid=3),
    )


@pytest.mark.parametrize("huge", [False, True])
def test_owners_come_back(unpack: Unpacker, huge: bool) -> None:
    kind = unpack.plash.person.map
    if huge and kind == "full":
        return  # who has ids, but not these, is told how to get more
    ids = {b"uid": b"%d" % HUGE, b"gid": b"%d" % (HUGE + 1)}
    more = a.pax(ids) + a.file(b"huge", b"h") if huge else b""
    tar = more + archive()
    done = unpack(tar)
    assert done.counts["owners"] == (5 + huge if kind == "single" else 0)
    kept = os.listxattr(done.top / "d")
    assert (OWNER in kept) == (kind == "single")
    if kind == "single":
        assert os.getxattr(done.top / "d/f", OWNER) == b"9:10:04711"
    wanted, found = members(tar), members(packed(unpack, done.top))
    found.pop(".")
    assert found.keys() == wanted.keys()
    for name, member in wanted.items():
        if kind == "single" and member.issym():
            continue  # which can have no such attribute
        other = found[name]
        if not member.islnk() and not other.islnk():
            assert (other.uid, other.gid) == (member.uid, member.gid)
            assert other.mode == (0o777 if member.issym() else member.mode)
            assert other.size == member.size
        keys = [key for key in other.pax_headers if "containers" in key]
        assert keys == []
    assert "SCHILY.xattr.user.mine" in found["with"].pax_headers


def test_what_was_given_to_another_since_is_that_ones(unpack: Unpacker) -> None:
    """The attribute is about a file that is root's."""
    if unpack.plash.person.map != "full":
        return
    done = unpack(a.whole(a.file(b"f"), a.file(b"g")))
    script = 'cd "$0" && setfattr -n "$1" -v 5:6:0644 f g && chown 1:2 g'
    unpack.plash.sudo(script, done.top, OWNER)
    found = members(packed(unpack, done.top))
    assert (found["f"].uid, found["f"].gid) == (5, 6)
    assert (found["g"].uid, found["g"].gid) == (1, 2)


def test_nonsense_in_the_attribute_changes_nothing(unpack: Unpacker) -> None:
    if unpack.plash.person.map == "root":
        return
    done = unpack(a.whole(a.file(b"f")))
    for value in ("", "x", "5", "5:", "-1:-1:0", "99999999999:1:0", "\n\n"):
        os.setxattr(done.top / "f", OWNER, value.encode())
        member = members(packed(unpack, done.top))["f"]
        assert (member.uid, member.gid) == (0, 0), value
        assert not any("containers" in key for key in member.pax_headers)


def test_it_is_said_in_one_line(unpack: Unpacker, playground: Path) -> None:
    path = playground / "t.tar"
    path.write_bytes(a.whole(a.file(b"f", uid=1), a.file(b"g", gid=1), a.file(b"h")))
    done = unpack.plash("pull:tarfile", path, check=True)
    said = "2 files keep their owners as an attribute, since you have only one id\n"
    assert done.stderr == (said if unpack.plash.person.map == "single" else "")
    pushed = playground / "pushed.tar"
    unpack.plash("push:tarfile", done.stdout.strip(), pushed, check=True)
    found = members(pushed.read_bytes())
    assert (found["f"].uid, found["g"].gid, found["h"].uid) == (1, 1, 0)


def test_a_copy_is_its_owners(unpack: Unpacker, playground: Path) -> None:
    """Out of the store nobody asks for the attribute."""
    if unpack.plash.person.map == "root":
        return
    path = playground / "t.tar"
    path.write_bytes(a.whole(a.file(b"f", uid=1)))
    image = unpack.plash("pull:tarfile", path, check=True).stdout.strip()
    unpack.plash("push:dir", image, playground / "copy", check=True)
    assert OWNER not in os.listxattr(playground / "copy/f")
