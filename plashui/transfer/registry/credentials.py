"""Logins for registries, from the files and helpers that podman and docker use.

A file holds `auths` by host, or by host and a prefix of the path
(containers-auth.json), and names helpers: programs `docker-credential-NAME` that keep
logins elsewhere.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import MOST
from plashui.transfer.registry.reference import HUB

if TYPE_CHECKING:
    from typing import Any, Final

HUB_KEY: Final = "https://index.docker.io/v1/"
"""How docker calls the login for docker.io."""

_HUB_HOSTS: Final = frozenset({HUB, f"index.{HUB}", f"registry-1.{HUB}"})
_TOKEN_USER: Final = "<token>"  # noqa: S105 - of a helper: the secret is a token
_PATIENCE: Final = 120.0  # seconds; a helper may ask a person
_NOT_FOUND: Final = "credentials not found"


class Credential:
    """A login: user and password, or an identity token; `source` is where it is from.

    It has no readable text, so that it cannot get into a log.
    """

    __slots__ = ("identity", "secret", "source", "user")

    def __init__(self, user: str, secret: str, source: str, identity: str = "") -> None:
        """Keep the parts."""
        self.user, self.secret, self.source = user, secret, source
        self.identity = identity

    def basic(self) -> str:
        """Return the header that sends user and password."""
        words = f"{self.user}:{self.secret}".encode()
        return f"Basic {base64.b64encode(words).decode()}"

    def name(self) -> str:
        """Return who it is and where that is from, for a person."""
        who = f"the login of {self.user!r}" if self.user else "the login"
        return f"{who} from {self.source}"


class Helper:
    """A program that keeps logins; `source` is the file that names it."""

    def __init__(self, name: str, source: str) -> None:
        """Raise PlashError for a name that could be a path."""
        if not re.fullmatch(r"[\w.+-]+", name, re.ASCII):
            raise PlashError(f"{name!r} is not a credential helper ({source} names it)")
        self.program = f"docker-credential-{name}"
        self.source = source

    def get(self, key: str) -> Credential | None:
        """Return the login it keeps for a server; None if it has none."""
        try:
            found = json.loads(self._ask("get", key.encode()) or b"{}")
            user, secret = found.get("Username", ""), found.get("Secret", "")
            if not isinstance(user, str) or not isinstance(secret, str):
                raise TypeError
        except (ValueError, TypeError, AttributeError) as error:
            raise PlashError(f"{self.program} gives no login, but garbage") from error
        if not secret:
            return None
        source = f"{self.program} ({self.source})"
        if user == _TOKEN_USER:
            return Credential("", "", source, secret)
        return Credential(user, secret, source)

    def store(self, key: str, user: str, secret: str) -> None:
        """Let it keep a login."""
        login = {"ServerURL": key, "Username": user, "Secret": secret}
        self._ask("store", json.dumps(login).encode())

    def erase(self, key: str) -> bool:
        """Let it forget a login; return whether there was one."""
        if self.get(key) is None:
            return False
        self._ask("erase", key.encode())
        return True

    def _ask(self, action: str, question: bytes) -> bytes:
        """Return its answer; b"" if it keeps nothing of that name."""
        from plashui.helper import command  # few have a helper

        try:
            done = command.answer_of([self.program, action], question, _PATIENCE)
        except OSError as error:
            raise PlashError(
                f"cannot run {self.program}: {error.strerror or error}",
                f"{self.source} names it: install it, or change that file",
            ) from error
        if not done.status:
            return done.stdout
        said = (done.stdout.decode("utf-8", "replace") or done.stderr).strip()
        if _NOT_FOUND in said and action != "store":
            return b""
        said = (
            said.splitlines()[-1][:200] if said and action != "store" else "it failed"
        )
        raise PlashError(f"{self.program} {action}: {said}")


class AuthFile:
    """A file of logins; `read` is its content, {} if there is none."""

    def __init__(self, path: Path) -> None:
        """Read it; raise PlashError if it is damaged."""
        self.path = path
        self.content = _read(path)

    def auths(self) -> Mapping[str, Any]:
        """Return the entries by host, or by host and path."""
        return _table(self.content.get("auths"))

    def keys_of(self, host: str, path: str = "") -> list[str]:
        """Return the keys of the entries for a repository, the best first."""
        parts = path.split("/") if path else []
        exact = ["/".join([host, *parts[:n]]) for n in range(len(parts), -1, -1)]
        auths = self.auths()
        keys = [key for key in exact if key in auths]
        return keys + [k for k in auths if k not in exact and _host_of(k) == host]

    def helper(self, host: str) -> Helper | None:
        """Return the helper that this file names for a host."""
        for key, name in _table(self.content.get("credHelpers")).items():
            if _host_of(key) == host and isinstance(name, str) and name:
                return Helper(name, str(self.path))
        return None

    def helper_of_all(self, _host: str) -> Helper | None:
        """Return the helper that this file names for all hosts."""
        name = self.content.get("credsStore")
        return Helper(name, str(self.path)) if isinstance(name, str) and name else None

    def kept_by(
        self, helper_of: Callable[[str], Helper | None], host: str
    ) -> Credential | None:
        """Return the login that the helper for a host keeps."""
        helper = helper_of(host)
        found = (helper.get(key) for key in helper_keys(host)) if helper else ()
        return next(filter(None, found), None)

    def entry(self, key: str) -> Credential | None:
        """Return the login under a key; None for one that a helper keeps."""
        found = _table(self.auths()[key])
        identity = found.get("identitytoken")
        try:
            words = base64.b64decode(found.get("auth") or "", validate=True).decode()
        except (ValueError, TypeError):
            raise PlashError(f"the login for {key} in {self.path} is damaged") from None
        user, _colon, secret = words.partition(":")
        secret = secret.rstrip("\0")
        if isinstance(identity, str) and identity:
            return Credential(user, "", str(self.path), identity)
        return Credential(user, secret, str(self.path)) if secret else None


def files() -> list[Path]:
    """Return the files that may hold logins, in the order in which they are read."""
    chosen = os.environ.get("REGISTRY_AUTH_FILE")
    if chosen:
        return [Path(chosen)]
    home = Path("~").expanduser()
    run = os.environ.get("XDG_RUNTIME_DIR")
    first = Path(run or f"/run/containers/{os.geteuid()}")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return [
        first / ("containers/auth.json" if run else "auth.json"),
        config / "containers/auth.json",
        docker_file(),
    ]


def docker_file() -> Path:
    """Return docker's own file, which podman reads, too."""
    return Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser() / (
        "config.json"
    )


def find(host: str, path: str, tell: Callable[[str], object]) -> Credential | None:
    """Return the login for a repository; `tell` gets what was passed over, and why."""
    for place in files():
        try:
            file = AuthFile(place)
        except PlashError as error:
            tell(str(error))
            continue
        ways: list[Callable[[], Credential | None]] = [
            partial(file.kept_by, file.helper, host),
            partial(file.kept_by, file.helper_of_all, host),
            *(partial(file.entry, key) for key in file.keys_of(host, path)),
        ]
        for look in ways:
            try:
                if found := look():
                    return found
            except PlashError as error:
                tell(str(error))
    return None


def helper_keys(host: str) -> list[str]:
    """Return by which names a helper may know a host."""
    return [HUB_KEY, HUB] if host == HUB else [host]


def _host_of(key: str) -> str:
    """Return the host that a key of a file means; old docker wrote URLs."""
    host = re.sub(r"^https?://", "", key)
    if host != key or host.endswith(("/v1", "/v1/", "/v2/")):
        host = host.partition("/")[0]
    return HUB if host in _HUB_HOSTS else host


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a file; it may be a link, but nothing that blocks."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            text = file.read(MOST + 1) or b"{}"
        if len(text) > MOST:
            raise PlashError(f"cannot read the logins in {path}: the file is too big")
        found = json.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        if error.errno == errno.EACCES and not os.access(path.parent, os.X_OK):
            return {}  # another user's directory below /run
        reason = error.strerror or str(error)
        raise PlashError(f"cannot read the logins in {path}: {reason}") from error
    except (ValueError, RecursionError):
        raise PlashError(f"cannot read the logins in {path}: it is not JSON") from None
    if not isinstance(found, dict):
        raise PlashError(f"cannot read the logins in {path}: it is not a JSON object")
    return found


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting; a pipe may have no writer."""
    return os.open(path, flags | os.O_NONBLOCK)
