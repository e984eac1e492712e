"""Others pull straight from the store: docker, podman, skopeo, containerd and we."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import containerd, trees
from tests.conftest import cannot
from tests.people import Person
from tests.registries import Registries
from tests.tools import children_of, is_alive, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn

CHANGES = (
    "cd /; PATH=/bin; b=/bin/busybox; $b rm -r d/e; $b rm -r opaque; $b mkdir opaque;"
    " echo more >opaque/more; echo own >own; $b ln own again; $b ln -s own link;"
    " $b chmod 0700 d; $b touch -d @1234567890 own; $b mkfifo fifo"
)


@dataclass
class Served:
    """A `plashui serve` that runs."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def ask(self, path: str, *words: str) -> str:
        """What curl gets."""
        unix = self.address.startswith("/")
        place = f"http://{'localhost' if unix else self.address}{path}"
        more = ["--unix-socket", self.address] if unix else []
        command = ["curl", "-sS", *more, *words, place]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def serve(person: Person, store: Path, playground: Path) -> Serve:
    """Run `plashui serve WORDS…` during a block; it is interrupted at its end."""
    if not shutil.which("curl"):
        cannot("curl is not installed")

    @contextmanager
    def run(*words: str | Path) -> Iterator[Served]:
        log = playground / f"log{len(list(playground.iterdir()))}"
        with open(log, "wb") as said:
            started = person.start(
                [person.bin / "plashui", "serve", *words],
                env={"PLASH_DATA": str(store)},
                stdout=subprocess.PIPE,
                stderr=said,
            )
        with started:
            assert started.stdout
            address = started.stdout.readline().decode().strip()
            assert address, log.read_text()
            try:
                yield Served(started, address, log)
                if started.poll() is None:
                    started.send_signal(signal.SIGINT)
                    assert started.wait(30) == -signal.SIGINT
            finally:
                started.kill()

    return run


@pytest.fixture
def own(plashui: Run, shop: Registries) -> str:
    """An image of our own, `team/own:1`, on `team/base:two`, which was pulled."""
    base = plashui("pull:oci", "--name", "team/base:two", f"{shop.plain}/shop/box:two")
    assert base.returncode == 0, base.stderr
    done = plashui("build", base.stdout.strip(), "/bin/busybox", "sh", "-c", CHANGES)
    assert done.returncode == 0, done.stderr
    plashui("map", "team/own:1", done.stdout.strip())
    return done.stdout.strip()


@pytest.fixture
def elsewhere(person: Person, store: Path) -> Run:
    """Run `plashui WORDS…` on another store."""

    def run(
        *words: str | Path, place: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(place or second(store)), **more}
        return person.run([person.bin / "plashui", *words], env=env)

    return run


def second(store: Path) -> Path:
    """The other store."""
    return store.with_name("second")


def same(person: Person, store: Path, image: str, other: Path, found: str) -> None:
    """Both images have the same files, with all there is to see of them."""
    before, after = look_into(person, store, image), look_into(person, other, found)
    after["."]["time"] = before["."]["time"]
    assert after == before


def test_our_own_pull_gets_the_same_image(
    person: Person,
    store: Path,
    own: str,
    shop: Registries,
    serve: Serve,
    elsewhere: Run,
    plashui: Run,
) -> None:
    with serve() as served:
        for name, image in (("team/own:1", own), ("team/base:two", "team/base:two")):
            got = elsewhere("pull:oci", f"{served.address}/{name}")
            assert got.returncode == 0, got.stderr
            same(person, store, image, second(store), got.stdout.strip())
        digest = hashlib.sha256(
            served.ask("/v2/team/own/manifests/1").encode()
        ).hexdigest()
        config = json.loads(served.ask("/v2/team/base/manifests/two"))["config"]
        text = served.log.read_text()
        assert "team/own: layer 1 of 3" in text
        assert "plashui/" in text
    assert config["digest"] == _config(f"{shop.plain}/shop/box:two")
    archive = store.with_name("own.oci.tar")
    pushed = plashui("push:file", "--compression", "none", own, archive)
    assert pushed.returncode == 0, pushed.stderr
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        assert index
        assert json.load(index)["manifests"][0]["digest"] == f"sha256:{digest}"
    assert leftovers(store) == []


def _config(name: str) -> Any:
    words = ["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{name}"]
    done = subprocess.run(words, capture_output=True, check=True)
    return json.loads(done.stdout)["config"]["digest"]


def test_skopeo_and_umoci_get_the_same_image(
    person: Person,
    store: Path,
    own: str,
    serve: Serve,
    real: RealImages,
    playground: Path,
) -> None:
    layout = playground.parent / f"{playground.name}-layout"
    for options in ([], ["--compression", "gzip"]):
        with serve(*options) as served:
            source = f"docker://{served.address}/team/own:1"
            copy = f"skopeo copy -q --src-tls-verify=false {source} oci:{layout}:it"
            real("sh", "-c", copy)
        real("umoci", "unpack", "--image", f"{layout}:it", layout / "seen")
        seen = as_kept_by(person, trees.look(real.root, layout / "seen/rootfs"))
        found = look_into(person, store, own)
        found["."]["time"] = seen["."]["time"]
        assert found == seen
        shutil.rmtree(layout)


@pytest.fixture
def plain(person: Person, plashui: Run, image: str) -> str:
    """An image `team/plain:1` of two layers that every engine takes, for root."""
    if person.map != "root":
        pytest.skip("only root starts these engines")
    done = plashui("build", image, "sh", "-c", "rm -r /usr/share; echo x >/etc/own")
    assert done.returncode == 0, done.stderr
    plashui("map", "team/plain:1", done.stdout.strip())
    return done.stdout.strip()


@pytest.mark.in_turn(False)
def test_docker_gets_the_same_image(
    person: Person,
    store: Path,
    plain: str,
    serve: Serve,
    elsewhere: Run,
    dockerd_socket: Path,
) -> None:
    docker = ["docker", "-H", f"unix://{dockerd_socket}"]
    with serve() as served:
        name = f"{served.address}/team/plain:1"
        words = [*docker, "pull", "-q", name]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "docker/" in served.log.read_text()
    got = elsewhere("pull:docker", name, DOCKER_HOST=f"unix://{dockerd_socket}")
    subprocess.run([*docker, "image", "rm", name], capture_output=True, check=True)
    assert got.returncode == 0, got.stderr
    same(person, store, plain, second(store), got.stdout.strip())


@pytest.mark.in_turn(False)
def test_podman_gets_the_same_image(
    person: Person,
    store: Path,
    plain: str,
    serve: Serve,
    elsewhere: Run,
    playground: Path,
) -> None:
    if not shutil.which("podman"):
        cannot("podman is not installed")
    conf = playground / "storage.conf"
    conf.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{playground}/graph"\n'
        f'runroot = "{playground}/run"\n'
    )
    env = {"CONTAINERS_STORAGE_CONF": str(conf), "TMPDIR": str(playground)}
    with serve() as served:
        name = f"{served.address}/team/plain:1"
        podman = ["podman", "pull", "-q", "--tls-verify=false", name]
        done = subprocess.run(
            podman, env={**os.environ, **env}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    got = elsewhere("pull:podman", name, **env)
    assert got.returncode == 0, got.stderr
    same(person, store, plain, second(store), got.stdout.strip())
    clean = ["podman", "system", "prune", "--all", "--force"]
    subprocess.run(clean, env={**os.environ, **env}, capture_output=True, check=False)


@pytest.mark.in_turn(False)
def test_containerd_gets_the_same_image(
    person: Person,
    store: Path,
    plain: str,
    serve: Serve,
    elsewhere: Run,
    base: Path,
    playground: Path,
) -> None:
    if not shutil.which("containerd") or not shutil.which("ctr"):
        cannot("containerd is not installed")
    archive = playground / "out.tar"
    with containerd.running(base / "serve-ctr") as env:
        env = {**os.environ, **env}
        with serve() as served:
            name = f"{served.address}/team/plain:1"
            pull = ["ctr", "images", "pull", "--plain-http", name]
            done = subprocess.run(pull, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        words = ["ctr", "images", "export", str(archive), name]
        subprocess.run(words, env=env, check=True, capture_output=True)
    got = elsewhere("pull:file", archive)
    assert got.returncode == 0, got.stderr
    same(person, store, plain, second(store), got.stdout.strip())


def test_ten_pull_at_once(
    person: Person, store: Path, own: str, serve: Serve, playground: Path
) -> None:
    with serve() as served:
        words = [person.bin / "plashui", "pull:oci", f"{served.address}/team/own:1"]
        pulls = [
            person.start(
                words,
                env={"PLASH_DATA": str(playground / f"store{number}")},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for number in range(10)
        ]
        for pull in pulls:
            _out, error = pull.communicate(timeout=120)
            assert pull.returncode == 0, error
        same(person, store, own, playground / "store7", "3")
    assert leftovers(store) == []


def test_with_once_it_ends_after_an_image(
    plashui: Run, image: str, serve: Serve, elsewhere: Run
) -> None:
    plashui("map", "box", image)
    with serve("--once") as served:
        names = json.loads(served.ask("/v2/_catalog"))
        assert names == {"repositories": ["box"]}
        got = elsewhere("pull:oci", f"{served.address}/box")
        assert got.returncode == 0, got.stderr
        assert served.process.wait(30) == 0


def test_only_what_is_allowed_is_served(plashui: Run, image: str, serve: Serve) -> None:
    for name in ("box", "web:2", "team/web", "not a name"):
        plashui("map", name, image)

    def names(*words: str) -> Any:
        with serve(*words) as served:
            return json.loads(served.ask("/v2/_catalog"))["repositories"]

    assert names() == ["box", "team/web", "web"]
    assert names("--allow", "box", "web:2") == ["box", "web"]
    assert names("--allow=box", "--allow", image) == [image, "box"]
    refused = plashui("serve", "--allow", "not a name")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "it is not a name that registries have" in refused.stderr
    assert plashui("serve", "box").returncode == 1
    assert plashui("serve", "--unix", "x", "--listen", "127.0.0.1:1").returncode == 1


def test_a_removed_image_is_not_served(plashui: Run, image: str, serve: Serve) -> None:
    plashui("map", "box", image)
    with serve() as served:
        layer = json.loads(served.ask("/v2/box/manifests/latest"))["layers"][0]
        path = f"/v2/box/blobs/{layer['digest']}"
        assert "200 OK" in served.ask(path, "--head")
        assert plashui("rm", image).returncode == 0
        for place in (path, "/v2/box/manifests/latest"):
            assert "404 Not Found" in served.ask(place, "--head")
        assert json.loads(served.ask("/v2/_catalog"))["repositories"] == []


def test_a_pull_of_an_image_that_is_removed_meanwhile_breaks_off(
    plashui: Run, image: str, serve: Serve
) -> None:
    many = (
        "mkdir /many; for i in $(seq 300); do yes $i | head -c 100000 >/many/$i; done"
    )
    plashui("map", "many", plashui("build", image, "sh", "-c", many).stdout.strip())
    with serve() as served:
        layer = json.loads(served.ask("/v2/many/manifests/latest"))["layers"][1]
        host, port = served.address.split(":")
        with socket.create_connection((host, int(port)), 60) as slow:
            path = f"/v2/many/blobs/{layer['digest']}".encode()
            slow.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = slow.recv(1000)
            refused = plashui("rm", "many")
            assert (refused.returncode, "in use" in refused.stderr) == (1, True)
            assert plashui("rm", "--force", "many").returncode == 0
            got += b"".join(iter(lambda: slow.recv(1 << 16), b""))
        assert b"200 OK" in got
        assert len(got.partition(b"\r\n\r\n")[2]) < layer["size"]
        assert "layer 2 of 2 cannot be sent" in served.log.read_text()
        assert json.loads(served.ask("/v2/_catalog"))["repositories"] == []


@pytest.fixture
def short(person: Person) -> Iterator[Path]:
    """A directory with a short path, as sockets need it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        yield person.give(Path(path))


def test_a_socket_is_its_owners_only_and_goes_with_the_server(
    plashui: Run, image: str, serve: Serve, short: Path
) -> None:
    plashui("map", "box", image)
    path = short / "socket"
    with serve("--unix", path) as served:
        assert served.address == str(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads(served.ask("/v2/_catalog"))["repositories"] == ["box"]
        taken = plashui("serve", "--unix", path)
        assert (taken.returncode, taken.stdout) == (1, "")
        assert "Address already in use" in taken.stderr
        assert json.loads(served.ask("/v2/box/tags/list"))["tags"] == ["latest"]
    assert not path.exists()
    with serve("--unix", path) as served:
        served.process.kill()
        served.process.wait()
    with serve("--unix", path) as served:
        assert json.loads(served.ask("/v2/_catalog"))["repositories"] == ["box"]
    assert not path.exists()
    far = f"{short}/{'x' * 200}"
    said = plashui("serve", "--unix", far).stderr
    assert said == (
        f"plash error: cannot listen at {far}: the path of a socket has at most 107"
        " bytes\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_end_in_the_middle_leaves_nothing(
    plashui: Run, image: str, store: Path, serve: Serve, number: signal.Signals
) -> None:
    big = plashui("build", image, "sh", "-c", "yes | head -c 30000000 >/big")
    plashui("map", "big", big.stdout.strip())
    with serve() as served:
        layers = json.loads(served.ask("/v2/big/manifests/latest"))["layers"]
        url = f"http://{served.address}/v2/big/blobs/{layers[1]['digest']}"
        slow = subprocess.Popen(
            ["curl", "-sS", "--limit-rate", "100k", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        wait_for(lambda: children_of(served.process.pid), "the layer to be made")
        makers = children_of(served.process.pid)
        served.process.send_signal(number)
        assert served.process.wait(30) == -number
        slow.communicate(timeout=60)
        assert slow.returncode != 0, "half a blob looks whole"
        wait_for(lambda: not any(map(is_alive, makers)), "its end")
    assert leftovers(store) == []


def test_an_own_image_that_was_served_comes_back_as_it_left(
    store: Path,
    own: str,
    serve: Serve,
    elsewhere: Run,
    plashui: Run,
) -> None:
    with serve() as served:
        got = elsewhere("pull:oci", "--name", "own:1", f"{served.address}/team/own:1")
        assert got.returncode == 0, got.stderr
    archive = store.with_name("own.oci.tar")
    done = elsewhere("push:file", got.stdout.strip(), archive)
    assert done.returncode == 0, done.stderr
    again = plashui("pull:file", "--name", "again", archive)
    assert again.returncode == 0, again.stderr
    # The layers are those that left: only a config is new.
    assert plashui("parent", again.stdout.strip()).stdout.strip() == own
