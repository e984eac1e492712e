"""How layers make up a tree, on data: every stack there is of small layers."""

from __future__ import annotations

from plashui.helper.calls import Piece
from plashui.helper.listing import Entry
from plashui.image.union import (
    Tree,
    allocated,
    fold,
    pieces,
    touched,
    without_whiteouts,
)
from tests.image.stacks import (
    DEEPER,
    entries,
    entry,
    gathered,
    listings,
    merged,
    stacks,
)


def shown(tree: Tree) -> dict[str, tuple[str, int]]:
    """Kind and layer of what is there, by path."""
    return {
        path: (node.entry.kind, node.layer)
        for path, node in without_whiteouts(tree).items()
    }


def test_every_stack_of_layers_shows_what_the_rules_say() -> None:
    for stack in [*stacks(4), *stacks(3, DEEPER)]:
        layers = listings(stack)
        tree = fold(layers)
        assert shown(tree) == merged(layers), stack
        assert all(node.entry.mode == node.layer for node in tree.values())


def test_one_layer_made_of_several_shows_the_same_on_every_base() -> None:
    for stack in stacks(3, DEEPER):
        layers = listings(stack)
        expected = merged(layers)
        for count in (1, 2, 3):
            above, below = layers[:count], layers[count:]
            tree = fold(above)
            base = {p: n.entry for p, n in without_whiteouts(fold(below)).items()}
            steps = [*pieces(tree, base)]
            assert {p.path for p in steps if p.what in "wo"} <= base.keys(), "needless"
            one = gathered(steps, above)
            again = merged([(9, one), *below])
            assert again.keys() == expected.keys(), (stack, count)
            attributes = fold([(9, one), *below])
            for path, (kind, layer) in expected.items():
                assert attributes[path].entry[1:3] == (kind, layer), (stack, path)


def test_what_a_base_must_tell_is_enough() -> None:
    for stack in stacks(3):
        above, below = listings(stack)[:1], listings(stack)[1:]
        tree = fold(above)
        base = {p: n.entry for p, n in without_whiteouts(fold(below)).items()}
        for removed in (False, True):
            asked = touched(tree, removed=removed)
            told = listed(base, asked)
            assert [*pieces(tree, told)] == [*pieces(tree, base)]
            if removed:
                gone = base.keys() - shown(fold([*above, (0, base.values())])).keys()
                assert gone <= told.keys()


def listed(base: dict[str, Entry], within: set[str]) -> dict[str, Entry]:
    """What engine.list_tree tells of a base."""
    found: dict[str, Entry] = {}
    whole: set[str] = set()
    for path, one in base.items():
        above = path.rpartition("/")[0]
        if not path or above in whole or (above in within and above in found):
            found[path] = one
            if (above in whole and path) or f"{path}/" in within:
                whole.add(path)
    return found


def test_a_directory_is_made_before_and_described_after_what_is_in_it() -> None:
    for stack in stacks(2):
        tree = fold(listings(stack))
        made = {""}
        described: list[str] = []
        for what, _of, path in pieces(tree, {}):
            above = path.rpartition("/")[0]
            assert above in made
            assert above not in described
            if what == "=":
                described.append(path)
            else:
                assert not described
                made.add(path)
        kinds = {path: kind for path, (kind, _layer) in shown(tree).items()}
        assert sorted(described) == sorted(
            p for p, kind in kinds.items() if kind == "d"
        )
        assert made == kinds.keys()


def test_names_of_one_file_stay_names_of_one_file() -> None:
    top = [entry("", "d", 2), entry("x", "-", 2)._replace(links=7, allocated=4096)]
    low = [
        entry("", "d", 1),
        *(entry(n, "-", 1)._replace(links=7, allocated=512) for n in "abx"),
    ]
    tree = fold([(2, top), (1, low)])
    assert [*pieces(tree, {})] == [
        Piece("f", "2", "x"),
        Piece("f", "1", "a"),
        Piece("h", "a", "b"),
        Piece("=", "2", ""),
    ]
    assert allocated(tree) == 4096 + 512


def test_a_mark_on_the_root_directory_hides_nothing() -> None:
    top = [entry("", "o", 2)]
    tree = fold([(2, top), (1, entries((("a", "-"),), 1))])
    assert shown(tree) == {"": ("d", 2), "a": ("-", 1)}
    assert touched(tree) == {""}


def test_a_deep_tree_is_no_deeper_for_us() -> None:
    deep = [entry("/".join(["d"] * n), "d", 1) for n in range(3000)]
    tree = fold([(2, [entry("", "d", 2), entry("d", "d", 2)]), (1, deep)])
    assert len(tree) == 3000
    assert sum(1 for piece in pieces(tree, {}) if piece.what == "=") == 3000
