"""What the app draws first is where it stays: seen through a pty, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import playground_in
from tests.keyboard import at_a_terminal
from tests.people import Person
from tests.ui import stores
from tests.ui.stores import Layer

_STYLE: Final = re.compile(
    r"\x1b\[[0-9;?<>=$]*[a-zA-Z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)"
)
MANY: Final = (
    *(Layer(n, 0, "debian.tar", f"base-{n}", 1) for n in range(1, 11)),
    *(Layer(n, 1 + n % 10, "shell", "", 1) for n in range(11, 1200)),
)
"""So many that only the first rows are read before the first frame."""


@pytest.mark.parametrize("layers", [stores.SAMPLE, MANY], ids=["few", "many"])
def test_the_first_frame_has_all_columns_where_they_stay(
    layers: Sequence[Layer], anybody: Person, base: Path
) -> None:
    for home in playground_in(base, anybody, "first-paint"):
        stores.make(home / "store", layers, "2026-01-01T00:00:00+00:00")
        anybody.give(home)
        for path in home.rglob("*"):
            if not path.is_symlink():
                anybody.give(path)
        env = {"PLASH_DATA": str(home / "store"), "HOME": str(home)}
        env |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        command = [anybody.bin / "plashui"]
        with at_a_terminal(anybody, command, env, home) as keys:
            # All is counted, and the details are there.
            keys.shows(r"(?s)\A(?=.*\d+ images · [\d.]+ [kMG]B)(?=.*created)")
            drawn = _STYLE.sub("", keys.raw).replace("\r", "").split("\n")
    headings = [line for line in drawn if re.search(r"ID +NAME", line)]
    tables = {line[line.index("ID  ") : line.index("AGE")] for line in headings}
    assert len(tables) == 1, f"the columns of the tree moved: {tables}"
    assert "1Info" in headings[0], "the details came later"
    rows = [line for line in drawn if re.match(r"│ +1 ", line)]
    ends = {line.index("│", 1) for line in rows}
    assert ends == {headings[0].index("│", 1)}, "the rows had another width"
    titles = [line for line in drawn if "─ Images" in line]
    assert re.search(r"─ 1 ", titles[0]), "the details had no title"
