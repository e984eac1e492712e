"""Layers become images that are shared; nothing wrong ever becomes one."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import Cancelled, NameTaken, PlashError
from plashui.base.progress import Cancel, Progress
from plashui.helper.pack import pack_layer
from plashui.operations import gc
from plashui.store import names
from plashui.store.metadata import read_json
from plashui.store.new_name import NewName
from plashui.store.oci import kept_layers, oci_nodes
from plashui.store.store import Store
from plashui.transfer.oci.plan import plan_pull
from plashui.transfer.oci.pull import PullName, pull
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import LAYER, Shelf, digest_of, tar_of, zipped

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BASE, MORE, OTHER = (
    tar_of({name: None, f"{name}/{name}": name}) for name in ("base", "more", "other")
)

PLACES = ("_data/root", "_meta")


def notes(store: Store, image: int) -> dict[str, Any]:
    """What the store knows of an image."""
    return read_json(f"{store.root}/{store.place(image)}/_meta/image.json")


def files(store: Store, image: int) -> set[str]:
    """The names in an image's own layer."""
    return set(os.listdir(f"{store.root}/{store.place(image)}/_data/root"))


def nothing_left(store: Store) -> None:
    """Neither work nor downloads."""
    assert store.entries("tmp") == []
    assert not (store.path / "downloads").exists()


def test_layers_are_images_with_what_is_known_of_them(
    store: Store, shelf: Shelf
) -> None:
    digest = shelf.image("a", [BASE, MORE], Cmd=["sh"], Env=["A=b"], User="me")
    made = pulled(store, shelf, "a").id
    assert made == 2
    assert store.read().images[2].parent == 1
    assert files(store, 1) == {"base"}
    assert files(store, 2) == {"more"}
    layer, image = notes(store, 1), notes(store, 2)
    assert layer["layer"] == {
        "chain_id": digest_of(BASE),
        "diff_id": digest_of(BASE),
        "digest": digest_of(zipped(BASE)),
        "size": len(zipped(BASE)),
        "media_type": f"{LAYER}+gzip",
    }
    assert "config" not in layer
    both = f"{digest_of(BASE)} {digest_of(MORE)}".encode()
    assert image["layer"]["chain_id"] == digest_of(both)
    assert image["oci"]["manifest"] == digest
    assert image["config"]["config"]["Cmd"] == ["sh"]
    conf = Path(f"{store.root}/{store.place(2)}/_meta/run.conf").read_bytes()
    assert conf == b"User=me\0Cmd=sh\0Env=A=b\0"
    nothing_left(store)


def test_a_second_image_costs_only_its_own_layers(store: Store, shelf: Shelf) -> None:
    shelf.image("a", [BASE, MORE])
    shelf.image("b", [BASE, OTHER])
    pulled(store, shelf, "a")
    shelf.given.clear()
    plan = plan_pull(store, shelf, "b")
    assert (plan.here, plan.fetch) == ((1,), len(zipped(OTHER)))
    assert pulled(store, shelf, "b").id == 3
    assert digest_of(zipped(BASE)) not in shelf.given
    assert sorted(store.read().images[1].children) == [2, 3]
    shelf.given.clear()
    assert pulled(store, shelf, "b").id == 3
    assert list(store.read().images) == [1, 2, 3]
    assert len(shelf.given) == 1, "the config only"


def test_another_config_of_the_same_layers_is_an_image_without_files(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE, MORE], Cmd=["a"])
    shelf.image("b", [BASE, MORE], Cmd=["b"])
    shelf.image("base", [BASE], Cmd=["base"])
    assert pulled(store, shelf, "a").id == 2
    assert pulled(store, shelf, "b").id == 3
    assert pulled(store, shelf, "base").id == 4
    assert store.read().images[3].parent == 2
    assert store.read().images[4].parent == 1
    for image in (3, 4):
        assert files(store, image) == set()
        assert "layer" not in notes(store, image)
    for tag, image in (("a", 2), ("b", 3), ("base", 4)):
        assert pulled(store, shelf, tag).id == image
    # What comes on the base later stands on the layer, not on the config.
    shelf.image("c", [BASE, OTHER])
    made = pulled(store, shelf, "c").id
    assert store.read().images[made].parent == 1


def test_an_image_without_layers_is_its_config(store: Store, shelf: Shelf) -> None:
    shelf.image("none", [], Cmd=["x"])
    assert pulled(store, shelf, "none").id == 1
    assert files(store, 1) == set()
    assert notes(store, 1)["config"]["config"] == {"Cmd": ["x"]}
    assert pulled(store, shelf, "none").id == 1


def test_empty_layers_and_the_same_layer_twice_are_layers(
    store: Store, shelf: Shelf
) -> None:
    empty = tar_of({})
    shelf.image("a", [empty, BASE, empty, BASE, empty])
    assert pulled(store, shelf, "a").id == 5
    assert [files(store, i) for i in range(1, 6)] == [
        set(),
        {"base"},
        set(),
        {"base"},
        set(),
    ]
    nothing_left(store)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_many_layers_come_in_any_order_and_stand_in_theirs(
    store: Store, shelf: Shelf, jobs: int
) -> None:
    tars = [tar_of({f"f{i}": os.urandom(30_000 * (7 - i) + 1)}) for i in range(8)]
    shelf.image("a", tars)
    image = pulled(store, shelf, "a", jobs=jobs).id
    assert [sorted(files(store, i)) for i in range(1, 9)] == [
        [f"f{i}"] for i in range(8)
    ]
    assert store.read().ancestry(image)[0] == image
    nothing_left(store)


def members(data: bytes) -> bytes:
    half = len(data) // 2
    return zipped(data[:half]) + gzip.compress(b"") + zipped(data[half:])


def frames(data: bytes) -> bytes:
    half = len(data) // 2
    skipped = b"\x5a\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
    return skipped + zstd.compress(data[:half]) + skipped + zstd.compress(data[half:])


@pytest.mark.parametrize("pack", [bytes, zipped, members, zstd.compress, frames])
def test_layers_are_decompressed_by_their_content(
    store: Store, shelf: Shelf, pack: Any
) -> None:
    shelf.image("a", [BASE, MORE], pack)
    pulled(store, shelf, "a")
    assert files(store, 1) == {"base"}


def wrong_blob(shelf: Shelf, blob: str) -> None:
    data = bytearray(shelf.blobs[blob])
    data[len(data) // 2] ^= 1
    shelf.blobs[blob] = bytes(data)


def other_layer(shelf: Shelf, blob: str) -> None:
    shelf.blobs[blob] = zipped(OTHER)


def short_blob(shelf: Shelf, blob: str) -> None:
    shelf.blobs[blob] = shelf.blobs[blob][:-5]


def empty_blob(shelf: Shelf, blob: str) -> None:
    shelf.blobs[blob] = b""


@pytest.mark.parametrize("damage", [wrong_blob, other_layer, short_blob, empty_blob])
def test_nothing_of_a_wrong_blob_stays(store: Store, shelf: Shelf, damage: Any) -> None:
    shelf.image("a", [BASE, tar_of({"big": os.urandom(100_000)})])
    manifest = json.loads(shelf.tags["a"].raw)
    blob = manifest["layers"][1]["digest"]
    whole = shelf.blobs[blob]
    damage(shelf, blob)
    with pytest.raises(PlashError, match=r"layer|cut off") as caught:
        pulled(store, shelf, "a")
    assert "\n" not in str(caught.value)
    assert list(store.read().images) in ([], [1])
    kept = [name for name in store.entries("tmp") if not name.startswith("layer_")]
    assert kept == []
    assert not (store.path / "downloads").exists()
    shelf.blobs[blob] = whole
    assert pulled(store, shelf, "a").id == 2
    nothing_left(store)


def test_a_blob_that_is_right_but_not_the_layer_of_the_config_is_refused(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE])
    manifest = json.loads(shelf.tags["a"].raw)
    manifest["layers"] = [shelf.describe(zipped(OTHER), LAYER)]
    shelf.document("a", manifest, shelf.tags["a"].media_type)
    with pytest.raises(PlashError, match="not what the image's config says"):
        pulled(store, shelf, "a")
    assert list(store.read().images) == []
    nothing_left(store)


@pytest.mark.parametrize("by", [-1, 1, 10**12])
def test_a_size_that_is_a_lie_is_refused(store: Store, shelf: Shelf, by: int) -> None:
    shelf.image("a", [BASE], bytes)
    manifest = json.loads(shelf.tags["a"].raw)
    manifest["layers"][0]["size"] += by
    shelf.document("a", manifest, shelf.tags["a"].media_type)
    with pytest.raises(PlashError, match=r"layer|does not fit"):
        pulled(store, shelf, "a")
    assert list(store.read().images) == []
    nothing_left(store)


class Endless(Shelf):
    """Sends any blob for ever."""

    def blob(self, digest: str, size: int, start: int = 0, /) -> Any:
        """Open a blob; its bytes go on behind its end."""
        self.blobs[digest] = self.blobs[digest][:size] + bytes(1 << 20)
        return super().blob(digest, size, start)


def test_of_an_endless_blob_no_more_is_read_than_it_should_have(store: Store) -> None:
    shelf = Endless()
    shelf.image("a", [BASE])
    pulled(store, shelf, "a")
    assert shelf.given[digest_of(zipped(BASE))] == len(zipped(BASE))


@pytest.mark.parametrize("pack", [zipped, zstd.compress])
def test_a_bomb_is_refused_before_it_fills_the_disk(
    store: Store, shelf: Shelf, pack: Any
) -> None:
    shelf.image("bomb", [tar_of({"zeros": bytes(64 << 20)})], pack)
    with pytest.raises(PlashError, match="larger than 10 MB when decompressed"):
        pulled(store, shelf, "bomb", most=10_000_000)
    assert list(store.read().images) == []
    nothing_left(store)
    assert pulled(store, shelf, "bomb", most=100_000_000).id == 1


def test_an_image_that_cannot_fit_is_refused_before_anything_is_fetched(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE])
    plan = plan_pull(store, shelf, "a")._replace(free=10)
    shelf.given.clear()
    with pytest.raises(PlashError, match="does not fit: its missing 1 layer have"):
        pull(store, shelf, plan, origin="a")
    assert not shelf.given


def test_a_tag_that_moved_takes_its_name_along_and_leaves_the_old_image(
    store: Store, shelf: Shelf
) -> None:
    name = PullName(NewName("docker.io/x/a:1"), moves=True)
    shelf.image("a", [BASE])
    first = pulled(store, shelf, "a", name=name)
    assert (first.id, first.moved, first.remarks()) == (1, None, [])
    assert os.listdir(store.path / "map") == ["docker.io%x%a:1"]
    assert store.read().images[1].names == ("docker.io/x/a:1",)
    again = pulled(store, shelf, "a", name=name)
    assert (again.id, again.moved) == (1, None)
    shelf.image("a", [MORE])
    second = pulled(store, shelf, "a", name=name)
    assert (second.id, second.moved) == (2, 1)
    assert second.remarks() == ["docker.io/x/a:1 was image 1, which stays"]
    assert store.get_name("docker.io/x/a:1") == 2
    assert list(store.read().images) == [1, 2]


def test_the_name_of_another_thing_is_not_taken(store: Store, shelf: Shelf) -> None:
    shelf.image("a", [BASE])
    shelf.image("b", [BASE, MORE])
    pulled(store, shelf, "b")
    for image in (1,):  # a layer, which was not pulled as an image
        names.set_name(store, "a", image)
    with pytest.raises(NameTaken, match="'a' belongs to image 1"):
        pulled(store, shelf, "a", name=PullName(NewName("a"), moves=True))
    with pytest.raises(NameTaken):
        pulled(store, shelf, "a", name=PullName(NewName("a")))
    forced = pulled(store, shelf, "a", name=PullName(NewName("a", force=True)))
    again = pulled(store, shelf, "a", name=PullName(NewName("a")))
    assert forced.id == again.id == 3


def test_a_node_is_found_although_what_was_noted_is_lost_or_stale(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE, MORE])
    pulled(store, shelf, "a")
    memory = store.path / "memory"
    note = memory / f"oci-{digest_of(BASE).removeprefix('sha256:')}"
    written = note.read_bytes()
    for broken in (None, b"", b'{"image": 2, "born": 1}', b'{"image": 99, "born": 1}'):
        note.unlink()
        if broken is not None:
            note.write_bytes(broken)
        assert oci_nodes.find_layer(store, 0, digest_of(BASE)) == 1
        assert note.read_bytes() == written
    assert oci_nodes.find_layer(store, 0, digest_of(OTHER)) is None
    assert oci_nodes.find_layer(store, 2, digest_of(BASE)) is None


def test_a_cancel_keeps_what_is_complete_and_says_so(
    store: Store, shelf: Shelf
) -> None:
    big = tar_of({"big": os.urandom(5_000_000)})
    shelf.image("a", [big, BASE, MORE])
    cancel = Cancel()
    last = digest_of(zipped(big))

    def stop(digest: str, _data: bytes) -> None:
        there = {name for name in store.entries("tmp") if name.startswith("layer_")}
        if digest == last and len(there) == 2:
            cancel.set()
        elif digest == last:
            cancel.wait(0.02)

    shelf.read = stop
    with pytest.raises(Cancelled, match="2 of 3 layers are complete and kept, and a"):
        pulled(store, shelf, "a", cancel=cancel)
    assert list(store.read().images) == []
    shelf.read = None
    shelf.given.clear()
    plan = plan_pull(store, shelf, "a")
    assert (len(plan.missing), len(plan.to_fetch)) == (3, 1)
    said: list[Progress] = []
    assert pulled(store, shelf, "a", report=said.append).id == 3
    assert digest_of(zipped(BASE)) not in shelf.given
    nothing_left(store)


def test_two_pulls_of_the_same_at_once_make_it_once(store: Store, shelf: Shelf) -> None:
    tars = [tar_of({f"f{i}": os.urandom(50_000)}) for i in range(4)]
    shelf.image("a", tars)
    again = Shelf(shelf.blobs, shelf.tags)
    last = digest_of(zipped(tars[-1]))
    begun = threading.Lock()

    def overtake(digest: str, _data: bytes) -> None:
        if digest == last and begun.acquire(blocking=False):
            pulled(store, again, "a")

    shelf.read = overtake
    assert pulled(store, shelf, "a", jobs=4).id == 4
    assert list(store.read().images) == [1, 2, 3, 4]
    nothing_left(store)


def test_a_layer_that_another_pull_has_taken_in_the_same_moment_is_found(
    store: Store, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.image("a", [BASE])
    again = Shelf(shelf.blobs, shelf.tags)
    rename = os.rename

    def overtaken(source: Path, target: Path) -> None:
        """Find theirs in the way; it is an image before one looks again."""
        monkeypatch.setattr("plashui.store.oci.kept_layers.os.rename", rename)
        assert pulled(store, again, "a").id == 1
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), source, 0, target)

    monkeypatch.setattr("plashui.store.oci.kept_layers.os.rename", overtaken)
    assert pulled(store, shelf, "a").id == 1
    assert list(store.read().images) == [1]
    nothing_left(store)


def test_kept_layers_are_removed_by_clean_and_after_a_week(store: Store) -> None:
    store.create()
    chain = f"sha256:{'a' * 64}"
    place = store.path / "tmp" / kept_layers.name_of(chain)
    (place / "data").mkdir(parents=True)
    assert kept_layers.forget(store, older=kept_layers.WEEK) == 0
    with kept_layers.claimed(store, chain) as work:
        assert work is not None
    with kept_layers.needed(store):
        assert kept_layers.forget(store) == 0, "a pull may need it"
    assert gc.clean(store).leftovers == 1
    nothing_left(store)


def test_what_is_removed_below_a_new_file_is_gone_with_its_directory(
    store: Store, shelf: Shelf
) -> None:
    """umoci writes such layers where a directory became a file."""
    shelf.image("a", [tar_of({"d/a": "a"}), tar_of({"d": "file", "d/.wh.a": ""})])
    image = pulled(store, shelf, "a").id
    place = Path(f"{store.root}/{store.place(image)}/_data/root/d")
    assert place.read_text() == "file"


def test_owners_of_layers_that_are_not_named_stay_as_below(
    store: Store, shelf: Shelf
) -> None:
    """A tar without an entry for a directory says nothing about it."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        entry = tarfile.TarInfo("tmp")
        entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o1777, 7
        tar.addfile(entry)
    shelf.image("a", [held.getvalue(), tar_of({"tmp/x": "x"})])
    image = pulled(store, shelf, "a").id
    found = os.stat(f"{store.root}/{store.place(image)}/_data/root/tmp")
    assert (oct(found.st_mode), found.st_mtime) == ("0o41777", 7)


def test_the_exact_tar_of_each_layer_can_be_made_again(
    store: Store, shelf: Shelf
) -> None:
    """Its diff_id proves it, also where the image has other directories."""
    shelf.image(
        "a",
        [
            tar_of({"d": None, "d/old": "old", "d/e/x": "x", "f": "f"}),
            tar_of({"d/.wh..wh..opq": "", "d/new": "new", ".wh.f": "", "g/h/i": "i"}),
            tar_of({"d/e/y": "y"}),
        ],
    )
    pulled(store, shelf, "a")
    for image in (1, 2, 3):
        node = f"{store.root}/{store.place(image)}"
        found = hashlib.sha256()
        with contextlib.ExitStack() as stack:
            data, about = (os.open(f"{node}/{name}", os.O_RDONLY) for name in PLACES)
            stack.callback(os.close, data)
            stack.callback(os.close, about)
            assert pack_layer(data, about, found.update)
        digest = f"sha256:{found.hexdigest()}"
        assert digest == notes(store, image)["layer"]["diff_id"], image
