"""Random layers of an image, as hypothesis draws them, and what they show together.

A layer does not contradict itself: it has nothing below a file or a removal, and each
name once. Unlike `tests/helpers/tar/test_model.py`, its entries are in an order that
other programs understand, so that these can be asked, too.
"""

from __future__ import annotations

import hashlib
import itertools
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from tests.helpers.tar import archives as a

_NAMES: Final = "abc"
PATHS: Final = tuple(
    "/".join(parts)
    for depth in (1, 2, 3)
    for parts in itertools.product(_NAMES, repeat=depth)
)
_FILES, _DIRECTORIES = (0o644, 0o600, 0o4755), (0o755, 0o700, 0o1777, 0o555)
_OWNERS: Final = ((0, 0), (1, 2), (1000, 100))
_DIRECTORY: Final = "directory"


class Entry(NamedTuple):
    """What a layer has at a path; `text` is content or target, "gone" a removal."""

    kind: str
    mode: int = 0o755
    owner: tuple[int, int] = (0, 0)
    time: int | None = None
    """None: that of a directory that no layer has itself, which nobody knows."""
    text: str = ""
    inode: int = 0


@dataclass
class Layer:
    """What a layer has and which directories it empties first."""

    has: dict[str, Entry] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)

    def tar(self) -> bytes:
        """Return it as a tar: directories before what is in them, hard links last."""
        members = []
        for path in sorted(self.has.keys() | self.emptied):
            entry = self.has.get(path)
            if entry is not None and entry.kind != "hard":
                members.append(_member(path, entry))
            if path in self.emptied:
                members.append(a.file(f"{path}/.wh..wh..opq".encode()))
        for path, entry in sorted(self.has.items()):
            if entry.kind == "hard":
                members.append(a.hard_link(path.encode(), entry.text.encode()))
        return a.whole(*members)

    def over(self, below: Mapping[str, Entry]) -> dict[str, Entry]:
        """Return what shows where this lies on something."""
        shown = dict(below)
        for path, entry in self.has.items():
            if entry.kind != _DIRECTORY:
                _remove(shown, path, itself=True)
            elif path in shown and shown[path].kind != _DIRECTORY:
                del shown[path]
        for path in self.emptied:
            _remove(shown, path, itself=False)
        for path in [*self.has, *self.emptied]:
            for parent in [*above(path), *({path} & self.emptied)]:
                shown.setdefault(parent, Entry(_DIRECTORY))
        for path, entry in self.has.items():
            if entry.kind == "hard":
                shown[path] = self.has[entry.text]
            elif entry.kind != "gone":
                shown[path] = entry
        return shown


def _remove(tree: dict[str, Entry], path: str, *, itself: bool) -> None:
    for name in [*tree]:
        if name.startswith(f"{path}/") or (itself and name == path):
            del tree[name]


def above(path: str) -> list[str]:
    """Return the directories that a path is in, the topmost first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _member(path: str, entry: Entry) -> bytes:
    name, (uid, gid) = path.encode(), entry.owner
    facts: dict[str, Any] = {"uid": uid, "gid": gid, "mtime": entry.time or 0}
    place, slash, last = path.rpartition("/")
    if entry.kind == "gone":
        return a.file(f"{place}{slash}.wh.{last}".encode())
    if entry.kind == "symlink":
        return a.symlink(name, entry.text.encode(), mode=0o777, **facts)
    if entry.kind == "file":
        return a.file(name, entry.text.encode(), mode=entry.mode, **facts)
    kind = b"5" if entry.kind == _DIRECTORY else b"6"
    return a.header(name, kind, mode=entry.mode, **facts)


@st.composite
def stacks(draw: st.DrawFn) -> list[Layer]:
    """Draw the layers of an image, each with the tree below it in mind."""
    tree: dict[str, Entry] = {}
    found: list[Layer] = []
    for number in range(draw(st.integers(2, 4))):
        layer = _layer(draw, tree, number)
        tree = layer.over(tree)
        found.append(layer)
    return found


def _layer(draw: st.DrawFn, below: Mapping[str, Entry], number: int) -> Layer:
    layer = Layer()
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=7, unique=True))
    for path in sorted(paths, key=lambda one: (one.count("/"), one)):
        kinds = ["file", "file", _DIRECTORY, "symlink", "fifo"]
        kinds += ["gone"] * 3 if path in below else []
        files = [name for name, one in layer.has.items() if one.kind == "file"]
        kinds += ["hard"] * 2 if files else []
        if _is_closed(layer, path):
            continue
        for parent in above(path):  # a link or a file below: say what it becomes
            was = below.get(parent)
            if parent not in layer.has and was and was.kind != _DIRECTORY:
                layer.has[parent] = _entry(draw, _DIRECTORY, number)
        kind = draw(st.sampled_from(kinds))
        if kind == "hard":
            layer.has[path] = Entry(kind, text=draw(st.sampled_from(files)))
        else:
            inode = 100 * number + len(layer.has)
            layer.has[path] = _entry(draw, kind, number)._replace(inode=inode)
    known = {**below, **layer.has}
    may_be = sorted(
        path
        for path, one in known.items()
        if one.kind == _DIRECTORY and not _is_closed(layer, path)
    )
    if may_be:
        drawn = draw(st.sets(st.sampled_from(may_be), max_size=2))
        # umoci does not make a directory that is only emptied, where it is gone anyway.
        layer.emptied = {
            path for path in drawn if path in layer.has or drawn.isdisjoint(above(path))
        }
    return layer


def _is_closed(layer: Layer, path: str) -> bool:
    """Return whether the layer has something that nothing can be below."""
    return any(
        one in layer.has and layer.has[one].kind != _DIRECTORY for one in above(path)
    )


def _entry(draw: st.DrawFn, kind: str, number: int) -> Entry:
    modes = _DIRECTORIES if kind == _DIRECTORY else _FILES
    text = draw(st.sampled_from(("", "x", "a", "../b", "none")))
    return Entry(
        kind,
        draw(st.sampled_from(modes)),
        draw(st.sampled_from(_OWNERS)),
        1_000_000_000 + 1000 * number + draw(st.integers(0, 9)),
        text or ("nowhere" if kind == "symlink" else ""),
    )


Rows = dict[str, dict[str, Any]]

_TYPES: Final = {
    "file": stat.S_IFREG,
    _DIRECTORY: stat.S_IFDIR,
    "symlink": stat.S_IFLNK,
    "fifo": stat.S_IFIFO,
}


def rows_of(tree: Mapping[str, Entry], *, owners: bool) -> Rows:
    """Return a tree as `compared` gives what was looked at."""
    return {
        path: {
            "type": _TYPES[entry.kind],
            "mode": 0o777 if entry.kind == "symlink" else entry.mode,
            "owner": [*entry.owner] if owners else [0, 0],
            "time": None if entry.time is None else entry.time * 10**9,
            "text": _text(entry),
            "links": _links(tree, entry),
        }
        for path, entry in tree.items()
    }


def _text(entry: Entry) -> str:
    if entry.kind == "file":
        return hashlib.sha256(entry.text.encode()).hexdigest()
    return entry.text if entry.kind == "symlink" else ""


def _links(tree: Mapping[str, Entry], entry: Entry) -> list[str]:
    if entry.kind != "file":
        return []
    return sorted(p for p, o in tree.items() if o.kind == "file" and o == entry)


def compared(seen: Mapping[str, Mapping[str, Any]], tree: Mapping[str, Entry]) -> Rows:
    """Return what was seen of a tree, but for times that nobody knows."""
    found: Rows = {}
    for place, row in seen.items():
        path = place.removeprefix("./")
        if path == ".":
            continue
        unknown = path in tree and tree[path].time is None
        found[path] = {
            "type": row["type"],
            "mode": row["mode"],
            "owner": row["owner"],
            "time": None if unknown else row["time"],
            "text": row.get("content") or row.get("target", ""),
            "links": sorted(_same(seen, row)),
        }
    return found


def _same(
    seen: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]
) -> Iterable[str]:
    def names() -> Iterator[str]:
        for place, other in seen.items():
            if "same as" in row and other.get("same as") == row["same as"]:
                yield place.removeprefix("./")

    return names()
