"""The database of pacman: a directory for each package, with `desc` and `files`."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.image.packages.package import Package, path_in

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.packages.reading import Files

NAME: Final = "pacman"
_PLACE: Final = "var/lib/pacman/local"


def read(files: Files) -> list[Package] | None:
    """Return the packages; None if the image has no such database."""
    names = files.names(_PLACE)
    if not names:
        return None
    found: list[Package] = []
    for name in names:
        known = sections(files.text(f"{_PLACE}/{name}/desc") or "")
        if not known.get("NAME"):
            continue  # such as the file ALPM_DB_VERSION
        inside = sections(files.text(f"{_PLACE}/{name}/files") or "")
        called, version, arch = (
            "".join(known.get(key, [])[:1]) for key in ("NAME", "VERSION", "ARCH")
        )
        paths = filter(None, map(path_in, inside.get("FILES", [])))
        found.append(Package(NAME, called, version, arch, tuple(paths)))
    return found


def sections(text: str) -> dict[str, list[str]]:
    """Return the lines below each heading `%NAME%`, up to an empty line."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.split("\n"):
        if not line:
            lines = None
        elif lines is not None:
            lines.append(line)
        elif line[0] == line[-1] == "%":
            lines = found.setdefault(line.strip("%"), [])
    return found
