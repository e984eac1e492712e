"""Builds begin with images of every source, and with macros that others wrote."""

from __future__ import annotations

import lzma
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers
from tests.transfer.image_server import ImageServer, image_server
from tests.transfer.server import Site, serving
from tests.verbs.conftest import Run
from tests.verbs.fake_docker import fake_docker
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

With = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.parametrize("person", ["full"], indirect=True)


@pytest.fixture
def plashui_with(person: Person, store: Path) -> With:
    """Run `plashui WORDS…` with more variables."""

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        home = str(store.parent / "home")
        env = {"PLASH_DATA": str(store), "XDG_CACHE_HOME": home, **more}
        return person.run([person.bin / "plashui", *words], env=env)

    return run


@dataclass
class GitHub(Site):
    """A server of files by their paths; others are 404."""

    files: dict[str, bytes] = field(default_factory=dict)

    def file_at(self, path: str) -> bytes | None:
        """What is at a path."""
        return self.files.get(path)


@pytest.fixture
def github() -> Iterator[GitHub]:
    """Repositories of user, as GitHub has them."""
    with serving(GitHub()) as site:
        assert isinstance(site, GitHub)
        yield site


@pytest.fixture
def lxc(busybox_tar: Path) -> Iterator[ImageServer]:
    """An image server of some distributions."""
    with image_server() as site:
        root = lzma.compress(busybox_tar.read_bytes(), preset=0)
        for name in ("alpine:edge", "debian:trixie", "debian:sid"):
            site.offer(name, root)
        yield site


def test_from_lxc_and_a_name_alone_ask_the_image_server(
    plashui_with: With, lxc: ImageServer, store: Path
) -> None:
    def run(*words: str) -> str:
        done = plashui_with(*words, PLASHUI_LXC_SERVER=lxc.address)
        assert done.returncode == 0, done.stderr
        return done.stdout

    sid = run("build", "--from-lxc", "debian:sid")
    assert run("build", "--from", "lxc:debian:sid") == sid, "it is pulled once"
    edge = run("--from", "alpine", "-x", "echo hi >/hi", "--", "cat", "/hi")
    assert edge == "hi\n"
    assert len(images(store)) == 3
    stable = run("build", "--from", "debian")
    assert stable != sid
    assert run("build", "-D") == stable, "the release that is set"
    assert leftovers(store) == []


def test_letters_install_with_the_package_manager_of_the_distribution(
    plashui_with: With, lxc: ImageServer
) -> None:
    done = plashui_with("build", "-A", "git", PLASHUI_LXC_SERVER=lxc.address)
    assert done.returncode == 1
    assert "apk add --update-cache git ended with status 127" in done.stderr


def test_from_oci_asks_a_registry(plashui_with: With, shop: Registries) -> None:
    name = f"{shop.plain}/shop/box:two"
    done = plashui_with("--from-oci", name, "--", "sh", "-c", "echo hi")
    assert (done.returncode, done.stdout) == (0, "hi\n"), done.stderr
    again = plashui_with("build", "--from", f"oci:{name}", "-x", "true")
    assert again.returncode == 0, again.stderr


def test_from_docker_asks_docker(
    plashui_with: With, playground: Path, real: RealImages, person: Person
) -> None:
    place = fake_docker(playground / "fake", real)
    (place / "there").touch()
    path = f"{place}:{person.environment()['PATH']}"
    done = plashui_with("build", "--from-docker", "x/y:1", PATH=path)
    assert done.returncode == 0, done.stderr
    again = plashui_with("build", "--from", "docker:x/y:1", PATH=path)
    assert again.stdout == done.stdout
    assert (place / "asked").read_text().count("save") == 1, "it is pulled once"


def test_macros_of_a_repository_are_done(
    plashui_with: With, github: GitHub, plashui: Run, image: str
) -> None:
    assert plashui("map", "box", image).returncode == 0
    github.files["/user/repo/HEAD/plashfile"] = b"--from box\n--run\necho one >/one\n"
    github.files["/user/repo/HEAD/more/file"] = b"--run\necho two >/two\n"
    server = github.url("").rstrip("/")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return plashui_with(*words, PLASHUI_GITHUB=server)

    told = run("eval", "--eval-github", "user/repo")
    assert told.stdout == "echo one >/one\n", told.stderr
    both = ("--eval-github", "user/repo", "--eval-github", "user/repo", "more/file")
    done = run(*both, "--", "cat", "/one", "/two")
    assert done.stdout == "one\ntwo\n", done.stderr
    begun = ("--from-github", "user/repo", "-x", "cat /one >/three")
    done = run(*begun, "--", "cat", "/three")
    assert done.stdout == "one\n", done.stderr
    github.files["/user/repo/HEAD/plashfile"] += b"echo three >>/one\n"
    assert run(*begun, "--", "cat", "/three").stdout == "one\nthree\n"
    wrong = run("build", "--eval-github", "user/none")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "404" in wrong.stderr
    assert "'x' is not USER/REPO" in run("build", "--from-github", "x").stderr
    github.files["/user/repo/HEAD/plashfile"] = b"--aptt git\n"
    said = run("build", "--from-github", "user/repo").stderr
    assert "user/repo/plashfile, line 1: no macro 'aptt'" in said
