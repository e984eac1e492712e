"""Whatever system call fails, it is said in one line, and nothing is left.

Every call that the helper's own code makes in one run of a verb is once made to fail.
That takes minutes; without PLASHUI_TEST=thorough in the environment a sample, spread
over all of them, is enough. (The same for test_kills.py.)
"""

from __future__ import annotations

import pytest

from tests.helpers.cases import CASES, Scene, check_all
from tests.helpers.faulting import Faulting


@pytest.mark.parametrize("name", CASES)
def test_whatever_fails_it_says_so_and_leaves_nothing(
    scene: Scene, faulting: Faulting, name: str
) -> None:
    check_all(scene, name, faulting, kill=False)
