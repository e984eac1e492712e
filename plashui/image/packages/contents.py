"""The files of an image, weighed by the package that each belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.helper import listing
from plashui.image.packages.databases import read_databases
from plashui.image.packages.leftovers import KINDS, kind_of
from plashui.image.union import parent
from plashui.model.forest import EMPTY_IMAGE

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.helper.listing import Entry
    from plashui.image.packages.package import Package
    from plashui.store.store import Store

_LINKS: Final = 40  # the kernel's limit
_OFTEN: Final = 4096  # entries between two looks at whether it is still wanted


class Weight(NamedTuple):
    """A number of files, and the bytes that they take on the disk.

    Directories do not count as files. Of several names of a file the first counts.
    """

    files: int = 0
    bytes: int = 0


NOTHING: Final = Weight()


class Contents(NamedTuple):
    """What an image has, by package.

    `owners` has the place in `packages` of each path that a package says is its own,
    with links of the image followed. `packed` are the weights of the packages, `loose`
    that of all files of no package, and `directories` the bytes of directories, which
    several packages share. `leftovers` are by kind, of whichever package.
    """

    packages: tuple[Package, ...]
    packed: tuple[Weight, ...]
    loose: Weight
    directories: int
    leftovers: Mapping[str, Weight]
    troubles: tuple[str, ...]
    entries: Mapping[str, Entry]
    owners: Mapping[str, int]

    def loose_entries(self) -> Iterable[tuple[str, Entry]]:
        """Yield the files of no package, by path."""
        for path, entry in self.entries.items():
            if entry.kind != "d" and path not in self.owners:
                yield path, entry


def contents(store: Store, image: int, *, cancel: Cancel | None = None) -> Contents:
    """Read the packages of an image, and weigh its files; image 0 has nothing."""
    if image == EMPTY_IMAGE:
        return weighed((), (), {})
    from plashui.image.mounted_image import open_image  # often it is known without

    with open_image(store, image) as merged:
        found = read_databases(merged, cancel)
    listed = listing.list_tree(store.root, image, cancel=cancel)
    entries = {entry.name: entry for entry in listed}
    return weighed(found.packages, found.troubles, entries, cancel)


def weighed(
    packages: tuple[Package, ...],
    troubles: tuple[str, ...],
    entries: Mapping[str, Entry],
    cancel: Cancel | None = None,
) -> Contents:
    """Weigh the files of an image, given by path, for these packages."""
    owners = owners_of(packages, entries, cancel)
    packed = [[0, 0] for _package in packages]
    loose = [0, 0]
    left = {kind: [0, 0] for kind in KINDS}
    directories = 0
    seen: set[int] = set()
    for count, (path, entry) in enumerate(entries.items()):
        if cancel is not None and count % _OFTEN == 0:
            cancel.check()
        if entry.kind == "d":
            directories += entry.allocated
            continue
        if entry.links:
            if entry.links in seen:
                continue
            seen.add(entry.links)
        at = owners.get(path)
        sums = [loose if at is None else packed[at]]
        kind = kind_of(path, entries)
        if kind:
            sums.append(left[kind])
        for one in sums:
            one[0] += 1
            one[1] += entry.allocated
    return Contents(
        packages,
        tuple(Weight(*one) for one in packed),
        Weight(*loose),
        directories,
        {kind: Weight(*one) for kind, one in left.items() if one[0]},
        troubles,
        entries,
        owners,
    )


def owners_of(
    packages: Iterable[Package],
    entries: Mapping[str, Entry],
    cancel: Cancel | None = None,
) -> dict[str, int]:
    """Return the place of the (first) package of each path that is in the image."""
    links = {path: one.target for path, one in entries.items() if one.kind == "l"}
    real = _Directories(links)
    found: dict[str, int] = {}
    for at, package in enumerate(packages):
        if cancel is not None:
            cancel.check()
        for path in package.paths:
            place = path if path in entries else real.path(path)
            if place in entries:
                found.setdefault(place, at)
    return found


class _Directories:
    """Where the directories of an image are, to which links may lead."""

    def __init__(self, links: Mapping[str, str]) -> None:
        """Follow these links, of which each leads from a path to a target."""
        self._links = links
        self._known: dict[str, str | None] = {"": ""}

    def path(self, path: str) -> str:
        """Return a path whose directories are no links; '' for a loop."""
        directory = parent(path)
        if directory not in self._known:
            self._known[directory] = self._follow(directory)
        real = self._known[directory]
        if real is None:
            return ""
        name = path.rpartition("/")[2]
        return f"{real}/{name}" if real else name

    def _follow(self, path: str) -> str | None:
        left, at, followed = path.split("/")[::-1], "", 0
        while left:
            name = left.pop()
            if name == "..":
                at = parent(at)
            elif name not in ("", "."):
                below = f"{at}/{name}" if at else name
                target = self._links.get(below)
                if target is None:
                    at = below
                    continue
                followed += 1
                if followed > _LINKS:
                    return None
                at = "" if target.startswith("/") else at
                left += target.split("/")[::-1]
        return at
