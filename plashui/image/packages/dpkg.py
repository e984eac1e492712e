"""The database of dpkg, also the one of distroless images, in status.d."""

from __future__ import annotations

from collections.abc import Iterator

from plashui.base.light import TYPE_CHECKING
from plashui.image.packages.package import Package, path_in

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.packages.reading import Files

NAME: Final = "dpkg"
_PLACE: Final = "var/lib/dpkg"
_FIELDS: Final = ("Package", "Version", "Architecture", "Status", "Multi-Arch")
_WITHOUT_FILES: Final = ("not-installed", "config-files")
_SUMS: Final = ".md5sums"

Diversions = dict[str, tuple[str, str]]
"""Of a path that another package took: where the file is now, and that package."""


def read(files: Files) -> list[Package] | None:
    """Return the packages; None if the image has no such database."""
    status = files.text(f"{_PLACE}/status")
    parts = files.names(f"{_PLACE}/status.d")
    if status is None and not parts:
        return None
    diverted = _diversions(files.text(f"{_PLACE}/diversions") or "")
    found = [
        _package(stanza, _listed(files, stanza, diverted))
        for stanza in stanzas(status or "")
        if not stanza.get("Status", "").endswith(_WITHOUT_FILES)
    ]
    for part in parts:
        if part.endswith(_SUMS):
            continue
        text = files.text(f"{_PLACE}/status.d/{part}") or ""
        for stanza in stanzas(text):
            sums = files.text(f"{_PLACE}/status.d/{part}{_SUMS}") or ""
            lines = (line.partition("  ")[2] for line in sums.splitlines())
            found.append(_package(stanza, tuple(filter(None, map(path_in, lines)))))
            break
    return found


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each stanza that has a package; other fields are left out."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if not line:
            if "Package" in found:
                yield found
            found = {}
        elif line[0] not in " \t":
            field, _colon, value = line.partition(":")
            if field in _FIELDS:
                found[field] = value.strip()
    if "Package" in found:
        yield found


def _package(stanza: dict[str, str], paths: tuple[str, ...]) -> Package:
    version = stanza.get("Version", "")
    return Package(
        NAME, stanza["Package"], version, stanza.get("Architecture", ""), paths
    )


def _listed(
    files: Files, stanza: dict[str, str], diverted: Diversions
) -> tuple[str, ...]:
    name = stanza["Package"]
    if "/" in name:
        return ()
    both = (f"{name}:{stanza.get('Architecture', '')}", name)
    for called in both if stanza.get("Multi-Arch") == "same" else both[::-1]:
        text = files.text(f"{_PLACE}/info/{called}.list")
        if text is not None:
            return tuple(
                _where(path, name, diverted)
                for line in text.split("\n")
                if (path := path_in(line))
            )
    return ()


def _diversions(text: str) -> Diversions:
    """Parse dpkg's file of three lines each: from, to, package (`:` is nobody's)."""
    lines = text.split("\n")
    groups = zip(lines[::3], lines[1::3], lines[2::3], strict=False)
    return {path_in(old): (path_in(new), whose) for old, new, whose in groups}


def _where(path: str, name: str, diverted: Diversions) -> str:
    new, whose = diverted.get(path, ("", name))
    return path if whose == name else new or path
