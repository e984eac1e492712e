"""A plan: how an image is made, as plain values, whatever language it was written in.

A plan is a list of stages. A stage begins with a base and does its steps one after the
other; each makes an image on the one before. What a step means depends on the config
of the base: variables are expanded by it, and an image may bring steps of its own
(ONBUILD). A stage therefore has a function that gives the steps for a config. The
config of a base that is another stage is known without that stage being built
(`config_after`). So all steps of a plan are known once its images are in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Literal


class At(NamedTuple):
    """Where something is written: a file and a line, from 1.

    Both are empty for words of a command line.
    """

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Say it for a person: "plashfile, line 3"; "" if it is not known."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (self.file, line) if part)

    def error(self, sentence: str, remedy: str = "") -> PlashError:
        """Return an error that begins with this place."""
        place = str(self)
        return PlashError(f"{place}: {sentence}" if place else sentence, remedy)


class UnknownContentError(PlashError):
    """Nobody can tell what is at a URL without fetching it."""


# Where files come from.


class Context(NamedTuple):
    """A directory of this machine.

    `ignored` says of a path relative to it (`a/b`, and whether it is a directory)
    whether it counts as not there; None if nothing is ignored.
    """

    directory: str
    ignored: Callable[[str, bool], bool] | None = None


class OfStage(NamedTuple):
    """What another stage of the plan makes."""

    stage: str


class OfImage(NamedTuple):
    """An image, by a word as of `FromImage`."""

    word: str


class Text(NamedTuple):
    """A file that is written in the recipe itself."""

    name: str
    content: bytes


class Web(NamedTuple):
    """A file at a URL; `checksum` is `sha256:HEX`, or "" if it is not given.

    It may be one of sha384 or sha512, too.
    """

    url: str
    checksum: str = ""


class Git(NamedTuple):
    """The files of a commit in a git repository, with those of its submodules.

    `reference` is a branch, a tag or a commit, "" for the one that the repository
    has as its own. `commit` is the one that it must be, if that is given. With
    `keeps_repository`, `.git` is there, too.
    """

    url: str
    reference: str = ""
    commit: str = ""
    keeps_repository: bool = False


Source = Context | OfStage | OfImage | Text | Web | Git


# What a stage begins with.


class FromImage(NamedTuple):
    """An image: an id, a name of the store, or a source such as `oci:debian:12`.

    A source that has been pulled is not asked again, unless the build shall `pull`.
    """

    word: str
    platform: str = ""


class FromStage(NamedTuple):
    """What another stage of the plan makes."""

    stage: str


class Scratch(NamedTuple):
    """Nothing: the empty image."""


Base = FromImage | FromStage | Scratch


# What a stage does.


class Mount(NamedTuple):
    """Something attached to the image while a command runs; no layer has it.

    bind: `path` of `source`, read-only unless `writable`, whose changes are lost.
    cache: a directory that is kept in the store under `name`. A new one has `mode`,
    `user` and `group`, and what is at `path` of `source`. `sharing`: other builds use
    it at the same time (shared), wait (locked), or have another one (private).
    tmpfs: an empty directory in memory.
    secret: the file `path` of this machine, known as `name`; its content is neither
    kept nor part of a key. With `variable` it is that variable's value, too.
    ssh: the socket `path` of an ssh agent, known as `name`; SSH_AUTH_SOCK names it.
    """

    kind: Literal["bind", "cache", "tmpfs", "secret", "ssh"]
    target: str
    source: Source | None = None
    path: str = ""
    name: str = ""
    variable: str = ""
    writable: bool = False
    required: bool = False
    mode: int | None = None
    user: int = 0
    group: int = 0
    size: int | None = None
    sharing: Literal["shared", "locked", "private"] = "shared"


class Run(NamedTuple):
    """A command, run in the sandbox of `build`; what it changes becomes a layer.

    `command` is run as it is. With `script` the path of a file with that text is added
    to its words; `places` says which line of the script comes from where: each line
    from the one of the last entry that is not after it.
    `user` and `directory` are those of the config, unless given. The environment is
    that of the config, and `environment`; nothing of the caller's. `unkeyed` are
    more variables, which change nothing of what is made.
    """

    at: At
    shown: str
    command: tuple[str, ...]
    script: str = ""
    places: tuple[tuple[int, At], ...] = ()
    stdin: bytes = b""
    environment: tuple[tuple[str, str], ...] = ()
    unkeyed: tuple[tuple[str, str], ...] = ()
    user: str | None = None
    directory: str | None = None
    mounts: tuple[Mount, ...] = ()
    network: bool = True
    depends: tuple[Part, ...] = ()
    """What else decides whether it must run again, such as files that it watches."""
    always: bool = False
    """Whether it is run each time, and never taken from the cache."""


class Copy(NamedTuple):
    """Files put into the image, which become a layer.

    Each of `sources` is where from, and the path there (with globs; "" of a Text or
    Web). `target` is a path in the image, relative to the working directory of the
    config; one that ends with "/" is a directory. Without sources, `target` is only
    made as a directory. `owner` is USER[:GROUP], "" for root. `mode` is a number, or
    a text as chmod takes it. `unpack`: archives of the context are unpacked, and with
    `unpack_web` those of the web. `parents`: the directories in the sources' paths are
    kept. `copy` says what it means.
    """

    at: At
    shown: str
    sources: tuple[tuple[Source, str], ...]
    target: str
    owner: str = ""
    mode: int | str | None = None
    unpack: bool = False
    unpack_web: bool = False
    parents: bool = False
    excluded: tuple[str, ...] = ()


class Configure(NamedTuple):
    """Changes of the config: an image without files that has a new one.

    `changes` are values of keys of the OCI image config's `config` object (`Env`,
    `Cmd`, `Labels`, …), as they are afterwards; None removes a key. `author` is a new
    one of the image.
    """

    at: At
    shown: str
    changes: Mapping[str, Any]
    author: str | None = None


Step = Run | Copy | Configure


class Part(NamedTuple):
    """One thing of which the key of a step is made, by a name that a person reads.

    `value` is kept with the image to tell later what has changed, if it is `clear`;
    else only its digest is.
    """

    what: str
    value: str
    clear: bool = False


Steps = Callable[[Mapping[str, "Any"]], tuple[Step, ...]]
"""Gives the steps of a stage for the `config` object of its base ({} of nothing)."""


class Stage(NamedTuple):
    """A base, and what is done on it. `name` is unique in a plan."""

    name: str
    base: Base
    steps: Steps
    at: At = At()


class Plan(NamedTuple):
    """Stages, each of which only needs those before it; the image is the last one's.

    Stages that the last one does not need are not built.
    """

    stages: tuple[Stage, ...]


def config_after(config: Mapping[str, Any], steps: Iterable[Step]) -> dict[str, Any]:
    """Return the `config` object that an image has after these steps."""
    found = dict(config)
    for step in steps:
        if isinstance(step, Configure):
            found.update(step.changes)
    return {key: value for key, value in found.items() if value is not None}


def stages_needed_by(base: Base, steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the names of the stages that must be built before these steps."""
    found = [base.stage] if isinstance(base, FromStage) else []
    for step in steps:
        sources: list[Source | None] = []
        if isinstance(step, Copy):
            sources = [source for source, _path in step.sources]
        elif isinstance(step, Run):
            sources = [mount.source for mount in step.mounts]
        found += [one.stage for one in sources if isinstance(one, OfStage)]
    return tuple(dict.fromkeys(found))
