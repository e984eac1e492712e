"""What `plashui doctor` says, and the status it ends with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cannot
from tests.helpers import refusing
from tests.people import Person

PLAIN = pytest.mark.parametrize("person", ["full", "single"], indirect=True)
FULL = pytest.mark.parametrize("person", ["full"], indirect=True)


def _doctor(
    person: Person, store: Path, *before: str, refused: str = "", options: str = ""
) -> subprocess.CompletedProcess[str]:
    """The verb, with some calls refused or with words before the command line."""
    if os.geteuid() != 0:
        cannot("only root can play another system")
    argv = person.argv([person.bin / "plashui", "doctor", *options.split()])
    if refused:
        argv = refusing.behind(refused, argv)
    return subprocess.run(
        [*before, *argv],
        env=person.environment({"PLASH_DATA": str(store)}),
        cwd=person.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {found["what"]: found for found in json.loads(done.stdout)}


def test_all_is_well_where_ids_are_mapped(person: Person, store: Path) -> None:
    done = _doctor(person, store, options="--json")
    found = _findings(done)
    assert done.returncode == (1 if person.map == "single" else 0), found
    wrong = [f["what"] for f in found.values() if not f["ok"] and not f["optional"]]
    assert wrong == (["user ids"] if person.map == "single" else [])
    assert found["disk space"]["ok"]
    assert all(f["remedy"] for f in found.values() if not f["ok"])
    assert not any(f["remedy"] for f in found.values() if f["ok"])


@PLAIN
def test_without_namespaces_there_is_one_thing_to_mend(
    person: Person, store: Path
) -> None:
    done = _doctor(person, store, refused="unshare=ENOSPC", options="--json")
    assert done.returncode == 1
    wrong = [f for f in _findings(done).values() if not f["ok"] and not f["optional"]]
    assert [f["what"] for f in wrong] == ["user ids"]
    assert wrong[0]["remedy"] == "As root: sysctl user.max_user_namespaces=10000"


def test_overlays_are_needed(person: Person, store: Path) -> None:
    done = _doctor(person, store, refused="fsopen=ENOSYS,mount=ENODEV")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("NOT  overlay mount")]
    assert lines[at].endswith("this kernel has no overlay file system")
    assert lines[at + 1] == "     -> As root: modprobe overlay"


@FULL
def test_what_is_optional_may_be_missing(person: Person, store: Path) -> None:
    program = shutil.which("fuse-overlayfs")
    if not program:
        cannot("fuse-overlayfs is not installed")
    script = f'mount --bind /dev/null {program} && exec "$@"'
    before = ("unshare", "-m", "sh", "-c", script, "sh")
    refused = "landlock_create_ruleset=ENOSYS"
    done = _doctor(person, store, *before, refused=refused)
    assert done.returncode == 0, done.stdout
    assert "opt  Landlock (optional): " in done.stdout
    assert "opt  mount for all programs (optional): fuse-overlayfs is" in done.stdout
    assert "NOT" not in done.stdout


def test_a_store_that_cannot_be_written_to_is_named(
    person: Person, store: Path
) -> None:
    script = f'mount --bind -o ro {store} {store} && exec "$@"'
    before = ("unshare", "-m", "sh", "-c", script, "sh")
    done = _doctor(person, store, *before, options="--json")
    assert done.returncode == 1
    found = _findings(done)["overlay mounts"]
    assert "Read-only file system" in found["why"]
    assert "set PLASH_DATA" in found["remedy"]
