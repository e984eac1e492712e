"""A directory is packed as its root sees it, and nothing is written."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers import refusing
from tests.helpers.conftest import Bench


@pytest.fixture
def tree(plash: Bench, playground: Path) -> Path:
    """A directory with a file of the person's, closed to nobody."""
    place = playground / "tree"
    plash.sudo('mkdir -p "$0/b" "$0/a" && echo x >"$0/a/file"', place)
    return place


def pack(plash: Bench, *words: str | Path, **env: str) -> bytes:
    """The bytes of `engine:pack`, which must work without a word."""
    done = subprocess.run(
        plash.person.argv([plash.program, "engine:pack", *words]),
        env={**plash.person.environment(), **env},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def members(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: member for member in tar}


def test_the_same_tree_gives_the_same_bytes_in_order(plash: Bench, tree: Path) -> None:
    first = pack(plash, tree)
    assert pack(plash, tree) == first
    assert [*members(first)] == [".", "./a", "./a/file", "./b"]
    assert all(not member.uname for member in members(first).values())


def test_the_callers_habits_of_tar_do_not_count(
    plash: Bench, tree: Path, playground: Path
) -> None:
    habit = f"--checkpoint=1 --checkpoint-action=exec='touch {playground}/done'"
    assert pack(plash, tree, TAR_OPTIONS=habit) == pack(plash, tree)
    assert not (playground / "done").exists()


def test_who_has_no_number_inside_is_nobody_or_root(plash: Bench, tree: Path) -> None:
    if os.geteuid() != 0:
        cannot("only root can give a file to another user")
    file = next(tree.glob("a/file"))
    os.chown(file, 4321, 1234)
    file.chmod(0o644)
    plain = members(pack(plash, tree))["./a/file"]
    adopted = members(pack(plash, "--strangers-to-root", tree))["./a/file"]
    if plash.person.map == "root":
        assert (plain.uid, plain.gid) == (adopted.uid, adopted.gid) == (4321, 1234)
    else:
        assert (plain.uid, plain.gid) == (65534, 65534)
        assert (adopted.uid, adopted.gid) == (0, 0)


def test_it_is_fenced_in_and_works_where_the_fence_is_lacking(
    plash: Bench, tree: Path, playground: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root can play another kernel without giving up newuidmap")
    script = 'exec 7>"$0"; exec "$1" engine:pack --status-fd 7 "$2"'
    words: list[object] = ["sh", "-c", script, playground / "events"]
    words = [*plash.person.argv([*words, plash.program, tree])]
    seen = []
    for argv in (words, refusing.behind("landlock_create_ruleset=ENOSYS", words)):  # type: ignore[arg-type]
        done = subprocess.run(
            [str(word) for word in argv],
            env=plash.person.environment(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert "./a/file" in members(done.stdout)
        ready = json.loads((playground / "events").read_text().splitlines()[0])
        assert ready["map"] == plash.person.map
        seen.append(ready["landlock"])
    assert seen[1] == 0


def test_what_cannot_be_packed_says_so(
    plash: Bench, tree: Path, playground: Path
) -> None:
    missing = plash("engine:pack", playground / "none")
    assert missing.returncode == 1
    assert missing.stderr.startswith("plash error: cannot read ")
    assert plash("engine:pack", tree / "a/file").returncode == 1
    assert plash("engine:pack", tree, tree).returncode == 2


def test_it_ends_when_its_caller_does(plash: Bench, tree: Path) -> None:
    plash.sudo('head -c 3000000 /dev/zero >"$0/b/big"', tree)
    lifeline, ours = os.pipe()
    try:
        process = plash.start(
            *("engine:pack", "--lifeline-fd", lifeline, tree),
            stdout=subprocess.PIPE,
            pass_fds=(lifeline,),
        )
        assert process.stdout is not None
        assert process.stdout.read(1) == b"."
    finally:
        os.close(lifeline)
        os.close(ours)
    assert process.wait(60) != 0
    process.stdout.close()
