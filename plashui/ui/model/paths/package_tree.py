"""The packages of an image as a tree: its layer, leftovers, packages, other files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from rich.cells import cell_len

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size, thousands
from plashui.helper.listing import Entry
from plashui.image.packages.changes import PackageChange
from plashui.image.packages.contents import Contents, Weight
from plashui.image.packages.leftovers import KINDS as LEFTOVERS
from plashui.image.packages.package import Package
from plashui.ui.model.paths.change_tree import KINDS
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.model.text.lines import cut
from plashui.ui.model.text.thin_bars import thin_bar

LAYER: Final = "this layer"
LEFT_OVER: Final = "leftovers"
PACKAGES: Final = "packages"
LOOSE: Final = "files of no package"

_LEAST: Final = 4
"""Least cells of the words right of a name; without them there are none."""


@dataclass(slots=True, eq=False)
class PackageLine:
    """A line of the tree: `words` stand right of its name.

    `letter` is what happened to a package, as in git. `leftover` is the kind that a
    line stands for. `package` is the place of a package in `Contents`, `LOOSE_FILES`
    for the files of none; their files become lines when it is opened. `file`: it is
    one.
    """

    words: str = ""
    letter: str = " "
    leftover: str = ""
    package: int | None = None
    file: bool = False


LOOSE_FILES: Final = -1

PackageNode = PathNode[PackageLine]


class LayerOf(NamedTuple):
    """An image, and what its layer changed; None if there is nothing below it."""

    contents: Contents
    changes: Sequence[PackageChange] | None


def package_tree(image: LayerOf) -> PackageNode:
    """Return the tree of an image; the packages are closed."""
    found = image.contents
    top = PackageNode("", "", PackageLine(), branch=True, opened=True, inner=[])
    top.size = sum(weight.bytes for weight in (*found.packed, found.loose))
    groups = [_trouble(one) for one in found.troubles]
    if image.changes:
        groups.append(_group(LAYER, map(_changed, image.changes), _counts(image)))
    if found.leftovers:
        lines = [_leftover(kind, one) for kind, one in found.leftovers.items()]
        groups.append(_group(LEFT_OVER, lines, ""))
    if found.packages:
        rows = zip(found.packages, found.packed, strict=True)
        lines = [_package(at, *row) for at, row in enumerate(rows)]
        groups.append(_group(PACKAGES, lines, thousands(len(lines))))
    if found.loose.files:
        words = plural(found.loose.files, "file")
        line = PackageLine(words, package=LOOSE_FILES)
        groups.append(PackageNode(LOOSE, LOOSE, line, found.loose.bytes, branch=True))
    top.inner = groups
    return top


def heading(found: Contents, width: int) -> str:
    """Say in a line of `width` cells what there is; the branches say the rest."""
    if not found.packages:
        return "no packages" if not found.troubles else "packages are not readable"
    managers = " and ".join(sorted({one.manager for one in found.packages}))
    parts = [f"{managers}: {plural(len(found.packages), 'package')}"]
    parts.append(size(sum(weight.bytes for weight in found.packed)))
    left = sum(one.bytes for one in found.leftovers.values())
    if left:
        parts.append(f"{size(left)} left over")
    parts.append(f"{size(found.loose.bytes)} of no package")
    while len(parts) > 1 and len(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def _trouble(words: str) -> PackageNode:
    return PackageNode("", clean(f"not readable: {words}"), PackageLine(letter="!"))


def _group(name: str, lines: Iterable[PackageNode], words: str) -> PackageNode:
    inner = sorted(lines, key=attrgetter("size"), reverse=True)
    total = sum(line.size for line in inner)
    return PackageNode(
        name, name, PackageLine(words), total, branch=True, opened=True, inner=inner
    )


def _counts(image: LayerOf) -> str:
    letters = [change.letter for change in image.changes or ()]
    return " ".join(f"{one}{letters.count(one)}" for one in "AMD" if one in letters)


def _changed(change: PackageChange) -> PackageNode:
    sides = [one for one in (change.before, change.after) if one is not None]
    versions = " → ".join(clean(one.version) for one in sides)
    line = PackageLine(versions, change.letter)
    package = change.package
    return PackageNode(package.name, clean(package.name), line, package.bytes)


def _leftover(kind: str, weight: Weight) -> PackageNode:
    words = f"{plural(weight.files, 'file')}: {LEFTOVERS[kind]}"
    return PackageNode(kind, kind, PackageLine(words, leftover=kind), weight.bytes)


def _package(at: int, package: Package, weight: Weight) -> PackageNode:
    line = PackageLine(clean(package.version), package=at)
    name = clean(package.name)
    return PackageNode(package.name, name, line, weight.bytes, branch=True)


def files_of(found: Contents, package: int, cancel: Cancel) -> list[PackageNode]:
    """Return the files of a package, or those of none, as a tree by size."""
    if package == LOOSE_FILES:
        return file_tree(found.loose_entries(), cancel)
    paths = (path for path, owner in found.owners.items() if owner == package)
    rows = ((path, found.entries[path]) for path in sorted(paths))
    return file_tree((row for row in rows if row[1].kind != "d"), cancel)


def file_tree(rows: Iterable[tuple[str, Entry]], cancel: Cancel) -> list[PackageNode]:
    """Return files as a tree of directories, biggest first."""
    top = PackageNode("/", "/", PackageLine(), branch=True, opened=True, inner=[])
    nodes = {"": top}
    seen: set[int] = set()
    for path, entry in rows:
        cancel.check()
        node = _node(path, nodes)
        node.data.file = entry.kind in "-l"
        if entry.kind == "l":
            node.name += f" -> {clean(entry.target)}"
        if not entry.links or entry.links not in seen:
            node.size = entry.allocated
            seen.add(entry.links)
    for path, node in reversed(nodes.items()):
        if path:
            nodes[path.rpartition("/")[0]].size += node.size
        if node.inner is not None:
            node.inner.sort(key=attrgetter("size"), reverse=True)
            node.opened = node.opened or len(node.inner) == 1
    return top.inner or []


def _node(path: str, nodes: dict[str, PackageNode]) -> PackageNode:
    """Return the node of a path; make it and the directories above it."""
    missing = []
    while path not in nodes:
        missing.append(path)
        path = path.rpartition("/")[0]
    node = nodes[path]
    for below in reversed(missing):
        if node.inner is None:
            node.inner, node.branch = [], True
            node.name += "/"
        name = clean(below.rpartition("/")[2])
        made = nodes[below] = PackageNode(f"/{below}", name, PackageLine())
        node.inner.append(made)
        node = made
    return node


def package_cells(
    node: PackageNode, width: int, whole: int
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the cells left of a name (letter, size) and right of it (words)."""
    line = node.data
    kind = "warn" if line.letter == "!" else KINDS[line.letter]
    amount = "" if line.letter == "!" else size(node.size)
    left = [(f" {line.letter} ", kind), (amount.rjust(7), "")]
    if width >= 60:
        share = node.size / whole if whole else 0.0
        track = [(" " * 8, "")] if line.letter == "!" else thin_bar(share, 8, "bar")
        left += [(" ", ""), *track]
    left.append((" ", ""))
    room = width - cell_len(node.name) - (27 if width >= 60 else 18)
    words = cut(line.words, room) if room >= _LEAST else ""
    return left, [(f"  {words}", "faint")] if words else []
