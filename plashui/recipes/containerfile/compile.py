"""Compiling a Containerfile: stages, and what their instructions mean as steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.platform import distance, parse_platform, this_machine
from plashui.recipes.containerfile import instructions as i
from plashui.recipes.containerfile.labels import labelled
from plashui.recipes.containerfile.lines import meant
from plashui.recipes.containerfile.scope import PREDEFINED, Arguments
from plashui.recipes.containerfile.stage_steps import StageSteps
from plashui.recipes.containerfile.surrounding import Surrounding
from plashui.recipes.plan import (
    At,
    Base,
    Configure,
    Context,
    FromImage,
    FromStage,
    OfImage,
    OfStage,
    Plan,
    Scratch,
    Stage,
    config_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from plashui.recipes.containerfile.lines import Line
    from plashui.recipes.containerfile.parse import Containerfile
    from plashui.recipes.plan import Source, Step


_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The environment of `FROM scratch`."""


class Given(NamedTuple):
    """What a build is given beside the file.

    `arguments` are those of --build-arg; `secrets` has a file for each id. `image_word`
    makes of a name in FROM what finds the image: see `FromImage`. `agents` has the
    socket of an ssh agent for each id. `contexts` are more places to copy from, by
    their names in small letters, which come before those of stages and images. `labels`
    are set after all that the file says.
    """

    context: Context
    arguments: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    target: str = ""
    image_word: Callable[[str], str] = str
    agents: Mapping[str, str] = {}
    contexts: Mapping[str, Source] = {}
    labels: Mapping[str, str] = {}


class Compiled(NamedTuple):
    """The plan, and the names of arguments that no ARG asks for."""

    plan: Plan
    unused: tuple[str, ...]


class _Written(NamedTuple):
    """A stage as it is written: its FROM, and the instructions behind it."""

    begin: i.From
    name: str
    instructions: tuple[i.Instruction, ...]


def compile_file(file: Containerfile, name: str, given: Given) -> Compiled:
    """Return what is to be done; raise PlashError for what cannot be.

    What depends on the config of a base, as the value of a variable, is found out when
    that is known: see `Stage`.
    """
    arguments = Arguments(given.arguments, file.escape)
    stages = list(_stages(file, arguments, name))
    target = _target(stages, given.target, name)
    made = [
        _stage(stages, at, arguments, given, is_target=at == target)
        for at in range(target + 1)
    ]
    asked = {
        word
        for one in file.instructions
        if isinstance(one, i.Arg)
        for word, _default in one.variables
    }
    unused = sorted(set(given.arguments) - asked - PREDEFINED)
    return Compiled(Plan(tuple(made)), tuple(unused))


def _stages(file: Containerfile, arguments: Arguments, name: str) -> Iterator[_Written]:
    """Yield the stages; the ARGs before them are declared."""
    begin: i.From | None = None
    rest: list[i.Instruction] = []
    count = 0
    names: set[str] = set()
    for one in file.instructions:
        if isinstance(one, i.From):
            if begin is not None:
                yield _Written(begin, begin.name or str(count - 1), tuple(rest))
            if one.name and one.name in names:
                raise one.line.error(f"two stages are called {one.name}")
            names.add(one.name)
            begin, rest = one, []
            count += 1
        elif begin is not None:
            rest.append(one)
        elif isinstance(one, i.Arg):
            arguments.declare(one)
        else:
            raise one.line.error("no image to build on", "Begin with FROM")
    if begin is None:
        raise At(name).error("there is no FROM in it", "Begin with FROM IMAGE")
    yield _Written(begin, begin.name or str(count - 1), tuple(rest))


def _target(stages: list[_Written], wanted: str, name: str) -> int:
    if not wanted:
        return len(stages) - 1
    found = _number_of(stages, wanted)
    if found is None:
        names = [one.begin.name for one in stages if one.begin.name]
        raise At(name).error(f"there is no stage {wanted}", meant(wanted, names))
    return found


def _number_of(stages: list[_Written], word: str) -> int | None:
    """Return which stage a word means: a name, or a number from 0."""
    if word.isascii() and word.isdecimal() and len(word) < 6:
        return int(word) if int(word) < len(stages) else None
    for number, one in enumerate(stages):
        if one.begin.name == word.lower():
            return number
    return None


def _stage(
    stages: list[_Written],
    at: int,
    arguments: Arguments,
    given: Given,
    *,
    is_target: bool,
) -> Stage:
    written = stages[at]

    def origin(line: Line, word: str) -> Source:
        """Return what `--from` means: a context, a stage before this one, an image."""
        named = given.contexts.get(word.lower())
        if named is not None:
            return named
        number = _number_of(stages, word)
        if number is None and word.isdecimal():
            raise line.error(f"there is no stage {word}", "They count from 0")
        if number is None:
            return OfImage(given.image_word(word))
        if number >= at:
            which = "this one itself" if number == at else "one that comes later"
            raise line.error(f"--from={word} is {which}", "Name a stage before it")
        return OfStage(stages[number].name)

    for one in written.instructions:  # so that a mistake is found before anything runs
        if isinstance(one, i.Copy) and one.origin and "$" not in one.origin:
            origin(one.line, one.origin)
    around = Surrounding(given.context, given.secrets, given.agents, origin)

    base = _base(stages[:at], written.begin, arguments, given)
    begin = written.begin.line
    first = (Configure(begin.at, begin.text, {"Env": [_PATH]}),)

    def steps(config: Mapping[str, Any]) -> tuple[Step, ...]:
        before = first if isinstance(base, Scratch) else ()
        compiler = StageSteps(arguments, around, config_after(config, before))
        found = (*before, *compiler.of(written.instructions))
        return labelled(config, found, given.labels if is_target else {})

    return Stage(written.name, base, steps, written.begin.line.at)


def _base(
    before: list[_Written], begin: i.From, arguments: Arguments, given: Given
) -> Base:
    line = begin.line
    word = arguments.expand(line, begin.base)
    platform = arguments.expand(line, begin.platform)
    if platform:
        try:
            far = distance(parse_platform(platform), this_machine()) is None
        except PlashError as error:
            raise line.error(str(error.args[0]), error.remedy) from None
        if far:
            raise line.error(
                f"the platform {platform} is not supported: this machine cannot run"
                " its programs",
                f"It is {this_machine()}",
            )
    if not word:
        raise line.error(
            f"the image {begin.base} has no name", "Give the ARG a default, or a value"
        )
    named = given.contexts.get(word.lower())
    if isinstance(named, OfImage):
        return FromImage(named.word, platform)
    if named is not None:
        raise line.error(
            f"the context {word} is not an image",
            f"Begin FROM scratch, and COPY --from={word}",
        )
    for one in before:
        if one.begin.name == word.lower():
            return FromStage(one.name)
    if word == "scratch":
        return Scratch()
    return FromImage(given.image_word(word), platform)
