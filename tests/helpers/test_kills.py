"""Wherever the helper is killed, the store holds, and what is left is swept.

Every system call that its own code makes in one run of a verb is once the last of its
process. That takes minutes; without PLASHUI_TEST=thorough in the environment a sample,
spread over all of them, is enough. (The same for test_faults.py.)
"""

from __future__ import annotations

import pytest

from tests.helpers.cases import CASES, Scene, check_all
from tests.helpers.faulting import Faulting


@pytest.mark.parametrize("name", CASES)
def test_wherever_it_is_killed_the_store_holds_and_is_swept(
    scene: Scene, faulting: Faulting, name: str
) -> None:
    check_all(scene, name, faulting, kill=True)
