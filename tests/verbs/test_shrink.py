"""shrink: the plan is printed, exactly that goes, and what must stay stays."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import InUse, Named, Needed, Pinned, PlashError
from plashui.base.units import size
from plashui.store.store import Store
from plashui.verbs import shrink
from tests.people import Person
from tests.tools import du, images, leftovers
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

LONG_AGO = 1_000_000_000


@pytest.fixture
def grove(plashui: Run, image: str) -> list[str]:
    """1 ── 2 ── 3, 1 ── 4 ── 5: 5 is named; all of them are busybox and a little."""
    ids = [image]
    for parent in (0, 1, 0, 3):
        script = "head -c 200000 /dev/urandom > /data$RANDOM"
        done = plashui("build", ids[parent], "sh", "-c", script)
        assert done.returncode == 0, done.stderr
        ids.append(done.stdout.strip())
    plashui("map", "kept", ids[4])
    return ids


def plan(plashui: Run, *words: str) -> dict[str, Any]:
    done = plashui("shrink", "--json", "--dry-run", *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    found["ids"] = [step["id"] for step in found["images"]]
    return found


def without_ages(text: str) -> str:
    return re.sub(r"\d+ (s|min) ", "", text)


@contextmanager
def running(person: Person, store: Path, image: str) -> Iterator[None]:
    """A command runs in the image."""
    words = [person.bin / "plash", "run", image, "cat"]
    env = {"PLASH_DATA": str(store)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = person.start(words, env=env, **pipes)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(b"up\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"up\n"
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def test_half_goes_the_oldest_leaves_first_as_in_the_old_program(
    plashui: Run, store: Path, person: Person, grove: list[str]
) -> None:
    base, second, third, fourth, fifth = map(int, grove)
    dry = plashui("shrink", "--names", "--dry-run")
    assert dry.returncode == 0
    assert dry.stdout == ""
    table = [line.split() for line in dry.stderr.splitlines()[1:4]]
    assert [line[0] for line in table] == [str(third), str(second), str(fifth)]
    assert "3 of 5 images to go" in dry.stderr
    assert images(store) == [base, second, third, fourth, fifth], "nothing went"
    said = plan(plashui, "--names")
    assert said["ids"] == [third, second, fifth]
    before = du(person, store)
    done = plashui("shrink", "--names")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    printed = without_ages(dry.stderr)
    assert without_ages(done.stderr).startswith(printed), "the plan that was printed"
    assert images(store) == [base, fourth]
    freed = before - du(person, store)
    assert f"3 images removed, {size(freed)} freed" in done.stderr
    assert size(said["freed"]) == size(freed)
    assert leftovers(store) == []
    assert plashui("map", "kept").stdout == ""


def test_named_pinned_and_used_ones_stay_with_all_they_stand_on(
    plashui: Run, store: Path, person: Person, grove: list[str]
) -> None:
    base, second, third, fourth, fifth = map(int, grove)
    assert plan(plashui)["ids"] == [third, second], "5 is named, so 4 and 1 stay"
    assert plan(plashui)["named"] == [fifth]
    assert plan(plashui)["short"] is True
    plashui("pin", str(second))
    assert plan(plashui)["ids"] == [third]
    plashui("pin", "--off", str(second))
    with running(person, store, str(third)):
        said = plan(plashui, "--names")
        assert said["in_use"] == [third]
        assert said["ids"] == [fifth, fourth]
        done = plashui("shrink", "--to", "0")
        assert done.returncode == 0
        assert "nothing to take" in done.stderr
        assert "1 in use, 1 named: those stay" in done.stderr
        assert images(store) == [base, second, third, fourth, fifth]
        assert plashui("shrink", "--to", "0", "--names").returncode == 0
        assert images(store) == [base, second, third]
    assert plashui("shrink", "--to", "0").returncode == 0
    assert images(store) == []


def test_down_to_a_size_and_into_the_trash(plashui: Run, grove: list[str]) -> None:
    _base, second, third, *_rest = map(int, grove)
    total = json.loads(plashui("df", "--json").stdout)["images"]
    assert plan(plashui, "--to", str(total))["ids"] == []
    assert plan(plashui, "--to", str(total - 1))["ids"] == [third]
    done = plashui("shrink", "--to", str(total - 300_000), "--trash", "--json")
    assert done.returncode == 0, done.stderr
    assert "moved to the trash" in done.stderr
    said = json.loads(done.stdout)
    assert said["dry_run"] is False
    assert said["before"] == total
    assert json.loads(plashui("df", "--json").stdout)["images"] == said["after"]
    in_trash = {e["id"] for e in json.loads(plashui("trash", "--json").stdout)}
    assert in_trash == {second}, "one and what stood on it is one removal"
    assert plashui("restore", str(third)).returncode == 0
    assert json.loads(plashui("df", "--json").stdout)["images"] == total


def test_old_and_unused_ones_go_and_a_run_is_a_use(
    plashui: Run, plash: Run, store: Path, person: Person, grove: list[str]
) -> None:
    base, second, third, fourth, _fifth = map(int, grove)
    assert plan(plashui, "--older", "1h")["ids"] == []
    for image in (base, second, third, fourth):
        node = Path(plashui("nodepath", str(image)).stdout.strip())
        notes = node / "_meta/image.json"
        value = json.loads(notes.read_text())
        value["created"] = "2001-09-09T01:46:40+00:00"
        notes.write_text(json.dumps(value))
    for file in person.home.glob(".cache/plashui/facts-*"):
        file.unlink()  # what never changes was changed
    assert plan(plashui, "--older", "30d")["ids"] == [third, second]
    assert plan(plashui, "--unused", "14d")["ids"] == [third], "2 was built upon"
    used = store / "layer/0/_meta/used"
    for note in used.iterdir():
        os.utime(note, (LONG_AGO, LONG_AGO))
    assert plan(plashui, "--unused", "14d")["ids"] == [third, second]
    rows = {row["id"]: row for row in json.loads(plashui("ls", "--json").stdout)}
    assert rows[second]["used"] == LONG_AGO
    assert rows[third]["used"] is None
    assert "last used     never" in plashui("show", str(third)).stdout
    assert plash("run", str(third), "true").returncode == 0
    rows = {row["id"]: row for row in json.loads(plashui("ls", "--json").stdout)}
    assert rows[third]["used"] > LONG_AGO
    assert plan(plashui, "--unused", "14d")["ids"] == []
    assert "last used     never" not in plashui("show", str(third)).stdout
    assert plashui("shrink", "--older", "30d").returncode == 0
    assert second not in images(store)


def test_a_size_or_an_age_that_is_none_is_refused_with_an_example(
    plashui: Run, grove: list[str], store: Path
) -> None:
    for words, example in (
        (["--to", "many"], "10G"),
        (["--older", "30"], "30d"),
        (["--unused", "-1d"], "30d"),
    ):
        done = plashui("shrink", f"{words[0]}={words[1]}")
        assert done.returncode == 1
        assert example in done.stderr
        assert done.stdout == ""
    assert len(images(store)) == len(grove)


@pytest.mark.parametrize("way", ["pin", "late pin", "name", "late name", "child"])
def test_a_store_that_changed_since_the_plan_is_left_as_it_is_and_it_is_said(
    plashui: Run, store: Path, person: Person, image: str, way: str
) -> None:
    child = plashui("build", image, "touch", "/x").stdout.strip()
    program = person.program(__file__, "changed_since_plan.py")
    words = [person.bin / "python3", program, store, way, child]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    kind, _bar, said = done.stdout.strip().partition("|")
    if way == "late pin":
        assert (kind, said) == ("Pinned", f"image {child} is pinned")
    elif way == "late name":
        assert (kind, said) == (
            "Named",
            f"image {child} has been named 'late' in the meantime",
        )
        assert plashui("id", "late").stdout == f"{child}\n"
    else:
        assert kind == "PlanChanged"
        gone = f"{image}, {child} would not be removed"
        more = "99 would be removed, too" if way == "child" else gone
        assert more in said
    assert {int(image), int(child)} <= set(images(store))
    assert leftovers(store) == []
    assert not list(store.glob("trash/*"))


def test_an_empty_store_is_no_error(plashui: Run) -> None:
    for words in ([], ["--to", "10G"], ["--dry-run"]):
        done = plashui("shrink", *words)
        assert done.returncode == 0
        assert "nothing to take" in done.stderr


@pytest.mark.parametrize(
    "state", [InUse("image 7 is in use", ()), Named(7, "x"), Needed([7]), Pinned([7])]
)
def test_what_comes_in_between_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, state: PlashError
) -> None:
    def carry_out(*_plan: object, **_how: object) -> None:
        raise state

    monkeypatch.setattr("plashui.operations.shrink.carry_out", carry_out)
    planned: Any = None
    with pytest.raises(PlashError, match=r"\. Nothing was removed: try again"):
        shrink._carry_out(Store("/store"), planned, trash=False)
