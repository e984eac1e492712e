"""Who is in which image, worked out of what the helper tells and who started whom."""

from __future__ import annotations

import os

from plashui.helper.calls import User
from plashui.processes.ps import Place, places, with_descendants

NOBODY = 4_194_305
"""No process has this number."""


def user(pid: int, how: str, place: str = "", image: int = 7) -> User:
    return User(image, how, pid, "cmd", False, "-", place)


def test_a_place_is_told_by_where_the_image_is_mounted() -> None:
    found = places(
        [
            user(os.getpid(), "run", "/"),
            user(NOBODY, "run", "/s/mnt"),
            user(NOBODY + 1, "lock"),
            user(0, "mount", "/srv"),
        ]
    )
    assert {pid: place.how for pid, place in found.items()} == {
        os.getpid(): "run",
        NOBODY: "mounted",
        NOBODY + 1: "lock",
    }


def test_of_several_ways_the_one_that_tells_most_is_told() -> None:
    lock, run, inner = user(1, "lock"), user(1, "run", "/"), user(1, "run", "/x")
    for order in ((lock, run, inner), (run, lock, inner), (inner, run, lock)):
        assert places(order)[1] == Place(7, "run", "/")


def test_what_a_process_started_is_in_its_image_also_with_mounts_of_its_own() -> None:
    known = {10: Place(7, "run", "/"), 20: Place(8, "isolated", "/")}
    parents = {1: 0, 10: 1, 11: 10, 12: 11, 13: 12, 20: 11, 21: 20, 30: 1, 31: 30}
    found = with_descendants(known, parents)
    assert {pid: place.image for pid, place in found.items()} == {
        **{10: 7, 11: 7, 12: 7, 13: 7},
        **{20: 8, 21: 8},
    }


def test_parents_that_changed_while_they_were_read_do_no_harm() -> None:
    assert with_descendants({9: Place(1, "run")}, {2: 3, 3: 2, 4: 99, 5: 5}) == {
        9: Place(1, "run")
    }
