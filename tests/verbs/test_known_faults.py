"""Every known fault of the old program is a test, by name.

Those that are told of elsewhere, in the suite of what they are about, stand in a table.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import CHECKOUT, Verb
from tests.people import Person
from tests.tools import leftovers
from tests.verbs.conftest import Run

ELSEWHERE: Final = {
    "clean deletes the work dirs of running containers": (
        "verbs/test_remove.py",
        "test_an_image_in_use_is_refused_with_who_uses_it",
    ),
    "a plain user cannot remove a lower directory": (
        "helpers/mount/test_overlay.py",
        "test_a_directory_of_a_lower_layer_is_removed_and_made_anew",
    ),
    "run ID without a command prints the environment": (
        "helpers/run/test_host_binds.py",
        "test_without_a_command_it_is_a_login_shell",
    ),
    "cache ignores the order of words": (
        "verbs/test_memory.py",
        "test_the_cache_goes_by_the_words_and_their_order",
    ),
    "recall cache crashes": ("verbs/test_memory.py", "test_do_is_both"),
    "relative or symlinked PLASH_DATA aborts": (
        "verbs/test_faulty_stores.py",
        "test_where_the_store_is_said_to_be",
    ),
    "check misses a change within one second and inside directories": (
        "verbs/test_memory.py",
        "test_check_changes_with_what_it_looks_at",
    ),
    "a tar with a device node cannot be imported by a plain user": (
        "verbs/test_tarfile.py",
        "test_device_nodes_one_may_not_make_are_left_out_and_counted",
    ),
    "run fails at 78 to 120 layers": (
        "helpers/mount/test_overlay.py",
        "test_every_file_of_a_deep_image_is_there",
    ),
    "only the first subuid range is used, and subgid goes by the group's name": (
        "helpers/userns/test_maps.py",
        "test_all_ranges_count_by_name_or_uid",
    ),
    "push:dir loses modes and fails across file systems": (
        "verbs/test_push.py",
        "test_a_directory_pushed_is_the_same_tree",
    ),
    "nothing downloaded is verified": (
        "verbs/test_pull_url.py",
        "test_another_digest_makes_nothing_and_both_are_told",
    ),
}
"""The fault, and where its test is."""


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_it_has_a_test_elsewhere(fault: str) -> None:
    place, name = ELSEWHERE[fault]
    tree = ast.parse((CHECKOUT / "tests" / place).read_text())
    assert name in {node.name for node in tree.body if hasattr(node, "name")}


def test_words_of_a_command_are_eaten_by_env(plash: Verb, image: str) -> None:
    script = 'printf "<%s>" "$@"'
    for words in (["A=5", "-i"], ["-i", "A=5"], ["--", "-u", ""]):
        done = plash("run", image, "sh", "-c", script, "sh", *words)
        assert done.stdout == "".join(f"<{word}>" for word in words)
    for first in (["A=5"], ["-i"], ["--", "A=5"], ["--", "-i"], ["--", "--"]):
        done = plash("run", image, *first, "echo", "hi")
        assert (done.returncode, done.stdout) == (127, ""), "there is no such program"
    assert plash("run", image, "--", "echo", "hi").stdout == "hi\n"


def test_every_build_adds_an_empty_resolv_conf_to_the_layer(
    plashui: Run, plash: Verb, image: str
) -> None:
    child = plashui("build", image, "touch", "/made").stdout.strip()
    content = Path(plash("nodepath", child).stdout.strip()) / "_data/root"
    found = plash("sudo", "find", content, "-mindepth", "1").stdout.splitlines()
    assert found == [f"{content}/made"]


def test_leftovers_pile_up_until_clean(
    plashui: Run, store: Path, image: str, person: Person
) -> None:
    work = store / "tmp/plashtmp_1_999999999_killed"
    person.run(["mkdir", "-p", work / "data/etc"], check=True)
    (store / "tmp/somebody's own").mkdir()
    assert plashui("build", image, "touch", "/x").returncode == 0
    assert leftovers(store) == ["somebody's own"]
