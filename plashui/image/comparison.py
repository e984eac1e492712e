"""Two images compared as a person would: config, packages, the files of each."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.image.config_of import effective_config
from plashui.image.diff import Change, ImageIn, diff, diff_across
from plashui.image.packages.changes import PackageChange, changes
from plashui.image.packages.contents import contents
from plashui.image.packages.known import Installed, summary
from plashui.model.forest import EMPTY_IMAGE

if TYPE_CHECKING:
    from typing import Any

    from plashui.base.progress import Cancel
    from plashui.image.packages.contents import Contents


class ConfigChange(NamedTuple):
    """A value of the config that differs; None where it is not set."""

    key: str
    before: str | None
    after: str | None

    @property
    def letter(self) -> str:
        """A if it was added, D if it is gone, else M."""
        if self.before is None:
            return "A"
        return "M" if self.after is not None else "D"


class PackageFiles(NamedTuple):
    """The files of a package that differ, and how the package itself did.

    `package` is None for the files of no package, `change` if the package is the same.
    """

    package: Installed | None
    change: PackageChange | None
    files: tuple[Change, ...]

    @property
    def growth(self) -> int:
        """By how many bytes on the disk its files grew."""
        return sum(map(_grown, self.files))


class Comparison(NamedTuple):
    """What differs between two images; `troubles` are databases not readable."""

    config: tuple[ConfigChange, ...]
    packages: tuple[PackageFiles, ...]
    troubles: tuple[str, ...] = ()


def compare_images(
    old: ImageIn, new: ImageIn, *, cancel: Cancel | None = None
) -> Comparison:
    """Compare two images, of one store or of two, of one chain or of two."""
    before, after = (contents(*one, cancel=cancel) for one in (old, new))
    if old.store.root == new.store.root:
        forest = new.store.read()
        found = diff(new.store, forest, old.image, new.image, cancel=cancel)
    else:
        found = diff_across(old, new, cancel=cancel)
    troubles = dict.fromkeys((*before.troubles, *after.troubles))
    grouped = tuple(by_package(before, after, found))
    return Comparison(tuple(config_changes(old, new)), grouped, tuple(troubles))


def by_package(
    old: Contents, new: Contents, found: Iterable[Change]
) -> Iterator[PackageFiles]:
    """Yield the changes grouped by package, those of no package last.

    A path belongs to its package in the new image, else to the one in the old image.
    """
    groups: dict[tuple[str, str], list[Change]] = {}
    loose: list[Change] = []
    for change in found:
        owner = _owner(new, change.path) or _owner(old, change.path)
        (groups.setdefault(owner, []) if owner else loose).append(change)
    before, after = summary(old), summary(new)
    differing: dict[tuple[str, str], list[PackageChange]] = {}
    for one in changes(before, after):
        key = (one.package.manager, one.package.name)
        differing.setdefault(key, []).append(one)
    packages = {(p.manager, p.name): p for p in (*before.packages, *after.packages)}
    for key in sorted(differing.keys() | groups.keys()):
        files = tuple(groups.get(key, ()))
        if key not in differing:
            yield PackageFiles(packages[key], None, files)
        for one in differing.get(key, ()):
            yield PackageFiles(one.package, one, files)
            files = ()  # of a package with several versions the first one has them
    if loose:
        yield PackageFiles(None, None, tuple(loose))


def _owner(side: Contents, path: str) -> tuple[str, str] | None:
    at = side.owners.get(path.lstrip("/"))
    return None if at is None else side.packages[at][:2]


def _grown(change: Change) -> int:
    before, after = change.before, change.after
    return (after.allocated if after else 0) - (before.allocated if before else 0)


def config_changes(old: ImageIn, new: ImageIn) -> Iterator[ConfigChange]:
    """Yield the values of the OCI configs that differ, by key."""
    before, after = (_values(_config(one)) for one in (old, new))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield ConfigChange(key, before.get(key), after.get(key))


def _config(of: ImageIn) -> dict[str, Any]:
    return {} if of.image == EMPTY_IMAGE else effective_config(of.store, of.image)


def _values(config: dict[str, Any]) -> dict[str, str]:
    """Return the values of a config as texts; each variable and label is one."""
    found = {
        key: config[key]
        for key in ("architecture", "variant", "os", "author")
        if isinstance(config.get(key), str)
    }
    wishes = config.get("config")
    for key, value in (wishes if isinstance(wishes, dict) else {}).items():
        if key == "Env" and isinstance(value, list):
            for one in value:
                name, _equals, text = str(one).partition("=")
                found[f"Env {name}"] = text
        elif isinstance(value, dict):
            for name, text in value.items():
                found[f"{key} {name}"] = text if isinstance(text, str) else ""
        elif isinstance(value, list):
            found[str(key)] = shlex.join(map(str, value))
        elif value not in (None, "", False):
            found[str(key)] = str(value)
    return found
