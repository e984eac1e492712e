"""What of a layer takes the most."""

from __future__ import annotations

from plashui.helper.listing import Entry
from plashui.ui.model.details.biggest import biggest


def file(path: str, size: int, links: int = 0) -> Entry:
    """A file of a layer."""
    return Entry(path, "-", 0o644, 0, 0, size, size, 0, links=links)


def test_the_directories_that_say_most_are_named_largest_first() -> None:
    found = biggest(
        [
            file("srv/app/modules/a", 400),
            file("var/lib/apt/lists/b", 170),
            file("usr/lib/llvm/c", 96),
            file("etc/d", 1),
            file("top", 5000),
        ]
    )
    assert found == (
        ("/srv/app/modules", 400),
        ("/var/lib/apt/lists", 170),
        ("/usr/lib/llvm", 96),
        ("/etc", 1),
    )


def test_none_is_inside_another_and_hard_links_count_once() -> None:
    found = biggest([file("a/b/c", 60), file("a/d", 40), file("a/e", 40, 7)])
    assert found == (("/a", 140),), "its files are at two places"
    assert biggest([file("a/x", 10, 3), file("a/y", 10, 3)]) == (("/a", 10),)


def test_names_are_harmless_and_what_is_empty_is_not_named() -> None:
    assert biggest([file("x\x1b[31m/y", 9)]) == (("/x\\x1b[31m", 9),)
    assert biggest([file("a/b", 0)]) == ()
