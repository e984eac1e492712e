"""On older kernels: the same result in another way, or one line saying what is missing.

Only the helper's own calls are refused, as a kernel does that does not know them.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.helper.cases import CASES, Scene, attempt, is_right, trouble
from tests.helper.faulting import Faulting, absent

LANDLOCK: Final = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
REPLACED: Final = {
    "fsopen": "fsopen",  # Linux 5.2
    "fsconfig": "fsconfig",
    "close_range": "close_range",  # 5.9
    "mount_setattr": "mount_setattr",  # 5.12
    "landlock": LANDLOCK,  # 5.13
    "all of them": f"fsopen fsconfig fsmount close_range mount_setattr {LANDLOCK}",
}
"""Calls there is another way for."""
WITHOUT_OPENAT2: Final = {"extract"}
WITHOUT_OPEN_TREE: Final = {"mounted", "commit", "usage", "remove"}


@pytest.mark.parametrize("calls", REPLACED)
@pytest.mark.parametrize("name", CASES)
def test_what_has_a_fallback_works_without_the_call(
    scene: Scene, faulting: Faulting, name: str, calls: str
) -> None:
    case = CASES[name]
    found = [*trouble(scene, case, absent(REPLACED[calls]), faulting, must_work=True)]
    assert found == []


@pytest.mark.parametrize(
    ("call", "need_it_not"),
    [
        ("openat2", WITHOUT_OPENAT2),
        ("open_tree", WITHOUT_OPEN_TREE),
        ("move_mount", WITHOUT_OPEN_TREE - {"mounted"}),
    ],
)
@pytest.mark.parametrize("name", CASES)
def test_what_has_none_says_which_kernel_it_wants(
    scene: Scene, faulting: Faulting, name: str, call: str, need_it_not: set[str]
) -> None:
    case, fault = CASES[name], absent(call)
    with attempt(scene, case, fault, faulting) as done:
        if name in need_it_not:
            assert done.returncode == 0, done.stderr
            assert is_right(case, scene, done)
        else:
            assert done.returncode == 1
            assert done.stdout == ""
            assert done.stderr.startswith("plash error: ")
            assert done.stderr.endswith(" Linux 5.12 and newer can\n")
            assert done.stderr.count("\n") == 1
