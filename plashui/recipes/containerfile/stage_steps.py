"""The steps of one stage: what each instruction does, once its base is known."""

from __future__ import annotations

import os
import posixpath
import re

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.containerfile import instructions as i
from plashui.recipes.containerfile.configs import exposed, signal_name
from plashui.recipes.containerfile.copies import copy_of
from plashui.recipes.containerfile.lines import heredoc_in
from plashui.recipes.containerfile.mounts import mount_of
from plashui.recipes.containerfile.parse import parse
from plashui.recipes.containerfile.scope import Scope
from plashui.recipes.containerfile.surrounding import Surrounding
from plashui.recipes.plan import Configure, Copy, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Final

    from plashui.recipes.containerfile.scope import Arguments
    from plashui.recipes.plan import At, Step

_SHELL: Final = ("/bin/sh", "-c")
_LONGEST: Final = 131_000
"""The most bytes of one word of a command: the kernel's limit is 128 KiB."""
_INTERPRETER: Final = re.compile(r"#![ \t]*(\S+)(?:[ \t]+(.*\S))?[ \t]*")


class StageSteps:
    """Compiles the instructions of one stage, one after the other."""

    def __init__(
        self, arguments: Arguments, around: Surrounding, config: Mapping[str, Any]
    ) -> None:
        """Begin with the config of the base."""
        self._arguments, self._around = arguments, around
        self._config = dict(config)
        self._scope = Scope(arguments, _texts(config.get("Env")))
        self._cmd_is_set = False

    def of(self, instructions: Iterable[i.Instruction]) -> tuple[Step, ...]:
        """Return the steps of a stage, those first that its base asks for."""
        found: list[Step] = []
        triggers = _texts(self._config.get("OnBuild"))
        for one in self._triggered(triggers):
            found += self._steps(one)
        if triggers and found:
            found.append(self._set(found[-1].at, "ONBUILD", OnBuild=None))
        self._config.pop("OnBuild", None)
        for one in instructions:
            found += self._steps(one)
        return tuple(found)

    def _triggered(self, triggers: Iterable[str]) -> Iterator[i.Instruction]:
        escape = self._arguments.escape
        for text in triggers:
            data = text.encode("utf-8", "surrogateescape")
            for one in parse(data, "ONBUILD of the base", escape=escape).instructions:
                if one.line.keyword in ("FROM", "ONBUILD", "MAINTAINER"):
                    raise one.line.error(f"{one.line.keyword} cannot be done ONBUILD")
                yield one

    def _steps(self, one: i.Instruction) -> list[Step]:
        if isinstance(one, i.Arg):
            self._scope.declare(one)
            return []
        if isinstance(one, i.Run):
            return [self._run(one)]
        if isinstance(one, i.Copy):
            return [copy_of(one, self._scope, self._directory(), self._around)]
        if isinstance(one, i.From):
            raise one.line.error("FROM begins a stage")
        if one.line.keyword == "WORKDIR" and isinstance(one, i.Text):
            return self._workdir(one)
        if one.line.keyword == "MAINTAINER" and isinstance(one, i.Text):
            return [Configure(one.line.at, one.line.text, {}, author=one.text)]
        changes = self._changes(one)
        return [self._set(one.line.at, one.line.text, **changes)]

    def _set(self, at: At, shown: str, **changes: Any) -> Configure:
        self._config.update(changes)
        return Configure(at, shown, changes)

    def _changes(self, one: i.Instruction) -> dict[str, Any]:
        """Return what an instruction changes of the config."""
        if isinstance(one, i.Env):
            self._scope.env.update(self._pairs(one))
            return {"Env": [f"{name}={v}" for name, v in self._scope.env.items()]}
        if isinstance(one, i.Label):
            return {"Labels": _object(self._config, "Labels") | self._pairs(one)}
        if isinstance(one, i.Start):
            return self._start(one)
        if isinstance(one, i.Health):
            return {"Healthcheck": self._health(one)}
        if isinstance(one, i.Words):
            return self._words(one)
        if isinstance(one, i.Text):
            return self._text(one)
        raise one.line.error("it is not known here")

    def _pairs(self, one: i.Env | i.Label) -> dict[str, str]:
        """Return names and values; they all know the variables before the line."""
        expand = self._scope.expand
        found = {
            expand(one.line, name): expand(one.line, value) for name, value in one.pairs
        }
        if "" in found or any("=" in name or "\0" in name for name in found):
            raise one.line.error("a name is empty, or has = in it")
        return found

    def _start(self, one: i.Start) -> dict[str, Any]:
        command = list(self._command(one.command)) or None
        if one.line.keyword == "CMD":
            self._cmd_is_set = True
            return {"Cmd": command}
        forgets = {} if self._cmd_is_set else {"Cmd": None}  # it was for another one
        return {"Entrypoint": command, **forgets}

    def _command(self, command: i.Command) -> tuple[str, ...]:
        if command.text is None:
            return command.words
        shell = _texts(self._config.get("Shell")) or list(_SHELL)
        return (*shell, command.text)

    def _health(self, one: i.Health) -> dict[str, Any]:
        if one.command is None:
            return {"Test": ["NONE"]}
        text = one.command.text
        test = ["CMD", *one.command.words] if text is None else ["CMD-SHELL", text]
        return {"Test": test, **dict(one.numbers)}

    def _words(self, one: i.Words) -> dict[str, Any]:
        line = one.line
        if line.keyword == "SHELL":
            return {"Shell": list(one.words)}
        if line.keyword == "EXPOSE":
            words = [w for word in one.words for w in self._scope.words(line, word)]
            ports = _object(self._config, "ExposedPorts")
            return {"ExposedPorts": ports | {p: {} for p in exposed(line, words)}}
        paths = [self._scope.expand(line, word) for word in one.words]
        if not all(path.strip() for path in paths):
            raise line.error("VOLUME with nothing in it")
        volumes: dict[str, Any] = {path.strip(): {} for path in paths}
        return {"Volumes": _object(self._config, "Volumes") | volumes}

    def _text(self, one: i.Text) -> dict[str, Any]:
        line = one.line
        if line.keyword == "ONBUILD":
            return {"OnBuild": [*_texts(self._config.get("OnBuild")), one.text]}
        text = self._scope.expand(line, one.text)
        if line.keyword == "STOPSIGNAL":
            return {"StopSignal": signal_name(line, text)}
        if not text:
            raise line.error(f"{line.keyword} is empty")
        return {"User": text}

    def _directory(self) -> str:
        found = self._config.get("WorkingDir")
        return found if isinstance(found, str) and found else "/"

    def _workdir(self, one: i.Text) -> list[Step]:
        text = self._scope.expand(one.line, one.text)
        if not text:
            raise one.line.error("WORKDIR is empty")
        place = posixpath.normpath(posixpath.join("/", self._directory(), text))
        place = f"/{place.lstrip('/')}"
        at, shown = one.line.at, one.line.text
        step = self._set(at, shown, WorkingDir=place)
        if place == "/":
            return [step]
        user = self._config.get("User")
        owner = user if isinstance(user, str) else ""
        return [Copy(at, shown, (), f"{place}/", owner=owner), step]

    def _run(self, one: i.Run) -> Run:
        line = one.line
        command, script = self._command(one.command), ""
        if one.command.text is not None and one.heredocs:
            command, script = self._with_heredocs(one, one.command.text)
        if any(len(os.fsencode(word)) > _LONGEST for word in command):
            raise line.error(
                "the command is longer than the 128 KiB that a program can be given",
                "COPY it as a file",
            )

        def expanded(text: str) -> str:
            return self._scope.expand(line, text)

        place, around = self._directory(), self._around
        mounts = [mount_of(line, it, expanded, place, around) for it in one.mounts]
        return Run(
            line.at,
            line.text,
            command,
            script,
            environment=self._scope.for_commands(),
            unkeyed=self._scope.proxies(),
            mounts=tuple(mount for mount in mounts if mount),
            network=one.network,
        )

    def _with_heredocs(self, one: i.Run, text: str) -> tuple[tuple[str, ...], str]:
        """Return the command, and the script, of a RUN that has heredocs.

        Of one that is nothing else, the heredoc is the script, and its first line may
        name the program that reads it. Else the shell knows what to do with them.
        """
        first = one.heredocs[0]
        if len(one.heredocs) == 1 and _is_one_word(text):
            found = _INTERPRETER.match(first.text)
            if found:
                return tuple(word for word in found.groups() if word), first.text
            return self._command(i.Command(text=first.text)), ""
        for heredoc in one.heredocs:
            text += f"\n{heredoc.content}{heredoc.name}"
        return self._command(i.Command(text=text)), ""


def _is_one_word(text: str) -> bool:
    """Return whether a command is nothing but `<<NAME`."""
    return heredoc_in(text.strip()) is not None


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, str)]


def _object(config: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = config.get(key)
    return dict(found) if isinstance(found, dict) else {}
