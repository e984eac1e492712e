"""The database of apk: records of lines `LETTER:value`, see apk-package(5)."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.image.packages.package import Package, path_in

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.packages.reading import Files

NAME: Final = "apk"
_PLACES: Final = ("usr/lib/apk/db/installed", "lib/apk/db/installed")


def read(files: Files) -> list[Package] | None:
    """Return the packages; None if the image has no such database."""
    for place in _PLACES:
        text = files.text(place)
        if text is not None:
            return parse(text)
    return None


def parse(text: str) -> list[Package]:
    """Return the packages of the file `installed`.

    `P`, `V` and `A` are name, version and architecture; each `F` is a directory and
    the `R` after it are the files in it.
    """
    found: list[Package] = []
    known: dict[str, str] = {}
    paths: list[str] = []
    directory = ""
    for line in [*text.split("\n"), ""]:
        letter, value = line[:1], line[2:]
        if not line:
            if "P" in known:
                name, version, arch = (known.get(one, "") for one in "PVA")
                found.append(Package(NAME, name, version, arch, tuple(paths)))
            known, paths, directory = {}, [], ""
        elif line[1:2] != ":":
            continue
        elif letter in "PVA":
            known[letter] = value
        elif letter == "F":
            directory = path_in(value)
            paths += [directory] if directory else []
        elif letter == "R" and value:
            path = path_in(f"{directory}/{value}")
            paths += [path] if path else []
    return found
