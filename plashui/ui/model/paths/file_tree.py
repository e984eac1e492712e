"""The files of an image as a tree, and the cells of its rows."""

from __future__ import annotations

import stat
import time
from collections.abc import Mapping
from typing import Final

from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.helper.listing import Entry
from plashui.ui.model.paths.path_rows import PathNode
from plashui.ui.model.text.thin_bars import thin_bar

_TYPES: Final = {
    "-": stat.S_IFREG,
    "d": stat.S_IFDIR,
    "l": stat.S_IFLNK,
    "c": stat.S_IFCHR,
    "b": stat.S_IFBLK,
    "p": stat.S_IFIFO,
    "s": stat.S_IFSOCK,
}
ROOT: Final = Entry("", "d", 0, 0, 0, 0, 0, 0)

FileNode = PathNode[Entry]

Cells = list[tuple[str, str]]


def cells(
    node: FileNode, width: int, *, whole: FileNode | None = None
) -> tuple[Cells, Cells]:
    """Return mode, owner, size and time of a file, as far as there is room.

    In the tree by size `whole` is its top.
    """
    entry = node.data
    left: Cells = []
    if whole is not None:
        track = thin_bar(node.size / whole.size if whole.size else 0.0, 8, "bar")
        return [(f" {size(node.size):>7} ", ""), *track, ("  ", "")], []
    if width >= 52:
        left.append((f" {stat.filemode(_TYPES.get(entry.kind, 0) | entry.mode)}", ""))
    if width >= 72:
        left.append((f" {f'{entry.uid}:{entry.gid}':>11}", "faint"))
    if entry.kind == "d":
        amount = ""
    elif entry.device is not None:
        amount = ",".join(map(str, entry.device))
    else:
        amount = size(entry.size)
    left.append((f" {amount:>7}", ""))
    if width >= 62:
        left.append((f"  {_time(entry.mtime)}", "faint"))
    left.append(("  ", ""))
    words = ""
    if node.opened:
        words = "  …" if node.inner is None else "  empty" if not node.inner else ""
    return left, [(words, "faint")] if words else []


def _time(nanoseconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(nanoseconds // 10**9))
    except (OverflowError, ValueError, OSError):
        return "?".rjust(16)


def file_node(above: str, entry: Entry, *, way: bool) -> FileNode:
    name = clean(entry.name)
    directory = entry.kind == "d"
    if directory:
        name += "/"
    elif entry.kind == "l":
        name += f" -> {clean(entry.target)}"
    path = f"{above}/{entry.name}"
    return FileNode(path, name, entry, entry.size, branch=directory or way)


def file_tree(entries: Mapping[str, Entry], cancel: Cancel) -> FileNode:
    """Return all files as a tree, the biggest first; a file counts once.

    `entries` are by path, "" being the root directory, each directory before its
    content, but not in order.
    """
    top = FileNode("/", "/", ROOT, branch=True, opened=True, inner=[])
    nodes, links = {"": top}, set()
    for count, (path, entry) in enumerate(entries.items()):
        if count % 4096 == 0:
            cancel.check()
        if path:
            above = f"/{path}".rpartition("/")[0]
            node = file_node(
                above, entry._replace(name=path.rpartition("/")[2]), way=False
            )
            node.size = 0 if entry.links in links else entry.allocated
            links |= {entry.links} - {0}
            nodes[path] = node
    for path in sorted(nodes, key=lambda path: path.count("/"), reverse=True):
        if path and path.rpartition("/")[0] in nodes:
            within = nodes[path.rpartition("/")[0]]
            within.inner = within.inner or []
            within.inner.append(nodes[path])
            within.size += nodes[path].size
    for node in nodes.values():
        if node.branch:
            node.inner = sorted(node.inner or [], key=lambda one: (-one.size, one.name))
    return top
