"""An image comes from a web server, with the right digest, also after a cut."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import trees
from tests.people import Person
from tests.tools import images, leftovers, wait_for
from tests.transfer.server import Site, serving
from tests.verbs.conftest import Run
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn


@pytest.fixture
def site(busybox_tar: Path) -> Iterator[Site]:
    """A server of a busybox root, compressed."""
    content = gzip.compress(busybox_tar.read_bytes(), 1)
    with serving(Site(content)) as running:
        yield running


def test_a_url_becomes_the_image_that_its_tar_does(
    plashui: Run, person: Person, store: Path, site: Site, image: str
) -> None:
    site.cuts = [len(site.content) // 2]
    digest = hashlib.sha256(site.content).hexdigest()
    url = site.url("a/root.tar.gz?x=1")
    done = plashui("pull:url", url, "--sha256", digest)
    assert (done.returncode, done.stderr) == (0, "")
    expected = trees.look_into(person, store, image)
    assert trees.look_into(person, store, done.stdout.strip()) == expected
    assert len(site.asked) == 2, "the cut was gone on from"
    shown = plashui("show", done.stdout.strip()).stdout
    assert f"{site.url('a/root.tar.gz')}\n" in shown
    assert "x=1" not in shown
    assert not (store / "downloads").exists()
    assert leftovers(store) == []


def test_another_digest_makes_nothing_and_both_are_told(
    plashui: Run, store: Path, site: Site
) -> None:
    wrong = "0" * 64
    done = plashui("pull:url", site.url(), "--sha256", wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert wrong in done.stderr
    assert hashlib.sha256(site.content).hexdigest() in done.stderr
    assert done.stderr.count("\n") == 1
    assert images(store) == []
    assert not (store / "downloads").exists()
    done = plashui("pull:url", site.url(), "--sha256", "abc")
    assert "is not a SHA-256 digest" in done.stderr
    assert len(site.asked) == 1


def test_what_is_no_tar_says_so_and_is_not_kept(
    plashui: Run, store: Path, site: Site
) -> None:
    for content, says in (
        (b"\n<!DOCTYPE html><html>no</html>", "is a web page, not an image"),
        (b"PK\3\4" * 500, "does not look like a tar"),
        (site.content[: len(site.content) // 2], "the archive is damaged"),
    ):
        site.content = content
        done = plashui("pull:url", site.url())
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        assert not (store / "downloads").exists()
    site.statuses = [404]
    assert "not found (404)" in plashui("pull:url", site.url()).stderr
    assert "cannot read /x: No such file" in plashui("pull:url", "file:///x").stderr
    assert "ftp is not supported" in plashui("pull:url", "ftp://host/x").stderr
    assert plashui("pull:url", "").returncode == 1
    assert images(store) == []
    assert leftovers(store) == []


def test_a_url_may_name_a_file_or_no_scheme(
    plashui: Run, site: Site, playground: Path, busybox_tar: Path
) -> None:
    path = playground / "my root.tar"
    path.write_bytes(busybox_tar.read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = f"file://{playground}/my%20root.tar"
    for words in (
        [file],
        [file, "--sha256", digest],
        [site.url().removeprefix("http://")],
    ):
        done = plashui("pull:url", *words)
        assert (done.returncode, done.stderr) == (0, ""), words
    assert "my root.tar" in plashui("show", "1").stdout
    done = plashui("pull:url", file, "--sha256", "0" * 64)
    assert (done.returncode, done.stdout) == (1, "")
    assert digest in done.stderr


def test_a_server_that_stops_in_the_middle_makes_no_image(
    plashui: Run, store: Path, site: Site
) -> None:
    """One that does not say how long a file is can end it anywhere."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for number in range(100):
            tar.addfile(tarfile.TarInfo(f"{number}"))
    site.content, site.length = held.getvalue(), False
    site.cuts = [50 * 512]
    done = plashui("pull:url", site.url())
    assert (done.returncode, done.stdout) == (1, "")
    assert "it is cut off" in done.stderr
    assert images(store) == []
    assert plashui("pull:url", site.url()).stdout == "1\n"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_download_that_was_killed_is_gone_on_with(
    plashui: Run, person: Person, store: Path, site: Site, how: signal.Signals
) -> None:
    site.hold = threading.Event()
    half = len(site.content) // 2
    process = person.start(
        [person.bin / "plashui", "pull:url", site.url()],
        env={"PLASH_DATA": str(store)},
        stderr=subprocess.DEVNULL,
    )

    def fetched() -> int:
        return sum(p.stat().st_size for p in (store / "downloads").glob("*.part"))

    wait_for(lambda: fetched() == half, "half of it")
    process.send_signal(how)
    assert process.wait() == -how
    site.hold.set()
    site.hold = None
    assert images(store) == []
    done = plashui("pull:url", site.url())
    assert (done.returncode, done.stderr) == (0, "")
    assert site.asked[-1]["Range"] == f"bytes={half}-"
    assert not (store / "downloads").exists()


def test_clean_forgets_what_was_killed(plashui: Run, store: Path) -> None:
    (store / "downloads").mkdir()
    (store / "downloads/x.part").write_bytes(b"half")
    (store / "downloads/x.json").write_bytes(b"{}")
    for path in (store / "downloads", *(store / "downloads").iterdir()):
        os.chown(path, *(getattr(store.stat(), name) for name in ("st_uid", "st_gid")))
    done = plashui("clean")
    assert done.stderr.startswith("1 leftover removed, ")
    assert not (store / "downloads").exists()


def test_names_of_old_and_memory_work(plashui: Run, site: Site) -> None:
    first = plashui("cache", "pull:url", site.url()).stdout
    assert first
    assert plashui("cache", "pull:url", site.url()).stdout == first
    assert len(site.asked) == 1
    other = plashui("recall", "pull:url", site.url()).stdout
    assert plashui("recall").stdout == other != first
    assert plashui("import-url", site.url()).returncode == 0


def test_a_url_may_hold_whatever_a_file_may(
    plashui: Run, store: Path, site: Site, playground: Path, real: RealImages
) -> None:
    path = playground / "image.tar"
    for kind in ("oci-archive", "docker-archive"):
        path.unlink(missing_ok=True)
        source, target = f"oci:{real.image('two')}", f"{kind}:{path}:x/y:1"
        copy = ["skopeo", "copy", "-q", source, target]
        subprocess.run(copy, check=True, capture_output=True)
        for content in (path.read_bytes(), gzip.compress(path.read_bytes(), 1)):
            site.content, site.cuts = content, [len(content) // 2]
            done = plashui("pull:url", site.url("a.tar?token=x"))
            # docker's config says the same, but in other words.
            assert (done.returncode, done.stdout) in ((0, "2\n"), (0, "3\n"))
            name = f"{kind}-{len(content)}"
            done = plashui("pull:url", "--name", name, "--ref", "x/y:1", site.url())
            assert plashui("id", name).stdout == done.stdout
    done = plashui("pull:url", "--ref", "no", site.url())
    assert "there is no image 'no' in the archive" in done.stderr
    assert plashui("id", "x/y:1").returncode == 0
    assert not (store / "downloads").exists()
    assert leftovers(store) == []


def test_options_of_layers_are_refused_for_a_root_filesystem(
    plashui: Run, store: Path, site: Site
) -> None:
    for words in (["--ref", "x"], ["--platform", "linux/arm"]):
        done = plashui("pull:url", *words, site.url("root.tar"))
        assert done.returncode == 1
        assert "root.tar may be the tar of a root filesystem" in done.stderr
        assert f"for which there is no {words[0]}" in done.stderr
    assert images(store) == []


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(
    plashui: Run, store: Path, site: Site
) -> None:
    site.claims = 1 << 50
    done = plashui("pull:url", site.url())
    assert (done.returncode, done.stdout) == (1, "")
    assert "it has 1.1 PB, and" in done.stderr
    assert "are free. Free some space" in done.stderr
    assert len(site.asked) == 1
    assert not (store / "downloads").exists()
