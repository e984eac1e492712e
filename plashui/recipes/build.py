"""Building: a plan carried out, stages that do not need each other side by side.

A step that has been done before is taken from the cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes import bases
from plashui.recipes.look import Options, Seen, SeenStage, look, seen_on, sources_of
from plashui.recipes.plan import FromImage, FromStage, OfStage, config_after
from plashui.recipes.watch import Told, Watch, shown_name

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any, Final

    from plashui.base.progress import Cancel, Report
    from plashui.recipes.plan import Plan, Source
    from plashui.recipes.step import StepFailed
    from plashui.store.store import Store


_AT_ONCE: Final = 2
"""The stages that are built at the same time."""


class Resumed(NamedTuple):
    """An image that stands for a step that failed: a person has set it right."""

    parent: int
    key: str
    image: int


def resumed_by(failed: StepFailed, image: int) -> Resumed:
    """Return what stands for a step that failed: an image made by hand."""
    return Resumed(failed.parent, failed.doing.seen.key, image)


def build(
    store: Store,
    plan: Plan,
    options: Options | None = None,
    *,
    resumed: Sequence[Resumed] = (),
    watch: Watch | None = None,
    cancel: Cancel | None = None,
) -> int:
    """Carry out a plan; return the image of its last stage.

    `resumed` stand for steps that have failed before. `watch` hears of each step; of
    none if all of them have been done before. Raises StepFailed if a command fails.
    """
    options, watch = options or Options(), watch or Watch()
    store.create()
    found = _Finding(options, watch.pull, cancel)
    seen = look(store, plan, options, find=found, fetch=True)
    watch.planned(seen)
    image = seen[-1].image
    if image is not None:
        return image
    return _Building(store, options, seen, found, resumed, watch).all(cancel)


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
                from plashui.recipes.pulls import pulled  # not for images of the store

                image = pulled(store, base, report=self.report, cancel=self.cancel)
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
        resumed: Sequence[Resumed],
        watch: Watch,
    ) -> None:
        self.store, self.options, self.seen, self.find = store, options, seen, find
        self.resumed = {(one.parent, one.key): one.image for one in resumed}
        self.watch = watch
        self.images: dict[str, int] = {}

    def all(self, cancel: Cancel | None) -> int:
        """Build all stages; return the image of the last one."""
        if len(self.seen) == 1:
            return self._stage(self.seen[0], cancel)
        from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

        from plashui.base.progress import Cancel

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
        just_seen = len(self.seen) == 1  # nothing has been done since
        for number, step in enumerate(seen.steps, 1):
            if cancel is not None:
                cancel.check()
            name = shown_name(seen.stage) if len(self.seen) > 1 else ""
            told = Told(name, number, len(seen.steps), step.step.shown, "begun")
            again = step.image is None and not (just_seen and step.key)
            just_seen = just_seen and step.image is not None
            image = self._step(step, image, config, told, cancel, again=again)
            config = config_after(config, [step.step])
        return image

    def _step(
        self,
        seen: Seen,
        parent: int,
        config: Mapping[str, Any],
        told: Told,
        cancel: Cancel | None,
        *,
        again: bool,
    ) -> int:
        """Do a step, or find its image; look `again` whether it has been done."""
        from plashui.recipes.step import Doing, StepFailed, do

        images = self._images(seen)
        why = seen.why if not seen.key else ""
        if again:
            seen = seen_on(self.store, seen.step, parent, images, self.options)
        if seen.image is not None:
            self.watch.step(told._replace(state="cached", image=seen.image))
            return seen.image
        if (parent, seen.key) in self.resumed:
            image = self.resumed[parent, seen.key]
            self.watch.step(told._replace(state="by hand", image=image))
            return image
        told = told._replace(why=why or seen.why)
        self.watch.step(told)
        report = partial(self.watch.output, told)
        try:
            image = do(Doing(self.store, seen, parent, config, images, report, cancel))
        except StepFailed as failed:
            from plashui.operations.build import ended

            self.watch.step(told._replace(state="failed", why=ended(failed.status)))
            raise
        self.watch.step(told._replace(state="made", image=image))
        return image

    def _images(self, seen: Seen) -> dict[Source, int]:
        return {
            source: self.images[source.stage]
            if isinstance(source, OfStage)
            else self.find(self.store, FromImage(source.word))
            for source in sources_of(seen.step)
        }
