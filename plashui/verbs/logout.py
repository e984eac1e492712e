"""logout: the login for a registry is forgotten."""

from __future__ import annotations

from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Remove the logins for a registry from the files and helpers that keep them."""
    parser = Parser(
        "logout",
        "Remove the login for the registry HOST from all files and credential helpers\n"
        "in which `login`, podman or docker have kept it.",
    )
    parser.add_argument("host", metavar="HOST")
    options = parser.parse_args(words)
    from plashui.transfer.registry.login import log_out

    for place in log_out(options.host):
        say(f"the login for {options.host} is gone from {place}")
    return 0
