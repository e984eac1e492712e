"""A layer of an image: what it removes, what it implies, and what it may not."""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

import pytest

from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacked, Unpacker


def seen(top: Path) -> dict[str, str]:
    """What a layer holds: of each name what it is."""
    found = {}
    for path in sorted(top.rglob("*")):
        mode = path.lstat().st_mode
        name = str(path.relative_to(top))
        if stat.S_ISCHR(mode):
            assert path.lstat().st_rdev == 0
            found[name] = "gone"
        elif stat.S_ISDIR(mode):
            found[name] = "new directory" if is_opaque(path) else "directory"
        else:
            found[name] = path.read_text() if stat.S_ISREG(mode) else "other"
    return found


def is_opaque(path: Path) -> bool:
    """Whether the directory hides what is below it."""
    return any(name.endswith(".overlay.opaque") for name in os.listxattr(path))


def image_of(unpack: Unpacker, *tars: bytes) -> str:
    """The id of an image of these layers."""
    image = "0"
    for tar in tars:
        image = unpack.commit(unpack(tar, layer=True), image)
    return image


def shown(unpack: Unpacker, image: str, place: str = "/") -> list[str]:
    """All that the image shows."""
    script = f"cd .{place} && find . ! -name . | sort"
    words = ["mounted", image, "sh", "-c", script]
    return unpack.plash(*words, check=True).stdout.split()


def test_what_is_removed_becomes_a_whiteout(unpack: Unpacker) -> None:
    done = unpack(
        a.whole(
            a.file(b".wh.top"),
            a.directory(b"d"),
            a.file(b"d/.wh.f", b"ignored"),
            a.file(b"./e/.wh..wh..opq"),
            a.file(b".wh..wh.aufs"),
            a.directory(b".wh..wh.plnk"),
            a.file(b".wh..wh.plnk/1.2", b"ignored"),
        ),
        layer=True,
    )
    assert done.counts["devices"] == 0
    assert seen(done.top) == {
        "top": "gone",
        "d": "directory",
        "d/f": "gone",
        "e": "new directory",
    }
    assert done.implied == [".", "e"]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "kind", ["file", "directory", "implied", "link", "hard link", "fifo"]
)
@pytest.mark.parametrize("first", ["removed", "made"])
def test_what_the_layer_has_itself_stays(
    unpack: Unpacker, kind: str, first: str
) -> None:
    makes = {
        "file": a.file(b"x", b"new"),
        "directory": a.directory(b"x"),
        "implied": a.file(b"x/f", b"new"),
        "link": a.symlink(b"x", b"y"),
        "hard link": a.hard_link(b"x", b"y"),
        "fifo": a.header(b"x", b"6"),
    }
    members = [a.file(b".wh.x"), makes[kind]]
    if first == "made":
        members.reverse()
    done = unpack(a.whole(a.file(b"y", b"target"), *members), layer=True)
    assert done.counts["recipe"]
    assert seen(done.top)["x"] == {
        "file": "new",
        "directory": "new directory",
        "implied": "new directory",
        "hard link": "target",
    }.get(kind, "other" if kind == "fifo" else seen(done.top)["x"])
    assert (done.top / "x").is_symlink() == (kind == "link")
    assert done.implied == ["."], "x is another one than below"


@pytest.mark.in_turn
@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_all_of_a_directory_is_removed_in_any_order(
    unpack: Unpacker, order: tuple[int, ...]
) -> None:
    members = [a.directory(b"d"), a.file(b"d/.wh..wh..opq"), a.file(b"d/f", b"new")]
    base = a.whole(a.directory(b"d"), a.file(b"d/old"), a.file(b"d/f", b"old"))
    layer = a.whole(*(members[n] for n in order))
    image = image_of(unpack, base, layer)
    assert shown(unpack, image, "/d") == ["./f"]
    assert (unpack.plash.content(image) / "d/f").read_text() == "new"


def test_a_whole_image_is_removed(unpack: Unpacker) -> None:
    base = a.whole(a.directory(b"d"), a.file(b"d/old"), a.file(b"f"))
    layer = a.whole(a.file(b".wh..wh..opq"), a.file(b"new"))
    assert shown(unpack, image_of(unpack, base, layer)) == ["./new"]


def test_what_is_not_there_can_be_removed(unpack: Unpacker) -> None:
    layer = a.whole(a.file(b".wh.nothing"), a.file(b"no/where/.wh.nothing"))
    assert shown(unpack, image_of(unpack, layer)) == ["./no", "./no/where"]
    assert shown(unpack, image_of(unpack, a.END, layer)) == ["./no", "./no/where"]


def test_a_directory_that_is_replaced_shows_nothing_of_the_old_one(
    unpack: Unpacker,
) -> None:
    base = a.whole(a.directory(b"d"), a.file(b"d/old"))
    layer = a.whole(a.file(b".wh.d"), a.file(b"d/new"))
    image = image_of(unpack, base, layer)
    assert shown(unpack, image, "/d") == ["./new"]


@pytest.mark.parametrize("name", [b".wh.", b".wh..", b".wh...", b"d/.wh..."])
def test_nothing_outside_can_be_removed(unpack: Unpacker, name: bytes) -> None:
    done = unpack(a.whole(a.directory(b"d"), a.file(name)), layer=True)
    assert "it removes nothing that could be there" in done.refused


def test_nothing_can_be_in_what_is_removed(unpack: Unpacker) -> None:
    done = unpack(a.whole(a.file(b".wh.d/f")), layer=True)
    assert "put into what is removed" in done.refused


def test_a_root_filesystem_may_have_such_names(unpack: Unpacker) -> None:
    done = unpack(a.whole(a.file(b".wh.x", b"1"), a.file(b".wh.d/f", b"2")))
    assert seen(done.top) == {".wh.x": "1", ".wh.d": "directory", ".wh.d/f": "2"}


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "target", [b"below", b"d/below", b"gone", b"d", b"", b"../x", b"new/f"]
)
def test_hard_links_to_what_is_not_in_the_layer_are_refused(
    unpack: Unpacker, target: bytes
) -> None:
    members = [a.directory(b"d"), a.file(b".wh.gone"), a.hard_link(b"x", target)]
    done = unpack(a.whole(*members), layer=True)
    if target == b"../x":
        assert 'leads outside by ".."' in done.refused
    else:
        assert "which is not a file of this layer" in done.refused


def test_a_whiteout_that_a_tar_has_as_a_device_is_left_out(unpack: Unpacker) -> None:
    done = unpack(a.whole(a.header(b"x", b"3"), a.file(b"f", b"1")), layer=True)
    assert done.counts["devices"] == 1
    assert seen(done.top) == {"f": "1"}


MARKS = (
    "user.overlay.opaque",
    "user.overlay.whiteout",
    "trusted.overlay.opaque",
    "trusted.overlay.redirect",
    "user.fuseoverlayfs.opaque",
    "user.containers.override_stat",
)


@pytest.mark.parametrize("layer", [False, True])
def test_no_mark_of_an_overlay_comes_out_of_a_tar(
    unpack: Unpacker, layer: bool
) -> None:
    keys = {f"SCHILY.xattr.{mark}".encode(): b"y" for mark in MARKS}
    members = [a.pax(keys) + a.directory(b"d"), a.pax(keys) + a.file(b"f")]
    done = unpack(a.whole(*members), layer=layer)
    script = 'cd "$0" && getfattr -d -m - d f 2>/dev/null | grep = || :'
    assert unpack.plash.sudo(script, done.top) == ""


def test_a_directory_that_is_emptied_is_still_the_one_below(
    unpack: Unpacker,
) -> None:
    base = a.whole(
        a.directory(b"d", mode=0o1777, mtime=4), a.directory(b"d/e", mtime=5)
    )
    layer = unpack(
        a.whole(a.file(b"d/.wh..wh..opq"), a.file(b"d/e/f", b"new")), layer=True
    )
    image = unpack.commit(layer, image_of(unpack, base))
    assert implied_facts(unpack, image, "d") == ["d 1777 0:0 4"]
    (inner,) = implied_facts(unpack, image, "d/e")
    assert inner.startswith("d/e 755 0:0 ")
    assert not inner.endswith(" 5")


def implied_facts(unpack: Unpacker, image: str, *names: str) -> list[str]:
    """Facts of directories of the image's own layer."""
    return unpack.facts(unpack.plash.content(image), *names)


def test_a_directory_that_is_left_out_is_as_the_layers_below_have_it(
    unpack: Unpacker,
) -> None:
    attribute = a.pax({b"SCHILY.xattr.user.a": b"1"})
    base = a.whole(
        a.directory(b".", mode=0o711, mtime=3),
        attribute + a.directory(b"tmp", mode=0o1777, uid=7, gid=8, mtime=4),
        a.directory(b"old", mode=0o700, mtime=5),
        a.directory(b"old/in", mode=0o500, mtime=6),
    )
    layer = unpack(
        a.whole(
            a.file(b"tmp/f"),
            a.file(b"new/f"),
            a.file(b".wh.old"),
            a.file(b"old/in/f"),
        ),
        layer=True,
    )
    assert layer.implied == [".", "new", "old/in", "tmp"]
    between = a.whole(a.directory(b"tmp/x"))  # which has it only as implied
    image = unpack.commit(layer, image_of(unpack, base, between))
    owner = "0:0" if unpack.plash.person.map == "single" else "7:8"
    assert implied_facts(unpack, image, ".", "tmp") == [
        ". 711 0:0 3",
        f"tmp 1777 {owner} 4",
    ]
    assert os.getxattr(unpack.plash.content(image) / "tmp", "user.a") == b"1"
    for name in ("new", "old", "old/in"):  # they are new, whatever was there
        (line,) = implied_facts(unpack, image, name)
        assert line.startswith(f"{name} 755 0:0 ")


@pytest.mark.parametrize("later", [False, True])
def test_a_directory_that_comes_after_what_is_in_it_is_not_implied(
    unpack: Unpacker, later: bool
) -> None:
    between = [a.file(b"other/f")] if later else []
    members = [a.file(b"d/e/f"), *between, a.directory(b"d", mode=0o700, mtime=9)]
    done = unpack(a.whole(*members, a.directory(b"./", mode=0o711)), layer=True)
    assert done.implied == ["d/e", *["other"][: len(between)]]
    assert unpack.facts(done.top, "d", ".") == [
        "d 700 0:0 9",
        ". 711 0:0 1000000000",
    ]


def test_a_directory_that_was_replaced_is_implied_once_more(unpack: Unpacker) -> None:
    members = [
        a.file(b"d/f"),  # implied
        a.file(b"x"),
        a.directory(b"d"),  # not
        a.file(b"d"),  # not even a directory
        a.file(b"y"),
        a.file(b"e/f"),
        a.file(b"e"),
        a.directory(b"e"),
    ]
    done = unpack(a.whole(*members), layer=True)
    assert not done.counts["recipe"]
    assert "d" not in done.implied
    assert seen(done.top) == {"d": "", "e": "directory", "x": "", "y": ""}


def test_the_list_of_implied_directories_may_be_long(unpack: Unpacker) -> None:
    names = [b"d%d" % n for n in range(5000)]
    done = unpack(
        a.whole(
            *(a.file(name + b"/f") for name in names),
            *(a.directory(name) for name in names[::2]),
        ),
        layer=True,
    )
    assert done.implied == sorted([".", *(n.decode() for n in names[1::2])])


def test_layers_unpacked_side_by_side_are_what_they_are_one_after_the_other(
    unpack: Unpacker,
) -> None:
    """A layer does not see those below it."""
    tars = (
        a.whole(a.directory(b"a"), a.file(b"a/1", b"1"), a.file(b"a/2", b"2")),
        a.whole(a.file(b"a/.wh.1"), a.file(b"b/.wh..wh..opq"), a.file(b"b/x", b"x")),
        a.whole(a.file(b"a/1", b"again"), a.file(b"b/.wh.x")),
    )
    layers = [unpack(tar, layer=True) for tar in reversed(tars)]
    image = "0"
    for layer in reversed(layers):
        image = unpack.commit(layer, image)
    assert shown(unpack, image) == ["./a", "./a/1", "./a/2", "./b"]


def test_without_an_end_mark_its_digest_tells_whether_it_is_whole(
    unpack: Unpacker,
) -> None:
    done = unpack(a.file(b"f", b"x"), layer=True)
    assert done.counts["files"] == 1
    done = unpack(
        a.file(b"f", b"x" * 600)[:-424], layer=True
    )  # as `umoci insert` ends it
    assert (done.top / "f").read_bytes() == b"x" * 600
    for cut in (-1, -423, -425):
        done = unpack(a.file(b"f", b"x" * 600)[:cut], layer=True)
        assert "cut off" in done.refused
    done = unpack(a.file(b"f", b"x" * 600)[:-200], layer=True)
    assert "cut off" in done.refused


def test_notes_are_not_written_over(unpack: Unpacker) -> None:
    first: Unpacked = unpack(a.END, layer=True)
    assert first.notes
    done = unpack.plash("engine:extract", "--layer", first.notes, first.top, input="")
    assert done.returncode == 1
    assert "File exists" in done.stderr
