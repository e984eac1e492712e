"""What each layer hides, on listings; and each byte counted of one layer only."""

from __future__ import annotations

from plashui.helper.listing import Entry
from plashui.image.shadowed import Shadow, Visible
from plashui.image.union import fold
from tests.image.stacks import listings, stacks


def file(name: str, size: int, links: int = 0) -> Entry:
    return Entry(name, "-", 0o644, 0, 0, size, size, 0, links=links)


def directory(name: str, *, opaque: bool = False) -> Entry:
    return Entry(name, "d", 0o755, 0, 0, 0, 4096, 0, opaque=opaque)


def whiteout(name: str) -> Entry:
    return Entry(name, "w", 0, 0, 0, 0, 0, 0)


ROOT = directory("")


def test_a_replaced_and_a_removed_file_are_hidden() -> None:
    visible = Visible()
    assert visible.cover([ROOT, file("a", 10), file("b", 20)]) == Shadow(0, 0)
    assert visible.cover([ROOT, file("a", 1), whiteout("b")]) == Shadow(2, 30)
    assert visible.cover([ROOT, whiteout("a"), whiteout("b")]) == Shadow(1, 1)


def test_what_is_hidden_already_is_not_counted_again() -> None:
    visible = Visible()
    visible.cover([ROOT, directory("d"), file("d/a", 10), file("d/b", 5)])
    assert visible.cover([ROOT, directory("d"), whiteout("d/a")]) == Shadow(1, 10)
    assert visible.cover([ROOT, whiteout("d")]) == Shadow(1, 5 + 4096)
    assert visible.cover([ROOT, directory("d")]) == Shadow(0, 0)


def test_an_opaque_directory_hides_all_below_and_a_merged_one_nothing() -> None:
    below = [ROOT, directory("d"), directory("d/e"), file("d/e/f", 7)]
    visible = Visible()
    visible.cover(below)
    assert visible.cover([ROOT, directory("d"), file("d/g", 1)]) == Shadow(0, 0)
    opaque = [ROOT, directory("d", opaque=True), file("d/h", 1)]
    assert visible.cover(opaque) == Shadow(2, 2 * 4096 + 8)


def test_a_file_of_two_names_counts_when_the_last_is_hidden() -> None:
    visible = Visible()
    visible.cover([ROOT, file("a", 10, links=3), file("b", 10, links=3)])
    visible.cover([ROOT, file("c", 10, links=3)])  # of another layer: another file
    assert visible.cover([ROOT, whiteout("a")]) == Shadow(0, 0)
    assert visible.cover([ROOT, whiteout("b")]) == Shadow(1, 10)


def test_each_file_is_either_seen_or_hidden_by_one_layer() -> None:
    for stack in stacks(3):
        listed = listings(stack)
        visible = Visible()
        hidden = sum(visible.cover(layer).files for _n, layer in reversed(listed))
        files = sum(e.kind == "-" for _n, layer in listed for e in layer)
        seen = sum(node.entry.kind == "-" for node in fold(listed).values())
        assert hidden == files - seen, stack
