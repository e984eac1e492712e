"""clean removes what killed programs left with no Python started.

What only plashui can judge it hands over.
"""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.helpers.conftest import Bench

DEAD = "plashtmp_4194305_4194306_abc"
MONTH = 31 * 86400


def _put(alone: Bench, script: str) -> None:
    alone.person.run(["sh", "-ec", script], cwd=alone.store, check=True)


LEFT: dict[str, tuple[str, str]] = {
    "work": (f"mkdir tmp/{DEAD}", "1 leftover removed"),
    "links": (
        "ln -s ../layer/0/77 index/77; ln -s ../layer/0/77 map/gone",
        "2 dead links removed",
    ),
    "both": (
        f"mkdir -p tmp/{DEAD}/_data tmp/{DEAD}d; ln -s ../layer/0/77 map/gone",
        "2 leftovers and 1 dead link removed",
    ),
    "draft of one": (
        "cd layer/0; mkdir -p _meta/written; touch _meta/written/1.4194306.new",
        "nothing was left behind",
    ),
    "draft": (
        "mkdir -p memory; touch memory/x.4194306.new",
        "nothing was left behind",
    ),
}
"""What it removes itself, and what it says of it, but for the bytes."""

PLASHUIS: dict[str, str] = {
    "mark": "mkdir -p layer/0/_meta/used; touch layer/0/_meta/used/77",
    "changes": "mkdir -p kept/1-ab12/data",
    "download": "mkdir -p downloads; touch downloads/x.part",
    "old blob": "mkdir blobs; touch -d '31 days ago' blobs/0",
    "layer": "mkdir tmp/layer_0",
    "not whole": "rm id_counter",
}


@pytest.fixture
def cleaned(alone: Bench) -> Callable[[], str]:
    """Say `clean`; what it answered, and that it went well."""
    cache = {"XDG_CACHE_HOME": str(alone.store.parent / "cache")}

    def clean() -> str:
        done = alone("clean", env=cache)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return clean


def test_that_nothing_is_left_is_said_without_python(
    alone: Bench, cleaned: Callable[[], str]
) -> None:
    image = alone.layer("echo x >f")
    alone("map", "web", image, check=True)
    alone("run", "--isolate", image, "true")  # a use is noted
    alone("mkdtemp", check=True)  # it is this session's
    _put(alone, "mkdir blobs; touch blobs/0")
    assert cleaned() == "nothing was left behind\n"


@pytest.mark.parametrize("what", LEFT)
def test_what_killed_programs_leave_is_removed_without_python(
    alone: Bench, cleaned: Callable[[], str], what: str
) -> None:
    image = alone.layer("true")
    before = alone.sudo('find "$0" | sort', alone.store)
    script, says = LEFT[what]
    _put(alone, script)
    assert cleaned().partition(",")[0].rstrip("\n") == says
    after = alone.sudo(
        'find "$0" -not -path "*/memory" -a -not -path "*/_meta*" | sort', alone.store
    )
    assert set(after.splitlines()) <= set(before.splitlines())
    assert image in os.listdir(alone.store / "index")
    assert cleaned() == "nothing was left behind\n"


@pytest.mark.in_turn
@pytest.mark.parametrize("what", PLASHUIS)
def test_what_could_be_left_is_plashuis(
    alone: Bench, cleaned: Callable[[], str], what: str
) -> None:
    alone.layer("true")
    _put(alone, PLASHUIS[what])
    assert cleaned() == "<clean>"


def test_the_bytes_are_those_that_the_disk_gets_back(
    alone: Bench, cleaned: Callable[[], str]
) -> None:
    """What else has a name stays, whoever owns the files."""
    alone.layer("true")
    script = 'cd "$0"; mkdir -p a/b; head -c 3000000 /dev/zero >a/b/x; ln a/b/x a/y'
    script += "; ln a/y ../../elsewhere; head -c 2000000 /dev/zero >a/z; ln a/z a/b/z"
    script += "; chown -R 1:1 a 2>/dev/null; chmod 0 a/b || :"
    _put(alone, f"mkdir tmp/{DEAD}")
    alone.sudo(script, alone.store / "tmp" / DEAD)
    assert cleaned() == "1 leftover removed, 2.0 MB freed\n"
    assert os.listdir(alone.store / "tmp") == []


def test_what_somebody_works_in_stays(alone: Bench, cleaned: Callable[[], str]) -> None:
    """It is locked, or its maker lives, or an image of it may be made just now.

    So do links that are not ours, and what the old program remembers.
    """
    locked, lives = f"{DEAD}d", f"plashtmp_{os.getsid(0)}_{os.getpid()}_x"
    _put(alone, f"mkdir tmp/{DEAD} tmp/{locked} tmp/{lives} tmp/{lives}/_data")
    _put(alone, "for l in index/77 map/cache:1; do ln -s ../layer/0/77 $l; done")
    _put(alone, "ln -s /nowhere map/another")
    lock = os.open(alone.store / "tmp" / locked, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert cleaned().startswith("1 leftover removed")
    assert sorted(os.listdir(alone.store / "tmp")) == sorted([locked, lives])
    assert cleaned() == "nothing was left behind\n"
    os.close(lock)
    _put(alone, f"rmdir tmp/{lives}/_data")
    assert cleaned().startswith("1 leftover and 1 dead link removed")
    assert os.listdir(alone.store / "tmp") == [lives]
    assert sorted(os.listdir(alone.store / "map")) == ["another", "cache:1"]


def test_of_several_at_once_each_leftover_is_removed_by_one(alone: Bench) -> None:
    _put(alone, f"cd tmp; for i in $(seq 300); do mkdir -p {DEAD}$i/d; done")
    cache = {"XDG_CACHE_HOME": str(alone.store.parent / "cache")}
    crowd = [alone.start("clean", env=cache, stderr=subprocess.PIPE) for _ in range(4)]
    said = [process.communicate()[1].decode() for process in crowd]
    assert [process.returncode for process in crowd] == [0] * 4, said
    assert os.listdir(alone.store / "tmp") == []
    counts = [re.match(r"(\d+) leftovers? removed", words) for words in said]
    assert sum(int(count[1]) for count in counts if count) == 300, said


def test_the_sweep_of_other_verbs_takes_no_python(alone: Bench) -> None:
    image = alone.layer("echo x >f")
    _put(alone, f"mkdir tmp/{DEAD}; ln -s ../layer/0/77 index/77")
    done = alone("rm", image, check=True)
    assert (done.stdout, os.listdir(alone.store / "tmp")) == ("", [])
    assert os.listdir(alone.store / "index") == ["0"]


def test_caches_are_plashuis_if_they_may_be_of_stores_that_are_gone(
    alone: Bench, cleaned: Callable[[], str]
) -> None:
    alone.layer("true")
    made = (alone.store / "layer/0/_data").stat()
    ours = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    caches = alone.store.parent / "cache/plashui"
    for name, age, answer in (
        (f"facts-{ours}", 2 * MONTH, "nothing was left behind\n"),
        ("facts-1-2-3", 0, "nothing was left behind\n"),
        ("facts-1-2-4", MONTH, "<clean>"),
        ("facts-1-2-3.99.new", 0, "<clean>"),
    ):
        path = caches / name
        alone.person.run(["mkdir", "-p", caches], check=True)
        alone.person.run(
            ["touch", "-d", f"@{int(time.time()) - age}", path], check=True
        )
        assert cleaned() == answer
        if answer == "<clean>":
            path.unlink()


def test_options_and_stores_of_others_are_as_ever(alone: Bench) -> None:
    assert alone("clean", "--help").stdout == "<help><clean>"
    assert alone("clean", "all").stdout == "<clean><all>"
    if alone.person.map == "root" and os.geteuid() == 0:
        os.chown(alone.store, 65534, 65534)
        done = alone("clean")
        assert done.returncode == 1
        assert "belongs to the user" in done.stderr
