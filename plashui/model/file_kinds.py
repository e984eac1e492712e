"""The letters for kinds of files, as `find` prints them."""

from __future__ import annotations

import stat

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

KINDS: Final = {
    stat.S_IFREG: "-",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFCHR: "c",
    stat.S_IFBLK: "b",
    stat.S_IFIFO: "p",
    stat.S_IFSOCK: "s",
}
"""By the format in the mode of a file (stat.S_IFMT)."""
