"""Every form that a tar has had since 1979 comes through."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacker


def test_old_headers_without_a_magic(unpack: Unpacker) -> None:
    old = bytes(8)
    place = a.header(b"d/", b"\0", mode=0o750, magic=old)
    done = unpack(a.whole(place, a.file(b"d/f", b"x", magic=old)))
    assert done.counts["files"] == 2
    assert unpack.facts(done.top, "d", "d/f") == [
        "d 750 0:0 1000000000",
        "d/f 644 0:0 1000000000",
    ]


def test_long_names_in_three_ways(unpack: Unpacker) -> None:
    by_prefix, by_gnu, by_pax = (f"{way * 50}/{'n' * 90}" for way in "pgx")
    long = b"t" * 300
    done = unpack(
        a.whole(
            a.file(by_prefix[51:].encode(), b"1", prefix=by_prefix[:50].encode()),
            a.long_name(by_gnu.encode()) + a.file(b"cut", b"2"),
            a.pax({b"path": by_pax.encode()}) + a.file(b"cut", b"3"),
            a.long_name(long, b"K") + a.symlink(b"gnu", b"cut"),
            a.pax({b"linkpath": long}) + a.symlink(b"pax", b"cut"),
        )
    )
    assert done.counts["files"] == 5
    for name, content in ((by_prefix, "1"), (by_gnu, "2"), (by_pax, "3")):
        assert (done.top / name).read_text() == content
    assert os.readlink(done.top / "gnu") == os.readlink(done.top / "pax") == "t" * 300


def test_a_name_of_4096_bytes_and_none_longer(unpack: Unpacker) -> None:
    name = b"/".join([b"n" * 127] * 32)
    assert len(name) == 4095
    name += b"x"
    done = unpack(a.whole(a.pax({b"path": name}) + a.file(b"x", b"deep")))
    assert done.counts["bytes"] == 4
    script = 'find "$0" -type f -execdir cat {} ";"'
    assert unpack.plash.sudo(script, done.top) == "deep"
    done = unpack(a.whole(a.pax({b"path": name + b"y"}) + a.file(b"x")))
    assert "longer than 4096 bytes" in done.refused
    done = unpack(a.whole(a.file(b"n" * 100 + b"n" * 200)))
    assert done.counts["files"] == 1
    done = unpack(a.whole(a.pax({b"path": b"n" * 256}) + a.file(b"x")))
    assert "File name too long" in done.refused


def test_thousands_of_directories_in_each_other(unpack: Unpacker) -> None:
    """More than anybody can have open."""
    name = b"/".join([b"d"] * 2000)
    members = [a.pax({b"path": name + b"/%d" % n}) + a.file(b"x") for n in range(9)]
    done = unpack(a.whole(*members, a.file(b"d/d/f")))
    assert done.counts["files"] == 10
    assert unpack.plash.sudo('find "$0" -type f | wc -l', done.top).strip() == "10"


def test_numbers_that_octal_has_no_room_for(unpack: Unpacker) -> None:
    done = unpack(
        a.whole(
            a.file(b"early", mtime=-86400),
            a.file(b"late", mtime=2**34),
            a.pax({b"mtime": b"-1.5"}) + a.file(b"fraction"),
            a.pax({b"mtime": b"7.123456789123", b"atime": b"5"}) + a.file(b"exact"),
        )
    )
    assert done.counts["files"] == 4
    times = {
        path.name: path.stat().st_mtime_ns
        for path in done.top.iterdir()
        if path.name != "late"  # not every file system has room for it
    }
    assert times == {
        "early": -86400 * 10**9,
        "fraction": -1_500_000_000,
        "exact": 7_123_456_789,
    }
    assert (done.top / "exact").stat().st_atime == 5


def test_owners_of_any_size(unpack: Unpacker) -> None:
    if unpack.plash.person.map != "root":
        pytest.skip("only root has all ids")
    done = unpack(
        a.whole(
            a.file(b"binary", uid=3_000_000, gid=4_000_000_000),
            a.pax({b"uid": b"3000001", b"gid": b"5"}) + a.file(b"pax"),
        )
    )
    assert unpack.facts(done.top, "binary", "pax") == [
        "binary 644 3000000:4000000000 1000000000",
        "pax 644 3000001:5 1000000000",
    ]


def test_global_headers_and_what_overrides_them(unpack: Unpacker) -> None:
    done = unpack(
        a.whole(
            a.pax({b"mtime": b"5", b"comment": b"by git"}, b"g"),
            a.file(b"one"),
            a.pax({b"mtime": b"6"}) + a.file(b"two"),
            a.pax({b"mtime": b""}) + a.file(b"three"),
            a.pax({b"hdrcharset": b"BINARY", b"path": b"\xff\xfe"}) + a.file(b"x"),
            a.pax({b"mtime": b""}, b"g") + a.file(b"last"),
        )
    )
    assert done.counts["files"] == 5
    times = {p.name: int(p.stat().st_mtime) for p in done.top.iterdir()}
    assert times == {
        "one": 5,
        "two": 6,
        "three": 10**9,
        os.fsdecode(b"\xff\xfe"): 5,
        "last": 10**9,
    }


def test_what_is_not_known_is_a_file_and_what_is_no_member_is_left_out(
    unpack: Unpacker,
) -> None:
    done = unpack(
        a.whole(
            a.header(b"the name of the archive", b"V"),
            a.header(b"odd", b"Q", size=3) + a.padded(b"odd"),
            a.header(b"contiguous", b"7", size=3) + a.padded(b"abc"),
            a.header(b"listed", b"D", size=4) + a.padded(b"Yf\0\0"),
            a.header(b"sized", b"5", mode=0o755, size=512),  # which has no content
            a.file(b"after", b"x"),
        )
    )
    assert done.counts["files"] == 5
    assert (done.top / "odd").read_text() == "odd"
    assert (done.top / "contiguous").read_text() == "abc"
    assert sorted(p.name for p in done.top.iterdir() if p.is_dir()) == [
        "listed",
        "sized",
    ]


OLD_SPARSE = a.header(
    b"old",
    b"S",
    size=6,
    magic=b"ustar  \0",
    over=[
        (386, a.number(4096, 12) + a.number(3, 12)),
        (410, a.number(90_000, 12) + a.number(3, 12)),
        (434, a.number(100_000, 12) + a.number(0, 12)),
        (482, b"\0" + a.number(100_000, 12)),
    ],
) + a.padded(b"onetwo")


def sparse_by_records(form: str) -> bytes:
    """The same file in each of GNU tar's pax forms."""
    name, size = b"GNU.sparse.name", b"100000"
    if form == "0.0":
        text = b"".join(
            a.record(b"GNU.sparse." + key, value)
            for key, value in (
                (b"size", size),
                (b"numblocks", b"2"),
                *((b"offset", b"4096"), (b"numbytes", b"3")),
                *((b"offset", b"90000"), (b"numbytes", b"3")),
            )
        )
        return (a.header(b"x", b"x", size=len(text)) + a.padded(text)) + a.file(
            b"old", b"onetwo"
        )
    if form == "0.1":
        keys = {b"GNU.sparse.size": size, b"GNU.sparse.map": b"4096,3,90000,3"}
        return a.pax({name: b"old", **keys}) + a.file(b"GNUSparse/old", b"onetwo")
    content = a.padded(b"2\n4096\n3\n90000\n3\n") + b"onetwo"
    keys = {b"GNU.sparse.major": b"1", b"GNU.sparse.minor": b"0"}
    keys[b"GNU.sparse.realsize"] = size
    return a.pax({name: b"old", **keys}) + a.file(b"GNUSparse/old", content)


@pytest.mark.in_turn
@pytest.mark.parametrize("form", ["old", "0.0", "0.1", "1.0"])
@pytest.mark.parametrize("layer", [False, True])
def test_holes_in_every_form(unpack: Unpacker, form: str, layer: bool) -> None:
    member = OLD_SPARSE if form == "old" else sparse_by_records(form)
    done = unpack(a.whole(member, a.file(b"after", b"x")), layer=layer)
    assert done.counts["bytes"] == 7
    content = bytearray(100_000)
    content[4096:4099], content[90_000:90_003] = b"one", b"two"
    assert (done.top / "old").read_bytes() == content
    assert (done.top / "after").read_bytes() == b"x"


def test_more_holes_than_a_header_has_room_for(unpack: Unpacker) -> None:
    pieces = [(n * 8192, 1) for n in range(60)]
    fields = [a.number(at, 12) + a.number(size, 12) for at, size in pieces]
    start = a.header(
        b"f",
        b"S",
        size=60,
        magic=b"ustar  \0",
        over=[(386, b"".join(fields[:4])), (482, b"\1" + a.number(500_000, 12))],
    )
    more = [b"".join(fields[n : n + 21]).ljust(504, b"\0") for n in (4, 25, 46)]
    blocks = [
        (block + (b"\1" if n < 2 else b"\0")).ljust(512, b"\0")
        for n, block in enumerate(more)
    ]
    done = unpack(a.whole(start + b"".join(blocks) + a.padded(b"x" * 60)))
    content = (done.top / "f").read_bytes()
    assert len(content) == 500_000
    assert [n for n, byte in enumerate(content) if byte] == [at for at, _one in pieces]


@pytest.fixture
def tree(playground: Path) -> Path:
    """A tree with something of everything."""
    top = playground / "tree"
    (top / "d/e").mkdir(parents=True)
    (top / "d/f").write_text("content\n" * 1000)
    (top / "d/f").chmod(0o604)  # whoever runs this reads it, whose ever it is
    os.link(top / "d/f", top / "d/e/hard")
    (top / "soft").symlink_to("d/f")
    os.link(top / "soft", top / "soft2", follow_symlinks=False)
    os.mkfifo(top / "fifo")
    (top / ("n" * 200)).mkdir()
    (top / ("n" * 200) / ("m" * 200)).write_text("long")
    with (top / "holes").open("wb") as holes:
        holes.truncate(1 << 20)
        holes.seek(1 << 19)
        holes.write(b"middle")
    os.utime(top / "d", (1, 1.5))
    return top


WRITERS = {
    "gnu v7": ["tar", "-cf", "-", "--format=v7", "--exclude=n*"],
    "gnu oldgnu": ["tar", "-cf", "-", "--format=oldgnu", "--sparse"],
    "gnu gnu": ["tar", "-cf", "-", "--format=gnu", "--sparse"],
    "gnu ustar": ["tar", "-cf", "-", "--format=ustar", "--exclude=nn*"],
    "gnu 0.0": ["tar", "-cf", "-", "--format=pax", "--sparse-version=0.0", "-S"],
    "gnu 0.1": ["tar", "-cf", "-", "--format=pax", "--sparse-version=0.1", "-S"],
    "gnu 1.0": ["tar", "-cf", "-", "--format=pax", "--sparse-version=1.0", "-S"],
    "bsd pax": ["bsdtar", "-cf", "-", "--format=pax"],
    "bsd ustar": ["bsdtar", "-cf", "-", "--format=ustar", "--exclude=nn*"],
    "bsd gnutar": ["bsdtar", "-cf", "-", "--format=gnutar"],
    "busybox": ["busybox", "tar", "-cf", "-"],
}


def listing(top: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a tree that every form of tar can hold."""
    found: dict[str, tuple[object, ...]] = {}
    inodes: dict[int, str] = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        st = path.lstat()
        kind = stat.S_IFMT(st.st_mode)
        content: object = None
        if kind == stat.S_IFREG:
            content = path.read_bytes()
        elif kind == stat.S_IFLNK:
            content = os.readlink(path)
        same = inodes.setdefault(st.st_ino, name)
        found[name] = (kind, st.st_mode & 0o7777, int(st.st_mtime), content, same)
    return found


@pytest.mark.parametrize("writer", WRITERS)
def test_what_other_programs_pack(unpack: Unpacker, tree: Path, writer: str) -> None:
    words = WRITERS[writer]
    if not shutil.which(words[0]):
        cannot(f"{words[0]} is not installed (Debian: libarchive-tools, busybox)")
    if "nn*" in str(words) or "n*" in str(words):
        shutil.rmtree(tree / ("n" * 200))
    if "v7" in writer:  # which has no word for it
        (tree / "fifo").unlink()
    packed = subprocess.run([*words, "-C", tree, "."], stdout=-1, check=True).stdout
    done = unpack(packed)
    assert done.counts["devices"] == done.counts["attributes"] == 0
    wanted, found = listing(tree), listing(done.top)
    for name in ("soft", "soft2"):  # not every program packs a second name of a link
        wanted[name], found[name] = wanted[name][:4], found[name][:4]
    assert found == wanted


def test_what_python_packs(unpack: Unpacker, tree: Path) -> None:
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as tar:
            if form == tarfile.USTAR_FORMAT:
                tar.add(tree / "d", "d")
            else:
                tar.add(tree, ".")
        done = unpack(out.getvalue())
        assert done.counts["files"] > 3
        assert (done.top / "d/e/hard").samefile(done.top / "d/f")


def test_attributes_with_signs_in_their_names(unpack: Unpacker) -> None:
    keys = {
        b"SCHILY.xattr.user.a%3Db%25": b"\0\n=\xff",
        b"SCHILY.xattr.user.empty": b"",
        b"SCHILY.xattr.trusted.no": b"1",
        b"SCHILY.xattr.security.other": b"1",
    }
    done = unpack(a.whole(a.pax(keys) + a.file(b"f"), a.pax(keys) + a.directory(b"d")))
    assert done.counts["attributes"] == 0
    for name in ("f", "d"):
        path = done.top / name
        assert os.getxattr(path, "user.a=b%") == b"\0\n=\xff"
        assert os.getxattr(path, "user.empty") == b""
        assert set(os.listxattr(path)) == {"user.a=b%", "user.empty"}


def test_attributes_that_links_cannot_have_are_counted(unpack: Unpacker) -> None:
    keys = {b"SCHILY.xattr.user.a": b"1"}
    done = unpack(a.whole(a.pax(keys) + a.symlink(b"s", b"nowhere")))
    assert done.counts["attributes"] == 1


def test_an_empty_archive_has_at_least_its_end(unpack: Unpacker) -> None:
    assert unpack(a.END).counts["files"] == 0
    assert unpack(a.END, layer=True).counts["files"] == 0
    assert "no tar archive" in unpack(b"").refused
    assert "no tar archive" in unpack(b"", layer=True).refused


@pytest.mark.parametrize("alone", [False, True])
def test_directories_that_are_closed_get_what_is_in_them(
    unpack: Unpacker, alone: bool
) -> None:
    """Also by somebody without a user namespace, whom modes keep out."""
    closed = {b"read": 0o555, b"none": 0o000, b"enter": 0o111, b"list": 0o444}
    members = [
        part
        for name, mode in closed.items()
        for part in (
            a.directory(name, mode=mode, mtime=5),
            a.file(name + b"/f", b"x", mode=0o400),
            a.directory(name + b"/d", mode=0),
            a.file(b"other", b"x"),
            a.file(name + b"/later", b"x"),
            a.hard_link(name + b"/hard", name + b"/f"),
        )
    ]
    env = {"PLASH_NO_UNSHARE": "1"} if alone else {}
    done = unpack(a.whole(*members), env=env)
    assert done.counts["attributes"] == 0
    for name, mode in closed.items():
        text, what = name.decode(), ("", "/f", "/d", "/later", "/hard")
        assert unpack.facts(done.top, *(f"{text}{one}" for one in what)) == [
            f"{text} {mode:o} 0:0 5",
            f"{text}/f 400 0:0 1000000000",
            f"{text}/d 0 0:0 1000000000",
            f"{text}/later 644 0:0 1000000000",
            f"{text}/hard 400 0:0 1000000000",
        ]


def test_access_lists_in_all_their_words(unpack: Unpacker) -> None:
    if unpack.plash.person.map == "single":
        return  # who has no id for them
    if not shutil.which("getfacl"):
        cannot("getfacl is not installed (Debian: acl)")
    words = {
        "short": b"u::rw-,g::r--,u:8:rwx,m::rwx,o::---",
        "lines": b"user::rw-\nuser:8:rwx\ngroup::r--\nmask::rwx\nother::---\n",
        "disorder": b"other::---,mask::rwx,user:8:rwx,group::r--,user::rw-",
        "effective": b"user::rw-,user:8:rwx\t#effective:r--,group::r--,mask::rwx,o::-",
        "named": b"user::rw-,user:mail:rwx,group::r--,mask::rwx,other::---",
        "by number": b"user::rw-,user:unknown:rwx:8,group::r--,mask::rwx,other::---",
    }
    key = b"SCHILY.acl.access"
    done = unpack(
        a.whole(*(a.pax({key: v}) + a.file(k.encode()) for k, v in words.items()))
    )
    assert done.counts["attributes"] == 0
    for name in words:
        script = 'getfacl --absolute-names --numeric --omit-header "$0"'
        shown = set(unpack.plash.sudo(script, done.top / name).split())
        assert shown == {
            *("user::rw-", "user:8:rwx", "group::r--", "mask::rwx", "other::---")
        }


def test_what_comes_again_later_gets_no_list_of_its_directory(
    unpack: Unpacker,
) -> None:
    key = b"SCHILY.acl.default"
    members = [
        a.pax({key: b"u::rwx,g::rwx,o::rwx"}) + a.directory(b"d"),
        a.file(b"other"),
        a.file(b"d/later", mode=0o600),
        a.directory(b"d/e", mode=0o700),
    ]
    done = unpack(a.whole(*members))
    assert done.counts["attributes"] == 0
    assert os.listxattr(done.top / "d") == ["system.posix_acl_default"]
    assert unpack.facts(done.top, "d/later", "d/e") == [
        "d/later 600 0:0 1000000000",
        "d/e 700 0:0 1000000000",
    ]
    assert os.listxattr(done.top / "d/e") == []
