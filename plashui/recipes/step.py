"""Doing one step of a plan: what it changes becomes an image."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Iterator, Mapping

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper import calls, process
from plashui.operations.build import (
    ONE_OUTPUT,
    commit,
    commit_config,
    ended,
    environment,
)
from plashui.operations.failed import CommandFailed, forget_earlier
from plashui.recipes import cache, copy
from plashui.recipes.mounts import mounted
from plashui.recipes.plan import At, Configure, Copy
from plashui.recipes.script import traced
from plashui.store.run_spec import Way
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import IO, Any, Final

    from plashui.recipes.look import Seen
    from plashui.recipes.plan import Run, Source
    from plashui.store.store import Store
    from plashui.store.workdir import WorkDir

_ORIGIN: Final = 300


class Doing(NamedTuple):
    """What is needed for a step: the image it is done on, its config, its sources."""

    store: Store
    seen: Seen
    parent: int
    config: Mapping[str, Any]
    images: Mapping[Source, int]
    report: Report = silent
    cancel: Cancel | None = None

    @property
    def notes(self) -> dict[str, object]:
        """What is kept with the image."""
        return cache.metadata(self.seen.parts)


class StepFailed(CommandFailed):
    """A command of a step has failed."""

    def __init__(self, sentence: str, doing: Doing, trace: _Trace, status: int) -> None:
        super().__init__(
            *(sentence, doing.store, doing.parent, trace.way, trace.step.shown, status),
            commands=tuple(trace.commands) or (_ran(trace.step),),
            at=str(trace.at),
            last=trace.last,
        )
        self.doing = doing


def _ran(step: Run) -> str:
    words = step.command
    return words[-1] if words[1:2] == ("-c",) else shlex.join(words)


def do(doing: Doing) -> int:
    """Do a step; return the image that it made, which the cache then knows.

    Raises StepFailed if its command fails, and makes no image then.
    """
    step = doing.seen.step
    if isinstance(step, Copy):
        image = copy.copied(
            *(doing.store, doing.parent, step),
            config=doing.config,
            images=doing.images,
            more=doing.notes,
            known=doing.seen.parts,
            report=doing.report,
            cancel=doing.cancel,
        )
    elif isinstance(step, Configure):
        image = _configure(doing, step)
    else:
        image = _run(doing, step)
    cache.remember(doing.store, doing.seen.key, image)
    return image


def _configure(doing: Doing, step: Configure) -> int:
    from plashui.image.config_of import carried, nearest_config
    from plashui.recipes.plan import config_after
    from plashui.store.oci.oci_nodes import notes_of_chain

    chain = notes_of_chain(doing.store, doing.parent) if doing.parent else []
    config = carried(nearest_config(notes for _node, notes in chain))
    config["config"] = config_after(doing.config, [step])
    if step.author is not None:
        config["author"] = step.author
    origin = step.shown[:_ORIGIN]
    return commit_config(doing.store, doing.parent, origin, config, doing.notes)


def _run(doing: Doing, step: Run) -> int:
    forget_earlier(doing.store, doing.parent, doing.seen.key)
    with (
        workdir(doing.store) as work,
        mounted(doing.store, step, doing.images, doing.cancel) as attached,
        _script(step) as (words, descriptors),
    ):
        way = Way(
            command=words,
            build=True,
            isolated=True,
            network=step.network,
            variables=(
                *(f"{name}={value}" for name, value in step.environment),
                *(f"{name}={value}" for name, value in step.unkeyed),
                *attached.variables,
            ),
            volumes=attached.volumes,
            memories=attached.memories,
            secrets=attached.secrets,
            user=step.user or "",
            directory=step.directory or "",
        )
        trace = _Trace(step, way, doing.report)
        passed = (*descriptors, *attached.descriptors)
        outcome = _called(doing, step, work, trace, passed, attached.environment)
        if trace.failed or not trace.began:
            error = process.failure(outcome, "running a command")
            raise step.at.error(str(error.args[0]), error.remedy)
        if outcome.status == 0:
            more = {"command": list(step.command), **doing.notes}
            return commit(doing.store, doing.parent, work, _origin(step), more=more)
        failed = trace.failure(doing, outcome.status)
        failed.way = failed.way._replace(volumes=attached.lasting())
        failed.keep(work.path, doing.seen.key)
        raise failed


def _called(
    doing: Doing,
    step: Run,
    work: WorkDir,
    trace: _Trace,
    descriptors: tuple[int, ...],
    secrets: Mapping[str, str],
) -> process.Outcome:
    def feed(pipe: IO[bytes]) -> None:
        pipe.write(step.stdin)

    verb, *words = trace.way.words(doing.parent, str(work.path))
    lock = [] if work.lock is None else [work.lock]
    ours = {**environment(doing.store), **secrets}
    ours.pop("TERM", None)
    return process.call(
        [verb, *calls.lock_words(work.lock), ONE_OUTPUT, *words],
        feed=feed if step.stdin else None,
        on_status=trace.event,
        on_said=trace.line,
        cancel=doing.cancel,
        pass_fds=[*lock, *descriptors],
        environment=ours,
    )


def _origin(step: Run) -> str:
    return step.shown if len(step.shown) <= _ORIGIN else f"{step.shown[:_ORIGIN]}…"


@contextlib.contextmanager
def _script(step: Run) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Open the script of a step for the block; give the words that run it."""
    if not step.script:
        yield step.command, ()
        return
    descriptor = os.memfd_create("script")
    with open(descriptor, "wb") as file:
        file.write(os.fsencode(step.script))
        file.flush()
        yield (*step.command, f"/dev/fd/{descriptor}"), (descriptor,)


class _Trace:
    """What a command says, and which line of its script it is at."""

    def __init__(self, step: Run, way: Way, report: Report) -> None:
        self.step, self.way, self.report = step, way, report
        self.at = step.at
        self.commands: list[str] = []
        self.last = ""
        self.began = self.failed = False
        self._count = 0

    def event(self, event: dict[str, Any]) -> None:
        """Take a status event of the helper."""
        self.began |= event.get("ev") == "ready"
        self.failed |= event.get("ev") == "error"

    def line(self, said: bytes) -> None:
        """Take a line of output."""
        text = said.decode("utf-8", "surrogateescape").rstrip("\r").rpartition("\r")[2]
        found = traced(text) if self.step.places else None
        if found:
            text = f"{'+' * found.depth} {found.command}"
            if found.depth == 1:
                self.commands.append(found.command)
                self.last = ""
                self.at = self._place(found.line) or self.at
        else:
            text = re.sub(r"^/dev/fd/\d+: (?:line )?(\d+): ", self._named, text)
            self.last = text if text.strip() else self.last
        self._count += 1
        self.report(Progress(text, self._count, None, "lines"))

    def _place(self, number: int) -> At | None:
        before = [at for line, at in self.step.places if line <= number]
        return before[-1] if before and number else None

    def _named(self, found: re.Match[str]) -> str:
        place = str(self._place(int(found[1])) or self.step.at)
        return f"{place}: " if place else ""

    def failure(self, doing: Doing, status: int) -> StepFailed:
        """Return the error of a command that has ended with a status."""
        what = self.commands[-1] if self.commands else self.step.shown
        what = what if len(what) <= _ORIGIN else f"{what[:_ORIGIN]}…"
        place = f"{self.at}: " if str(self.at) else ""
        last = f": {self.last}" if self.last else ""
        sentence = f"{place}{what} {ended(status)}{last}"
        return StepFailed(sentence, doing, self, status)
