"""login: a user and a password for a registry, tried and kept."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.settings import config
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Final

_LONGEST: Final = 1 << 16  # bytes of a password


def run(words: list[str]) -> int:
    """Log in at a registry; what is missing is asked for on the terminal."""
    parser = Parser(
        "login",
        "Try a user and a password (or a token) at the registry HOST, and keep them\n"
        "where podman and docker read them, too: in the file or by the credential\n"
        "helper that is set up there, else in ~/.docker/config.json.\n"
        "$REGISTRY_AUTH_FILE names another file. Only you can read the file, but the\n"
        "password in it is not encrypted; a helper does better.\n\n"
        "HOST may end with a part of a path, as registry.example.org/team, which the\n"
        "login is for.",
    )
    parser.add_argument("host", metavar="HOST")
    parser.add_argument(
        "-u", "--username", metavar="USER", dest="user", help="the user"
    )
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input",
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="do not check the certificate of HOST, or do without encryption",
    )
    options = parser.parse_args(words)
    from plashui.transfer.registry.login import log_in

    user, secret = _user_and_secret(options.user, options.password_stdin)
    loaded = config.load().config
    kept = log_in(options.host, user, secret, loaded, insecure=options.insecure)
    if kept.remark:
        say(kept.remark)
    say(f"logged in at {kept.host} as {user}; kept in {kept.place}")
    return 0


def _user_and_secret(user: str | None, from_stdin: bool) -> tuple[str, str]:
    if from_stdin:
        if user is None:
            raise PlashError("--password-stdin wants a user", "Give -u USER")
        return user, _read_secret()
    if not sys.stdin.isatty():
        raise PlashError(
            "cannot ask for the password: standard input is not a terminal",
            "Use -u USER --password-stdin",
        )
    from getpass import getpass

    if user is None:
        sys.stderr.write("User: ")
        sys.stderr.flush()
        user = sys.stdin.readline().strip()
    try:
        return user, getpass("Password: ", sys.stderr)
    except EOFError:
        return user, ""


def _read_secret() -> str:
    data = sys.stdin.buffer.read(_LONGEST + 1)
    try:
        if len(data) <= _LONGEST:
            return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise PlashError("the password on standard input is not UTF-8") from None
    raise PlashError("what is on standard input is too long for a password")
