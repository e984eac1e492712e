"""What goes out of a store, and comes into one, and whether it is whole there."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from plashui.transfer.onefile.look import look_at
from tests.verbs.kill_scene import FILES, Doing, Scene, whole_root

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def outgoing(scene: Scene, on: str) -> Iterator[Callable[[], Doing]]:
    """What could be made of an image outside of the store."""

    def made(verb: str, end: str, is_whole: Callable[[Path], object]) -> Doing:
        place = scene.beside / f"{scene.token()}{end}"

        def done() -> bool:
            if place.exists():
                is_whole(place)
            return place.exists()

        return Doing([verb, on, place], done=done)

    yield lambda: made("push:tarfile", ".tar", plain_tar)
    yield lambda: made("push:dir", ".root", copy)
    yield lambda: made("push:file", ".oci.tar", oci_archive)
    yield lambda: made("push:file", ".docker.tar", docker_archive)
    yield lambda: made("push:squashfs", ".sqsh", squashfs)
    yield lambda: made("push:app", ".app", app)
    yield lambda: made("push:bundle", ".bundle", directory)
    yield lambda: made("push:folder", ".folder", directory)
    yield lambda: _to_registry(scene, on)
    yield lambda: _served()


def incoming(scene: Scene) -> Iterator[Callable[[], Doing]]:
    """What could come from outside."""
    yield lambda: Doing(["pull:file", scene.layout()], makes=2, done=lambda: False)
    yield lambda: _from_registry(scene)
    yield lambda: _folder_from_registry(scene)


def plain_tar(path: Path) -> None:
    """It has the files of all directories."""
    with tarfile.open(path) as tar:
        names = [name for name in tar.getnames() if re.search(r"d-\d+/\d", name)]
        assert len(names) % FILES == 0, path


def copy(path: Path) -> None:
    """It has all directories, whole."""
    whole_root(path, [str(path)])


def oci_archive(path: Path) -> None:
    """Every blob that its index leads to is there, and is what its digest says."""
    with tarfile.open(path) as tar:
        (image,) = _member(tar, "index.json")["manifests"]
        manifest = _member(tar, _checked(tar, image["digest"]))
        for one in (manifest["config"], *manifest["layers"]):
            assert tar.getmember(_checked(tar, one["digest"])).size == one["size"]


def docker_archive(path: Path) -> None:
    """The config and the layers that its manifest lists are there, as told."""
    with tarfile.open(path) as tar:
        (image,) = _member(tar, "manifest.json")
        config = _member(tar, image["Config"])
        assert len(image["Layers"]) == len(config["rootfs"]["diff_ids"])
        for layer in image["Layers"]:
            tar.getmember(layer)


def _member(tar: tarfile.TarFile, name: str) -> Any:
    file = tar.extractfile(name)
    assert file is not None
    return json.loads(file.read())


def _checked(tar: tarfile.TarFile, digest: str) -> str:
    name = f"blobs/{digest.replace(':', '/')}"
    file = tar.extractfile(name)
    assert file is not None
    assert f"sha256:{hashlib.sha256(file.read()).hexdigest()}" == digest
    return name


def squashfs(path: Path) -> None:
    """Its directories, which are at its end, list all files."""
    listed = subprocess.run(
        ["unsquashfs", "-lc", path], capture_output=True, text=True, check=True
    )
    files = [line for line in listed.stdout.splitlines() if "/d-" in line]
    assert len(files) % FILES == 0, path
    assert any(line.endswith("/etc/rc") for line in listed.stdout.splitlines())


def app(path: Path) -> None:
    """Its digest is of the squashfs, which has all files."""
    held = look_at(path)
    assert held.whole, path
    words = ["unsquashfs", "-o", str(held.offset), "-lc", str(path)]
    listed = subprocess.run(words, capture_output=True, text=True, check=True)
    files = [line for line in listed.stdout.splitlines() if "/rootfs/d-" in line]
    assert len(files) % FILES == 0, path


def directory(path: Path) -> None:
    """A root filesystem and its config."""
    json.loads((path / "config.json").read_text())
    whole_root(path / "rootfs", [str(path)])


def _ask(url: str, method: str = "GET") -> bytes | None:
    """The answer of a registry, None for 404."""
    request = Request(url, headers={"Accept": MANIFEST}, method=method)  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            found: bytes = answer.read()
            return found
    except HTTPError as error:
        if error.code == 404:
            return None
        raise


def _to_registry(scene: Scene, on: str) -> Doing:
    name = scene.repository()
    place = f"http://{name.replace('/', '/v2/', 1)}"

    def done() -> bool:
        """Whether the tag is there; then so is all of the image."""
        found = _ask(f"{place}/manifests/1")
        manifest = json.loads(found or b"null")
        for one in (manifest["config"], *manifest["layers"]) if manifest else ():
            blob = _ask(f"{place}/blobs/{one['digest']}")
            assert f"sha256:{hashlib.sha256(blob or b'').hexdigest()}" == one["digest"]
        return found is not None

    return Doing(["push:oci", on, f"{name}:1"], done=done)


def _from_registry(scene: Scene) -> Doing:
    name = scene.repository()
    scene.registries.put(f"oci:{scene.layout()}:it", f"{name.partition('/')[2]}:1")
    return Doing(["pull:oci", f"{name}:1"], makes=2, done=lambda: False)


def _folder_from_registry(scene: Scene) -> Doing:
    place = scene.beside / f"{scene.token()}.folder"
    doing = _from_registry(scene)

    def done() -> bool:
        if place.exists():
            directory(place)
        return place.exists()

    return Doing(["pull:folder", doing.words[1], place], done=done)


def _served() -> Doing:
    """A server, from which all that it has is fetched as long as it is there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"

    def visit() -> None:
        with suppress(OSError, HTTPException, ValueError):  # as it is killed
            end = time.monotonic() + 5
            while not _listens(address) and time.monotonic() < end:
                time.sleep(0.01)
            _fetch_all(f"http://{address}/v2")

    return Doing(["serve", "--listen", address], visited=visit)


def _fetch_all(server: str) -> None:
    """Fetch every blob of every image; what has gone since is not there."""

    def told(place: str, key: str) -> list[Any]:
        found: list[Any] = json.loads(_ask(f"{server}/{place}") or b"{}").get(key, [])
        return found

    for name in told("_catalog", "repositories"):
        for tag in told(f"{name}/tags/list", "tags"):
            for one in told(f"{name}/manifests/{tag}", "layers"):
                _ask(f"{server}/{name}/blobs/{one['digest']}")


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with suppress(OSError), socket.create_connection((host, int(port))):
        return True
    return False
