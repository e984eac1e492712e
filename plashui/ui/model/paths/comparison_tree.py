"""What differs between two images as a tree: config, packages with their files."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.image.comparison import Comparison, ConfigChange, PackageFiles
from plashui.image.diff import LETTERS
from plashui.ui.model.paths.change_tree import (
    KINDS,
    ChangeNode,
    Tally,
    change_cells,
    change_tree,
)
from plashui.ui.model.paths.path_rows import PathNode

CONFIG = "config"
LOOSE = "files of no package"


class Difference(NamedTuple):
    """A line that is no path: a group, a package or a value of the config."""

    letter: str
    words: str
    growth: int | None = None


Differing = Tally | Difference
DifferenceNode = PathNode[Differing]


def comparison_tree(found: Comparison) -> DifferenceNode:
    """Return all that differs: the config first, then packages that grew the most."""
    inner = [_trouble(f"not readable: {one}") for one in found.troubles]
    if found.config:
        lines: list[PathNode[Differing]] = [_value(one) for one in found.config]
        words = plural(len(lines), "value")
        inner.append(_branch(CONFIG, Difference(" ", words), lines))
    packages = [one for one in found.packages if one.package is not None]
    packages.sort(key=lambda one: -abs(_growth(one)))
    inner += [_package(one) for one in packages]
    alone = not packages
    inner += [
        _branch(LOOSE, _counted(one), _paths(one), opened=alone)
        for one in found.packages
        if one.package is None
    ]
    return _branch("", Difference(" ", ""), inner)


def trouble_tree(words: str) -> DifferenceNode:
    """Return a tree of one line: why nothing could be compared."""
    return _branch("", Difference(" ", ""), [_trouble(words)])


def summary(found: Comparison) -> str:
    """Say in a line how the images differ."""
    changes = [one.change for one in found.packages if one.change is not None]
    letters = [change.letter for change in changes]
    parts = [
        f"{letters.count(letter)} {word}"
        for letter, word in LETTERS.items()
        if letter in letters
    ]
    told = [f"packages: {', '.join(parts)}"] if parts else []
    files = sum(len(one.files) for one in found.packages)
    if files:
        growth = sum(one.growth for one in found.packages)
        told.append(f"{plural(files, 'path')}, {signed(growth)}")
    if found.config:
        told.append(f"config: {plural(len(found.config), 'value')}")
    return " · ".join(told) or "nothing differs"


def signed(count: int) -> str:
    """Format by how many bytes something grew."""
    return size(count) if count <= 0 else f"+{size(count)}"


def difference_cells(
    node: DifferenceNode, width: int
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the cells left of a name (letter, size or growth) and right of it."""
    data = node.data
    if isinstance(data, Tally):
        path: ChangeNode = node  # type: ignore[assignment]
        return change_cells(path, min(width, 59), None)  # without bars
    kind = "warn" if data.letter == "!" else KINDS[data.letter]
    amount = "" if data.growth is None else signed(data.growth)
    left = [(f" {data.letter} ", kind), (amount.rjust(8), ""), (" ", "")]
    words = data.words
    room = width // 2
    if cell_len(words) > room:
        words = words[: room - 1] + "…"
    return left, [(f"  {words}", "faint")] if words else []


def _branch(
    name: str, data: Difference, inner: list[DifferenceNode], *, opened: bool = True
) -> DifferenceNode:
    opened = opened and bool(inner)
    return PathNode(
        name, name, data, branch=bool(inner), opened=opened, inner=inner or None
    )


def _trouble(words: str) -> DifferenceNode:
    return PathNode("", clean(words), Difference("!", ""))


def _value(change: ConfigChange) -> DifferenceNode:
    sides = (one for one in (change.before, change.after) if one is not None)
    words = " → ".join(map(clean, sides))
    name = clean(change.key)
    return PathNode(change.key, name, Difference(change.letter, words))


def _package(group: PackageFiles) -> DifferenceNode:
    package, change = group.package, group.change
    assert package is not None  # noqa: S101 - the caller leaves out others
    versions = [package]
    if change is not None:
        versions = [one for one in (change.before, change.after) if one is not None]
    words = " → ".join(clean(one.version) for one in versions)
    letter = change.letter if change is not None else " "
    data = Difference(letter, words, _growth(group))
    return _branch(clean(package.name), data, _paths(group), opened=False)


def _growth(group: PackageFiles) -> int:
    return group.growth if group.change is None else group.change.growth


def _counted(group: PackageFiles) -> Difference:
    return Difference(" ", plural(len(group.files), "path"), group.growth)


def _paths(group: PackageFiles) -> list[DifferenceNode]:
    inner: list[DifferenceNode] = list(change_tree(group.files).inner or ())  # type: ignore[arg-type]
    return inner
