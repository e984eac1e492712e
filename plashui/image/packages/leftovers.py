"""What installing leaves in an image that can be removed: caches, docs, locales."""

from __future__ import annotations

import re
from collections.abc import Container

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

KINDS: Final = {
    "apt-lists": "lists of packages, which `apt-get update` fetches again",
    "apt-cache": "packages and indexes that apt keeps",
    "apk-cache": "packages that apk keeps",
    "dnf-cache": "packages and lists that dnf, yum or zypper keep",
    "pacman-cache": "packages that pacman keeps",
    "pacman-lists": "lists of packages, which `pacman -Sy` fetches again",
    "pip-cache": "wheels that pip keeps",
    "npm-cache": "packages that npm keeps",
    "pyc": "compiled Python, where its source is there",
    "docs": "documentation and manual pages; copyright files stay",
    "locales": "translations into other languages than English",
}
"""The kinds, and what each is."""

_PATHS: Final = {
    "apt-lists": r"var/lib/apt/lists/(?!lock$|partial$).+",
    "apt-cache": r"var/cache/apt/(?:[^/]+\.bin|archives/(?!lock$|partial$).+)",
    "apk-cache": r"(?:var/cache/apk|etc/apk/cache)/.+",
    "dnf-cache": r"var/cache/(?:dnf|yum|libdnf5|zypp)/.+",
    "pacman-cache": r"var/cache/pacman/pkg/.+",
    "pacman-lists": r"var/lib/pacman/sync/.+",
    "pip-cache": r"(?:root|home/[^/]+)/\.cache/pip/.+",
    "npm-cache": r"(?:root|home/[^/]+)/\.npm/(?:_cacache|_logs)/.+",
    "docs": r"usr/share/doc/[^/]+/(?!(?:.*/)?copyright$).+"
    r"|usr/share/(?:man|info|gtk-doc)/.+",
    "locales": r"usr/share/locale/(?!en(?:[_@]|/)|locale\.alias$)[^/]+/.+",
}
_RULES: Final = re.compile(
    "|".join(f"(?P<{kind.replace('-', '_')}>{path})" for kind, path in _PATHS.items())
)
_BEGINNINGS: Final = ("var/", "usr/share/", "root/", "home/", "etc/apk/")
_COMPILED: Final = re.compile(
    r"((?:.*/)?)__pycache__/([^/]+?)\.[^/.]+(?:\.opt-\d)?\.pyc"
)


def kind_of(path: str, there: Container[str]) -> str:
    """Return the kind of a file of an image with the paths `there`; '' for none.

    It is not for directories: see `operations.slim`.
    """
    if path.endswith(".pyc"):
        compiled = _COMPILED.fullmatch(path)
        if compiled is not None and f"{compiled[1]}{compiled[2]}.py" in there:
            return "pyc"
    if path.startswith(_BEGINNINGS):
        found = _RULES.fullmatch(path)
        if found is not None:
            return (found.lastgroup or "").replace("_", "-")
    return ""
