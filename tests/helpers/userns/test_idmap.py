"""Who one is inside, and what the probe says of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
from tests.people import one_at_a_time, write_ids
from tests.tools import leftovers


@contextmanager
def added(lines: str, *tables: Path) -> Iterator[None]:
    """The tables of subordinate ids have these lines too; nobody else writes them."""
    with one_at_a_time():
        before = [table.read_text() for table in tables]
        try:
            for table, text in zip(tables, before, strict=True):
                write_ids(table, text + lines)
            yield
        finally:
            for table, text in zip(tables, before, strict=True):
                write_ids(table, text)


def test_the_probe_finds_the_map_of_the_person(plash: Bench) -> None:
    (found,) = plash.json(["engine:probe", plash.store])
    assert found["map"] == plash.person.map
    assert found["uid"] == plash.person.uid
    assert found["overlay"] is True, found["overlay_why"]
    assert found["userxattr"] is (plash.person.map != "root")
    assert found["kernel"] == os.uname().release
    assert found["tar"].endswith("tar")
    assert bool(found["map_why"]) is (plash.person.map == "single")
    assert list((plash.store / "tmp").iterdir()) == []


def test_the_probe_without_a_store_leaves_nothing_behind(
    plash: Bench, playground: Path
) -> None:
    (found,) = plash.json(["engine:probe"])
    assert found["map"] == plash.person.map
    env = {"TMPDIR": str(playground)}
    assert json.loads(plash("engine:probe", env=env, check=True).stdout)["overlay"]
    assert [p.name for p in playground.iterdir()] == ["store"]


def test_somebody_without_subordinate_ids_is_told_the_remedy(plash: Bench) -> None:
    (found,) = plash.json(["engine:probe"])
    remedies = [hint["remedy"] for hint in found["hints"]]
    assert any("--add-subuids" in r for r in remedies) is (plash.person.map == "single")


def test_one_is_root_inside(plash: Bench, image: str) -> None:
    assert plash("sudo", "id", "-u").stdout == "0\n"
    assert plash("run", image, "id", "-u").stdout == "0\n"
    assert plash("run", image, "id", "-g").stdout == "0\n"


def test_every_subordinate_id_is_there(plash: Bench) -> None:
    if plash.person.map != "full":
        pytest.skip("only with subordinate ids")
    table = Path("/etc/subuid").read_text().splitlines()
    mine = [x.split(":") for x in table if x.startswith(f"{plash.person.name}:")]
    rows = plash("sudo", "cat", "/proc/self/uid_map").stdout.splitlines()
    assert [row.split() for row in rows] == [
        ["0", str(plash.person.uid), "1"],
        *[["1", start, count] for _, start, count in mine],
    ]


@pytest.mark.parametrize("key", ["name", "uid"])
def test_all_ranges_count_by_name_or_uid(plash: Bench, key: str) -> None:
    if plash.person.map != "single" or os.geteuid() != 0:
        pytest.skip("needs root, to give ranges to somebody who has none")
    owner = plash.person.name if key == "name" else str(plash.person.uid)
    lines = f"{owner}:700000000:10\n{owner}:700000100:20\nnonsense\n{owner}:x:y\n"
    with added(lines, Path("/etc/subuid"), Path("/etc/subgid")):
        shown = plash("sudo", "cat", "/proc/self/uid_map", "/proc/self/gid_map").stdout
    rows = [line.split() for line in shown.splitlines()]
    assert rows[1:3] == [["1", "700000000", "10"], ["11", "700000100", "20"]]
    assert rows[1:3] == rows[4:6]


def test_ids_that_newuidmap_refuses_leave_a_single_map(plash: Bench) -> None:
    """A map with a hole in it is worse than a small one that works."""
    if plash.person.map != "single" or os.geteuid() != 0:
        pytest.skip("needs root, to give a range to somebody who has none")
    if not shutil.which("newuidmap"):
        pytest.skip("newuidmap is not installed")
    line = f"{plash.person.name}:700000000:10\n"
    with added(line, Path("/etc/subuid")):
        done = plash("sudo", "sh", "-c", "id -u; wc -l </proc/self/uid_map")
    assert done.stdout.split() == ["0", "1"]


def test_a_setuid_copy_refuses_to_work(plash: Bench, playground: Path) -> None:
    if os.geteuid() != 0 or plash.person.uid == 0:
        pytest.skip("needs root, to make a setuid program for somebody else")
    copy = playground / "setuid-plash"
    shutil.copy2(plash.program, copy)
    os.chown(copy, 0, 0)
    copy.chmod(0o4755)
    done = plash.person.run([copy, "version"])
    assert done.returncode == 1
    assert "setuid" in done.stderr


def test_without_unsharing_no_namespace_is_made(plash: Bench, image: str) -> None:
    env = {"PLASH_NO_UNSHARE": "1"}
    inside = plash("sudo", "readlink", "/proc/self/ns/user", env=env)
    assert inside.stdout == f"{Path('/proc/self/ns/user').readlink()}\n"
    done = plash("run", image, "readlink", "/proc/self/ns/mnt", env=env)
    if plash.person.map != "root":
        assert done.returncode == 1
        assert "PLASH_NO_UNSHARE is set" in done.stderr
        return
    assert done.stdout == f"{Path('/proc/self/ns/mnt').readlink()}\n"
    assert str(plash.store) not in Path("/proc/self/mountinfo").read_text()


def test_without_unsharing_the_image_is_attached_nowhere_but_in_the_store(
    plash: Bench, image: str
) -> None:
    if plash.person.map != "root":
        pytest.skip("only root mounts without a namespace")
    (plash.store / "mnt").rmdir()
    done = plash("run", image, "true", env={"PLASH_NO_UNSHARE": "1"})
    assert done.returncode == 1
    why = f"cannot attach the image at {plash.store}/mnt: No such file or directory"
    assert done.stderr == f"plash error: {why}\n"
    assert str(plash.store) not in Path("/proc/self/mountinfo").read_text()
    assert leftovers(plash.store) == []
