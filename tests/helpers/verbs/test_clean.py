"""clean says that nothing is left with no Python started, and hands over all else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from tests.helpers.conftest import Bench

DEAD = "plashtmp_4194305_4194306_abc"
MONTH = 31 * 86400


def _put(alone: Bench, script: str) -> None:
    alone.person.run(["sh", "-ec", script], cwd=alone.store, check=True)


LEFT: dict[str, str] = {
    "work": f"mkdir tmp/{DEAD}",
    "link": "ln -s ../layer/0/77 index/77",
    "name": "ln -s ../layer/0/77 map/gone",
    "mark": "mkdir -p layer/0/_meta/used; touch layer/0/_meta/used/77",
    "draft of one": "cd layer/0; mkdir -p _meta/written; touch _meta/written/1.7.new",
    "draft": "mkdir -p memory; touch memory/x.4194306.new",
    "changes": "mkdir -p kept/1-ab12/data",
    "download": "mkdir -p downloads; touch downloads/x.part",
    "old blob": "mkdir blobs; touch -d '31 days ago' blobs/0",
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
def test_what_could_be_left_is_plashuis(
    alone: Bench, cleaned: Callable[[], str], what: str
) -> None:
    alone.layer("true")
    _put(alone, LEFT[what])
    assert cleaned() == "<clean>"


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
