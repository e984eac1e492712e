"""Images in files of every kind are found by what is in them."""

from __future__ import annotations

import io
import json
import lzma
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.transfer.imports.file import find_image, images_in
from plashui.transfer.oci.pull import pull
from tests.transfer.oci.images import Shelf, digest_of, tar_of, zipped

BASE, MORE = (tar_of({name: None, f"{name}/x": name}) for name in ("base", "more"))
FILES = ({"base"}, {"more"})


def taken(store: Store, path: Path, word: str = "") -> int | None:
    """The image that is made of a file; None if it may be a root filesystem."""
    with images_in(store, path) as archive:
        if archive is None:
            return None
        found = find_image(store, archive, word)
        return pull(store, archive, found.plan, origin=path.name).id


def made_of(store: Store, path: Path, word: str = "") -> list[set[str]]:
    """What is in each layer of it, the lowest first."""
    image = taken(store, path, word)
    assert image is not None
    chain = reversed(store.read().ancestry(image))
    return [
        set(os.listdir(f"{store.root}/{store.place(one)}/_data/root"))
        for one in chain
        if one
    ]


def config_of(*layers: bytes) -> bytes:
    """A config of these layers."""
    rootfs = {"type": "layers", "diff_ids": list(map(digest_of, layers))}
    return json.dumps(
        {"os": "linux", "architecture": "amd64", "rootfs": rootfs}
    ).encode()


Archive = Mapping[str, bytes | str]
"""The content of files, or the targets of links."""


def as_tar(files: Archive) -> bytes:
    """A tar of files and links."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def docker(
    layers: Mapping[str, bytes], more: Archive | None = None, **entry: object
) -> Archive:
    """What docker save writes: layers by their names in the archive."""
    config = config_of(BASE, MORE)
    about = {"Config": "c.json", "RepoTags": ["x/y:1"], "Layers": list(layers), **entry}
    return {
        **layers,
        **(more or {}),
        "c.json": config,
        "manifest.json": json.dumps([about]).encode(),
        "repositories": b"{}",
    }


OLD = docker({f"{'1' * 64}/layer.tar": BASE, f"{'2' * 64}/layer.tar": MORE})
NEW = docker({f"blobs/sha256/{'1' * 64}": BASE, f"blobs/sha256/{'2' * 64}": MORE})
FLAT = docker({f"{'1' * 64}.tar": BASE, "./bazel-out/two.tar": MORE})
PACKED = docker({"1.tar.gz": zipped(BASE), "2.tar": MORE})
LINKED = docker(
    {},
    {
        f"{'3' * 64}.tar": BASE,
        f"{'1' * 64}/layer.tar": f"../{'3' * 64}.tar",
        f"{'2' * 64}/layer.tar": f"../{'1' * 64}/two/../../{'4' * 64}.tar",
        f"{'4' * 64}.tar": MORE,
    },
    Layers=[f"{'1' * 64}/layer.tar", f"{'2' * 64}/layer.tar"],
)


@pytest.mark.parametrize("files", [OLD, NEW, FLAT, PACKED, LINKED])
@pytest.mark.parametrize("pack", [bytes, zipped, lzma.compress])
def test_docker_archives_old_and_new_are_read(
    store: Store, tmp_path: Path, files: Archive, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(pack(as_tar(files)))
    assert made_of(store, path) == list(FILES)
    assert store.entries("tmp") == []


def test_a_docker_archive_may_be_a_directory(store: Store, tmp_path: Path) -> None:
    for name, content in LINKED.items():
        path = tmp_path / "a" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            (path.parent / "two").mkdir()
            path.symlink_to(content)
        else:
            path.write_bytes(content)
    assert made_of(store, tmp_path / "a") == list(FILES)


def test_layouts_are_directories_or_tars(
    store: Store, shelf: Shelf, tmp_path: Path
) -> None:
    shelf.image("one", [BASE, MORE])
    layout = shelf.layout(tmp_path / "oci", "one")
    assert made_of(store, layout) == list(FILES)
    files = {
        str(path.relative_to(layout)): path.read_bytes()
        for path in layout.rglob("*")
        if path.is_file()
    }
    for pack in (bytes, zipped):
        path = tmp_path / "oci.tar"
        path.write_bytes(pack(as_tar(files)))
        assert made_of(store, path) == list(FILES)
    assert len(store.read().images) == 2, "all of them are the same image"


def test_what_is_both_is_read_as_a_layout(
    store: Store, shelf: Shelf, tmp_path: Path
) -> None:
    """Docker 25 writes both, and its manifest.json says less."""
    shelf.image("one", [BASE, MORE])
    layout = shelf.layout(tmp_path / "oci", "one")
    (layout / "manifest.json").write_text('[{"Config": "x", "Layers": []}]')
    assert made_of(store, layout, "one") == list(FILES)


def test_of_several_images_one_is_asked_for(
    store: Store, shelf: Shelf, tmp_path: Path
) -> None:
    for tag, layer in (("one", BASE), ("two", MORE)):
        shelf.image(tag, [layer])
    layout = shelf.layout(tmp_path / "oci", "one", "two")
    with pytest.raises(PlashError, match="several images in the archive: one, two"):
        taken(store, layout)
    with pytest.raises(PlashError, match="no image 'three'"):
        taken(store, layout, "three")
    assert made_of(store, layout, "two") == [{"more"}]
    assert made_of(store, layout, shelf.tags["one"].digest[:19]) == [{"base"}]
    both = [
        {"Config": "c.json", "RepoTags": [f"x/{n}:v{n}"], "Layers": ["1", "2"]}
        for n in (1, 2)
    ]
    files = docker({"1": BASE, "2": MORE}, {"manifest.json": json.dumps(both).encode()})
    path = tmp_path / "a.tar"
    path.write_bytes(as_tar({**files, "manifest.json": json.dumps(both).encode()}))
    with pytest.raises(PlashError, match="x/1:v1, x/2:v2"):
        taken(store, path)
    for word in ("x/2:v2", "v2"):
        assert made_of(store, path, word) == list(FILES)


def test_an_image_for_several_platforms_is_one(
    store: Store, shelf: Shelf, tmp_path: Path
) -> None:
    for platform in ("linux/amd64", "linux/arm64"):
        shelf.image(
            platform, [tar_of({platform.replace("/", "-"): "x"})], platform=platform
        )
    layout = shelf.layout(tmp_path / "oci")
    entries = [
        shelf.entry(shelf.tags[p].digest, p) for p in ("linux/arm64", "linux/amd64")
    ]
    (layout / "index.json").write_text(json.dumps({"manifests": entries}))
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
    assert made_of(store, layout) == [{f"linux-{machine}"}]


def test_a_root_filesystem_is_none_of_them(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "root.tar"
    for content in (
        tar_of({"etc/passwd": "x", "manifest.json": "[]"}),
        tar_of({"./usr/bin/x": "x"}),
        tar_of({"a": "x"}),
        zipped(tar_of({"etc/passwd": "x"})),
        b"not a tar",
        b"",
    ):
        path.write_bytes(content)
        with images_in(store, path) as found:
            assert found is None
    with (
        pytest.raises(PlashError, match="neither an OCI layout nor"),
        images_in(store, tmp_path),
    ):
        pass


def with_entry(**change: Any) -> Archive:
    """An archive whose manifest.json says something else."""
    return docker({"1": BASE, "2": MORE}, **change)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (with_entry(Config="../../../etc/passwd"), "is incomplete"),
        (with_entry(Config="/etc/passwd"), "is incomplete"),
        (with_entry(Config=None), "not docker's"),
        (with_entry(Config="a\0b"), "not docker's"),
        (with_entry(Layers=["1"]), "has 1 layers of the image, whose config has 2"),
        (with_entry(Layers=["1", "3"]), "is incomplete: there is no file 3"),
        (with_entry(Layers=["2", "1"]), "not what its digest says"),
        (with_entry(Layers=["1", "c.json"]), "layer"),
        ({"manifest.json": b"{}"}, "not docker's"),
        ({"manifest.json": b"[1]"}, "not docker's"),
        ({"manifest.json": b"[]"}, "no image in the archive"),
        ({"manifest.json": b"[" * 100_000}, "not docker's"),
        ({"oci-layout": b"{}", "index.json": b"{}"}, "neither layers nor"),
        ({"oci-layout": b"{}", "index.json": b'{"manifests": []}'}, "no image in"),
        ({"oci-layout": b"{}", "index.json": bytes(5 << 20)}, "at most"),
        (
            docker({}, {"1": "2", "2": "1"}, Layers=["1", "2"]),
            "is incomplete: there is no file 1",
        ),
        (
            docker({"2": MORE}, {"1": "../../../../etc/passwd"}, Layers=["1", "2"]),
            "is incomplete: there is no file 1",
        ),
    ],
)
def test_hostile_archives_are_refused_in_one_sentence(
    store: Store, tmp_path: Path, files: Archive, says: str
) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(as_tar(files))
    with pytest.raises(PlashError, match=says) as caught:
        taken(store, path)
    assert "\n" not in str(caught.value)
    assert list(store.read().images) in ([], [1])
    if store.exists():
        assert [n for n in store.entries("tmp") if not n.startswith("layer_")] == []


def test_a_directory_leads_nowhere_else(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(config_of(BASE, MORE))
    place = tmp_path / "a"
    place.mkdir()
    for config in ("../secret", str(secret), "link", "pipe"):
        for name, content in with_entry(Config=config).items():
            (place / name).write_bytes(content if isinstance(content, bytes) else b"")
        (place / "link").unlink(missing_ok=True)
        (place / "link").symlink_to(secret)
        (place / "pipe").unlink(missing_ok=True)
        os.mkfifo(place / "pipe")
        with pytest.raises(PlashError, match="is incomplete: there is no file"):
            taken(store, place)


def test_a_tar_with_a_huge_header_does_not_fill_the_memory(
    store: Store, tmp_path: Path
) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 1 << 32
    path = tmp_path / "a.tar"
    path.write_bytes(entry.tobuf(tarfile.USTAR_FORMAT))
    os.truncate(path, 1 << 33)
    with images_in(store, path) as found:
        assert found is None
    many = tmp_path / "many.tar"
    with tarfile.open(many, "w") as tar:
        for number in range((1 << 16) + 1):
            tar.addfile(tarfile.TarInfo(f"{number}"))
    with images_in(store, many) as found:
        assert found is None


def test_a_compressed_bomb_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = {**OLD, "zeros": bytes(30 << 20)}
    path = tmp_path / "a.tar.gz"
    path.write_bytes(zipped(as_tar(big)))
    free = store.disk()._replace(free=10_000_000)
    monkeypatch.setattr(Store, "disk", lambda _store: free)
    with pytest.raises(PlashError, match="larger than 10 MB when decompressed"):
        taken(store, path)
    assert store.entries("tmp") == []
