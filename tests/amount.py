"""How much is tested: PLASHUI_TEST in the environment.

* `few`: of each test one thing that it is given, for one kind of person. It is enough
  where all has been tested, and is tested once more in another way.
* `sample`: a sample, in a few minutes. A test that is given many things gets one of
  them, for each kind of person; of faults and kills there are a few.
* unset: likewise, but tests that are named on the command line get all.
* `whole`: every test with all it is given, as in CI. Where who runs it makes no
  difference to what is looked at, such as how a parser reads wrong files, or what is
  said to a registry, the kinds of people take turns: each thing is given once. These
  tests, or their whole file, are marked `in_turn`; `in_turn(False)` is one in such a
  file that each kind of person runs.
* `thorough`: they take no turns, every system call of the helper fails once, ten
  thousand events play on the app by chance, and trees have a million files.

PLASHUI_TEST_SEED draws the same sample again; the head of a run names it.
"""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import pytest

ASKED: Final = os.environ.get("PLASHUI_TEST", "")
AMOUNT: Final = ASKED or "sample"
FEW: Final = AMOUNT == "few"
WHOLE: Final = AMOUNT in ("whole", "thorough")
THOROUGH: Final = AMOUNT == "thorough"
SEED: Final = int(
    os.environ.setdefault("PLASHUI_TEST_SEED", str(random.randrange(10**6)))
)
"""The same in all workers of a run, which inherit it."""


def sample(
    items: Iterable[pytest.Item], kinds: Iterable[str]
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to run, in their order, and those to leave out.

    Of those that are one function, and for one of `kinds` of people, one is drawn.
    """
    groups: dict[tuple[str, frozenset[str]], list[pytest.Item]] = {}
    everything = [*items]
    for item in everything:
        function, _bracket, given = item.nodeid.partition("[")
        person = frozenset(given.removesuffix("]").split("-")).intersection(kinds)
        groups.setdefault((function, person), []).append(item)
    draw = random.Random(SEED)
    return _split(everything, {id(draw.choice(group)) for group in groups.values()})


def in_turn(
    items: Iterable[pytest.Item], kinds: Sequence[str]
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to run, in their order, and those to leave out.

    Of a test that is marked `in_turn`, each kind of person gets every third thing. If
    a thing is several words, another word in any place makes it the next kind's. What
    is named on the command line for one kind only is left to it.
    """
    words: dict[tuple[str, int], dict[str, int]] = {}
    things: dict[tuple[str, ...], dict[str, pytest.Item]] = {}
    everything = [*items]
    for item in everything:
        if isinstance(item, pytest.Function) and _takes_turns(item):
            function, _bracket, given = item.nodeid.partition("[")
            thing = given.removesuffix("]").split("-")
            kind = str(item.callspec.params["person"])
            thing.remove(kind)
            things.setdefault((function, *thing), {})[kind] = item
    others: set[int] = set()
    for (function, *thing), by_kind in things.items():
        turn = zlib.crc32(function.encode())  # another kind begins in another test
        for place, word in enumerate(thing):
            known = words.setdefault((function, place), {})
            turn += known.setdefault(word, len(known))
        if len(by_kind) == len(kinds):
            del by_kind[kinds[turn % len(kinds)]]
            others.update(map(id, by_kind.values()))
    return _split(everything, {id(item) for item in everything} - others)


def _takes_turns(item: pytest.Function) -> bool:
    """Whether it is marked so, if not otherwise than its file."""
    mark = item.get_closest_marker("in_turn")
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return mark is not None and mark.args != (False,) and "person" in given


def _split(
    items: Iterable[pytest.Item], chosen: set[int]
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    return (
        [item for item in items if id(item) in chosen],
        [item for item in items if id(item) not in chosen],
    )
