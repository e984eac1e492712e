"""On older kernels: the same result in another way, or one line saying what is missing.

Only the helper's own calls are refused, as a kernel does that does not know them.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.helpers.cases import CASES, Done, Scene, attempt, case_for, is_right, trouble
from tests.helpers.faulting import Faulting, absent

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
SWEPT_NOTHING: Final = '{"directories":0,"links":0,"bytes":0}\n'
OWN: Final = "pack a layer of our own"
_LOOKING: Final = {
    *("commit", "usage", "remove", "list", "list all", "list a layer", "read"),
    *("gather", "pack", "pack an image", "push", "users"),
    *("commit a layer", "pack a layer", "account", "sweep", "split", "stamp"),
    *(OWN, "lz4", "stamp of input"),
}
NEEDED: Final = {
    # 5.6; without it images could lead out of themselves
    "openat2": {
        *("extract", "extract a layer", "pack", "pack a layer", OWN),
        *("users", "stamp", "stamp of input", "lz4"),
    },
    "open_tree": {"mounted", "with files", "mount", *_LOOKING},
    "move_mount": _LOOKING,  # 5.2
}
"""Calls there is no other way for, and the verbs that do not need them."""
FENCED: Final = {"fsopen", "fsconfig", "mount_setattr", "all of them"}
"""Calls that a fence wants: what has one does not make do with less."""
_WITH_A_FENCE: Final = ("isolated", "build", "folder")


@pytest.mark.parametrize("name", CASES)
def test_what_has_a_fallback_works_without_the_call(
    scene: Scene, faulting: Faulting, name: str
) -> None:
    case = case_for(scene, name)
    found = [
        f"without {calls}: {what}"
        for calls, names in REPLACED.items()
        if name not in _WITH_A_FENCE or calls not in FENCED
        for what in trouble(scene, case, absent(names), faulting, must_work=True)
    ]
    assert found == []


@pytest.mark.in_turn
@pytest.mark.parametrize("name", _WITH_A_FENCE)
@pytest.mark.parametrize("call", sorted(FENCED))
def test_a_fence_makes_do_with_no_less(
    scene: Scene, faulting: Faulting, call: str, name: str
) -> None:
    case = CASES[name]
    with attempt(scene, case, absent(REPLACED[call]), faulting) as done:
        says_which_kernel(done)


def says_which_kernel(done: Done) -> None:
    """It did nothing, and says in one line what it wants."""
    assert done.returncode == 1
    assert done.stdout in ("", SWEPT_NOTHING)
    assert done.stderr.startswith("plash error: ")
    assert done.stderr.endswith(" Linux 5.12 and newer can\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.in_turn
@pytest.mark.parametrize("call", NEEDED)
@pytest.mark.parametrize("name", CASES)
def test_what_has_none_says_which_kernel_it_wants(
    scene: Scene, faulting: Faulting, name: str, call: str
) -> None:
    case = case_for(scene, name)
    with attempt(scene, case, absent(call), faulting) as done:
        if name in NEEDED[call]:
            assert done.returncode == 0, done.stderr
            assert is_right(case, scene, done)
        else:
            says_which_kernel(done)
