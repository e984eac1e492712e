"""Images come from a registry, and the price is said before."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.amount import SEED
from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import as_kept_by, look_into
from tests.verbs.real_images import RealImages

pytestmark = pytest.mark.in_turn


@pytest.fixture
def name(shop: Registries) -> str:
    """The name of the repository."""
    return f"{shop.plain}/shop/box"


@pytest.mark.in_turn(False)
@pytest.mark.parametrize("tag", ["two", "docker", "zstd", "built"])
def test_a_pulled_image_is_file_by_file_what_umoci_unpacks(
    plashui: Run, person: Person, store: Path, real: RealImages, name: str, tag: str
) -> None:
    done = plashui("pull:oci", f"{name}:{tag}")
    assert done.returncode == 0, done.stderr
    owners = person.map == "single" and tag != "built"
    assert ("of other owners" in done.stderr) == owners
    found = look_into(person, store, done.stdout.strip())
    expected = as_kept_by(person, real.seen("two" if tag == "docker" else tag))
    found["."]["time"] = expected["."]["time"]
    assert found == expected
    assert leftovers(store) == []
    assert not (store / "downloads").exists()
    assert plashui("id", f"{name}:{tag}").stdout == done.stdout


def test_the_config_is_what_skopeo_tells(plashui: Run, store: Path, name: str) -> None:
    image = plashui("pull:oci", f"{name}:built").stdout.strip()
    words = ["skopeo", "inspect", "--config", "--raw", "--tls-verify=false"]
    told = subprocess.run(
        [*words, f"docker://{name}:built"], capture_output=True, check=True
    )
    notes = (store / "index" / image).resolve() / "_meta/image.json"
    config = json.loads(told.stdout)
    assert json.loads(notes.read_text())["config"] == config
    shown = plashui("show", image).stdout
    assert "runs          /bin/busybox id\n" in shown
    assert ", COLOUR=green\n" in shown
    assert json.loads(plashui("show", "--json", image).stdout)["config"] == config


def test_the_price_counts_only_what_is_not_here(
    plashui: Run, store: Path, name: str
) -> None:
    def price(tag: str) -> Any:
        done = plashui("pull:oci", "--dry-run", "--json", f"{name}:{tag}")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    whole = price("two")
    assert [layer["here"] for layer in whole["layers"]] == [False, False]
    assert whole["fetch"] == sum(layer["size"] for layer in whole["layers"])
    assert whole["disk"] > whole["fetch"]
    assert images(store) == []
    assert plashui("pull:oci", f"{name}:one").stdout == "1\n"
    assert price("two")["fetch"] == whole["layers"][1]["size"]
    assert plashui("pull:oci", f"{name}:two").stdout == "2\n"
    # The same layers, compressed otherwise, are the same layers.
    zstd = price("zstd")
    assert zstd["layers"][0]["digest"] != whole["layers"][0]["digest"]
    assert zstd["layers"][0]["diff_id"] == whole["layers"][0]["diff_id"]
    assert zstd["fetch"] == price("docker")["fetch"] == 0
    assert (price("two")["fetch"], price("two")["image"]) == (0, 2)
    assert plashui("pull:oci", f"{name}:zstd").stdout == "2\n"


def test_blobs_that_are_kept_are_counted_and_used_and_emptied(
    plashui: Run, store: Path, name: str
) -> None:
    keep, look = ("pull:oci", "--keep-blobs"), ("--dry-run", "--json", f"{name}:two")
    less, more = (json.loads(plashui(*w, *look).stdout) for w in (keep[:1], keep))
    assert (less["keep"], more["keep"]) == (0, more["fetch"])
    assert more["disk"] == less["disk"] + more["keep"]
    image = plashui(*keep, f"{name}:two").stdout.strip()
    assert (
        sum(path.stat().st_size for path in (store / "blobs").iterdir())
        == (more["keep"])
    )
    use = json.loads(plashui("df", "--json").stdout)
    took = sum(path.stat().st_blocks * 512 for path in (store / "blobs").iterdir())
    assert use["blobs"] == took + (store / "blobs").stat().st_blocks * 512
    lines = plashui("df").stdout.splitlines()
    assert any("in layers as they came, for the next pull" in line for line in lines)
    plashui("rm", "1")
    plashui("trash", "--empty", "--force")
    price = json.loads(plashui("pull:oci", "--dry-run", "--json", f"{name}:two").stdout)
    assert (price["fetch"], price["image"]) == (0, None)
    assert plashui("pull:oci", f"{name}:two").stdout != f"{image}\n"
    assert plashui("clean").stderr == "nothing was left behind\n"
    done = plashui("clean", "--cache")
    assert done.stderr.startswith("2 kept blobs removed, ")
    assert json.loads(plashui("df", "--json").stdout)["blobs"] == 0


def test_a_tag_that_moved_says_where_it_was(
    plashui: Run, shop: Registries, real: RealImages, store: Path
) -> None:
    tag = f"shop/box:moving-{store.parent.name}".lower()[:100].rstrip("-")
    for number, source in enumerate(("one", "built")):
        shop.put(f"oci:{real.image(source)}", tag)
        done = plashui("pull:oci", f"{shop.plain}/{tag}")
        moved = f"{shop.plain}/{tag} was image 1, which stays\n" if number else ""
        assert done.returncode == 0
        assert done.stderr.endswith(moved)
    assert plashui("id", f"{shop.plain}/{tag}").stdout == done.stdout
    assert plashui("show", "1").returncode == 0


def test_of_an_index_the_platform_is_chosen(
    plashui: Run, registries: Registries, playground: Path, store: Path
) -> None:
    def config(machine: str) -> dict[str, Any]:
        return {"os": "linux", "architecture": machine, "rootfs": {"diff_ids": []}}

    from tests.transfer.oci.images import Shelf, tar_of

    shelf = Shelf()
    both = [
        shelf.entry(
            shelf.image(machine, [tar_of({machine: "x"})], platform=f"linux/{machine}"),
            f"linux/{machine}",
        )
        for machine in ("amd64", "arm64", "s390x")
    ]
    shelf.index("all", both)
    layout = shelf.layout(playground / "layout", "all")
    shelf_name = f"shop/many:{playground.name}".lower().strip("-")[:90]
    registries.put(f"oci:{layout}:all", shelf_name, "--all")
    name = f"{registries.plain}/{shelf_name}"
    for machine in ("arm64", "s390x"):
        done = plashui("pull:oci", "--platform", f"linux/{machine}", name)
        assert done.returncode == 0, done.stderr
        layer = (store / "index" / done.stdout.strip()).resolve() / "_data/root"
        assert [path.name for path in layer.iterdir()] == [machine]
    done = plashui("pull:oci", "--platform", "linux/riscv64", name)
    assert done.returncode == 1
    assert "there is no image for linux/riscv64" in done.stderr
    assert config("x")["os"] == "linux"


@contextlib.contextmanager
def through_a_cutter(target: str, cuts: list[int]) -> Iterator[str]:
    """A port that leads to a server; the next connections end after so many bytes."""
    host, port = target.split(":")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _from = server.accept()
                    threading.Thread(target=carry, args=(client,), daemon=True).start()

        def carry(client: socket.socket) -> None:
            with client, socket.create_connection((host, int(port))) as there:
                up = threading.Thread(
                    target=pour, args=(client, there, 1 << 60), daemon=True
                )
                up.start()
                pour(there, client, 1 << 60)

        def pour(source: socket.socket, sink: socket.socket, left: int) -> None:
            with contextlib.suppress(OSError):
                while left and (data := source.recv(min(4096, left))):
                    if len(data) == 4096 and cuts and left > 1 << 59:
                        left = cuts.pop()  # a blob, not a manifest
                    sink.sendall(data[:left])
                    left -= len(data[:left])
            for one in (source, sink):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_network_that_breaks_only_makes_it_slower(
    plashui: Run, shop: Registries, store: Path
) -> None:
    dice = random.Random(SEED)
    cuts = [dice.randrange(1, 200_000) for _cut in range(4)]
    with through_a_cutter(shop.plain, cuts) as there:
        done = plashui("pull:oci", f"{there}/shop/box:two")
        assert done.returncode == 0, (done.stderr, SEED)
    assert cuts == []
    assert images(store) == [1, 2]
    assert not (store / "downloads").exists()


def test_an_interrupt_ends_it_at_once_and_leaves_no_image(
    person: Person, shop: Registries, store: Path, plashui: Run
) -> None:
    held = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        # A registry that never answers.
        words = [person.bin / "plashui", "pull:oci"]
        name = f"127.0.0.1:{server.getsockname()[1]}/a/b"
        started = person.start(
            [*words, name],
            env={"PLASH_DATA": str(store)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        client, _from = server.accept()
        started.send_signal(signal.SIGINT)
        out, said = started.communicate(timeout=30)
        client.close()
    assert (started.returncode, out) == (-signal.SIGINT, b""), said
    assert images(store) == []
    assert leftovers(store) == []
    assert not held.is_set()
    assert plashui("pull:oci", f"{shop.plain}/shop/box:nope").returncode == 1
    wait_for(lambda: leftovers(store) == [], "nothing to be left")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Debian"], "Try debian"),
        (["--platform", "arm64", "debian"], "is not a platform"),
        (["--jobs", "0", "debian"], "invalid"),
        (["--max-size", "x", "debian"], "size"),
        (["--name", "./x", "127.0.0.1:1/a"], "Connection refused"),
        ([""], "it is empty"),
    ],
)
def test_wrong_words_are_refused_in_one_sentence(
    plashui: Run, store: Path, words: list[str], says: str
) -> None:
    done = plashui("pull:oci", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert images(store) == []
