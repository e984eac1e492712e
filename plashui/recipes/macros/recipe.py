"""A recipe being read: macros are done one by one, and a plan comes of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.shell_words import quote
from plashui.recipes.macros.table import ALIASES, MACROS, Entry, meant
from plashui.recipes.plan import At, Configure, FromStage, Plan, Run, Stage, Step
from plashui.recipes.script import TRACE
from plashui.recipes.stamp import Inputs

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.recipes.plan import Base, Part
    from plashui.recipes.words import Macro

    Config = Mapping[str, Any]
    Change = Callable[[Config], Mapping[str, Any]]

_SHOWN: Final = 200
_MOST_DEEP: Final = 30
"""How many files may include each other."""


class _Configuring(NamedTuple):
    """Changes of the config that follow one another, as one step."""

    at: At
    shown: list[str]
    changes: list[Change]


class Recipe:
    """What macros have said so far.

    `directory` is where relative paths begin; `stdin` reads the standard input. `file`
    is the file that it is in, "" for words.
    """

    def __init__(
        self, directory: str, stdin: Callable[[], bytes], file: str = ""
    ) -> None:
        self.directory, self.stdin, self.file = directory, stdin, file
        self.inputs = Inputs()
        self.macros: dict[str, Entry] = dict(MACROS)
        self.stages: list[Stage] = []
        self._base: tuple[Base, At] | None = None
        self._steps: list[Step | _Configuring] = []
        self._lines: list[tuple[str, At]] = []
        self._shown: list[str] = []
        self._depends: list[Part] = []
        self._always = False
        self._depth = 0

    def eval(self, macros: Iterable[Macro]) -> None:
        """Do macros; PlashError with the place of a wrong one."""
        for called in macros:
            self.do(called)

    def do(self, called: Macro) -> None:
        """Do a macro."""
        entry = self._entry(called)
        count = len(called.args)
        if count < entry.least or (entry.most is not None and count > entry.most):
            raise called.at.error(
                f"wrong arguments of the macro '{called.name}'",
                f"usage: --{called.name} {entry.usage}".rstrip(),
            )
        entry.meaning(self, called)

    def _entry(self, called: Macro) -> Entry:
        entry = self.macros.get(ALIASES.get(called.name, called.name))
        if entry is not None:
            return entry
        hint = meant(called.name, [*self.macros, *ALIASES])
        raise called.at.error(
            f"no macro '{called.name}'{hint}",
            "`plash help-macros` lists them. An argument that begins with a dash is"
            r" written '--\ -y'",
        )

    # What macros do.

    def begin(self, base: Base, at: At) -> None:
        """Say which image it begins with."""
        if self._base is not None:
            before = str(self._base[1])
            where = f", as {before} says" if before else ""
            raise at.error(f"it begins with an image already{where}")
        self._base = (base, at)

    def script(self, lines: Iterable[tuple[str, At]], called: Macro) -> None:
        """Add lines of script to the layer."""
        added = list(lines)
        if not added:
            return
        self._lines += added
        self._shown.append(shown(called))

    def depend(self, part: Part) -> None:
        """Make something part of the key of the layer."""
        self._depends.append(part)

    def never_cached(self) -> None:
        """Take the layer never from the cache."""
        self._always = True
        self.inputs.known = False

    def border(self) -> None:
        """End the layer."""
        if not self._lines:
            return
        places: list[tuple[int, At]] = []
        number = 2  # after the line TRACE
        for text, at in self._lines:
            for offset in range(text.count("\n") + 1):
                places.append((number + offset, at))
            number += text.count("\n") + 1
        text = "\n".join(text for text, _at in self._lines)
        what = "; ".join(self._shown)
        self._steps.append(
            Run(
                at=self._lines[0][1],
                shown=what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…",
                command=("/bin/sh",),
                script=f"{TRACE}\n{text}\n",
                places=tuple(places),
                user="0",
                depends=tuple(self._depends),
                always=self._always,
            )
        )
        self._lines, self._shown, self._depends = [], [], []
        self._always = False

    def step(self, step: Step) -> None:
        """Add a step that is not a script."""
        self.border()
        self._steps.append(step)

    def configure(self, called: Macro, change: Change) -> None:
        """Change the config; `change` gets it as it is, and returns what is new."""
        self.border()
        last = self._steps[-1] if self._steps else None
        if not isinstance(last, _Configuring):
            last = _Configuring(called.at, [], [])
            self._steps.append(last)
        last.shown.append(shown(called))

        def checked(config: Config) -> Mapping[str, Any]:
            try:
                return change(config)
            except PlashError as error:
                raise called.at.error(str(error.args[0]), error.remedy) from None

        last.changes.append(checked)

    @contextlib.contextmanager
    def inside(self, directory: str, at: At) -> Iterator[None]:
        """Let relative paths begin in another directory for the block."""
        before = self.directory
        self._depth += 1
        if self._depth > _MOST_DEEP:
            raise at.error("files include each other, without an end")
        self.directory = directory
        try:
            yield
        finally:
            self.directory = before
            self._depth -= 1

    def read_input(self) -> str:
        """Return the standard input, with lines that end as those of Unix do."""
        data = self.stdin()
        self.inputs.read_input(data)
        return data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")

    def path(self, word: str) -> str:
        """Return the absolute path of a file that an argument names."""
        if word.startswith("~"):
            self.inputs.variable("HOME")
        return os.path.normpath(os.path.join(self.directory, os.path.expanduser(word)))

    # What comes of it.

    def has_base(self) -> bool:
        """Return whether it says which image it begins with."""
        return self._base is not None

    def scripts(self) -> list[Step]:
        """Return the steps, those of the config as if nothing was set before."""
        return list(self._given(self._ended(), {}))

    def plan(self) -> Plan:
        """Return the plan; PlashError if it begins with no image."""
        if self._base is None:
            raise At(self.file).error("no image to build on", "Begin with --from IMAGE")
        base, at = self._base
        steps = self._ended()
        stage = Stage("", base, lambda config: self._given(steps, config), at)
        return Plan((*self.stages, stage))

    def as_stage(self, recipe: Recipe, name: str) -> FromStage:
        """Make what another recipe makes a stage of this one."""
        plan = recipe.plan()
        self.stages += plan.stages[:-1]
        self.stages.append(plan.stages[-1]._replace(name=name))
        return FromStage(name)

    def _ended(self) -> Sequence[Step | _Configuring]:
        self.border()
        return tuple(self._steps)

    @staticmethod
    def _given(
        steps: Sequence[Step | _Configuring], config: Config
    ) -> tuple[Step, ...]:
        found: list[Step] = []
        now: dict[str, Any] | None = None
        for one in steps:
            if not isinstance(one, _Configuring):
                found.append(one)
                continue
            now = dict(config) if now is None else now
            changes: dict[str, Any] = {}
            for change in one.changes:
                new = change(now)
                changes.update(new)
                now.update(new)
                now = {key: value for key, value in now.items() if value is not None}
            found.append(Configure(one.at, "; ".join(one.shown), changes))
        return tuple(found)


def shown(called: Macro) -> str:
    """Return a macro as a person would type it, shortened."""
    name = ALIASES.get(called.name, called.name)
    dash = "-" if len(name) == 1 else "--"
    text = " ".join([f"{dash}{name}", *map(quote, called.args)])
    text = text.replace("\n", " ")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
