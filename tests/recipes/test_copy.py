"""Copying files into images: what a key is made of, and what is never read."""

from __future__ import annotations

import io
import os
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.helper import calls, listing
from plashui.recipes.build import build
from plashui.recipes.context.patterns import Ignored
from plashui.recipes.copy import copied, parts
from plashui.recipes.plan import (
    At,
    Context,
    Copy,
    OfStage,
    Plan,
    Scratch,
    Source,
    Stage,
    Text,
)
from plashui.store.store import Store
from tests.people import own_kind

AT = At("Containerfile", 7)
Tree = dict[str, tuple[Any, ...]]


def owned(uid: int, gid: int) -> tuple[int, int]:
    """What an owner becomes: root, for a user who has no other ids."""
    return (0, 0) if own_kind() == "single" else (uid, gid)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    return store


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A directory, beside which there is a secret."""
    (tmp_path / "secret").write_text("secret")
    place = tmp_path / "context"
    (place / "d/e").mkdir(parents=True)
    (place / "a").write_text("a")
    (place / "d/b").write_text("b")
    (place / "d/e/c").symlink_to("../b")
    return place


def step(context: Path, *words: str, target: str = "/t/", **more: Any) -> Copy:
    ignored = more.pop("ignored", None)
    source = Context(str(context), Ignored(ignored) if ignored else None)
    return Copy(AT, "COPY", tuple((source, word) for word in words), target, **more)


def made(store: Store, one: Copy, parent: int = 0, **images: int) -> int:
    sources: dict[Source, int] = {OfStage(name): i for name, i in images.items()}
    return copied(store, parent, one, config={}, images=sources, more={})


def seen(store: Store, image: int) -> Tree:
    return {
        one.name: (one.kind, f"{one.mode:o}", one.uid, one.gid)
        for one in listing.list_tree(store.root, image)
    }


def content(store: Store, image: int, path: str) -> bytes:
    found = bytearray()
    calls.read_file(store.path, image, path, found.extend)
    return bytes(found)


def key(one: Copy) -> tuple[tuple[str, str], ...]:
    nowhere = Store(Path("/nowhere"))
    return tuple((part.what, part.value) for part in parts(nowhere, one, {}))


def _anew(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda place: (place / "d/b").write_text("c"),
    "mode": lambda place: (place / "d/b").chmod(0o755),
    "mode of a directory": lambda place: (place / "d/e").chmod(0o700),
    "name": lambda place: (place / "d/b").rename(place / "d/x"),
    "link": lambda place: _anew(place / "d/e/c", lambda at: at.symlink_to("../../a")),
    "more": lambda place: (place / "d/new").mkdir(),
    "less": lambda place: (place / "d/b").unlink(),
    "kind": lambda place: _anew(place / "d/b", os.mkfifo),
    "content to another file": lambda place: (
        (place / "a").write_text("b"),
        (place / "d/b").write_text("a"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_changes_with_what_is_copied(change: str, context: Path) -> None:
    before = key(step(context, "."))
    assert before == key(step(context, "."))
    CHANGES[change](context)
    assert key(step(context, ".")) != before


def test_a_key_changes_with_the_words(context: Path) -> None:
    steps = [
        step(context, "d"),
        step(context, "d", target="/u/"),
        step(context, "d", target="/t"),
        step(context, "d", owner="1:2"),
        step(context, "d", mode=0o600),
        step(context, "d", excluded=("b",)),
        step(context, "d", parents=True),
        step(context, "d", unpack=True),
        step(context, "d", "a"),
        step(context, "a", "d"),
        step(context, "d", ignored=["d/b"]),
    ]
    assert len({key(one) for one in steps}) == len(steps)


def test_a_key_does_not_change_with_times_and_what_is_not_copied(context: Path) -> None:
    before = key(step(context, "d", ignored=["d/b"]))
    os.utime(context / "d/e", (1, 1))
    (context / "d/b").write_text("other")
    (context / "a").unlink()
    assert key(step(context, "d", ignored=["d/b"])) == before


def test_the_key_of_a_stage_is_a_part() -> None:
    one = Copy(AT, "COPY", ((OfStage("s"), "/x"),), "/y")
    nowhere = Store(Path("/nowhere"))
    keys = [parts(nowhere, one, {OfStage("s"): key})[-1].value for key in ("1", "2")]
    assert keys == ["1", "2"]


def test_links_do_not_lead_out(context: Path, store: Store) -> None:
    (context / "out").symlink_to("../secret")
    (context / "abs").symlink_to(str(context.parent / "secret"))
    (context / "up").symlink_to("..")
    (context / "d/out").symlink_to("../../secret")
    for word in ("out", "abs", "../secret", "up/secret", "d/../../secret"):
        with pytest.raises(PlashError, match=r"line 7: .*there is no"):
            made(store, step(context, word))
    image = made(store, step(context, "d"))
    assert seen(store, image)["t/out"][0] == "l"
    up = seen(store, made(store, step(context, "up")))
    assert "t/secret" not in up
    assert "t/a" in up


def test_odd_files_are_copied_without_reading_them(context: Path, store: Store) -> None:
    os.mkfifo(context / "d/fifo")
    with socket.socket(socket.AF_UNIX) as one:
        place = os.open(context / "d", os.O_PATH)
        one.bind(f"/proc/self/fd/{place}/socket")
        os.close(place)
    with open(context / "huge", "wb") as file:
        file.truncate(1 << 40)
    bad = os.fsencode(context / "d") + b"/\xff\n\x1b[31m*"
    with open(bad, "w") as file:
        file.write("bad")
    key(step(context, "d"))
    found = seen(store, made(store, step(context, "d")))
    assert found["t/fifo"][0] == "p"
    assert "t/socket" not in found
    assert found["t/\udcff\n\x1b[31m*"][0] == "-"


def test_a_deep_directory_is_copied(context: Path, store: Store) -> None:
    deep = "/".join("x" * 150)
    (context / "deep").mkdir()
    directory = os.open(context / "deep", os.O_PATH)
    for _level in range(150):
        os.mkdir("x", dir_fd=directory)
        below = os.open("x", os.O_PATH, dir_fd=directory)
        os.close(directory)
        directory = below
    os.close(directory)
    rules = ["deep", "!deep/x/y"]
    assert f"t/{deep}" in seen(store, made(store, step(context, "deep")))
    assert "t/deep" not in seen(store, made(store, step(context, ".", ignored=rules)))


def test_of_a_file_with_holes_only_what_is_in_it_is_read_once_for_its_key(
    context: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, middle = 10 << 30, 5 << 30
    with open(context / "disk", "wb") as file:
        for at, text in ((middle, b"middle"), (size - 3, b"end")):
            file.seek(at)
            file.write(text)
    before, counts = os.pread, [0]

    def counted(descriptor: int, count: int, at: int) -> bytes:
        found = before(descriptor, count, at)
        counts[0] += len(found)
        return found

    monkeypatch.setattr(os, "pread", counted)
    steps = (step(context, "disk"),)
    image = build(store, Plan((Stage("", Scratch(), lambda _config: steps),)))
    blocks = 2 * (1 << 16)
    assert counts[0] <= 2 * blocks  # once for the key, once for the image
    onward = Copy(AT, "COPY", ((OfStage("s"), "/t/disk"),), "/t/")
    for one in (image, made(store, onward, s=image)):
        copy = store.path / f"index/{one}/_data/root/t/disk"
        found = copy.stat()
        assert (found.st_size, found.st_blocks * 512 <= 2 * blocks) == (size, True)
        with open(copy, "rb") as made_file:
            for at, text in (
                (middle, b"middle"),
                (size - 3, b"end"),
                (7 << 30, bytes(9)),
            ):
                assert before(made_file.fileno(), len(text), at) == text
    assert build(store, Plan((Stage("", Scratch(), lambda _config: steps),))) == image


def test_a_file_that_grows_is_not_copied(
    context: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plashui.recipes.context import tree

    real = tree.Directory.opened

    def grown(self: tree.Directory, path: str) -> Any:
        with open(context / path, "a") as file:
            file.write("more")
        return real(self, path)

    monkeypatch.setattr(tree.Directory, "opened", grown)
    with pytest.raises(PlashError, match="it changed while it was copied"):
        made(store, step(context, "a"))
    assert not store.read().images.keys() - {0}


def test_a_file_that_is_not_that_of_the_key_any_more_is_not_copied(
    context: Path, store: Store
) -> None:
    one = step(context, ".")
    known = parts(store, one, {})
    (context / "d/b").write_text("c")
    with pytest.raises(PlashError, match="line 7: d/b changed while it was copied"):
        copied(store, 0, one, config={}, images={}, more={}, known=known)
    assert not store.read().images.keys() - {0}


def test_names_of_whiteouts_are_only_names(context: Path, store: Store) -> None:
    below = made(store, step(context, "a", target="/t/a"))
    (context / "w").mkdir()
    (context / "w/.wh.a").write_text("")
    (context / "w/.wh..wh..opq").write_text("")
    found = seen(store, made(store, step(context, "w"), below))
    assert {"t/a", "t/.wh.a", "t/.wh..wh..opq"} <= found.keys()


def test_directories_that_are_there_stay_as_they_are(
    context: Path, store: Store
) -> None:
    (context / "d/e").chmod(0o700)
    below = made(store, step(context, "d", target="/t/d", owner="5:6", mode=0o750))
    found = seen(store, made(store, step(context, "a", target="/t/d/e/"), below))
    assert found["t/d/e"] == ("d", "750", *owned(5, 6))
    assert found["t"] == ("d", "755", *owned(5, 6))


def test_a_file_is_not_put_in_the_place_of_a_directory(
    context: Path, store: Store
) -> None:
    below = made(store, step(context, "d", target="/t/a"))
    (context / "x/a").mkdir(parents=True)
    (context / "x/b").write_text("")
    for words, target in (
        (("a",), "/t/a/e/c/"),
        (("x",), "/t/a/"),
        (("x",), "/t/a/b/"),
    ):
        if words == ("x",) and target == "/t/a/":
            (context / "x/e").write_text("")
        with pytest.raises(PlashError, match="line 7: cannot copy"):
            made(store, step(context, *words, target=target), below)


def test_archives_stay_inside(context: Path, store: Store) -> None:
    below = made(store, step(context, "a", target="/etc/passwd"))
    for number, name in enumerate(("../../etc/x", "/etc/y", "l/z")):
        with tarfile.open(context / "bad.tar", "w") as tar:
            link = tarfile.TarInfo("l")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc"
            tar.addfile(link)
            info = tarfile.TarInfo(name)
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
        one = step(context, "bad.tar", unpack=True)
        if number == 0:
            with pytest.raises(PlashError, match=r"\.\. in it"):
                made(store, one, below)
            continue
        found = seen(store, made(store, one, below))
        assert f"etc/{name[-1]}" in found or f"t/{name.lstrip('/')}" in found
        assert found["etc/passwd"][0] == "-"


def test_a_damaged_archive_makes_no_image(context: Path, store: Store) -> None:
    with tarfile.open(context / "cut.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("x")
        info.size = 1 << 16
        tar.addfile(info, io.BytesIO(os.urandom(1 << 16)))
    data = (context / "cut.tar.gz").read_bytes()
    (context / "cut.tar.gz").write_bytes(data[: len(data) // 2])
    with pytest.raises(PlashError, match="line 7: "):
        made(store, step(context, "cut.tar.gz", unpack=True))
    assert not store.read().images.keys() - {0}


def test_what_only_looks_like_an_archive_is_copied(context: Path, store: Store) -> None:
    (context / "x.tar.gz").write_bytes(b"\x1f\x8bno")
    image = made(store, step(context, "x.tar.gz", unpack=True))
    assert content(store, image, "/t/x.tar.gz") == b"\x1f\x8bno"


def test_brackets_and_several_need_what_they_say(context: Path, store: Store) -> None:
    (context / "n[0]").write_text("0")
    assert "t/n[0]" in seen(store, made(store, step(context, "n[[]0]")))
    with pytest.raises(PlashError, match="Write /f/ for a directory"):
        made(store, step(context, "*", target="/f"))
    with pytest.raises(PlashError, match="not a pattern"):
        made(store, step(context, "a["))


def test_owners_are_looked_up_in_the_image(context: Path, store: Store) -> None:
    passwd = Text("passwd", b"joe:x:5:6::/:\nbad line\n")
    group = Text("group", b"staff:x:50:\n")
    accounts = Copy(AT, "COPY", ((passwd, ""), (group, "")), "/etc/")
    below = made(store, accounts)
    for owner, ids in {
        **{"joe": (5, 6), "joe:staff": (5, 50), "5": (5, 6), "9": (9, 9)},
        **{"9:staff": (9, 50), "joe:7": (5, 7)},
    }.items():
        found = seen(store, made(store, step(context, "a", owner=owner), below))
        assert found["t/a"][2:] == owned(*ids)
        assert found["t"][2:] == owned(*ids)
    for owner in ("bob", "joe:nobody", "4294967295", "-1"):
        with pytest.raises(PlashError, match="there is no"):
            made(store, step(context, "a", owner=owner), below)


def test_what_is_excluded_and_the_parents_that_are_kept(
    context: Path, store: Store
) -> None:
    found = seen(store, made(store, step(context, "d", excluded=("e",))))
    assert sorted(found) == ["", "t", "t/b"]
    found = seen(store, made(store, step(context, "d/b", "d/e", parents=True)))
    assert {"t/d/b", "t/d/e/c"} <= found.keys()


def test_the_names_of_one_file_of_a_stage_stay_so(context: Path, store: Store) -> None:
    with tarfile.open(context / "t.tar", "w") as tar:
        info = tarfile.TarInfo("o/one")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
        link = tarfile.TarInfo("o/two")
        link.type, link.linkname = tarfile.LNKTYPE, "o/one"
        tar.addfile(link)
    stage = made(store, step(context, "t.tar", target="/", unpack=True))
    one = Copy(AT, "COPY", ((OfStage("s"), "/o"),), "/mine/")
    image = made(store, one, s=stage)
    links = {one.name: one.links for one in listing.list_tree(store.root, image)}
    assert links["mine/one"] == links["mine/two"] != 0


def test_a_stage_keeps_its_owners(context: Path, store: Store) -> None:
    stage = made(store, step(context, "d", target="/o/", owner="7:8"))
    one = Copy(AT, "COPY", ((OfStage("s"), "/o"),), "/mine/")
    assert seen(store, made(store, one, s=stage))["mine/b"] == (
        "-",
        "644",
        *owned(7, 8),
    )
    other = one._replace(owner="1:2", mode=0o600)
    assert seen(store, made(store, other, s=stage))["mine/b"] == (
        "-",
        "600",
        *owned(1, 2),
    )
