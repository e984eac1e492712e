"""All package databases of an image."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.image.packages import apk, dpkg, pacman, rpm
from plashui.image.packages.reading import Files

if TYPE_CHECKING:
    from plashui.base.progress import Cancel
    from plashui.image.mounted_image import Merged
    from plashui.image.packages.package import Package


class Databases(NamedTuple):
    """The packages of all databases, and why a database could not be read."""

    packages: tuple[Package, ...]
    troubles: tuple[str, ...] = ()


def read_databases(image: Merged, cancel: Cancel | None = None) -> Databases:
    """Read the databases of an open image."""
    files = Files(image, cancel)
    found: list[Package] = []
    troubles: list[str] = []
    for manager in (dpkg, apk, pacman, rpm):
        try:
            packages = manager.read(files)
        except PlashError as error:
            if cancel is not None:
                cancel.check()
            troubles.append(f"{manager.NAME}: {error.args[0]}")
            continue
        found += packages or []
    return Databases(tuple(sorted(found)), tuple(troubles))
