"""Where a push by ssh goes: `ssh://[USER@]HOST[:PORT]/[ENGINE]`."""

from __future__ import annotations

import re

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

SCHEME: Final = "ssh://"
ENGINES: Final = ("podman", "docker", "ctr", "plash")
"""What may pull there; without a choice the first that is there and answers."""
_PLACE: Final = re.compile(
    # Nothing that is an option of ssh, or that a shell would understand: the settings
    # of ssh may hand both to one.
    r"(?:(?P<user>\w[\w.+-]*)@)?"
    r"(?P<host>\w[\w.-]*|\[[0-9A-Fa-f:.]+(?:%\w+)?\])"
    r"(?::(?P<port>[0-9]{1,5}))?",
    re.ASCII,
)


class Address(NamedTuple):
    """A machine, and an engine there; user, port and engine may be "", for ssh's own.

    `host` is a name, an address, or what the settings of ssh call a machine.
    """

    host: str
    user: str = ""
    port: str = ""
    engine: str = ""

    def options(self) -> list[str]:
        """Return the words for ssh that say where it is, the host last."""
        user = ["-l", self.user] if self.user else []
        port = ["-p", self.port] if self.port else []
        return [*user, *port, "--", self.host]

    def __str__(self) -> str:
        """Return what it is called for people."""
        return f"{self.user}@{self.host}" if self.user else self.host


def parse(text: str) -> Address:
    """Read an address; raise PlashError if it is none."""
    place, _slash, engine = text.removeprefix(SCHEME).partition("/")
    found = _PLACE.fullmatch(place)
    if not text.startswith(SCHEME) or found is None:
        login, at, _host = place.rpartition("@")
        if at and ":" in login:
            raise PlashError(
                "a password does not belong into an address", "ssh asks for it"
            )
        raise PlashError(
            f"{text!r} is not an address of ssh",
            "For example ssh://ada@host.example.org:22/podman",
        )
    user, host, port = (found[key] or "" for key in ("user", "host", "port"))
    if port and not 0 < int(port) < 1 << 16:
        raise PlashError(f"{port} is not a port")
    if engine and engine not in ENGINES:
        raise PlashError(
            f"cannot push to {engine!r} at {host}: it is not an engine",
            f"It is one of {', '.join(ENGINES)}, or nothing",
        )
    return Address(host.strip("[]"), user, port, engine)
