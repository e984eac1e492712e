"""Packages that came, changed or went from one image to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.image.packages.contents import NOTHING
from plashui.image.packages.known import Known, known
from plashui.model.forest import EMPTY_IMAGE

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.image.packages.known import Installed
    from plashui.model.forest import Forest
    from plashui.store.store import Store

NO_PACKAGES: Final = Known((), NOTHING, 0, {})


class PackageChange(NamedTuple):
    """A package that differs: `before` is None if it came, `after` if it went."""

    before: Installed | None
    after: Installed | None

    @property
    def package(self) -> Installed:
        """The package as it is after the change, or was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of them is there
        return found

    @property
    def letter(self) -> str:
        """A if it was added, D if it is gone, M if it has another version."""
        if self.before is None:
            return "A"
        return "M" if self.after is not None else "D"

    @property
    def growth(self) -> int:
        """By how many bytes its files take more than before."""
        before = self.before.bytes if self.before is not None else 0
        return (self.after.bytes if self.after is not None else 0) - before


def changes(before: Known, after: Known) -> list[PackageChange]:
    """Return the packages that differ in version, by manager and name.

    Of a package with several versions, each version is one of its own.
    """
    old, new = _by_name(before.packages), _by_name(after.packages)
    found: list[PackageChange] = []
    for key in sorted(old.keys() | new.keys()):
        gone, come = old.get(key, {}), new.get(key, {})
        same = gone.keys() & come.keys()
        left = [gone[one] for one in gone if one not in same]
        added = [come[one] for one in come if one not in same]
        found += _paired(left, added)
    return found


def _by_name(
    packages: Iterable[Installed],
) -> dict[tuple[str, str], dict[tuple[str, str], Installed]]:
    found: dict[tuple[str, str], dict[tuple[str, str], Installed]] = {}
    for one in packages:
        versions = found.setdefault((one.manager, one.name), {})
        versions[one.version, one.architecture] = one
    return found


def _paired(old: list[Installed], new: list[Installed]) -> Iterator[PackageChange]:
    """Yield what changed: those of one architecture belong together."""
    for one in old:
        alike = [n for n in new if n.architecture == one.architecture]
        alike = alike or (new if len(old) == len(new) == 1 else [])
        if alike:
            new = [n for n in new if n is not alike[0]]
        yield PackageChange(one, alike[0] if alike else None)
    for one in new:
        yield PackageChange(None, one)


class LayerPackages(NamedTuple):
    """What came, changed and went with one layer."""

    image: int
    changes: tuple[PackageChange, ...]


def by_layer(
    store: Store, forest: Forest, image: int, *, cancel: Cancel | None = None
) -> Iterator[LayerPackages]:
    """Yield the changes of each layer of an image, the lowest first."""
    if image not in forest:
        raise PlashError(f"no image {image}")
    before = NO_PACKAGES
    for layer in reversed(forest.lineage(image)):
        if layer == EMPTY_IMAGE:
            continue
        after = known(store, layer, cancel=cancel)
        yield LayerPackages(layer, tuple(changes(before, after)))
        before = after
