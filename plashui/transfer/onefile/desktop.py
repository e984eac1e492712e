"""What a desktop shows of an app: its icon, its entry; and its licences."""

from __future__ import annotations

import base64
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.files import opened

if TYPE_CHECKING:
    from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOST: Final = 4 << 20
"""The most bytes of an icon, and of an entry."""
_GROUP: Final = "[Desktop Entry]"


class Icon(NamedTuple):
    """An icon, and what it is called in the app."""

    name: str
    data: bytes


def icon(name: str, path: Path | None) -> Icon:
    """Return the icon of an app: a PNG or SVG that a person gives, or ours."""
    if path is None:
        return Icon(f"{name}.png", base64.b64decode(_OURS))
    data = _read(path)
    if data.startswith(_PNG):
        return Icon(f"{name}.png", data)
    if b"<svg" in data[:4096]:
        return Icon(f"{name}.svg", data)
    raise PlashError(f"{path} is not an icon", "Name a .png or .svg file")


def entry(name: str, path: Path | None) -> bytes:
    """Return the desktop entry of an app: that of a person with our icon, or ours."""
    if path is None:
        lines = ("Type=Application", f"Name={name}", f"Exec={name}")
        more = (f"Icon={name}", "Terminal=true", "Categories=Utility;")
        return "\n".join((_GROUP, *lines, *more, "")).encode()
    text = _read(path).decode("utf-8", "surrogateescape")
    lines_of = text.splitlines()
    keys = {line.partition("=")[0].strip() for line in lines_of}
    missing = [key for key in ("Type", "Name", "Exec") if key not in keys]
    if _GROUP not in lines_of or missing:
        what = _GROUP if _GROUP not in lines_of else f"{missing[0]}="
        raise PlashError(
            f"{path} is not a desktop entry: there is no {what} in it",
            "See the Desktop Entry Specification",
        )
    kept = [line for line in lines_of if line.partition("=")[0].strip() != "Icon"]
    kept.insert(kept.index(_GROUP) + 1, f"Icon={name}")
    return "\n".join((*kept, "")).encode("utf-8", "surrogateescape")


def licenses() -> bytes:
    """Return the licences of the program in front of the image."""
    return Path(__file__).with_name("LICENSES").read_bytes()


def _read(path: Path) -> bytes:
    with opened(path) as file:
        found = bytearray()
        while len(found) <= _MOST and (data := file.read(_MOST + 1 - len(found))):
            found += data
    if len(found) > _MOST:
        raise PlashError(f"{path} has more than 4 MiB")
    return bytes(found)


_OURS: Final = """\
iVBORw0KGgoAAAANSUhEUgAAAEAAAABABAMAAABYR2ztAAAAD1BMVEUAAAAmRlMqnY/pxGrnb1EiOYdtAAAA
AXRSTlMAQObYZgAAAR5JREFUeNrdlcGNAyEMRUOSAoYkBexSwUY0MJHcf02LAjbfjA3KNf8G74kxtjScTt+Y
677gRPuCTw1qWXHPIJobRHODaG4QzQ2iqXElM/uCi+FyNpZCeHj8tVUhOsYrshCjxct2F6LJUYgWV0I0uBbi
kTfBMDQ/GiO/5Ny2HvX6NTn/CUejczbeghjImxDuaCB/8jWPRuXQh8HgJTRKGbLATrZDS+CDqtVsYEF6FtVQ
BQ+zyBJvFh4/p9S27lJpSUo/wtHonI23IAbyJoQbGsh/+ZpHo3Low2DwEhqlDFlgJ9uhJfBB1Wo2sCA9i2qo
godZJIk3C4+XtK2bVFqi/4PdsHk3PC6Gy7Vhvwcr3g3/TQrj9S1jm7+LYfv0pf0HQZOwg7JGBFAAAAAASUVO
RK5CYII="""
