"""Trees of very many files: counted to the last, and removed unless told to stop.

100,000 files in memory; with PLASHUI_TEST=thorough a million on the disk.
(ext4 takes its time to make files where many have just been removed.)
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.amount import THOROUGH
from tests.conftest import playground_in
from tests.helpers.conftest import Bench, make_store
from tests.people import Person
from tests.tools import leftovers

FILES: Final = 1_000_000 if THOROUGH else 100_000
DIRECTORIES: Final = 1000


@pytest.fixture
def store(
    person: Person, base: Path, memory: Path, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """An empty store where there is room for so many files."""
    for place in playground_in(base if THOROUGH else memory, person, request.node.name):
        yield make_store(person, place / "store")


def start(
    plash: Bench, verb: str, operand: str
) -> tuple[subprocess.Popen[bytes], int, int]:
    """The verb, where its events are read, and its lifeline."""
    events, status = os.pipe()
    life, lifeline = os.pipe()
    fds = ["--status-fd", str(status), "--lifeline-fd", str(life)]
    process = plash.start(
        verb,
        *fds,
        plash.store,
        operand,
        pass_fds=(status, life),
        stdout=subprocess.PIPE,
    )
    os.close(status)
    os.close(life)
    return process, events, lifeline


@pytest.mark.in_turn
def test_a_big_tree_is_counted_and_removed(plash: Bench) -> None:
    work = plash.work("big")
    program = plash.person.program(__file__, "many_files.py")
    words = ["/usr/bin/python3", program, work / "data", DIRECTORIES, FILES]
    plash.person.run(words, check=True, timeout=900)

    begin = time.monotonic()
    process, events, lifeline = start(plash, "engine:usage", "tmp/big")
    with os.fdopen(events) as stream:
        counts = [json.loads(line)["files"] for line in stream]
    elapsed = time.monotonic() - begin
    output, _ = process.communicate()
    os.close(lifeline)
    found = json.loads(output)
    assert (found["files"], found["failed"]) == (FILES, 0)
    assert found["dirs"] == 2 + 100 + DIRECTORIES
    assert process.returncode == 0
    assert counts == sorted(counts)
    assert len(counts) <= 10 * elapsed + 1, "more than ten a second"

    # Cancelled once it is under way; who is faster cannot be known.
    for verb, operand in (("engine:usage", "tmp/big"), ("engine:remove", "big")):
        process, events, lifeline = start(plash, verb, operand)
        with os.fdopen(events) as stream:
            stream.readline()
            os.close(lifeline)
            stream.read()
        output, _ = process.communicate(timeout=60)
        assert process.returncode in (0, 1)
        assert (process.returncode == 0) == bool(output)
    assert work.exists() == (process.returncode == 1)

    (removed,) = plash.json(["engine:remove", plash.store, "big"])
    assert removed["failed"] == 0
    assert leftovers(plash.store) == []


def test_what_belongs_to_somebody_else_stays_and_is_named(plash: Bench) -> None:
    if plash.person.map == "root" or os.geteuid() != 0:
        pytest.skip("it takes root to make a file of somebody else's")
    work = plash.work("mixed")
    plash.sudo('cd "$0" && mkdir a b && : >a/f && : >b/g && mkdir c', work / "data")
    foreign = work / "data/c/foreign"
    foreign.mkdir()
    (foreign / "file").touch()
    done = plash("engine:remove", plash.store, "mixed")
    assert done.returncode == 1
    assert json.loads(done.stdout)["failed"] == 1
    assert f"cannot remove {foreign}/file: Operation not permitted" in done.stderr
    assert done.stderr.count("\n") == 1
    left = [p.relative_to(work / "data") for p in sorted((work / "data").rglob("*"))]
    assert [*map(str, left)] == ["c", "c/foreign", "c/foreign/file"]
