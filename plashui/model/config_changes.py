"""Changes of an OCI image's `config` object: what a person asks for, checked.

Words mean what they mean to `buildah config`: NAME=VALUE sets, NAME- removes, and a
single - removes all. A command is an array in JSON, or words for a shell, as in a
Containerfile.
"""

from __future__ import annotations

import json
import re
import signal

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

_LONGEST: Final = 100_000
"""The most bytes of one text: the kernel limits the arguments of a program."""
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LABEL: Final = re.compile(r"[^\s=]+")
_USER: Final = re.compile(r"[^\s:]+(:[^\s:]+)?")
_PORT: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.ASCII)
_REAL_TIME: Final = re.compile(r"RTMIN(\+\d{1,2})?|RTMAX(-\d{1,2})?", re.ASCII)
_KEYS: Final = (
    *("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir"),
    *("Labels", "StopSignal"),
)


class Changes(NamedTuple):
    """What is to change; each field is the option of that name, with its words.

    None leaves a value as it is, "" removes it.
    """

    env: tuple[str, ...] = ()
    cmd: str | None = None
    entrypoint: str | None = None
    user: str | None = None
    workdir: str | None = None
    label: tuple[str, ...] = ()
    volume: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    stop_signal: str | None = None

    def words(self) -> list[str]:
        """Return the changes as options of a command line."""
        words: list[str] = []
        for field, value in self._asdict().items():
            option = f"--{field.replace('_', '-')}"
            for one in [value] if isinstance(value, str) else value or ():
                words += (option, one)
        return words


def changed(config: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """Return a `config` object with the changes made; PlashError for a wrong one."""
    words = changes.words()
    for option, word in zip(words[::2], words[1::2], strict=True):
        _check_text(option, word)
    env = dict(one.split("=", 1) for one in _texts(config.get("Env")) if "=" in one)
    labels = _object(config.get("Labels"))
    found = {
        **config,
        "Env": [
            f"{name}={value}"
            for name, value in _assigned(
                env, changes.env, "variable", _VARIABLE
            ).items()
        ],
        "Labels": _assigned(labels, changes.label, "label", _LABEL),
        "Volumes": _listed(config.get("Volumes"), changes.volume, _volume),
        "ExposedPorts": _listed(config.get("ExposedPorts"), changes.expose, _port),
    }
    if changes.entrypoint is not None:
        found["Entrypoint"] = command_of(changes.entrypoint, "--entrypoint")
        found["Cmd"] = []  # it was meant for the one before
    if changes.cmd is not None:
        found["Cmd"] = command_of(changes.cmd, "--cmd")
    for key, text, check in (
        ("User", changes.user, _user),
        ("WorkingDir", changes.workdir, _workdir),
        ("StopSignal", changes.stop_signal, _signal),
    ):
        if text is not None:
            found[key] = check(text) if text else ""
    return {key: one for key, one in found.items() if one or key not in _KEYS}


def command_of(text: str, what: str) -> list[str]:
    """Return the words of a command, as a Containerfile's CMD has it; [] for ""."""
    text = text.strip()
    if not text.startswith("["):
        return ["/bin/sh", "-c", text] if text else []
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        for word in words:
            _check_text(what, word)
        return words
    if text[1:2] in ('"', "'") or words is not None:
        raise PlashError(
            f"cannot use {what} {text}: it is not a JSON array of texts",
            'Write ["WORD", "WORD"], or a line for a shell',
        )
    return ["/bin/sh", "-c", text]  # such as: [ -f /x ] && y


def _check_text(what: str, text: str) -> None:
    """Refuse what no OCI config can hold, or no program can be given."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise PlashError(f"cannot use {what} {text!r}: it is not UTF-8") from None
    if "\0" in text:
        raise PlashError(f"cannot use {what} {text!r}: it has a NUL in it")
    if size > _LONGEST:
        raise PlashError(f"cannot use {what}: it is longer than {_LONGEST} bytes")


def _assigned(
    before: dict[str, Any], words: Iterable[str], what: str, names: re.Pattern[str]
) -> dict[str, Any]:
    found = dict(before)
    for word in words:
        name, assigns, value = word.partition("=")
        if assigns and names.fullmatch(name):
            found[name] = value
        elif assigns:
            raise PlashError(f"cannot set {word!r}: {name!r} cannot be a {what}'s name")
        elif not word.endswith("-"):
            raise PlashError(
                f"cannot set the {what} {word!r}: it has no value",
                f"{word}=VALUE sets it, {word}- removes it",
            )
        elif word == "-":
            found.clear()
        else:
            found.pop(word[:-1], None)
    return found


def _listed(
    before: object, words: Iterable[str], check: Callable[[str], str]
) -> dict[str, Any]:
    found = _object(before)
    for word in words:
        if word == "-":
            found.clear()
        elif word.endswith("-"):
            for one in {word[:-1], check(word[:-1])}:
                found.pop(one, None)
        else:
            found[check(word)] = {}
    return found


def _volume(text: str) -> str:
    if not text.startswith("/"):
        raise PlashError(f"cannot use the volume {text!r}: its path must begin with /")
    return text


def _port(text: str) -> str:
    found = _PORT.fullmatch(text.lower())
    ports = [int(port) for port in found.groups()[:2] if port] if found else []
    if not found or ports != sorted(ports) or not all(0 < p < 65536 for p in ports):
        raise PlashError(
            f"cannot use the port {text!r}", "Ports are written 8080, 53/udp, 80-89/tcp"
        )
    return "-".join(map(str, ports)) + f"/{found[3] or 'tcp'}"


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise PlashError(
            f"cannot use the user {text!r}",
            "Write USER or USER:GROUP, names or numbers",
        )
    return text


def _workdir(text: str) -> str:
    if not text.startswith("/"):
        raise PlashError(
            f"cannot use the working directory {text!r}: it must begin with /"
        )
    return text


def _signal(text: str) -> str:
    name = text.upper().removeprefix("SIG")
    known = f"SIG{name}" in signal.Signals.__members__ or _REAL_TIME.fullmatch(name)
    if known:
        return f"SIG{name}"
    if text.isdecimal() and text.isascii() and 0 < int(text) <= 64:
        return str(int(text))
    raise PlashError(
        f"cannot use the signal {text!r}", "Write a name or a number: SIGTERM, 15"
    )


def _object(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str)]
