"""Root filesystems come from image servers, with the digest that they tell."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import lzma
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plashui.transfer.oci.platform import this_machine
from tests import trees
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run

ARCH = {"arm": "armhf", "386": "i386", "ppc64le": "ppc64el"}.get(
    this_machine().architecture, this_machine().architecture
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


class Server:
    """A directory of files, and the server of it."""

    def __init__(self, place: Path, root: bytes) -> None:
        """Fill it with two distributions."""
        self.place, self.root = place, lzma.compress(root, preset=0)
        handler = functools.partial(Quiet, directory=str(place))
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.write("images/x/root.tar.xz", self.root)
        products = dict(
            [
                self.product("debian:bookworm", "debian/12,debian/bookworm/default"),
                self.product("debian:sid"),
                self.product("debian:sid", variant="cloud"),
                self.product("alpine:edge"),
                self.product("gentoo:current"),
                self.product("alpine:old", arch="z80"),
            ]
        )
        self.write(
            "streams/v1/images.json", json.dumps({"products": products}).encode()
        )

    def write(self, path: str, data: bytes) -> None:
        """Write a file there."""
        (self.place / path).parent.mkdir(parents=True, exist_ok=True)
        (self.place / path).write_bytes(data)

    def product(
        self, name: str, aliases: str = "", variant: str = "default", arch: str = ARCH
    ) -> tuple[str, dict[str, Any]]:
        """An entry of the list."""
        item = {
            "ftype": "root.tar.xz",
            "path": "images/x/root.tar.xz",
            "sha256": hashlib.sha256(self.root).hexdigest(),
            "size": len(self.root),
        }
        other = {"ftype": "squashfs", "path": "images/x/rootfs.squashfs"}
        versions = {
            serial: {"items": {"root.tar.xz": item, "rootfs.squashfs": other}}
            for serial in ("20260101_05:24", "20261129_05:24")
        }
        about = {"aliases": aliases, "arch": arch, "versions": versions}
        return f"{name}:{arch}:{variant}", about


@pytest.fixture
def server(tmp_path: Path, busybox_tar: Path) -> Iterator[Server]:
    """An image server."""
    found = Server(tmp_path, busybox_tar.read_bytes())
    with found.http:
        thread = threading.Thread(target=found.http.serve_forever, args=(0.02,))
        thread.start()
        yield found
        found.http.shutdown()
        thread.join()


@pytest.fixture
def lxc(person: Person, store: Path, server: Server) -> Callable[..., Any]:
    """Run pull:lxc with that server."""

    def run(*words: str) -> Any:
        env = {
            "PLASH_DATA": str(store),
            "PLASHUI_LXC_SERVER": server.url,
            "XDG_CACHE_HOME": str(store.parent / "cache"),
        }
        return person.run([person.bin / "plashui", "pull:lxc", *words], env=env)

    return run


def test_an_image_comes_by_its_name_or_a_part_that_means_one(
    lxc: Callable[..., Any], person: Person, store: Path, server: Server, image: str
) -> None:
    expected = trees.look_into(person, store, image)
    done = lxc("debian:bookworm", "--name", "deb")
    assert (done.returncode, done.stderr) == (0, "")
    assert trees.look_into(person, store, done.stdout.strip()) == expected
    assert (store / "map/deb").exists()
    assert leftovers(store) == []
    url = f"{server.url}/images/x/root.tar.xz\n"
    for word in (
        "debian:12",
        "debian:sid",
        "sid",
        "edge",
        "alpine",
        "debian:sid:cloud",
    ):
        done = lxc(word, "--dry")
        assert (done.returncode, done.stdout, done.stderr) == (0, url, ""), word
    assert len(images(store)) == 2


def test_what_means_none_or_several_is_said_with_what_there_is(
    lxc: Callable[..., Any], store: Path
) -> None:
    for word, says in (
        ("debian", "'debian' is not one image: there are debian:bookworm, debian:sid"),
        ("debian:potato", "no 'debian:potato': there are debian:bookworm, debian:sid"),
        ("alpine:old", "no 'alpine:old': there are alpine:edge"),
        ("hurd", "has no 'hurd' for this machine"),
        ("debian:sid:x:y", "no 'debian:sid:x:y'"),
    ):
        done = lxc(word)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    assert images(store) == []


def test_alone_it_lists_what_there_is(lxc: Callable[..., Any]) -> None:
    names = [line.split()[0] for line in lxc().stdout.splitlines()]
    assert names == [
        *("alpine:edge", "debian:bookworm", "debian:sid:cloud", "debian:sid"),
        "gentoo:current",
    ]
    some = lxc("--list", "deb", "SID").stdout.splitlines()
    assert [line.split()[:2] for line in some] == [
        ["debian:sid:cloud", "20261129_05:24"],
        ["debian:sid", "20261129_05:24"],
    ]
    listed = json.loads(lxc("--json", "alpine").stdout)
    assert [one["name"] for one in listed] == ["alpine:edge"]


def test_an_old_server_has_an_index_without_digests(
    lxc: Callable[..., Any], server: Server, store: Path
) -> None:
    (server.place / "streams/v1/images.json").unlink()
    server.write("old/rootfs.tar.xz", server.root)
    lines = (
        f"debian;sid;{ARCH};default;2026;/old/\ndebian;sid;z80;default;2026;/no/\nx\n"
    )
    server.write("meta/1.0/index-user", lines.encode())
    done = lxc("debian:sid")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    assert images(store) == [1]


def test_another_file_than_was_told_is_refused(
    lxc: Callable[..., Any], server: Server, store: Path
) -> None:
    server.write("images/x/root.tar.xz", server.root + b"x")
    done = lxc("alpine:edge")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has the SHA-256 digest" in done.stderr
    assert images(store) == []


def test_the_last_list_is_used_and_its_age_told_when_the_server_is_away(
    lxc: Callable[..., Any], server: Server
) -> None:
    assert lxc().returncode == 0
    for path in server.place.glob("streams/v1/*"):
        path.unlink()
    done = lxc("--dry", "alpine:edge")
    assert done.returncode == 0
    assert done.stdout.endswith("/images/x/root.tar.xz\n")
    assert "Its list of " in done.stderr
    assert "ago is used" in done.stderr


def test_what_is_no_list_is_refused(
    lxc: Callable[..., Any], server: Server, store: Path
) -> None:
    for wrong in (b"<html>", b"{}", b'{"products": {"a": 1}}', b"[" * 100_000):
        server.write("streams/v1/images.json", wrong)
        done = lxc()
        assert (done.returncode, done.stdout) == (1, ""), wrong
        assert "does not answer like an image server" in done.stderr
    big = server.place / "streams/v1/images.json"
    os.truncate(big, 70 << 20)
    assert "an endless list" in lxc().stderr
    assert images(store) == []


def test_without_a_server_it_says_so(plashui: Run, person: Person, store: Path) -> None:
    env = {"PLASH_DATA": str(store), "PLASHUI_LXC_SERVER": "http://127.0.0.1:1"}
    env["XDG_CACHE_HOME"] = str(store.parent / "cache")
    done = person.run([person.bin / "plashui", "import-lxc", "sid"], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Connection refused" in done.stderr
    assert plashui("pull:lxc", "a", "b").returncode == 1
