"""How much is tested: PLASHUI_TEST in the environment.

* `sample`: a sample, in a few minutes. A test that is given many things gets one of
  them, for each kind of person; of faults and kills there are a few.
* unset: likewise, but tests that are named on the command line get all.
* `whole`: every test with all it is given, as in CI.
* `thorough`: also every system call of the helper fails once, ten thousand events
  play on the app by chance, and trees have a million files.

PLASHUI_TEST_SEED draws the same sample again; the head of a run names it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import Final

import pytest

ASKED: Final = os.environ.get("PLASHUI_TEST", "")
AMOUNT: Final = ASKED or "sample"
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
        person = frozenset(given.rstrip("]").split("-")).intersection(kinds)
        groups.setdefault((function, person), []).append(item)
    draw = random.Random(SEED)
    chosen = {id(draw.choice(group)) for group in groups.values()}
    return (
        [item for item in everything if id(item) in chosen],
        [item for item in everything if id(item) not in chosen],
    )
