"""Following links within an image or a tree of files, out of which none leads."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from plashui.helper.listing import Entry

_MOST: Final = 40  # as the kernel follows at most


def follow(look: Callable[[str], Entry | None], path: str) -> str:
    """Return where a path leads, without a leading slash: no link, `.` or `..` is left.

    `look` returns the entry of such a path, None for nothing. What is not there is
    taken as it is written. Raises PlashError after 40 links.
    """
    rest = path.split("/")[::-1]
    found: list[str] = []
    links = 0
    while rest:
        name = rest.pop()
        if name in ("", "."):
            continue
        if name == "..":
            del found[-1:]
            continue
        entry = look("/".join([*found, name]))
        if entry is None or entry.kind != "l":
            found.append(name)
            continue
        links += 1
        if links > _MOST:
            raise PlashError(f"cannot follow {clean(path)}: too many links")
        if entry.target.startswith("/"):
            found = []
        rest += entry.target.split("/")[::-1]
    return "/".join(found)
