"""config ID: how an image is meant to be run, printed, changed, and kept to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run


def config(plashui: Run, image: str) -> Any:
    """The config of an image."""
    return json.loads(plashui("config", image).stdout)["config"]


def test_run_isolate_keeps_to_the_config_at_once(
    plashui: Run, plash: Verb, person: Person, store: Path, image: str
) -> None:
    done = plashui(
        *("config", image, "--env", "A=x y", "--workdir", "/usr/share"),
        *("--cmd", 'echo "$A"; pwd; id -u', "--volume", "/data"),
        *("--name", "web"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    (made,) = done.stdout.splitlines()
    assert plash("run", "--isolate", "web").stdout == "x y\n/usr/share\n0\n"
    assert plash("run", "--isolate", "web", "touch", "/data/x").returncode == 0
    amended = plashui(
        *("config", "web", "--amend", "--entrypoint", '["echo"]', "--env", "A-"),
        *("--workdir", ""),
    )
    assert amended.stdout == f"{made}\n"
    assert config(plashui, "web") == {
        "Entrypoint": ["echo"],
        "Volumes": {"/data": {}},
    }
    assert plash("run", "--isolate", "web", "$A", "x").stdout == "$A x\n"
    if person.map != "single":
        user = plashui("config", made, "--user", "7:8", "--entrypoint", "").stdout
        words = ("run", "--isolate", user.strip(), "sh", "-c", "id -u; id -g")
        assert plash(*words).stdout == "7\n8\n"
    assert leftovers(store) == []


def test_the_config_of_an_image_is_an_oci_document(plashui: Run, image: str) -> None:
    built = plashui("build", image, "touch", "/x").stdout.strip()
    top = plashui("config", built, "--env", "A=1").stdout.strip()
    document = json.loads(plashui("config", top).stdout)
    assert document["os"] == "linux"
    assert document["config"] == {"Env": ["A=1"]}
    base, layer, empty = document["history"]
    assert base["comment"] == "busybox.tar"
    assert layer["created_by"] == "touch /x"
    assert (empty["created_by"], empty["empty_layer"]) == (
        "plash config --env A=1",
        True,
    )
    shown = plashui("show", plashui("build", top, "touch", "/y").stdout.strip())
    assert "with          A=1\n" in shown.stdout


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--env", "A=1"], "which image? Its ID is missing"),
        (["IMAGE", "--amend"], "what is to change?"),
        (["IMAGE", "--name", "x"], "what is to change?"),
        (["IMAGE", "--env", "1=2"], "cannot set '1=2'"),
        (["IMAGE", "--env", ""], "it is empty"),
        (["IMAGE", "--cmd", "['x']"], "not a JSON array"),
        (["IMAGE", "--expose", "http"], "cannot use the port 'http'"),
        (["theme", "--env", "A=1"], "no image or name 'theme'"),
        (["0", "--env", "A=1"], "image 0 is the special empty image"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_made(
    plashui: Run, store: Path, image: str, words: list[str], why: str
) -> None:
    done = plashui("config", *(image if word == "IMAGE" else word for word in words))
    assert (done.returncode, done.stdout) == (1, "")
    assert why in done.stderr.splitlines()[-1]
    assert images(store) == [int(image)]


def test_a_script_builds_with_it_from_the_cache(plashui: Run, image: str) -> None:
    def script(value: str) -> list[str]:
        plashui("recall", "id", image)
        lines = [
            ["do", "config", "--env", f"A={value}"],
            ["do", "build", "touch", "/x"],
            ["do", "config", "--cmd", '["ls", "/x"]'],
        ]
        return [plashui(*line).stdout for line in lines]

    first = script("1")
    assert script("1") == first
    assert not {*script("2")} & {*first}
    found = config(plashui, first[-1].strip())
    assert found == {"Env": ["A=1"], "Cmd": ["ls", "/x"]}
