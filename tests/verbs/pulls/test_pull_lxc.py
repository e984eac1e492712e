"""Root filesystems come from image servers: the newest, whole, or not at all."""

from __future__ import annotations

import io
import json
import lzma
import signal
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plashui.base.units import size
from tests import trees
from tests.people import Person
from tests.tools import images, leftovers, wait_for
from tests.transfer.image_server import (
    IMAGES,
    INDEX,
    INDEX_USER,
    ImageServer,
    image_server,
)

pytestmark = pytest.mark.in_turn

Lxc = Callable[..., "subprocess.CompletedProcess[str]"]

WHOLE = 1 << 30
HTML = b"<!doctype html><html>Welcome</html>"


@pytest.fixture(scope="module")
def root(busybox_tar: Path) -> bytes:
    """A busybox root as a tar.xz."""
    return lzma.compress(busybox_tar.read_bytes(), preset=0)


@pytest.fixture
def server(root: bytes) -> Iterator[ImageServer]:
    """An image server of some distributions."""
    with image_server() as site:
        site.offer("debian:bookworm", b"an old one", serial="20260101_05:24")
        site.offer("debian:bookworm", root, aliases="debian/12/default,debian/12")
        site.offer("debian:sid", root)
        site.offer("debian:sid:cloud", root)
        site.offer("alpine:edge", root)
        site.offer("alpine:old", root, arch="z80")
        yield site


@pytest.fixture
def environment(store: Path, server: ImageServer) -> dict[str, str]:
    """Where the store, the server and the cache are."""
    return {
        "PLASH_DATA": str(store),
        "PLASHUI_LXC_SERVER": server.address,
        "XDG_CACHE_HOME": str(store.parent / "cache"),
    }


@pytest.fixture
def lxc(person: Person, environment: dict[str, str]) -> Lxc:
    """Run pull:lxc with that server, or another verb."""

    def run(
        *words: str, verb: str = "pull:lxc", program: str = "plashui"
    ) -> subprocess.CompletedProcess[str]:
        return person.run([person.bin / program, verb, *words], env=environment)

    return run


def test_the_newest_image_comes_and_says_where_it_is_from(
    lxc: Lxc, person: Person, store: Path, server: ImageServer, image: str
) -> None:
    expected = trees.look_into(person, store, image)
    done = lxc("debian:bookworm", "--name", "deb")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")
    assert trees.look_into(person, store, "2") == expected
    assert "lxc:debian:bookworm (20261129_05:24)\n" in lxc("deb", verb="show").stdout
    assert server.paths[:2] == [INDEX, IMAGES]
    assert leftovers(store) == []
    assert not (store / "downloads").exists()
    assert lxc("deb:sid", "--name", "deb").stderr.startswith("plash error: the name")


def test_dry_tells_the_url_and_the_size_and_nothing_else(
    lxc: Lxc, store: Path, server: ImageServer, root: bytes
) -> None:
    for word in ("debian:12", "debian:bookworm", "bookworm", "debian/bookworm/default"):
        done = lxc(word, "--dry")
        assert (done.returncode, done.stdout.count("\n")) == (0, 1), word
        assert done.stdout.startswith(f"{server.address}/images/debian/bookworm/")
        assert done.stdout.endswith("/default/20261129_05:24/rootfs.tar.xz\n")
        assert done.stderr == f"{size(len(root))}\n"
    assert "/sid/" in lxc("--dry-run", "sid").stdout
    assert "/edge/" in lxc("edge", "--dry").stdout
    assert "/edge/" in lxc("alpine", "--dry", verb="import-lxc").stdout
    assert "/cloud/" in lxc("debian:sid:cloud", "--dry", program="plash").stdout
    assert images(store) == []


def test_alone_it_lists_what_there_is_for_this_machine(lxc: Lxc) -> None:
    rows = [line.split() for line in lxc().stdout.splitlines()]
    assert [row[:2] for row in rows] == [
        ["alpine:edge", "2026-11-29"],
        ["debian:bookworm", "2026-11-29"],
        ["debian:sid:cloud", "2026-11-29"],
        ["debian:sid", "2026-11-29"],
    ]
    some = lxc("--list", "deb", "SID").stdout.splitlines()
    assert [line.split()[0] for line in some] == ["debian:sid:cloud", "debian:sid"]
    listed = json.loads(lxc("--json", "alpine").stdout)
    assert [one["name"] for one in listed] == ["alpine:edge"]
    assert len(listed[0]["sha256"]) == 64
    assert listed[0]["url"].startswith("http://127.0.0.1:")
    assert (lxc("--list", "none").returncode, lxc("--list", "none").stdout) == (1, "")
    assert "one image at a time" in lxc("debian", "sid").stderr


def test_what_means_none_or_several_is_said_with_what_there_is(
    lxc: Lxc, store: Path
) -> None:
    for word, says in (
        ("debian", "'debian' may be debian:bookworm, debian:sid. Choose one:"),
        ("debian:potato", "has no 'debian:potato' for this machine. There is debian:b"),
        ("alpine:old", "There is alpine:edge"),
        ("hurd", "`plash pull:lxc` lists all"),
        ("debian:sid:x:y", "has no 'debian:sid:x:y'"),
    ):
        done = lxc(word)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    assert images(store) == []


def test_a_file_that_is_not_what_the_list_says_makes_nothing(
    lxc: Lxc, store: Path, server: ImageServer, root: bytes
) -> None:
    path = server.offer("debian:sid", root)
    other = root[:-1] + b"x"
    for content, says in (
        (other, "has the SHA-256 digest"),
        (root + b"x", f"has {len(root) + 1} bytes, not {len(root)}"),
        (root[:-1], f"has {len(root) - 1} bytes, not {len(root)}"),
        (HTML, f"has {len(HTML)} bytes, not {len(root)}"),
    ):
        server.files[path] = content
        done = lxc("debian:sid")
        assert (done.returncode, done.stdout) == (1, ""), says
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
        assert not (store / "downloads").exists()
    del server.files[path]
    assert "not found (404)" in lxc("debian:sid").stderr
    assert images(store) == []
    assert leftovers(store) == []


def test_an_endless_file_is_left_where_it_should_end(
    lxc: Lxc, store: Path, server: ImageServer, root: bytes
) -> None:
    server.length = False
    path = server.offer("debian:sid", root)
    server.files[path] = root + b"\0" * (30 << 20)
    done = lxc("debian:sid")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"bytes, not {len(root)} as it should" in done.stderr
    assert not (store / "downloads").exists()
    server.files[path] = root
    assert lxc("debian:sid").stdout == "1\n"


def test_a_download_that_is_cut_goes_on(
    lxc: Lxc, server: ImageServer, root: bytes
) -> None:
    half = len(root) // 2
    server.cuts = [WHOLE, WHOLE, half]
    done = lxc("debian:sid")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.asked[-1]["Range"] == f"bytes={half}-"


def test_a_download_that_was_killed_is_gone_on_with(
    lxc: Lxc,
    person: Person,
    environment: dict[str, str],
    store: Path,
    server: ImageServer,
    root: bytes,
) -> None:
    assert lxc("--list").returncode == 0
    server.files = {k: v for k, v in server.files.items() if "images/" in k[:8]}
    server.hold = threading.Event()
    half = len(root) // 2
    process = person.start(
        [person.bin / "plashui", "pull:lxc", "debian:sid"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )

    def fetched() -> int:
        return sum(p.stat().st_size for p in (store / "downloads").glob("*.part"))

    wait_for(lambda: fetched() == half, "half of it")
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.hold.set()
    server.hold = None
    assert images(store) == []
    assert lxc("debian:sid").stdout == "1\n"
    assert server.asked[-1]["Range"] == f"bytes={half}-"
    assert leftovers(store) == []


def test_a_server_with_lxcs_own_index_does_and_is_not_checked(
    lxc: Lxc, store: Path, server: ImageServer
) -> None:
    del server.files[INDEX]
    done = lxc("debian:sid")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert "tells no digests: what comes from it is not checked" in done.stderr
    done = lxc("debian:sid", "--dry")
    assert done.stdout.endswith("/rootfs.tar.xz\n")
    assert images(store) == [1]


def test_what_is_no_list_is_refused_and_what_was_kept_serves(
    lxc: Lxc, store: Path, server: ImageServer
) -> None:
    good = dict(server.files)
    for wrong, says in (
        (HTML, "is not a list of images: it is a web page"),
        (b"[" * 100_000, "is not a list of images: it is not JSON"),
        (b" " * (100 << 20), "sends more than 16384 KiB"),
    ):
        server.files = dict.fromkeys([INDEX, INDEX_USER], wrong)
        done = lxc()
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    server.files = good
    assert lxc("--list").returncode == 0
    server.files = {**good, INDEX: HTML, INDEX_USER: HTML}
    done = lxc("debian:sid")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert "is a web page. This is its list of " in done.stderr
    assert done.stderr.endswith(" ago\n")
    assert leftovers(store) == []


def test_without_a_server_it_says_so(
    person: Person, environment: dict[str, str], store: Path
) -> None:
    env = environment | {"PLASHUI_LXC_SERVER": "http://127.0.0.1:1"}
    line = [person.bin / "plashui", "import-lxc"]
    done = person.run([*line, "sid"], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot reach 127.0.0.1:1: Connection refused" in done.stderr
    done = person.run([*line, "sid"], env=env | {"PLASHUI_LXC_SERVER": "nonsense"})
    assert "nonsense is not an http or https URL" in done.stderr
    assert images(store) == []


def test_the_settings_name_the_server(
    person: Person, environment: dict[str, str], server: ImageServer, playground: Path
) -> None:
    place = playground / "config/plashui"
    place.mkdir(parents=True)
    (place / "config.toml").write_text(f'lxc-server = "{server.address}/"\n')
    env = {k: v for k, v in environment.items() if k != "PLASHUI_LXC_SERVER"}
    env["XDG_CONFIG_HOME"] = str(place.parent)
    done = person.run([person.bin / "plashui", "pull:lxc", "--dry", "sid"], env=env)
    assert done.stdout.startswith(f"{server.address}/images/debian/sid/"), done.stderr
    line = [person.bin / "plashui", "completion", "--words", "pull:lxc", "debian:s"]
    done = person.run(line, env=env)
    assert [row.partition("\t")[0] for row in done.stdout.splitlines()[1:]] == [
        *("debian:sid:cloud", "debian:sid")
    ]


def test_pulls_are_cached_and_remembered_like_all_that_make_images(
    lxc: Lxc, server: ImageServer
) -> None:
    words = ("pull:lxc", "debian:sid")
    assert lxc(*words, verb="cache", program="plash").stdout == "1\n"
    asked = len(server.asked)
    assert lxc(*words, verb="do", program="plash").stdout == "1\n"
    assert len(server.asked) == asked
    assert lxc("id", verb="recall", program="plash").stdout == "1\n"


def test_names_are_resolved_in_an_image_whose_link_leads_nowhere(
    lxc: Lxc, server: ImageServer, busybox_tar: Path
) -> None:
    """As the images of real servers have it, for a systemd that does not run here."""
    held = io.BytesIO(busybox_tar.read_bytes())
    with tarfile.open(fileobj=held, mode="a") as tar:
        link = tarfile.TarInfo("./etc/resolv.conf")
        link.type, link.linkname = tarfile.SYMTYPE, "../run/systemd/resolve/stub"
        tar.addfile(link)
        shadow = tarfile.TarInfo("./etc/shadow")
        shadow.size = len(b"root:*:19000:0:99999:7:::\n")
        tar.addfile(shadow, io.BytesIO(b"root:*:19000:0:99999:7:::\n"))
    server.offer("debian:sid", lzma.compress(held.getvalue(), preset=0))
    image = lxc("sid").stdout.strip()
    ours = Path("/etc/resolv.conf").read_text()
    for options in ([], ["--isolate", "--net"]):
        done = lxc(*options, image, "cat", "/etc/resolv.conf", verb="run")
        assert (done.returncode, done.stdout) == (0, ours), done.stderr
    # No password bars root from anything, and the image stays as it came.
    assert lxc(image, "id", "-u", verb="run").stdout == "0\n"
    assert "root:*:" in lxc(image, "cat", "/etc/shadow", verb="run").stdout
    done = lxc(image, "readlink", "etc/resolv.conf", verb="mounted")
    assert done.stdout == "../run/systemd/resolve/stub\n"
