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
            *(file(f"srv/app/modules/{name}", 100) for name in "efgh"),
            *(file(f"var/lib/apt/lists/{name}", 100) for name in "ij"),
            *(file(f"usr/lib/llvm/{name}", 50) for name in "kl"),
            file("etc/d", 1),
        ]
    )
    assert found == (
        ("/srv/app/modules", 800),
        ("/var/lib/apt/lists", 370),
        ("/usr/lib/llvm", 196),
        ("/etc/d", 1),
    )


def test_none_is_inside_another_and_hard_links_count_once() -> None:
    found = biggest([file("a/b/c", 60), file("a/d", 40), file("a/e", 40, 7)])
    assert found == (("/a", 140),), "its files are at two places"
    assert biggest([file("a/x", 10, 3), file("a/y", 10, 3)]) == (("/a/x", 10),)


def test_a_file_that_fills_its_directory_is_named_and_so_is_one_at_the_top() -> None:
    found = biggest(
        [
            file("disk.img", 900),
            file("opt/data/model.bin", 500),
            file("opt/data/readme", 20),
            file("srv/a", 40),
            file("srv/b", 40),
        ]
    )
    assert found == (("/disk.img", 900), ("/opt/data/model.bin", 500), ("/srv", 80))


def test_names_are_harmless_and_what_is_empty_is_not_named() -> None:
    assert biggest([file("x\x1b[31m/y", 9)]) == (("/x\\x1b[31m/y", 9),)
    assert biggest([file("a/b", 0)]) == ()
