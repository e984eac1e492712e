"""Files that each layer of an image hides in the layers below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import listing
from plashui.helper.listing import Entry
from plashui.model.forest import Forest
from plashui.store.store import Store


class Shadow(NamedTuple):
    """What a layer hides: the number of non-directories, and their allocated bytes."""

    files: int
    bytes: int


Found = Callable[[int, Shadow], None]


def shadows(
    store: Store,
    forest: Forest,
    image: int,
    found: Found,
    *,
    cancel: Cancel | None = None,
) -> None:
    """Compute what each layer of an image hides; call `found` for each, lowest first.

    Only files that were visible until then count, so that no byte counts for two
    layers; a file with several names counts when its last name is hidden.
    """
    if image not in forest:
        raise PlashError(f"no image {image}")
    visible = Visible()
    for layer in reversed(forest.lineage(image)):
        listed = listing.list_tree(store.root, layer, layer=True, cancel=cancel)
        found(layer, visible.cover(listed))
        if cancel is not None:
            cancel.check()


class _Place:
    """A visible path; `inner` is None unless it is a directory."""

    __slots__ = ("bytes", "inner", "twin")

    def __init__(self, entry: Entry, twin: tuple[int, int] | None) -> None:
        self.bytes = entry.allocated
        self.twin = twin
        self.inner: dict[str, _Place] | None = {} if entry.kind == "d" else None


class Visible:
    """The visible files of a stack of layers."""

    def __init__(self) -> None:
        """Start without a layer."""
        self._root: dict[str, _Place] = {}
        self._names: dict[tuple[int, int], int] = {}
        self._layers = 0

    def cover(self, layer: Iterable[Entry]) -> Shadow:
        """Put a layer on top, listed as by listing.list_tree; return what it hides."""
        self._layers += 1
        files = total = 0
        inside: dict[str, dict[str, _Place]] = {"": self._root}
        for entry in layer:
            if not entry.name:
                continue
            above, _slash, name = entry.name.rpartition("/")
            there = inside[above]
            old = there.get(name)
            if (
                old is not None
                and old.inner is not None
                and entry.kind == "d"
                and not entry.opaque
            ):
                inside[entry.name] = old.inner
                continue
            if old is not None:
                count, size = self._hide(old)
                files += count
                total += size
            if entry.kind == "w":
                there.pop(name, None)
                continue
            place = there[name] = _Place(entry, self._twin(entry))
            if place.inner is not None:
                inside[entry.name] = place.inner
        return Shadow(files, total)

    def _twin(self, entry: Entry) -> tuple[int, int] | None:
        if not entry.links or entry.kind == "d":
            return None
        key = (self._layers, entry.links)
        self._names[key] = self._names.get(key, 0) + 1
        return key

    def _hide(self, place: _Place) -> Shadow:
        """Remove a path with everything in it; return what that hides."""
        files = total = 0
        for one in _all(place):
            if one.twin is not None:
                self._names[one.twin] -= 1
                if self._names[one.twin]:
                    continue
            total += one.bytes
            files += one.inner is None
        return Shadow(files, total)


def _all(top: _Place) -> Iterator[_Place]:
    stack = [top]
    while stack:
        place = stack.pop()
        yield place
        stack += (place.inner or {}).values()
