"""What is worked out of layers, against the kernel: every stack of three small ones.

Each stack is a directory of one image, so that one mount shows them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import playground_in
from tests.helpers.conftest import Bench, make_store
from tests.helpers.image.test_list_and_read import Row, rows
from tests.image.stacks import Layer, stacks
from tests.people import Person
from tests.tools import with_attributes


@pytest.fixture
def store(
    person: Person, base: Path, memory: Path, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """An empty store where tens of thousands of directories are soon made and gone."""
    quick = with_attributes(memory, base)
    for place in playground_in(quick, person, request.node.name):
        yield make_store(person, place / "store")


@pytest.fixture
def plash(person: Person, store: Path) -> Bench:
    """The helper, on the person's empty store."""
    return Bench(person, store)


def make(plash: Bench, layers: Sequence[Layer], number: int, parent: str) -> str:
    """An image whose layer has one of these in each of its directories."""
    told = plash.store.parent / f"layer{number}.json"
    told.write_text(json.dumps(layers))
    told.chmod(0o644)
    program = plash.person.program(__file__, "make_stacks.py")
    words = f"python3 {program} {told} {number} {plash.person.map}"
    return plash.layer(words, parent)


@pytest.fixture
def chain(plash: Bench) -> list[str]:
    """Images 1, 2 and 3 on one another; and image 4, beside 3 on image 2."""
    every = [*stacks(3)]
    images = ["0"]
    for number in (1, 2, 3):
        layers = [stack[3 - number] for stack in every]
        images.append(make(plash, layers, number, images[-1]))
    other = [stack[0] for stack in reversed(every)]
    return [*images[1:], make(plash, other, 4, images[2])]


def kernel(plash: Bench, image: str) -> dict[str, Row]:
    """What the kernel says is in an image."""
    return rows(plash, image, "/", "--recursive")


def told(plash: Bench, *words: str) -> dict[str, Any]:
    """What `diff` says changed: how, by path."""
    done = plash("diff", "--json", *words, check=True)
    return {one["path"][1:]: one for one in json.loads(done.stdout)}


def test_every_stack_is_what_the_kernel_makes_of_it(
    plash: Bench, chain: list[str]
) -> None:
    for image in chain[2:]:
        seen = {
            path: (row.kind, row.mode) for path, row in kernel(plash, image).items()
        }
        words = {"file": "-", "directory": "d"}
        ours = {
            path: (words[one["after"]["type"]], f"{int(one['after']['mode'], 8):o}")
            for path, one in told(plash, "0", image).items()
        }
        assert ours == seen


def test_two_images_differ_in_what_the_kernel_shows(
    plash: Bench, chain: list[str]
) -> None:
    for old, new in [(1, 3), (3, 4), (4, 2)]:
        before, after = (kernel(plash, chain[n - 1]) for n in (old, new))
        changes = told(plash, chain[old - 1], chain[new - 1])
        assert {p for p, c in changes.items() if c["change"] == "added"} == (
            after.keys() - before.keys()
        )
        assert {p for p, c in changes.items() if c["change"] == "deleted"} == (
            before.keys() - after.keys()
        )
        assert {p for p, c in changes.items() if "mode" in c["aspects"]} == {
            p
            for p in before.keys() & after.keys()
            if before[p].kind == after[p].kind and before[p].mode != after[p].mode
        }
        assert {p for p, c in changes.items() if "type" in c["aspects"]} == {
            p for p in before.keys() & after.keys() if before[p].kind != after[p].kind
        }


def same(row: Row) -> Iterator[str]:
    """What must be the same wherever a thing is: not its blocks and number."""
    yield from row[:5]
    yield row.size if row.kind != "d" else ""
    yield from row[7:11]
    yield row.attributes


def test_every_stack_squashed_is_the_same(plash: Bench, chain: list[str]) -> None:
    expected = {path: [*same(row)] for path, row in kernel(plash, chain[2]).items()}
    for onto in ("0", chain[0]):
        done = plash("squash", chain[2], "--onto", onto, check=True)
        new = done.stdout.strip()
        assert plash("parent", new).stdout.strip() == onto
        found = {path: [*same(row)] for path, row in kernel(plash, new).items()}
        assert found == expected
        if onto == "0":
            layer = rows(plash, new, "/", "--layer", "--recursive").values()
            assert not [row for row in layer if row.kind == "w" or row.mark]
