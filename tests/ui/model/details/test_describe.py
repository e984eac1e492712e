"""What the details say fits, however narrow they are and whatever names are like."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from plashui.model.forest import Forest, Image
from plashui.ui.model.details.describe import overview
from plashui.ui.model.details.subject import Subject


@pytest.mark.parametrize("width", range(20, 60, 4))
@pytest.mark.parametrize("name", ["日本語" * 9, "\u200b", ""])
def test_a_chain_of_any_names_fits(width: int, name: str) -> None:
    images = {
        1: Image(1, 0, children=(2,), names=(name,) if name else ()),
        2: Image(2, 1, names=(name,) if name else ()),
    }
    shown = overview(Subject(Forest(images), 2), width)
    lines = ["".join(text for text, _kind in line) for line in shown]
    chain = [line for line in lines if line.startswith(("● ", "┴ "))]
    assert len(chain) == 2
    assert all(cell_len(line) <= max(width, 30) for line in chain)
