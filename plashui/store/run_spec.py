"""The specification of a run in an image, and its command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Any, Final

_EXPORT = "PLASH_EXPORT"
_SIZE: Final = r"(?i:[1-9][0-9]*([KMGT](i?B)?)?)"
_COUNT: Final = r"[1-9][0-9]*"

NO_HISTORY = "HISTFILE="
"""The assignment that keeps a shell from writing a history file."""


class Way(NamedTuple):
    """A command (default: a shell) and its surroundings in an image.

    `shell` is the shell if there is no command; '' is root's login shell there.
    `home` says what /home, /root and /tmp are in a run that is not isolated: "shared"
    (this machine's; also ''), "read-only" or "private" (the image's own). With
    `build` they are the image's own unless `home` is "shared". `variables` are
    `NAME=VALUE`. `build` and `isolated`: a step of a recipe, whose environment, user
    and directory are those of the image's config. `login`, with `build`: through the
    login shell, with its profile.

    Of isolated runs only: `network` shares this machine's network, `volumes` are
    `HOST:PATH[:ro]`, `user` and `directory` replace the image's own unless '',
    `fixed` makes the image read-only, `memory` ("2G") and `processes` are limits
    ('' for none), `setuid` allows setuid programs, `every_call` turns the filter of
    system calls off. `memories` are empty directories in memory, `PATH[:SIZE]`, and
    `secrets` files in memory, `FD:UID:GID:PATH`, of descriptors that are passed on.
    """

    command: tuple[str, ...] = ()
    isolated: bool = False
    network: bool = False
    variables: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    user: str = ""
    directory: str = ""
    fixed: bool = False
    shell: str = ""
    home: str = ""
    build: bool = False
    login: bool = False
    memory: str = ""
    processes: str = ""
    setuid: bool = False
    every_call: bool = False

    @property
    def origin(self) -> str:
        """The origin of an image made from the changes, for people."""
        return joined(self.command) or "shell"

    def check(self) -> None:
        """Raise PlashError for an invalid value."""
        import re  # patterns are compiled only where something is run

        for word in self.variables:
            name = word.partition("=")[0]
            if not (name.isascii() and name.isidentifier()):
                raise PlashError(
                    f"{word!r} is not a variable",
                    "For example NAME=VALUE",
                )
        for word in self.volumes:
            host, _colon, path = word.partition(":")
            if not (host and path.startswith("/")):
                raise PlashError(
                    f"{word!r} is not a volume",
                    "For example /srv/data:/data or cache:/cache:ro",
                )
        if self.directory and not self.directory.startswith("/"):
            raise PlashError(f"the directory must begin with a '/': {self.directory}")
        if self.memory and not re.fullmatch(_SIZE, self.memory):
            raise PlashError(
                f"{self.memory!r} is not a size",
                "For example 512M or 2G",
            )
        if self.processes and not re.fullmatch(_COUNT, self.processes):
            raise PlashError(f"{self.processes!r} is not a number of processes")

    def words(self, image: object, changes: str = "") -> list[str]:
        """Return the helper's verb and words; `changes` is the directory of changes."""
        verb = "run:persist" if changes else "run"
        return [
            verb,
            *self._options(bool(changes)),
            str(image),
            *([changes] if changes else []),
            *(self.command or filter(None, [self.shell])),
        ]

    def _options(self, kept: bool) -> list[str]:
        options = ["--build"] if self.build else []
        if self.build and not self.isolated:
            options += ["-l"] if self.login else []
            return [*options, *(["--share-home"] if self.home == "shared" else [])]
        if not self.isolated:
            return ["--home", self.home] if self.home not in ("", "shared") else []
        options += ["--isolate"]
        options += ["--net"] if self.network else []
        options += ["--rw"] if not (kept or self.fixed) else []
        options += ["--setuid"] if self.setuid else []
        options += ["--seccomp", "off"] if self.every_call else []
        for letter, words in (
            ("-v", self.volumes),
            ("--tmpfs", self.memories),
            ("--secret", self.secrets),
            ("-e", self.variables),
            ("-u", (self.user,)),
            ("-w", (self.directory,)),
            ("--memory", (self.memory,)),
            ("--pids", (self.processes,)),
        ):
            options += [part for word in words if word for part in (letter, word)]
        return options

    def environment(self, ours: Mapping[str, str]) -> dict[str, str]:
        """Return the helper's environment, which passes the variables on."""
        return {**ours, **self._exported(ours)}

    def _exported(self, ours: Mapping[str, str]) -> dict[str, str]:
        if self.isolated or not self.variables:
            return {}
        pairs = [word.partition("=") for word in self.variables]
        found = {name: value for name, equals, value in pairs if equals}
        names = [
            *filter(None, [ours.get(_EXPORT, "")]),
            *(name for name, _, _ in pairs),
        ]
        return {**found, _EXPORT: ":".join(dict.fromkeys(names))}

    def line(self, image: object, changes: str = "", root: str = "") -> str:
        """Return the command line as a person types it; `root` as in command_line."""
        exported = self._exported(os.environ)
        before = [f"{name}={joined([text])}" for name, text in exported.items()]
        line = " ".join([*before, command_line(self.words(image, changes))])
        return on_store(line, root)


def command_line(words: Sequence[str], root: str = "") -> str:
    """Return the command line of a verb for the store at `root` ('': the default)."""
    return on_store(joined(["plash", *words]), root)


def on_store(line: str, root: str) -> str:
    """Prefix a command line with PLASH_DATA, unless `root` is '' or the default."""
    if not root or root == _usual_root():
        return line
    return f"PLASH_DATA={joined([root])} {line}"


def joined(words: Iterable[str]) -> str:
    """Return words as a shell reads them."""
    from shlex import join  # the app shows its first rows without it

    return join(words)


def _usual_root() -> str:
    try:
        return Store.locate().root
    except PlashError:  # there is no default store
        return ""


def way_from(value: Mapping[str, Any]) -> Way:
    """Return a Way from its dictionary; ignore values of a wrong type."""
    plain = Way()
    found: dict[str, Any] = {}
    for key, usual in plain._asdict().items():
        given = value.get(key)
        if isinstance(usual, tuple) and isinstance(given, list):
            found[key] = tuple(word for word in given if isinstance(word, str))
        elif type(given) is type(usual):
            found[key] = given
    return plain._replace(**found)


def build_way(command: Sequence[str], *, share_home: bool = False) -> Way:
    """Return how a build runs a command; with `share_home` it sees /home as a run."""
    return Way(tuple(command), build=True, home="shared" if share_home else "")
