"""Reading a Containerfile and what belongs to it: its context, and what it ignores."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.recipes.bases import image_word
from plashui.recipes.containerfile import instructions as i
from plashui.recipes.containerfile.compile import Compiled, Given, compile_file
from plashui.recipes.containerfile.ignoring import MOST, ignored_in, read
from plashui.recipes.containerfile.parse import parse
from plashui.recipes.containerfile.scope import platform_arguments
from plashui.recipes.plan import Context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from plashui.recipes.containerfile.parse import Containerfile
    from plashui.recipes.plan import Source
    from plashui.store.store import Store

NAMES: Final = ("Containerfile", "Dockerfile")
"""What the file in a directory is called, the first of them that is there."""


class Request(NamedTuple):
    """What shall be built: see `plash build:file`.

    `file` is "" for the one in the directory, and "-" for standard input. `arguments`
    are those of --build-arg, `secrets` has a file for each id, and `agents` the socket
    of an ssh agent. `contexts` are those of --build-context, `labels` of --label.
    `within` is the directory of the repository whose files these are, "" if they are
    this person's.
    """

    directory: str
    file: str = ""
    target: str = ""
    arguments: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    agents: Mapping[str, str] = {}
    contexts: Mapping[str, Source] = {}
    within: str = ""
    labels: Mapping[str, str] = {}


class Asked(NamedTuple):
    """What may be said of a Containerfile when it is built.

    `arguments` are its ARGs with the first default of each, "" for none; `stages` are
    the names of stages, `secrets` those of secrets.
    """

    arguments: Mapping[str, str]
    stages: tuple[str, ...]
    secrets: tuple[str, ...] = ()


def asked(request: Request) -> Asked:
    """Return what a Containerfile asks for; raise PlashError for a wrong one."""
    file, _name, _path = _parsed(request)
    arguments: dict[str, str] = {}
    for one in file.instructions:
        for name, default in one.variables if isinstance(one, i.Arg) else ():
            arguments.setdefault(name, default or "")
    for name in platform_arguments():
        arguments.pop(name, None)  # the build knows these
    stages = [one.name for one in file.instructions if isinstance(one, i.From)]
    secrets = [
        fields.get("id") or ""
        for one in file.instructions
        for mount in (one.mounts if isinstance(one, i.Run) else ())
        if (fields := dict(mount.fields)).get("type") == "secret"
    ]
    return Asked(
        arguments,
        tuple(filter(None, stages)),
        tuple(filter(None, dict.fromkeys(secrets))),
    )


def _parsed(request: Request) -> tuple[Containerfile, str, Path | None]:
    """Return a Containerfile, its name in errors, and its path; None for stdin."""
    directory = Path(request.directory)
    if not directory.is_dir():
        why = "it is not a directory" if directory.exists() else "it is not there"
        raise PlashError(f"cannot build {clean(str(directory))}: {why}")
    path = _file(directory, request.file)
    name = "standard input" if path is None else path.name
    data = (
        sys.stdin.buffer.read(MOST + 1) if path is None else read(path, request.within)
    )
    if len(data) > MOST:
        raise PlashError(f"{clean(name)} has more than 16 MiB")
    return parse(data, name), name, path


def compiled(store: Store, request: Request) -> Compiled:
    """Return the plan of a Containerfile; raise PlashError if it has none."""
    file, name, path = _parsed(request)
    directory = Path(request.directory)

    given = Given(
        Context(str(directory.resolve()), ignored_in(directory, path, request.within)),
        request.arguments,
        request.secrets,
        request.target,
        partial(image_word, store),
        request.agents,
        request.contexts,
        request.labels,
    )
    return compile_file(file, name, given)


def _file(directory: Path, wanted: str) -> Path | None:
    if wanted == "-":
        return None
    if wanted:
        here, there = Path(wanted), directory / wanted
        return there if there.exists() and not here.exists() else here
    for name in NAMES:
        if (directory / name).exists():
            return directory / name
    raise PlashError(
        f"there is neither {' nor '.join(NAMES)} in {clean(str(directory))}",
        "Name the file with -f",
    )
