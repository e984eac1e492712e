"""The flags of an instruction, checked: `--name=value`."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.containerfile.lines import meant

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.containerfile.lines import Line

_KNOWN: Final[dict[str, dict[str, type]]] = {
    "FROM": {"platform": str},
    "RUN": {"mount": list, "network": str, "security": str, "device": list},
    "COPY": {
        **{"from": str, "chown": str, "chmod": str, "link": bool, "parents": bool},
        "exclude": list,
    },
    "ADD": {
        **{"chown": str, "chmod": str, "link": bool, "keep-git-dir": bool},
        **{"checksum": str, "unpack": bool, "exclude": list},
    },
    "HEALTHCHECK": dict.fromkeys(
        ("interval", "timeout", "start-period", "start-interval", "retries"), str
    ),
}
"""The kind of each flag of each instruction: a text, true or false, or several."""


class Flags:
    """The flags of one instruction."""

    def __init__(self, line: Line) -> None:
        """Check the flags of a line; raise PlashError for a wrong one."""
        self._found: dict[str, list[str]] = {}
        known = _KNOWN.get(line.keyword, {})
        for flag in line.flags:
            name, equals, value = flag.removeprefix("--").partition("=")
            kind = known.get(name)
            if kind is None:
                raise line.error(
                    f"{line.keyword} has no flag --{name}",
                    meant(f"--{name}", [f"--{one}" for one in known]),
                )
            if not equals and kind is not bool:
                raise line.error(f"--{name} needs a value", f"Write --{name}=VALUE")
            if kind is bool and (value or "true") not in ("true", "false"):
                raise line.error(f"--{name} is true or false, not {value!r}")
            if name in self._found and kind is not list:
                raise line.error(f"--{name} is there twice")
            self._found.setdefault(name, []).append(value)

    def text(self, name: str) -> str:
        """Return the value of a flag, "" if it is not there."""
        return self._found.get(name, [""])[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a flag that may be there several times."""
        return tuple(self._found.get(name, ()))

    def true(self, name: str) -> bool:
        """Return whether a flag is there, and not false."""
        return bool(self.maybe(name))

    def maybe(self, name: str) -> bool | None:
        """Return the same, None if it is not there."""
        found = self._found.get(name)
        return found[0] != "false" if found else None
