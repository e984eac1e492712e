"""Removing leftovers of an image, such as caches and docs, by a new layer on it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.terminal_text import some
from plashui.base.units import plural, size
from plashui.helper import calls
from plashui.helper.calls import Piece
from plashui.image.packages.contents import Contents, Weight, contents
from plashui.image.packages.leftovers import KINDS, kind_of
from plashui.image.union import parent
from plashui.operations.build import commit
from plashui.store.metadata import META
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from plashui.store.store import Store


class Slimmed(NamedTuple):
    """The new image, and what it has no more."""

    id: int
    kinds: tuple[str, ...]
    less: Weight

    def sentence(self) -> str:
        """Say what it has no more, and what frees that on the disk, for people."""
        less = f"{plural(self.less.files, 'file')}, {size(self.less.bytes)}"
        return (
            f"image {self.id} is without {less} ({some(self.kinds, 60)}); this disk has"
            f" them until `plash squash {self.id}`, and the images below are removed"
        )


def slim(
    store: Store,
    image: int,
    kinds: Collection[str],
    *,
    name: NewName = UNNAMED,
    cancel: Cancel | None = None,
) -> Slimmed:
    """Make a new image on this one without its leftovers of some kinds.

    The image stays as it is, so that removing the new one takes that back. Nothing of
    the image runs. Raises PlashError, and makes nothing, if there are none.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise PlashError(
                f"{kind!r} is not a kind of leftovers", f"There are {', '.join(KINDS)}"
            )
    store.layer(image)
    name.check(store)
    found = contents(store, image, cancel=cancel)
    gone = tuple(kind for kind in KINDS if kind in kinds and kind in found.leftovers)
    if not gone:
        what = f" of {some(kinds, 60)}" if kinds else ""
        raise PlashError(f"image {image} has no leftovers{what}")
    pieces, directories = layer_without(found, gone)
    command = ["plash", "slim", str(image), *gone]
    with workdir(store) as work:
        (work.path / "data").mkdir(mode=0o700)
        calls.gather(store.path, image, work.name, pieces, cancel=cancel)
        (work.path / META).mkdir(mode=0o711)
        implied = work.path / META / "implied"
        implied.write_bytes(b"".join(os.fsencode(one) + b"\0" for one in directories))
        if cancel is not None:
            cancel.check()
        made = commit(
            store,
            image,
            work,
            " ".join(command[1:2] + command[3:]),
            more={"command": command},
            implied=implied,
        )
    name.give(store, made)
    weights = [found.leftovers[kind] for kind in gone]
    less = Weight(sum(w.files for w in weights), sum(w.bytes for w in weights))
    return Slimmed(made, gone, less)


def layer_without(
    found: Contents, kinds: Collection[str]
) -> tuple[list[Piece], list[str]]:
    """Return what hides leftovers: whiteouts and the directories that they are in.

    A directory in which nothing else is goes too, unless it is a package's own: later
    installs count on such as /usr/share/man/man1.
    """
    hidden = {
        path
        for path, entry in found.entries.items()
        if entry.kind != "d" and kind_of(path, found.entries) in kinds
    }
    inside: dict[str, int] = {}  # the entries of each directory that stay
    for path in found.entries:
        if path and path not in hidden:
            inside[parent(path)] = inside.get(parent(path), 0) + 1
    gone = set(hidden)
    emptied = {parent(path) for path in hidden}
    while emptied:
        path = emptied.pop()
        if inside.get(path) or path in gone or not _may_go(path, found, kinds):
            continue
        gone.add(path)
        inside[parent(path)] -= 1
        emptied.add(parent(path))
    tops = sorted(path for path in gone if parent(path) not in gone)
    directories = sorted({"", *(above for path in tops for above in _above(path))})
    pieces = [Piece("d", "", path) for path in directories if path]
    pieces += [Piece("w", "", path) for path in tops]
    return pieces, [path or "." for path in directories]


def _may_go(path: str, found: Contents, kinds: Collection[str]) -> bool:
    """Return whether an empty directory is itself a leftover of these kinds."""
    if path in found.owners:
        return False
    compiled = path.endswith("__pycache__") and "pyc" in kinds
    return compiled or kind_of(path, found.entries) in kinds


def _above(path: str) -> Iterator[str]:
    while path := parent(path):
        yield path
