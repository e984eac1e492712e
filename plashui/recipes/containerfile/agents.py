"""The ssh agents of a build: sockets of this machine, by their ids."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean


def agents_of(words: Sequence[str]) -> dict[str, str]:
    """Return the path of the socket of each agent that `--ssh ID[=SOCKET]` names.

    Without SOCKET it is that of SSH_AUTH_SOCK. Raises PlashError if it is not there.
    """
    found = {}
    for word in words:
        name, _equals, path = word.partition("=")
        if not name:
            raise PlashError(f"--ssh {clean(word)} has no id", "Write default")
        path = path or os.environ.get("SSH_AUTH_SOCK", "")
        if not path:
            raise PlashError(
                f"no ssh agent for --ssh {clean(name)}: SSH_AUTH_SOCK is not set",
                "Start one: eval $(ssh-agent) && ssh-add",
            )
        found[name] = _socket(path)
    return found


def _socket(path: str) -> str:
    shown = clean(path)
    place = Path(path).resolve()
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise PlashError(f"no ssh agent at {shown}: {error.strerror}") from error
    if not stat.S_ISSOCK(mode):
        raise PlashError(
            f"no ssh agent at {shown}: it is not a socket", "A key is a --secret"
        )
    if ":" in str(place):
        raise PlashError(f"the ssh agent at {shown} cannot be mounted: a colon")
    return str(place)
