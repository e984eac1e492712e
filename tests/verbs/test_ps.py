"""ps: who is in an image and how, and not whoever waits for them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.people import Person
from tests.verbs.conftest import Run

HOW = {
    "run": ["run"],
    "isolated": ["run", "--isolate"],
    "mounted": ["mounted"],
}
SCRIPT = "sleep 1234567 & echo up; read line; kill $!; wait"


@pytest.fixture(params=HOW)
def inside(
    request: pytest.FixtureRequest, person: Person, store: Path, image: str
) -> Iterator[str]:
    """A shell and what it started are in the image, in this way."""
    how: str = request.param
    words = [person.bin / "plash", *HOW[how], image, "sh", "-c", SCRIPT]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = person.start(words, env={"PLASH_DATA": str(store)}, **pipes)
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    yield how
    process.stdin.close()
    process.wait()
    process.stdout.close()


def rows(plashui: Run) -> list[dict[str, Any]]:
    done = plashui("ps", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_command_and_what_it_started_are_listed(
    plashui: Run, person: Person, image: str, inside: str
) -> None:
    plashui("map", "my box", image)
    found = rows(plashui)
    assert sorted(row["command"] for row in found) == [
        f"sh -c '{SCRIPT}'",
        "sleep 1234567",
    ]
    for row in found:
        assert row["how"] == inside
        assert row["image"] == int(image)
        assert row["names"] == ["my box"]
        assert row["user"] == person.name
        assert os.path.isdir(f"/proc/{row['pid']}")  # noqa: PTH112
        assert 0 < row["memory"] < 1 << 30
        assert row["cpu"] >= 0
        assert abs(time.time() - row["started"]) < 3600
    text = plashui("ps").stdout.splitlines()
    assert text[0].split()[:4] == ["PID", "IMAGE", "USER", "HOW"]
    assert len(text) == 3
    assert "my box" in text[1]


def test_where_nobody_is_it_says_so(plashui: Run, image: str) -> None:
    assert rows(plashui) == []
    done = plashui("ps")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing runs" in done.stderr
    assert image
