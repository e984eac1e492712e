"""Fifty commands at once on one store: no id twice, nothing lost, no stack trace."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

PATIENCE = 300  # seconds after which it is a deadlock


class Crowd:
    """Commands started all at once, and how each ended."""

    def __init__(self, person: Person, store: Path, lines: list[list[str]]) -> None:
        """Start them; a pipe lets all of them go at the same moment."""
        env = {"PLASH_DATA": str(store)}
        gate, ours = os.pipe()
        script = 'read _; exec "$0" "$@" </dev/null'
        started = [
            subprocess.Popen(
                person.argv(["sh", "-c", script, person.bin / "plash", *line]),
                env=person.environment(env),
                cwd=person.home,
                stdin=gate,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for line in lines
        ]
        os.close(gate)
        os.close(ours)
        self.ended = [
            (line, process.communicate(timeout=PATIENCE), process.returncode)
            for line, process in zip(lines, started, strict=True)
        ]
        for line, (_out, errors), status in self.ended:
            assert "Traceback" not in errors, (line, errors)
            assert status in (0, 1), (line, status, errors)
            if status:
                last = errors.splitlines()[-1]  # a plan is printed before
                assert last.startswith("plash error: "), (line, errors)

    def all_worked(self) -> None:
        """Each ended well."""
        for line, (_out, errors), status in self.ended:
            assert status == 0, (line, errors)

    def printed(self, *verbs: str) -> list[int]:
        """What the commands of these verbs printed."""
        found = [out for line, (out, _e), status in self.ended if line[0] in verbs]
        return [int(out) for out in found if out]


def stack(plashui: Run, person: Person, place: Path, parent: str = "0") -> str:
    """A new image of one small file."""
    layer = place / "layer"
    script = 'mkdir "$0" && echo x >"$0/file"'
    person.run(["sh", "-c", script, layer], check=True)
    return plashui("stack", parent, layer).stdout.strip()


def consistent(plashui: Run, store: Path) -> list[int]:
    """The ids of a store in which all that is said of an image agrees."""
    rows = json.loads(plashui("ls", "--json").stdout)
    found = sorted(row["id"] for row in rows)
    assert found == images(store)
    for link in (store / "index").iterdir():
        assert link.exists(), f"{link.name} leads nowhere"
    on_disk = {
        int(path.name)
        for path in (store / "layer").rglob("[1-9]*")
        if "_data" not in path.relative_to(store).parts and path.is_dir()
    }
    assert on_disk == set(found), "an image has a link, and a link an image"
    assert leftovers(store) == []
    assert (store / "id_counter").stat().st_size >= max(found, default=0)
    return found


def test_fifty_commands_at_once(
    plashui: Run, person: Person, store: Path, image: str, playground: Path
) -> None:
    place = playground / "place"
    person.run(["mkdir", place], check=True)
    victims = [stack(plashui, person, place) for _number in range(10)]
    back = victims.pop()
    gone = victims.pop()
    for word in (back, gone):
        assert plashui("rm", "--trash", word).returncode == 0
    dirs = [str(place / f"dir-{number}") for number in range(5)]
    person.run(["mkdir", *dirs], check=True)
    lines = [["build", image, "touch", f"/made-{number}"] for number in range(12)]
    lines += [["stack", image, directory] for directory in dirs]
    lines += [["rm", word] for word in victims[:4]]
    lines += [["rm", "--trash", word] for word in victims[4:]]
    lines += [["restore", back], ["trash", "--empty", gone]]
    lines += [["map", f"name-{number}", image] for number in range(5)]
    lines += [["map", "shared", image]] * 5
    lines += [["clean"]] * 5
    lines += [["check", image, "/etc/passwd"], ["check", image, "/etc/group"]]
    lines += [["cache", "build", image, "touch", "/cached"]] * 2
    lines += [["ls", "--json"], ["df"], ["trash"], ["init"]]
    assert len(lines) >= 50
    crowd = Crowd(person, store, sorted(lines, key=lambda line: line[-1]))
    crowd.all_worked()
    built = crowd.printed("build", "stack")
    assert len(set(built)) == 17, "no id twice"
    kept = {int(image), int(back), *built, *crowd.printed("check", "cache")}
    left = consistent(plashui, store)
    # Two that make the same for the cache may both make it; then one is not told of.
    assert set(left) >= kept
    assert len(left) <= len(kept) + 1
    trashed = json.loads(plashui("trash", "--json").stdout)
    assert sorted(one["id"] for one in trashed) == sorted(map(int, victims[4:]))
    names = json.loads(plashui("show", image, "--json").stdout)["names"]
    assert names == [*(f"name-{number}" for number in range(5)), "shared"]
    newest = str(built[-1])
    assert plashui("run", newest, "true").returncode == 0


def test_what_is_built_on_while_it_is_removed_is_gone_whole_or_there_whole(
    plashui: Run, person: Person, store: Path, image: str
) -> None:
    parents = [
        plashui("build", image, "touch", f"/{number}").stdout.strip()
        for number in range(5)
    ]
    lines = [
        line
        for parent in parents
        for line in (["build", parent, "touch", "/x"], ["rm", parent], ["clean"])
    ]
    crowd = Crowd(person, store, lines)
    left = consistent(plashui, store)
    for build, remove, clean in zip(*[iter(crowd.ended)] * 3, strict=True):
        parent = int(build[0][1])
        assert clean[2] == 0
        if remove[2] == 0:
            assert parent not in left
            continue
        said = remove[1][1]
        assert "in use" in said or "changed since" in said, said
        assert parent in left
        if build[2] == 0:
            assert int(build[1][0]) in left, "what was told of is there"
    for number in left:
        assert plashui("run", str(number), "true").returncode == 0


def test_shrinks_at_once_with_all_else_take_no_more_than_they_may(
    plashui: Run, person: Person, store: Path, image: str, playground: Path
) -> None:
    assert plashui("pin", image).returncode == 0
    leaves = [stack(plashui, person, playground, image) for _number in range(12)]
    pinned, named, removed = leaves[:3], leaves[3:6], leaves[6:9]
    assert plashui("pin", *pinned).returncode == 0
    for leaf in named:
        assert plashui("map", f"name-{leaf}", leaf).returncode == 0
    lines = [["shrink", "--to", "0"], ["shrink"], ["shrink", "--trash"]] * 5
    lines += [["map", f"more-{number}", image] for number in range(3)]
    lines += [["rm", leaf] for leaf in removed]
    lines += [["build", image, "touch", f"/made-{number}"] for number in range(12)]
    lines += [["clean"], ["ls"], ["ps"], ["shrink", "--dry-run"], ["pin"]] * 3
    lines += [["restore", leaves[-1]], ["trash", "--empty"]]
    assert len(lines) >= 50
    crowd = Crowd(person, store, sorted(lines, key=lambda line: line[-1]))
    built = crowd.printed("build")
    assert len(set(built)) == len(built), "no id twice"
    left = consistent(plashui, store)
    assert set(left) >= {int(image), *map(int, pinned), *map(int, named)}
    for line, (_out, errors), status in crowd.ended:
        if line[0] in ("map", "clean", "ls", "ps", "pin", "trash"):
            assert status == 0, (line, errors)
    for number in left:
        assert plashui("run", str(number), "true").returncode == 0
