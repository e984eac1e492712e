"""Compiling a definition file: a plan that builds its image, and how the app runs."""

from __future__ import annotations

import posixpath
import shlex
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.bases import image_word
from plashui.recipes.elements import scripts
from plashui.recipes.elements.keys import has_output, options_of
from plashui.recipes.elements.reading import read
from plashui.recipes.plan import (
    Configure,
    Context,
    Copy,
    FromImage,
    Plan,
    Run,
    Scratch,
    Stage,
    Text,
)
from plashui.recipes.script import TRACE
from plashui.transfer.onefile.options import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from plashui.recipes.elements.reading import Definition, Section
    from plashui.recipes.plan import At, Base, Step
    from plashui.store.store import Store
    from plashui.transfer.onefile.options import AppOptions

_MOST: Final = 16 << 20
_DONE: Final = ("post", "files", "environment", "runscript", "labels")
_LEFT_OUT: Final = ("help", "test", "startscript")
"""Sections that change nothing of the app; they are left out, and that is said."""
_HEADER: Final = ("bootstrap", "from")
_BOOTSTRAPS: Final = "docker, docker-daemon, localimage, plash and scratch"


class Compiled(NamedTuple):
    """The plan of a definition file, the options of its app, and remarks."""

    plan: Plan
    options: AppOptions
    said: tuple[str, ...]


def compiled(store: Store, path: Path) -> Compiled:
    """Compile a definition file; raise PlashError, with the line, for what is wrong.

    What of it is not supported is named: as an error if the image would be another one
    without it.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise PlashError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > _MOST or b"\0" in data:
        raise PlashError(f"{path} is not a definition file")
    definition = read(data.decode("utf-8", "surrogateescape"), path.name)
    said = _refuse_unknown(definition, path.name)
    options = options_of(definition.keys, name_of(path.stem))
    base = _base(store, definition, path)
    context = Context(str(path.parent.resolve()))

    def steps(config: Mapping[str, Any]) -> tuple[Step, ...]:
        return _steps(definition, options, context, config)

    stage = Stage("", base, steps, definition.header["bootstrap"].at)
    return Compiled(Plan((stage,)), options, said)


def _refuse_unknown(definition: Definition, name: str) -> tuple[str, ...]:
    for key, (at, _text) in definition.header.items():
        if key not in _HEADER:
            raise at.error(f"`{key.capitalize()}:` is not supported")
    for key, section in definition.sections.items():
        if key not in (*_DONE, *_LEFT_OUT):
            known = " ".join(f"%{one}" for one in _DONE)
            raise section.at.error(f"%{key} is not supported", f"There are {known}")
        if section.words and not section.words.startswith("-c "):
            raise section.at.error(f"%{key} {section.words} is not supported")
    if "bootstrap" not in definition.header:
        raise PlashError(f"{name} has no `Bootstrap:` line", _with_docker())
    return tuple(
        f"{section.at}: %{key} is left out"
        for key, section in definition.sections.items()
        if key in _LEFT_OUT
    )


def _with_docker() -> str:
    return "It begins with `Bootstrap: docker` and `From: IMAGE`"


def _base(store: Store, definition: Definition, path: Path) -> Base:
    at, agent = definition.header["bootstrap"]
    agent = agent.lower()
    if agent == "scratch":
        return Scratch()
    if "from" not in definition.header:
        raise at.error("there is no `From:` line", _with_docker())
    word = definition.header["from"].text
    if agent == "docker":
        return FromImage(image_word(store, word))
    if agent == "docker-daemon":
        return FromImage(f"docker:{word}")
    if agent == "plash":
        return FromImage(word)
    if agent == "localimage":
        return FromImage(f"file:{path.parent / word}")
    raise at.error(f"Bootstrap: {agent} is not supported", f"There are {_BOOTSTRAPS}")


def _steps(
    definition: Definition,
    options: AppOptions,
    context: Context,
    config: Mapping[str, Any],
) -> tuple[Step, ...]:
    at = definition.header["bootstrap"].at
    sections = definition.sections
    found: list[Step] = [Copy(at, "env/", (), f"{scripts.PLACE}/env/")]
    if "files" in sections:
        found += _files(sections["files"], context)
    if "post" in sections:
        found.append(_post(sections["post"]))
    texts = dict(scripts.SCRIPTS)
    if "environment" in sections:
        texts[scripts.ENVIRONMENT] = sections["environment"].text
    run = sections.get("runscript")
    if run is not None:
        texts[scripts.RUNSCRIPT] = scripts.runscript(run.words, run.text)
    found += [_text(at, place, text) for place, text in texts.items()]
    if has_output(options):
        found.append(Copy(at, "/out/", (), "/out/"))
    found.append(_configured(definition, config, at))
    return tuple(found)


def _text(at: At, place: str, text: str) -> Copy:
    content = text.encode("utf-8", "surrogateescape")
    source = Text(posixpath.basename(place), content)
    return Copy(at, place, ((source, ""),), place, mode=0o755)


def _files(section: Section, context: Context) -> list[Step]:
    found: list[Step] = []
    for at, line in section.lines:
        if not line.strip() or line.strip().startswith("#"):
            continue
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise at.error(f"%files: {str(error).lower()}") from None
        if len(words) > 2:
            raise at.error("a line of %files is SOURCE or SOURCE PLACE")
        source, target = words[0], words[-1]
        # As cp has it: a directory goes into one that is named with a slash.
        inside = Path(context.directory, source)
        if len(words) == 2 and target.endswith("/") and inside.is_dir():
            target += inside.name
        place = f"/{target.lstrip('/')}"
        found.append(Copy(at, line.strip(), ((context, source),), place))
    return found


def _post(section: Section) -> Run:
    shell = section.words.removeprefix("-c").split() or ["/bin/sh"]
    text = f"{TRACE}\n{section.text}"
    places = tuple((number, line.at) for number, line in enumerate(section.lines, 2))
    variables = ("SINGULARITY_ENVIRONMENT", "APPTAINER_ENVIRONMENT")
    return Run(
        section.at,
        "%post",
        tuple(shell),
        script=text,
        places=places,
        environment=tuple((name, scripts.OF_POST) for name in variables),
        user="0",
        directory="/",
    )


def _configured(definition: Definition, config: Mapping[str, Any], at: At) -> Configure:
    changes: dict[str, Any] = {}
    if "runscript" in definition.sections:
        changes = {"Entrypoint": [scripts.RUN], "Cmd": None}
    else:
        before = config.get("Entrypoint")
        words = [scripts.EXEC, *(before if isinstance(before, list) else [])]
        changes = {"Entrypoint": words}
    labels = definition.sections.get("labels")
    if labels is not None:
        known = config.get("Labels")
        changes["Labels"] = {**(known if isinstance(known, dict) else {})}
        for line in labels.lines:
            key, _space, value = line.text.strip().partition(" ")
            if key and not key.startswith("#"):
                changes["Labels"][key] = value.strip()
    shown = " ".join(
        f"%{key}" for key in ("labels", "runscript") if key in definition.sections
    )
    return Configure(at, shown or "Entrypoint", changes)
