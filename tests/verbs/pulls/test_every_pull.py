"""Every verb that pulls takes a name, and is remembered as all that make images are."""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from plashui.verbs.table import VERBS
from tests.people import Person
from tests.registries import Registries
from tests.tools import images
from tests.transfer.image_server import image_server
from tests.verbs.fake_docker import fake_docker
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

Made = Callable[..., str]


@pytest.fixture
def made(person: Person, store: Path) -> Made:
    """Run `plash WORDS…`; what it prints."""

    def run(env: dict[str, str], *words: str | Path) -> str:
        env = {"PLASH_DATA": str(store), **env}
        done = person.run([person.bin / "plash", *words], env=env)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    return run


def ways(made: Made, env: dict[str, str], store: Path, *words: str | Path) -> None:
    """Pull with a name, and again from the cache, and without it."""
    verb, *operands = words
    first = made(env, "cache", verb, "--name", "mine", *operands)
    assert made(env, "id", "mine") == first
    there = images(store)
    assert made(env, "cache", verb, "--name", "mine", *operands) == first
    assert made(env, "do", verb, "--name", "mine", *operands) == first
    assert made(env, "recall") == made(env, "recall", "id") == first
    assert images(store) == there
    again = made(env, "recall", verb, "--name", "other", *operands)
    assert made(env, "recall") == made(env, "id", "other") == again
    assert made(env, "id", "mine") == first
    plain = made(env, "do", verb, *operands)
    assert made(env, "do", verb, *operands) == made(env, "recall") == plain


def test_no_pull_is_missing_here() -> None:
    alone = {"pull:oci", "pull:docker", "pull:podman", "pull:lxc"}
    pulls = {verb for verb in VERBS if verb.startswith("pull")}
    assert pulls - {"pull:folder"} == {*_FILES, *alone}, "a folder is not an image"


_FILES = {
    "pull": "{tar}",
    "pull:tarfile": "{tar}",
    "pull:file": "{tar}",
    "pull:url": "file://{tar}",
    "pull:dir": "{tree}",
}


@pytest.mark.parametrize("verb", _FILES)
def test_what_comes_from_files(
    made: Made, store: Path, busybox_tar: Path, playground: Path, verb: str
) -> None:
    tree = playground / "tree"
    tree.mkdir(mode=0o755)
    (tree / "file").write_text("x")
    word = _FILES[verb].format(tar=busybox_tar, tree=tree)
    ways(made, {}, store, verb, word)


def test_what_comes_from_a_layout(
    made: Made, store: Path, real: RealImages, playground: Path
) -> None:
    layout = playground / "layout"
    real("cp", "-r", real.layout, layout)
    for tag in ("zstd", "built", "one"):
        real("umoci", "rm", "--image", f"{layout}:{tag}")
    real("chmod", "-R", "a+rX", layout)
    ways(made, {}, store, "pull:file", layout)


def test_the_short_way_sees_that_a_file_is_another_one(
    made: Made, busybox_tar: Path, playground: Path
) -> None:
    tar = playground / "it.tar"
    tar.write_bytes(busybox_tar.read_bytes())
    tar.chmod(0o644)
    first = made({}, "cache", "pull", tar)
    assert made({}, "cache", "pull", tar) == first
    with tarfile.open(tar, "w") as file:
        file.add(__file__, "file")
    assert made({}, "cache", "pull", tar) != first


def test_what_comes_from_a_registry(
    made: Made, store: Path, registries: Registries
) -> None:
    registries.put_files("every/one:1", {"a": "a"})
    ways(made, {}, store, "pull:oci", f"{registries.plain}/every/one:1")


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_what_comes_from_a_daemon(
    made: Made,
    person: Person,
    store: Path,
    playground: Path,
    real: RealImages,
    name: str,
) -> None:
    place = fake_docker(playground / "fake", real, name)
    (place / "there").touch()
    env = {"PATH": f"{place}:{person.environment()['PATH']}"}
    ways(made, env, store, f"pull:{name}", "x/y:1")


def test_what_comes_from_an_image_server(
    made: Made, store: Path, busybox_tar: Path
) -> None:
    with image_server() as site:
        root = lzma.compress(busybox_tar.read_bytes(), preset=0)
        site.offer("debian:sid", root)
        env = {
            "PLASHUI_LXC_SERVER": site.address,
            "XDG_CACHE_HOME": str(store.parent / "cache"),
        }
        ways(made, env, store, "pull:lxc", "debian:sid")


def test_a_tar_on_a_pipe_takes_a_name(
    person: Person, store: Path, busybox_tar: Path
) -> None:
    script = """
    "$0" pull:tarfile --name piped <"$1"
    cat "$1" | "$0" pull:tarfile --name x
    """
    words = ["sh", "-ec", script, person.bin / "plash", busybox_tar]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert (done.returncode, done.stdout) == (0, "1\n2\n"), done.stderr
    assert sorted(path.name for path in (store / "map").iterdir()) == ["piped", "x"]
