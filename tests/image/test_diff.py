"""What is different between two trees, on data."""

from __future__ import annotations

import random

import pytest

from plashui.helper.listing import Entry
from plashui.image.diff import Change, compare, in_order
from plashui.image.union import Node, Tree

FILE = Entry("", "-", 0o644, 0, 0, 5, 4096, 1000)


def tree(layer: int, **entries: Entry) -> Tree:
    """These things, all of one layer."""
    return {name: Node(entry, layer) for name, entry in entries.items()}


def never(path: str, _old: Entry, _new: Entry) -> bool:
    """Fails where bytes are asked for."""
    raise AssertionError(path)


def differences(old: Entry, new: Entry, same: bool | None = True) -> tuple[str, ...]:
    """In what two things of that name are different."""
    found = [*compare(tree(1, x=old), tree(2, x=new), lambda *_words: same)]
    assert len(found) < 2
    return found[0].aspects if found else ()


def test_what_is_added_and_what_is_removed() -> None:
    found = [*compare(tree(1, a=FILE, b=FILE), tree(1, b=FILE, c=FILE), never)]
    assert found == [Change("/a", FILE, None), Change("/c", None, FILE)]
    assert [change.growth for change in found] == [-5, 5]


def test_things_of_the_same_layer_are_not_looked_at() -> None:
    assert [*compare(tree(1, a=FILE), tree(1, a=FILE._replace(size=9)), never)] == []


@pytest.mark.parametrize(
    ("changed", "aspect"),
    [
        (FILE._replace(mode=0o755), "mode"),
        (FILE._replace(uid=7), "owner"),
        (FILE._replace(gid=7), "owner"),
        (FILE._replace(attributes=(("user.a", "00"),)), "attributes"),
        (FILE._replace(size=6), "content"),
        (FILE._replace(mtime=1001), "time"),
        (FILE._replace(kind="d"), "type"),
    ],
)
def test_each_aspect_of_a_file(changed: Entry, aspect: str) -> None:
    assert differences(FILE, changed) == (aspect,)
    assert differences(changed, FILE) == (aspect,)


def test_a_copy_with_nothing_changed_is_no_change() -> None:
    assert differences(FILE, FILE._replace(allocated=8192, links=3)) == ()


def test_bytes_decide_and_where_they_are_not_known_the_time() -> None:
    later = FILE._replace(mtime=1001)
    assert differences(FILE, later, same=True) == ("time",)
    assert differences(FILE, later, same=False) == ("content",)
    assert differences(FILE, later, same=None) == ("content",)
    assert differences(FILE, FILE, same=False) == ("content",)
    assert differences(FILE, FILE, same=None) == ()


def test_another_type_is_all_there_is_to_say() -> None:
    other = FILE._replace(kind="l", target="x", mode=0o777, uid=3)
    assert differences(FILE, other) == ("type",)


def test_times_of_directories_and_links_and_modes_of_links_do_not_count() -> None:
    directory = FILE._replace(kind="d")
    assert differences(directory, directory._replace(mtime=7, size=9)) == ()
    link = FILE._replace(kind="l", target="x", mode=0o777)
    assert differences(link, link._replace(mtime=7, mode=0o755)) == ()
    assert differences(link, link._replace(target="y")) == ("content",)
    device = FILE._replace(kind="c", device=(1, 3))
    assert differences(device, device._replace(device=(1, 5))) == ("content",)


def test_a_directory_comes_before_what_is_in_it_and_its_neighbours_after() -> None:
    names = ["", "a", "a/b", "a/b/c", "a-b", "a.b"]
    after = {name: Node(FILE, 1) for name in reversed(names)}
    found = [change.path for change in compare({}, after, never)]
    assert found == ["/", "/a", "/a/b", "/a/b/c", "/a-b", "/a.b"]


def test_paths_are_in_the_order_of_their_directories() -> None:
    chance = random.Random(5)
    for _ in range(200):
        names = ["", "a", "b", "a-", "a.b", "ab"]
        paths = {
            "/".join(chance.choice(names[1:]) for _ in range(chance.randrange(4)))
            for _ in range(chance.randrange(30))
        }
        expected = sorted(paths, key=lambda path: path.split("/") if path else [])
        assert [*in_order(paths)] == expected, "also where a directory is missing"
