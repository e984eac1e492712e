"""Walking trees of any shape: what they take, and taking them away."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.conftest import Bench
from tests.tools import du, wait_for

TREE = (
    "mkdir -p a/b/c d; dd if=/dev/zero of=a/f bs=1k count=100 2>/dev/null;"
    " ln a/f a/b/g; ln a/f d/h; echo x >a/b/c/i; ln -s nowhere j; mkfifo k;"
    " dd if=/dev/zero of=sparse bs=1 count=1 seek=10000000 2>/dev/null;"
    " printf x >\"$(printf 'n\\nl\\033')\"; mkdir \"$(printf 'bad\\377')\""
)


def deep(plash: Bench, name: str, depth: int, twins: bool = False) -> Path:
    """A work directory with a chain of directories far beyond PATH_MAX."""
    work = plash.work(name)
    program = plash.person.program(__file__, "deep_tree.py")
    words = ["/usr/bin/python3", program, work, str(depth), "1" if twins else ""]
    plash.person.run(words, check=True)
    return work


def measure(
    plash: Bench, *paths: str, options: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The results in the order of the paths."""
    found = plash.json(["engine:usage", *options, plash.store, *paths])
    return sorted(found, key=lambda one: int(one["n"]))


def test_usage_is_what_du_says_to_the_byte(plash: Bench, image: str) -> None:
    plash.work("t")
    plash.sudo(f'cd "$0" && {TREE}', plash.store / "tmp/t")
    node = f"layer/0/{image}"
    paths = ["tmp/t", f"{node}/_data/root", node, "id_counter", "."]
    results = measure(plash, *paths)
    for path, found in zip(paths, results, strict=True):
        assert found["allocated"] == du(plash.person, plash.store / path), path
        assert found["failed"] == 0
    assert results[0]["files"] == 8
    assert results[0]["dirs"] == 7


def test_what_is_beside_the_layers_and_they_are_all_there_is(
    plash: Bench, image: str
) -> None:
    plash.work("t")
    node = f"layer/0/{image}"
    # A link and what is within an image may have the names of what is left out.
    plash.sudo(
        'cd "$0" && mkdir -p 9/_data/root/7/_data x/7/_data 8 ../../../trash/3/_data'
        " && for d in . 9 9/_data x/7/_data ../../../trash/3 ../../../trash/3/_data; do"
        " dd if=/dev/zero of=$d/f bs=1k count=9 2>/dev/null; done; ln -s x 8/_data",
        plash.store / node,
    )
    contents = [f"{node}/_data", f"{node}/9/_data", "trash/3/_data"]
    rest, tmp = measure(plash, ".", "tmp", options=["--beside-layers"])
    layers = measure(plash, *contents)
    assert tmp["allocated"] == du(plash.person, plash.store / "tmp")
    found = sum(one["allocated"] for one in [rest, tmp, *layers])
    links = os.lstat(plash.store / node / "8/_data").st_blocks * 512
    assert found + links == du(plash.person, plash.store)


def kept_nodes(file: Path) -> set[int]:
    """The ids of the images of which something is kept; 0 stands for the index."""
    if not file.is_file():
        return set()
    records = struct.iter_unpack("=QQQqqQIBBxx", file.read_bytes()[24:])
    return {record[1] for record in records}


def test_what_is_kept_from_one_counting_to_the_next_is_what_du_says(
    plash: Bench, image: str
) -> None:
    node = plash.store / f"layer/0/{image}"
    file = plash.person.home / "nodes"
    plash.sudo(
        'cd "$0" && for d in 20 20/21 20/22 20/22/23 ../../../trash/24; do'
        " mkdir -p $d/_data/root $d/_meta; echo {} >$d/_meta/image.json; done",
        node,
    )

    def rest() -> int:
        options = ["--beside-layers", "--kept", str(file)]
        (found,) = measure(plash, ".", options=options)
        contents = plash.sudo(
            'cd "$0"; find . -path ./layer/0/_data -prune -o -name _data -prune -print0'
            " | xargs -0 du -s --block-size=1 | awk '{ n += $1 } END { print n }'",
            plash.store,
        )
        assert found["failed"] == 0
        assert found["allocated"] == du(plash.person, plash.store) - int(contents)
        return int(found["allocated"])

    def keep(*images: int) -> None:
        """Count until these are kept: one that has just changed is not."""
        wait_for(lambda: rest() and kept_nodes(file) == {0, *images}, "all is kept")

    number = int(image)
    keep(number, 20, 21, 22, 23, 24)
    fill = "dd if=/dev/zero bs=1k count=40 conv=notrunc oflag=append 2>/dev/null of="
    for change in (
        f"{fill}20/21/beside",
        f"{fill}20/21/beside",
        "mkdir 20/_meta/x",
        f"{fill}20/_meta/x/y",
        f"{fill}20/22/new && mv 20/22/new 20/22/_meta/image.json",
        "mkdir -p 20/22/23/25/_data",
        "ln -s $(printf %0300d 7) ../../../index/98",
    ):
        before = rest()
        plash.sudo(f'cd "$0" && {change}', node)
        grown = rest() > before
        assert grown or not change.startswith(fill), change  # on a tmpfs only these
    keep(number, 22, 23, 24, 25)
    link = "ln 20/22/23/_meta/image.json 20/22/23/_meta/run.conf"
    for change in (link, "mv 20/22 26", "rm -r 20", "mv ../../../trash/24 24"):
        plash.sudo(f'cd "$0" && {change}', node)
        rest()
    keep(number, 24, 25, 26)
    for damage in (b"", b"plash nodes 1\n\0", b"x" * 3000, file.read_bytes()[:99]):
        file.write_bytes(damage)
        rest()


def test_usage_of_what_is_not_there(plash: Bench) -> None:
    found = measure(plash, "tmp", "nope", "tmp/../..", "/etc")
    assert [one.get("missing", False) for one in found] == [False, True, True, True]


def test_usage_follows_no_link_out_of_the_store(plash: Bench) -> None:
    (plash.store / "out").symlink_to("/etc")
    link, beyond = measure(plash, "out", "out/passwd")
    assert (link["files"], link["apparent"]) == (1, 4)
    assert beyond == {"n": 1, "missing": True}


def test_usage_of_very_many_operands(plash: Bench) -> None:
    plash.sudo('cd "$0" && mkdir $(seq 500)', plash.store / "tmp")
    found = measure(plash, *[f"tmp/{n}" for n in range(1, 501)])
    assert [one["n"] for one in found] == list(range(500))
    assert all(one["dirs"] == 1 for one in found)


@pytest.mark.parametrize(("depth", "twins"), [(5000, False), (1500, True)])
def test_trees_deeper_than_any_path(plash: Bench, depth: int, twins: bool) -> None:
    work = deep(plash, "deep", depth, twins)
    (found,) = measure(plash, "tmp/deep")
    assert found["dirs"] == 2 + depth * (1 + twins)
    assert found["files"] == depth
    assert found["failed"] == 0
    assert found["allocated"] == du(plash.person, work)
    (removed,) = plash.json(["engine:remove", plash.store, "deep"])
    assert removed == {
        "files": found["files"],
        "dirs": found["dirs"],
        "failed": 0,
    }
    assert not work.exists()


def test_a_deep_tree_with_branches_needs_few_descriptors(plash: Bench) -> None:
    # every level has a second directory that waits until the first is finished
    work = deep(plash, "deep", 1500, twins=True)
    script = 'ulimit -n 700 && exec "$@"'
    for verb, operand in (("engine:usage", "tmp/deep"), ("engine:remove", "deep")):
        words = ["sh", "-c", script, "sh", plash.program, verb, plash.store, operand]
        done = plash.person.run(words, env=plash.environment(), check=True)
        assert '"failed":0' in done.stdout, done.stdout
    assert not work.exists()


def test_directories_that_forbid_everything_are_measured_and_removed(
    plash: Bench,
) -> None:
    script = (
        'cd "$0" && mkdir -p a/b c && echo x >a/b/f && echo y >c/g'
        " && chmod 0 a/b/f a/b && chmod 500 c && chmod 0 a"
    )
    work = plash.work("closed")
    plash.sudo(script, work)
    (found,) = measure(plash, "tmp/closed")
    assert (found["files"], found["dirs"], found["failed"]) == (2, 5, 0)
    (removed,) = plash.json(["engine:remove", plash.store, "closed"])
    assert (removed["files"], removed["dirs"], removed["failed"]) == (2, 5, 0)
    assert not work.exists()


def test_without_any_namespace_one_still_removes_what_is_ones_own(
    plash: Bench,
) -> None:
    work = plash.work("closed")
    plash.sudo('cd "$0" && mkdir -p a/b && : >a/b/f && chmod 0 a/b a', work)
    env = {"PLASH_NO_UNSHARE": "1"}
    done = plash("engine:remove", plash.store, "closed", env=env)
    assert done.returncode == 0, done.stdout
    assert not work.exists()


def test_a_removal_follows_no_link(plash: Bench, playground: Path) -> None:
    precious = playground / "precious"
    plash.sudo('mkdir "$0" && : >"$0/file"', precious)
    work = plash.work("links")
    plash.sudo('ln -s "$1" "$0/link"', work, precious)
    (plash.store / "tmp/top").symlink_to(precious)
    plash.json(["engine:remove", plash.store, "links", "top"])
    assert (precious / "file").exists()
    assert list((plash.store / "tmp").iterdir()) == []


def test_a_removal_enters_no_other_mount(plash: Bench, playground: Path) -> None:
    precious = playground / "precious"
    work = plash.work("mounted")
    script = (
        'mkdir "$1"; : >"$1/file"; mkdir "$0/here"; mount --bind "$1" "$0/here";'
        ' "$2" engine:remove "$3" mounted; echo $?; ls "$1"'
    )
    shown = plash.sudo(script, work, precious, plash.program, plash.store)
    assert shown.splitlines()[-2:] == ["1", "file"]
    assert '"failed":1}' in shown
    assert (precious / "file").exists()


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../index", "/etc"])
def test_only_names_in_tmp_are_removed(plash: Bench, name: str) -> None:
    done = plash("engine:remove", plash.store, name)
    assert done.returncode == 1
    assert "only a name in the store's tmp directory" in done.stderr
    assert (plash.store / "index").is_dir()


def test_what_cannot_be_removed_is_counted_and_named(plash: Bench) -> None:
    if plash.person.map != "root":
        pytest.skip("only root makes a file immutable")
    work = plash.work("hard")
    plash.sudo('cd "$0" && mkdir -p a/b && : >a/b/f && : >a/g', work)
    (work / "stuck").touch()
    made = plash.person.run(["chattr", "+i", work / "stuck"])
    if made.returncode:
        pytest.skip("the file system has no immutable files")
    try:
        done = plash("engine:remove", plash.store, "hard")
    finally:
        plash.person.run(["chattr", "-i", work / "stuck"], check=True)
    assert done.returncode == 1
    assert '"failed":1}' in done.stdout
    why = "Operation not permitted; everything else is removed. It is immutable, "
    assert done.stderr.startswith(f"plash error: cannot remove {work}/stuck: {why}")
    assert done.stderr.count("\n") == 1
    assert os.listdir(work) == ["stuck"]


def test_wide_directories_take_no_more_descriptors(plash: Bench) -> None:
    work = plash.work("wide")
    plash.sudo(
        'cd "$0" && for d in $(seq 60); do mkdir -p $d/$(seq -s / 20); done', work
    )
    plash.sudo('cd "$0" && : >1/f && mkdir $(seq -f x%g 1000)', work)
    script = f'ulimit -n 700; exec "{plash.program}" "$@"'
    words = ["bash", "-c", script, "x", "engine:usage", plash.store, "tmp/wide"]
    done = plash.person.run(words, check=True)
    assert '"failed":0' in done.stdout
    words = ["bash", "-c", script, "x", "engine:remove", plash.store, "wide"]
    assert plash.person.run(words).returncode == 0


def test_the_end_of_the_lifeline_stops_the_walk(plash: Bench, playground: Path) -> None:
    """It reads EOF at once, here, so nothing or little is removed."""
    work = plash.work("deep")
    plash.sudo('cd "$0" && mkdir $(seq 2000)', work)
    script = (
        f'exec 8</dev/null; exec "{plash.program}" engine:remove --lifeline-fd 8 "$@"'
    )
    words = ["bash", "-c", script, "x", plash.store, "deep"]
    done = plash.person.run(words)
    assert done.returncode in (0, 1)
    assert done.returncode == (1 if work.exists() else 0)
    assert os.listdir(playground) == ["store"]
