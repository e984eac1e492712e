"""Where the program lies that stands in front of an image in one executable file."""

from __future__ import annotations

from pathlib import Path

from plashui.base.light import TYPE_CHECKING
from plashui.helper.program import program

if TYPE_CHECKING:
    from typing import Final

PROGRAM: Final = "plash-app"
WHY: Final = "it was not built with plashui, since the compiler had no static libc"
REMEDY: Final = (
    "Install libc6-dev or musl-tools (Fedora: glibc-static, Alpine: musl-dev), and"
    " plashui anew"
)


def runtime_path(machine: str = "") -> Path:
    """Return the path of the runtime, there or not; "" is for this machine's."""
    name = f"{PROGRAM}-{machine}" if machine else PROGRAM
    return Path(program()).resolve().with_name(name)
