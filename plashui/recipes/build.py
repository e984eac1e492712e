"""Building: a plan carried out, stages that do not need each other side by side.

A step that has been done before is taken from the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.recipes import bases
from plashui.recipes.look import Options, Seen, SeenStage, look, seen_on, sources_of
from plashui.recipes.plan import FromImage, FromStage, OfStage, config_after

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any, Final

    from plashui.recipes.plan import Plan, Source
    from plashui.store.store import Store


_AT_ONCE: Final = 2
"""The stages that are built at the same time."""


class Resumed(NamedTuple):
    """An image that stands for a step that failed: a person has set it right."""

    parent: int
    key: str
    image: int


def say_nothing(_line: str) -> None:
    """Say nothing of a step."""


def build(
    store: Store,
    plan: Plan,
    options: Options | None = None,
    *,
    resumed: Resumed | None = None,
    say: Callable[[str], None] = say_nothing,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Carry out a plan; return the image of its last stage.

    `say` gets a line for each step, of which image it is or why it has to be done;
    nothing if all of them have been done before. `report` gets each line of output.
    Raises StepFailed if a command fails.
    """
    options = options or Options()
    store.create()
    found = _Finding(options, report, cancel)
    seen = look(store, plan, options, find=found, fetch=True)
    image = seen[-1].image
    if image is not None:
        return image
    building = _Building(store, options, seen, found, resumed, say, report)
    return building.all(cancel)


class _Finding:
    """Finds the images that stages begin with; pulls each once, if it must."""

    def __init__(self, options: Options, report: Report, cancel: Cancel | None) -> None:
        self.options, self.report, self.cancel = options, report, cancel
        self.images: dict[FromImage, int] = {}

    def __call__(self, store: Store, base: FromImage) -> int:
        """Return the image that a word stands for."""
        if base not in self.images:
            image = None if self._again(base) else bases.found(store, base)
            if image is None:
                image = bases.pulled(
                    store, base, report=self.report, cancel=self.cancel
                )
            self.images[base] = image
        return self.images[base]

    def _again(self, base: FromImage) -> bool:
        """Return whether a source shall be asked though its image may be there."""
        return self.options.pull and bases.is_source(base.word)


class _Building:
    """Stages being built. `images` are those of the stages that are complete."""

    def __init__(
        self,
        store: Store,
        options: Options,
        seen: tuple[SeenStage, ...],
        find: _Finding,
        resumed: Resumed | None,
        say: Callable[[str], None],
        report: Report,
    ) -> None:
        self.store, self.options, self.seen, self.find = store, options, seen, find
        self.resumed, self.say, self.report = resumed, say, report
        self.images: dict[str, int] = {}

    def all(self, cancel: Cancel | None) -> int:
        """Build all stages; return the image of the last one."""
        if len(self.seen) == 1:
            return self._stage(self.seen[0], cancel)
        from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

        stop = Cancel()
        if cancel is not None:
            cancel.on_cancel(stop.set)
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            left = list(self.seen)
            working: dict[Future[int], SeenStage] = {}
            try:
                while left or working:
                    for stage in [one for one in left if self._ready(one)]:
                        left.remove(stage)
                        working[pool.submit(self._stage, stage, stop)] = stage
                    done, _rest = wait(working, return_when=FIRST_EXCEPTION)
                    for future in done:
                        self.images[working.pop(future).stage.name] = future.result()
            except BaseException:
                stop.set()
                raise
            finally:
                if cancel is not None:
                    cancel.forget(stop.set)
        return self.images[self.seen[-1].stage.name]

    def _ready(self, stage: SeenStage) -> bool:
        return all(name in self.images for name in stage.needs)

    def _stage(self, seen: SeenStage, cancel: Cancel | None) -> int:
        base = seen.stage.base
        image = self.images[base.stage] if isinstance(base, FromStage) else seen.base
        assert image is not None  # noqa: S101 - all images have been found
        config: Mapping[str, Any] = seen.config
        for number, step in enumerate(seen.steps, 1):
            if cancel is not None:
                cancel.check()
            where = f"{number}/{len(seen.steps)}"
            if len(self.seen) > 1:
                where = f"{seen.stage.name} {where}"
            image = self._step(step, image, config, where, cancel)
            config = config_after(config, [step.step])
        return image

    def _step(
        self,
        seen: Seen,
        parent: int,
        config: Mapping[str, Any],
        where: str,
        cancel: Cancel | None,
    ) -> int:
        from plashui.recipes.step import Doing, do

        images = self._images(seen)
        why = seen.why if not seen.key else ""
        if seen.image is None:
            seen = seen_on(self.store, seen.step, parent, images, self.options)
        shown = seen.step.shown
        if seen.image is not None:
            self.say(f"[{where}] image {seen.image}: {shown}")
            return seen.image
        if self.resumed and self.resumed[:2] == (parent, seen.key):
            self.say(f"[{where}] image {self.resumed.image}, by hand: {shown}")
            return self.resumed.image
        self.say(f"[{where}] {shown} ({why or seen.why})")
        doing = Doing(*(self.store, seen, parent, config, images), self.report, cancel)
        return do(doing)

    def _images(self, seen: Seen) -> dict[Source, int]:
        return {
            source: self.images[source.stage]
            if isinstance(source, OfStage)
            else self.find(self.store, FromImage(source.word))
            for source in sources_of(seen.step)
        }
