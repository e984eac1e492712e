"""Modes are what chmod makes of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.recipes.context.modes import applied, parsed
from tests.recipes.drawn import DRAWN

CLAUSES = st.from_regex(r"[ugoa]{0,2}([-+=]([rwxXst]{0,3}|[ugo])){1,2}", fullmatch=True)


@pytest.mark.parametrize(
    "text", ["755", "0644", "4711", "u=rwX,go-w", "a+x", "+t", "g=u"]
)
def test_what_chmod_takes_is_a_mode(text: str) -> None:
    assert parsed(text) is not None


@pytest.mark.parametrize(
    "text", ["", "8", "99999", "u", "u+k", "u=rw,", "x", "u=rwx g"]
)
def test_anything_else_is_not(text: str) -> None:
    assert parsed(text) is None


@DRAWN
@given(
    st.lists(CLAUSES, min_size=1, max_size=3).map(",".join),
    st.integers(0, 0o7777),
    st.booleans(),
)
def test_a_mode_is_only_of_bits_that_modes_have(
    text: str, before: int, directory: bool
) -> None:
    mode = parsed(text)
    assert mode == text
    assert 0 <= applied(mode, before, directory=directory) <= 0o7777


CASES = [
    *("u=rwX,go=rX", "u=rwx,go=", "a+x", "+x", "go-w", "u+s", "g=u", "o=g", "a=r,u+w"),
    *("u-x+w", "g+s", "o+t", "+t", "ug=rw", "a=X", "u=rwxs,g=rx", "a=,u=rw", "g=o-x"),
]


@pytest.mark.parametrize("directory", [False, True])
def test_the_program_chmod_does_the_same(tmp_path: Path, directory: bool) -> None:
    chmod = shutil.which("chmod")
    assert chmod
    place = tmp_path / "it"
    if directory:
        place.mkdir()
    else:
        place.touch()
    for text in CASES:
        for before in (0o644, 0o755, 0o600, 0o4751, 0o2770):
            place.chmod(before)
            subprocess.run(["sh", "-c", f"umask 0; {chmod} {text} {place}"], check=True)
            expected = place.stat().st_mode & 0o7777
            found = applied(parsed(text), before, directory=directory)
            assert f"{found:o}" == f"{expected:o}", (text, f"{before:o}")
