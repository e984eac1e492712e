"""pull:folder and push:folder: an image as a folder, as d-utils has them."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.real_images import RealImages

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="session")
def shop(registries: Registries, real: RealImages) -> Registries:
    """Registries with an image that has whiteouts and owners, and a config."""
    registries.put(f"oci:{real.image('built')}", "library/folders:built")
    return registries


@pytest.fixture
def name(shop: Registries) -> str:
    """The name of that image."""
    return f"{shop.plain}/library/folders:built"


@pytest.fixture
def here(person: Person, playground: Path) -> Path:
    """A working directory of the person's own."""
    place = playground / "here"
    person.run(["mkdir", place], check=True)
    return place


def config_of(folder: Path) -> Any:
    """What is in its config.json."""
    return json.loads((folder / "config.json").read_text())


def look(person: Person, place: Path) -> trees.Tree:
    """All files of a directory, as root of the person's user namespace sees them."""
    found = trees.look(person, place)
    for row in found.values():
        row["attributes"].pop("user.overlay.opaque", None)
    found["."]["time"] = 0  # no layer has it
    return found


def test_a_pulled_folder_is_the_image_file_by_file(
    plashui: Run, person: Person, store: Path, here: Path, name: str
) -> None:
    done = plashui("pull:folder", name, cwd=here)
    assert (done.returncode, done.stdout) == (0, "folders\n"), done.stderr
    assert ("plash sudo rm -rf folders removes it" in done.stderr) == (
        person.map == "full"
    )
    assert images(store) == []
    assert leftovers(store) == []
    assert os.listdir(here) == ["folders"]
    folder = here / "folders"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(os.listdir(folder)) == ["config.json", "image.txt", "rootfs"]
    line = (folder / "image.txt").read_text()
    assert line == f"{name}\n"
    found = look(person, folder / "rootfs")
    # The same comes from an image of the store, by a pull and by a push.
    image = plashui("pull:oci", name).stdout.strip()
    copy = here / "copy"
    assert plashui("push:dir", image, copy).returncode == 0
    expected = look(person, copy)
    assert {"./opt", "./tmp/y"} <= expected.keys()
    assert not {"./opt/new", "./opt/.wh.new"} & expected.keys()
    assert found == expected
    for words in (["pull:folder", name], ["push:folder", image]):
        done = plashui(*words, here / "again")
        assert done.returncode == 0, done.stderr
        assert look(person, here / "again/rootfs") == expected
        assert config_of(here / "again") == config_of(folder)
        person.run([person.bin / "plash", "sudo", "rm", "-r", here / "again"])


def test_its_config_is_the_images_own(plashui: Run, here: Path, name: str) -> None:
    assert plashui("d-pull", name, here / "box").returncode == 0
    config = config_of(here / "box")
    assert config["Cmd"] == ["/bin/busybox", "id"]
    assert "COLOUR=green" in config["Env"]
    assert (config["net"], config["rw"]) == (False, False)
    done = plashui("run:folder", here / "box")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("uid=0")
    done = plashui("run:folder", here / "box", "/bin/busybox", "env")
    assert "COLOUR=green\n" in done.stdout
    # An image without a config runs a shell, and d-run finds what it needs.
    image = plashui("pull:dir", here / "box/rootfs").stdout.strip()
    assert plashui("map", "mine", image).returncode == 0
    assert plashui("push:folder", "mine", here / "own").returncode == 0
    config = config_of(here / "own")
    assert (config["Env"], config["Cmd"]) == ([PATH], ["/bin/sh"])
    assert (here / "own/image.txt").read_text() == "mine\n"


def test_an_image_has_no_say_in_what_is_shared(
    plashui: Run, store: Path, here: Path, image: str
) -> None:
    wishes = {
        "Volumes": {"/etc:/host": {}, "/data": {}, "x": {}, "/": {}},
        **{"net": True, "rw": True, "Env": ["A=b", "C", 1], "Entrypoint": ["/bin/sh"]},
        "Labels": {"a": "\0\ud800"},
        "User": 5,
    }
    notes = (store / "index" / image).resolve() / "_meta/image.json"
    known = json.loads(notes.read_text()) | {"config": {"config": wishes}}
    notes.write_text(json.dumps(known))
    done = plashui("push:folder", image, here / "box")
    assert done.returncode == 0, done.stderr
    config = config_of(here / "box")
    assert config["Volumes"] == {"/data": {}}
    assert (config["net"], config["rw"], config["Cmd"]) == (False, False, [])
    assert config["Env"] == ["A=b"]
    for volume in ("/etc:/host", "x", "/"):
        assert f"left out of config.json: the volume {volume}\n" in done.stderr
    done = plashui("run:folder", here / "box", "-c", "ls -d /host /data")
    assert done.stdout == "/data\n"


def test_what_is_there_stays(
    plashui: Run, person: Person, here: Path, image: str, name: str
) -> None:
    person.run(["mkdir", here / "folders"], check=True)
    for words in (["push:folder", image, here / "folders"], ["pull:folder", name]):
        done = plashui(*words, cwd=here)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("plash error: ")
        assert "folders already exists. Choose a new name\n" in done.stderr
    assert os.listdir(here / "folders") == []
    done = plashui("pull:folder", f"{name}-no", here / "no")
    assert done.returncode == 1
    assert os.listdir(here) == ["folders"]


def test_another_platform_and_a_login_are_as_of_pull_oci(
    plashui: Run, here: Path, shop: Registries
) -> None:
    image = f"{shop.safe}/library/folders:built"
    done = plashui("pull:folder", image, here / "box")
    assert (done.returncode, os.listdir(here)) == (1, [])
    done = plashui("pull:folder", "--insecure", shop.safe, image, here / "box")
    assert done.returncode == 1
    assert "plash login" in done.stderr
    words = ["--platform", "linux/none", f"{shop.plain}/library/folders:built"]
    done = plashui("pull:folder", *words, here / "box")
    assert done.returncode == 1
    assert "linux/none" in done.stderr
    assert os.listdir(here) == []


@pytest.mark.parametrize("verb", ["pull:folder", "push:folder"])
def test_a_killed_one_leaves_only_what_the_next_takes_away(
    plashui: Run,
    person: Person,
    store: Path,
    here: Path,
    name: str,
    image: str,
    verb: str,
) -> None:
    first = name if verb == "pull:folder" else image
    words = [person.bin / "plashui", verb, first, here / "box"]
    env = {"PLASH_DATA": str(store)}
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = person.start(words, env=env)
        wait_for(lambda: os.listdir(here), "it to begin")
        process.send_signal(number)
        process.wait()
        for left in os.listdir(here):
            assert left == "box" or left.startswith("box.partial-"), left
        if (here / "box").exists():
            assert (here / "box/config.json").exists()
            person.run([person.bin / "plash", "sudo", "rm", "-r", here / "box"])
    assert plashui(verb, first, here / "box").returncode == 0
    assert os.listdir(here) == ["box"]
