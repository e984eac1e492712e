"""Values of the config that are checked: ports and signals."""

from __future__ import annotations

import re
import signal

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from plashui.recipes.containerfile.lines import Line

_PORT: Final = re.compile(
    r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.ASCII | re.IGNORECASE
)
_REAL_TIME: Final = re.compile(r"RTMIN(\+\d{1,2})?|RTMAX(-\d{1,2})?", re.ASCII)


def exposed(line: Line, words: Iterable[str]) -> list[str]:
    """Return the ports of EXPOSE as the config has them: `80/tcp`."""
    ports = []
    for word in words:
        found = _PORT.fullmatch(word)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not found or not 0 < first <= last <= 65535:
            raise line.error(f"{word} is not a port", "Write 80, 53/udp or 8000-8010")
        kind = (found[3] or "tcp").lower()
        ports += [f"{port}/{kind}" for port in range(first, last + 1)]
    return ports


def signal_name(line: Line, text: str) -> str:
    """Return the signal of STOPSIGNAL as it is written, if there is such a one."""
    name = text.upper().removeprefix("SIG")
    is_number = text.isascii() and text.isdecimal() and 0 < int(text[:4]) <= 64
    known = f"SIG{name}" in signal.Signals.__members__ or _REAL_TIME.fullmatch(name)
    if not known and not (is_number and len(text) < 4):
        raise line.error(f"no signal {text}", "Write SIGTERM, or a number")
    return text
