"""Platforms that images are for: OS/ARCH[/VARIANT], and which of them runs where."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Final


class Platform(NamedTuple):
    """An operating system and a machine, in Go's words; "" is unknown."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        """Return it as people write it: linux/arm/v7."""
        return clean("/".join(part for part in self if part)) or "unknown"


ANY: Final = Platform()
"""The platform of a document that names none."""

_MACHINES: Final = {
    "x86_64": ("amd64", ""),
    "aarch64": ("arm64", "v8"),
    "armv8l": ("arm", "v7"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armv5tel": ("arm", "v5"),
    **dict.fromkeys(("i386", "i486", "i586", "i686"), ("386", "")),
    "loongarch64": ("loong64", ""),
}
"""What the kernel calls a machine, where Go calls it otherwise."""
_VARIANTS: Final = {
    "amd64": ("v4", "v3", "v2", "v1"),
    "arm64": ("v9", "v8"),
    "arm": ("v8", "v7", "v6", "v5"),
}
"""Variants, each of which also runs what is for those behind it."""
_UNNAMED: Final = {"amd64": "v1", "arm64": "v8", "arm": "v7"}
"""The variant that is meant where none is named."""
_TEXT: Final = r"([a-z0-9_.-]+)/([a-z0-9_.-]+)(?:/([a-z0-9_.-]+))?"


def this_machine() -> Platform:
    """Return the platform of this machine."""
    machine = os.uname().machine
    return Platform("linux", *_MACHINES.get(machine, (machine, "")))


def parse_platform(text: str) -> Platform:
    """Return the platform that a person names: `linux/arm64`, `linux/arm/v6`."""
    import re  # rarely named

    found = re.fullmatch(_TEXT, text.strip().lower())
    if not found:
        raise PlashError(
            f"{text!r} is not a platform", "It is OS/ARCH[/VARIANT]: linux/arm64"
        )
    return Platform(found[1], found[2], found[3] or "")


def platform_of(value: object) -> Platform:
    """Return the platform in a JSON object; what is not there is ""."""
    if not isinstance(value, dict):
        return ANY
    words = (value.get(key) for key in Platform._fields)
    return Platform(*(word if isinstance(word, str) else "" for word in words))


def distance(offered: Platform, wanted: Platform) -> int | None:
    """Return how far an offered platform is from the wanted one; 0 is nearest.

    None: it does not run there. One that names no machine is farther than all others.
    """
    if not offered.architecture:
        return 1000
    if (offered.os or "linux", offered.architecture) != wanted[:2]:
        return None
    order = _VARIANTS.get(wanted.architecture)
    if order is None:
        return 0 if offered.variant in ("", wanted.variant) or not wanted.variant else 1
    usual = _UNNAMED[wanted.architecture]
    have, want = offered.variant or usual, wanted.variant or usual
    if have not in order or want not in order:
        return 0 if have == want else None
    steps = order.index(have) - order.index(want)
    return steps if steps >= 0 else None
