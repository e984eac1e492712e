"""Which changes of a shell are kept, and which are left out."""

from __future__ import annotations

from plashui.image.diff import Change
from plashui.ui.model.paths.change_tree import ChangeNode, change_tree
from plashui.ui.model.paths.leaving_out import LeavingOut
from tests.ui.driving import entry

CHANGES = (
    Change("/etc", entry("d", "d"), entry("d", "d"), ("mode",)),
    Change("/etc/a", None, entry("a", size=10)),
    Change("/etc/b", entry("b"), entry("b", size=20), ("content",)),
    Change("/gone", entry("d", "d"), None),
    Change("/gone/one", entry("x", size=5), None),
    Change("/twin", None, entry("t", size=7)._replace(links=3)),
    Change("/usr/new", None, entry("d", "d")),
    Change("/usr/new/twin", None, entry("t", size=7)._replace(links=3)),
)


def choice() -> tuple[LeavingOut, dict[str, ChangeNode]]:
    top = change_tree(CHANGES)
    nodes, stack = {}, [top]
    while stack:
        node = stack.pop()
        nodes[node.path] = node
        stack += node.inner or ()
    return LeavingOut(top), nodes


def test_a_directory_goes_with_all_in_it_and_with_the_last_thing_in_it() -> None:
    left, nodes = choice()
    assert not left
    left.toggle(nodes["/etc"])
    assert left.paths() == ("/etc",)
    left.toggle(nodes["/etc/a"])
    assert left.paths() == ("/etc/b",)
    assert left.state(nodes["/etc"]) == left.state(nodes["/"]) == "partly"
    left.toggle(nodes["/etc/a"])
    assert left.paths() == ("/etc",)
    assert left.words() == "3 changes left out (30 B)"
    left.toggle(nodes["/etc"])
    assert not left


def test_what_was_deleted_as_a_whole_is_chosen_as_a_whole() -> None:
    left, nodes = choice()
    left.toggle(nodes["/gone/one"])
    assert left.paths() == ("/gone",)


def test_all_names_of_a_file_go_together() -> None:
    left, nodes = choice()
    left.toggle(nodes["/usr"])
    assert set(left.paths()) == {"/twin", "/usr"}
    left.toggle(nodes["/twin"])
    assert not left


def test_everything_can_be_left_out() -> None:
    left, nodes = choice()
    left.toggle(nodes["/"])
    assert left.everything
    assert left.state(nodes["/etc/b"]) == "out"
