"""Keeping and forgetting logins, where podman and docker read them.

A login is kept where one for the same host is, or by the helper that is set up for it;
else in docker's file, which podman reads, too. $REGISTRY_AUTH_FILE names another file.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.store.atomic_write import file_beside
from plashui.transfer.registry.client import exchange
from plashui.transfer.registry.credentials import (
    HUB_KEY,
    AuthFile,
    Credential,
    Helper,
    docker_file,
    files,
    helper_keys,
)
from plashui.transfer.registry.endpoint import Endpoint
from plashui.transfer.registry.reference import HUB, registry_host

if TYPE_CHECKING:
    from typing import Any


class Kept(NamedTuple):
    """A login that was kept: its host, the file or helper, and a remark ("": none)."""

    host: str
    place: str
    remark: str


def log_in(
    registry: str,
    user: str,
    secret: str,
    config: Config,
    *,
    insecure: bool = False,
    cancel: Cancel | None = None,
) -> Kept:
    """Try a login at `HOST[:PORT][/PATH]` and keep it; raise PlashError if it fails.

    Nothing is kept that the registry refuses.
    """
    host, path = registry_host(registry)
    if not user or ":" in user:
        raise PlashError(f"{user!r} is not a user: it is empty or has a colon")
    if not secret:
        raise PlashError("the password is empty")
    file, helper = _place(host, path)
    login = Credential(user, secret, "this login")
    asking = exchange(config, [host] if insecure else (), cancel)
    with asking.connections:
        remarks: list[str] = []
        endpoint = Endpoint(host, "", asking, remarks.append, lambda: login)
        accepted = endpoint.accepts_login()
    key = f"{host}/{path}" if path else host
    if helper:
        helper.store(helper_keys(host)[0], user, secret)
        _forget_in(file, host, path)
        place = helper.program
    else:
        _write_into(file, host, path, key, login)
        place = str(file.path)
    remark = f"{host} wants no login: it was kept without a try"
    return Kept(key, place, "" if accepted else remark)


def log_out(registry: str) -> list[str]:
    """Forget the logins for `HOST[:PORT][/PATH]`; return where they were.

    Raises PlashError if there is none.
    """
    host, path = registry_host(registry)
    found = []
    read = [AuthFile(place) for place in files()]
    for file in read:
        if _forget_in(file, host, path):
            found.append(str(file.path))
    if not path:
        for helper in _helpers(read, host):
            erased = [helper.erase(key) for key in helper_keys(host)]
            if any(erased):
                found.append(helper.program)
    if not found:
        raise PlashError(f"there is no login for {registry}")
    return found


def known_hosts() -> list[str]:
    """Return the hosts and paths that the files have logins for."""
    found = [key for place in files() for key in AuthFile(place).auths()]
    return list(dict.fromkeys(HUB if key == HUB_KEY else key for key in found))


def _helpers(read: list[AuthFile], host: str) -> list[Helper]:
    """Return the helpers that may keep a login for a host, each once."""
    found: dict[str, Helper] = {}
    for file in read:
        for helper in (file.helper(host), file.helper_of_all(host)):
            if helper:
                found.setdefault(helper.program, helper)
    return list(found.values())


def _place(host: str, path: str) -> tuple[AuthFile, Helper | None]:
    """Return the file for a login, and the helper that keeps it in its place."""
    read = [AuthFile(place) for place in files()]
    for file in read:
        if not path and (helper := file.helper(host)):
            return file, helper
        if _keys(file, host, path):
            break
    else:
        file = read[-1]
    return file, None if path else file.helper_of_all(host)


def _keys(file: AuthFile, host: str, path: str) -> list[str]:
    """Return the keys of a file's entries for exactly this host and path."""
    if path:
        return [key for key in [f"{host}/{path}"] if key in file.auths()]
    return file.keys_of(host)


def _write_into(
    file: AuthFile, host: str, path: str, key: str, login: Credential
) -> None:
    if key == HUB and file.path == docker_file():
        key = HUB_KEY
    words = base64.b64encode(f"{login.user}:{login.secret}".encode()).decode()

    def change(now: AuthFile) -> None:
        (kept, *older) = _keys(now, host, path) or [key]
        auths: dict[str, Any] = now.content.setdefault("auths", {})
        for old in older:
            del auths[old]
        auths[kept] = {"auth": words}

    _change(file, change)


def _forget_in(file: AuthFile, host: str, path: str) -> bool:
    """Remove the entries for exactly this host and path; return whether any was."""
    if not _keys(file, host, path):
        return False

    def change(now: AuthFile) -> None:
        for key in _keys(now, host, path):
            del now.content["auths"][key]

    _change(file, change)
    return True


def _change(file: AuthFile, change: Callable[[AuthFile], None]) -> None:
    """Change a file's content, with nobody else of us at it; the rest of it stays."""
    place = Path(os.path.realpath(file.path))
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(place.parent):
            now = AuthFile(place)
            if not isinstance(now.content.get("auths", {}), dict):
                raise PlashError(f"cannot change {place}: its auths are not a table")
            change(now)
            text = json.dumps(now.content, indent="\t", ensure_ascii=False)
            with file_beside(place) as draft:
                os.fchmod(draft.fileno(), 0o600)
                draft.write(text.encode("utf-8", "surrogatepass") + b"\n")
    except OSError as error:
        raise PlashError(f"cannot write {place}: {error.strerror}") from error


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
