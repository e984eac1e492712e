"""The tree of changes, on data."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from plashui.base.errors import Cancelled
from plashui.base.progress import Cancel
from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.ui.model.paths.change_tree import ChangeNode, change_tree, heading
from plashui.ui.model.paths.path_rows import PathRow, above, end_of, rows_of

FILE = Entry("", "-", 0o644, 0, 0, 5, 4096, 1000)
DIRECTORY = Entry("", "d", 0o755, 0, 0, 0, 0, 1000)


def added(path: str, size: int = 4096, links: int = 0) -> Change:
    return Change(path, None, FILE._replace(allocated=size, links=links))


def removed(path: str, size: int = 4096) -> Change:
    return Change(path, FILE._replace(allocated=size), None)


def shape(node: ChangeNode) -> list[tuple[int, str, str, int]]:
    """Depth, sign, name and size of everything, in order."""
    every = list(all_of(node))
    for one in every:
        one.opened = True
    return [
        (row.depth, row.node.data.sign, row.node.name, row.node.size)
        for row in rows_of(node)
    ]


def all_of(top: ChangeNode) -> Iterable[ChangeNode]:
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        stack += node.inner or []


def test_directories_hold_the_sum_and_the_greatest_is_first() -> None:
    changes = [
        added("/a/small", 10),
        Change("/b", None, DIRECTORY),
        added("/b/big", 500),
        Change("/b/c", FILE, FILE._replace(allocated=20), ("content",)),
        removed("/b/gone", 70),
    ]
    top = change_tree(changes)
    assert shape(top) == [
        (0, "A", "b/", 590),
        (1, "A", "big", 500),
        (1, "D", "gone", 70),
        (1, "M", "c", 20),
        (0, " ", "a/", 10),
        (1, "A", "small", 10),
    ]
    assert heading(top) == "3 added, 1 modified, 1 deleted, 600 B"
    assert heading(top, short=True) == "3 A, 1 M, 1 D, 600 B"
    assert top.size == 600


def test_of_the_same_size_the_order_is_that_of_the_names() -> None:
    top = change_tree([added(f"/{name}") for name in "abc"])
    assert [name for _d, _s, name, _b in shape(top)] == ["a", "b", "c"]


def test_a_directory_that_became_a_file_still_tells_what_was_in_it() -> None:
    top = change_tree([Change("/d", DIRECTORY, FILE, ("type",)), removed("/d/x", 7)])
    assert shape(top) == [(0, "T", "d/", 4103), (1, "D", "x", 7)]
    assert heading(top) == "1 deleted, 1 type changed, 4.1 kB"


def test_two_names_of_one_file_count_once() -> None:
    top = change_tree([added("/a", 9, links=4), added("/b", 9, links=4)])
    assert top.size == 9
    assert top.data.added == 2


def test_the_root_itself_may_have_changed() -> None:
    root = Change("/", DIRECTORY, DIRECTORY._replace(mode=0o700), ("mode",))
    top = change_tree([root])
    assert heading(top) == "1 modified, 0 B"
    assert heading(change_tree([])) == "nothing changed"


def test_what_is_alone_on_its_way_is_open_at_once() -> None:
    top = change_tree([added("/usr/share/x/one"), added("/usr/share/x/two")])
    names = [row.node.name for row in rows_of(top)]
    assert names == ["usr/", "share/", "x/", "one", "two"]


def test_names_are_harmless_and_paths_are_as_they_are() -> None:
    path = "/a\x1b[31m/\u202enew\nline/\udcff"
    top = change_tree([added(path)])
    assert [name for _d, _s, name, _b in shape(top)] == [
        "a\\x1b[31m/",
        "\\u202enew\\nline/",
        "\\xff",
    ]
    assert next(n for n in all_of(top) if n.data.change).path == path


def test_a_thousand_levels_are_no_trouble() -> None:
    top = change_tree([added("/d" * 1000 + "/f")])
    assert len(rows_of(top)) == 1001, "each is alone, so all are open"


def test_it_stops_when_nobody_wants_it_any_more() -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        change_tree([added("/a")], cancel)


def test_sums_are_right_for_any_tree() -> None:
    chance = random.Random(3)
    paths = {
        "/" + "/".join(chance.choice("abc") for _ in range(chance.randrange(1, 7)))
        for _ in range(300)
    }
    sizes = {path: chance.randrange(1000) for path in paths}
    ordered = sorted(paths, key=lambda path: path.split("/"))
    top = change_tree([added(path, sizes[path]) for path in ordered])
    for node in all_of(top):
        inside = [p for p in paths if p == node.path or p.startswith(f"{node.path}/")]
        if node is top:
            inside = list(paths)
        assert node.size == sum(sizes[path] for path in inside)
        assert node.data.all == len(inside)
        kids = [kid.size for kid in node.inner or []]
        assert kids == sorted(kids, reverse=True)


def test_rows_know_their_end_and_what_they_are_in() -> None:
    top = change_tree([added("/a/b/c"), added("/a/d"), added("/e")])
    shape(top)
    rows: list[PathRow[object]] = [PathRow(r.node, r.depth) for r in rows_of(top)]  # type: ignore[arg-type]
    names = [row.node.name for row in rows]
    assert names == ["a/", "b/", "c", "d", "e"]
    assert [end_of(rows, at) for at in range(5)] == [4, 3, 3, 4, 5]
    assert [above(rows, at) for at in range(5)] == [None, 0, 1, 0, None]
