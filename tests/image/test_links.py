"""Links within a tree are followed as a program in it would see them."""

from __future__ import annotations

from typing import Final

import pytest

from plashui.base.errors import PlashError
from plashui.helper.listing import Entry
from plashui.image.links import follow

LINKS: Final = {
    "lib": "usr/lib",
    "usr/up": "..",
    "out": "../../../etc",
    "absolute": "/usr/lib",
    "usr/first": "second",
    "usr/second": "/usr/../lib/./it",
    "loop": "loop",
}


def look(path: str) -> Entry | None:
    """Return the link at a path; whatever else is there does not matter."""
    target = LINKS.get(path)
    if target is None:
        return None
    return Entry(path, "l", 0o777, 0, 0, 0, 0, 0, target=target)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", ""),
        ("/", ""),
        ("a/./b/../c", "a/c"),
        ("../..", ""),
        ("lib/x", "usr/lib/x"),
        ("/usr/up/lib", "usr/lib"),
        ("out/passwd", "etc/passwd"),
        ("absolute", "usr/lib"),
        ("usr/first", "usr/lib/it"),
    ],
)
def test_a_link_leads_to_a_place_in_the_tree(path: str, place: str) -> None:
    assert follow(look, path) == place


def test_a_loop_is_an_error() -> None:
    with pytest.raises(PlashError, match="cannot follow loop: too many links"):
        follow(look, "loop")
