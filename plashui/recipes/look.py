"""Looking at a plan: which of its steps have been done before, and why one has not.

Nothing is built or pulled. A server is asked whether a file of it is still the same
(HEAD), and a repository for its commit. After the first miss of a stage all steps of it
are misses, since a step is known by the image that it is done on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.empty_image import EMPTY_IMAGE
from plashui.recipes import bases, cache
from plashui.recipes.key_parts import parts_of
from plashui.recipes.plan import (
    FromImage,
    FromStage,
    OfImage,
    OfStage,
    Run,
    UnknownContentError,
    config_after,
    stages_needed_by,
)

if TYPE_CHECKING:
    from typing import Any

    from plashui.recipes.plan import Part, Plan, Source, Stage, Step
    from plashui.store.store import Store


class Options(NamedTuple):
    """How a plan is carried out.

    Not `cached`: every step is done anew. `pull`: sources are asked again, though an
    image of them is there. Not `network`: no step has the network. Not `fetch`: no file
    of the web is fetched to know whether it has changed.
    """

    cached: bool = True
    pull: bool = False
    network: bool = True
    fetch: bool = True


class Seen(NamedTuple):
    """A step: the image that it has made, or None and why it has to be done.

    `key` and `parts` are "" and () as long as the image that it is done on is missing.
    """

    step: Step
    image: int | None
    why: str = ""
    key: str = ""
    parts: tuple[Part, ...] = ()


class SeenStage(NamedTuple):
    """A stage that is needed, with the image it begins with and its steps.

    `base` is None if that is not there yet; `needs` are the stages it needs. `config`
    is the `config` object of its base.
    """

    stage: Stage
    base: int | None
    config: Mapping[str, Any]
    steps: tuple[Seen, ...]
    needs: tuple[str, ...]

    @property
    def image(self) -> int | None:
        """The image that the stage makes, if all of its steps have been done."""
        return self.steps[-1].image if self.steps else self.base


if TYPE_CHECKING:
    Find = Callable[[Store, FromImage], int | None]


def look(
    store: Store,
    plan: Plan,
    options: Options | None = None,
    *,
    find: Find = bases.found,
    fetch: bool = False,
) -> tuple[SeenStage, ...]:
    """Return the stages that the last one needs, each after those it needs itself.

    `find` returns the image that a word stands for. `fetch`: files of the web are
    fetched if nothing else tells what is in them.
    """
    options = (options or Options())._replace(fetch=fetch)
    looking = _Looking(store, plan, options, find)
    looking.stage(plan.stages[-1].name)
    return tuple(looking.seen.values())


class _Looking:
    """The stages that have been looked at, by name."""

    def __init__(self, store: Store, plan: Plan, options: Options, find: Find) -> None:
        self.store, self.options, self.find = store, options, find
        self.stages = {stage.name: stage for stage in plan.stages}
        self.seen: dict[str, SeenStage] = {}

    def stage(self, name: str) -> SeenStage:
        if name in self.seen:
            return self.seen[name]
        stage = self.stages[name]
        base, config = self._base(stage)
        steps = stage.steps(config)
        if not self.options.network:
            steps = tuple(_without_network(step) for step in steps)
        needs = stages_needed_by(stage.base, steps)
        for needed in needs:
            self.stage(needed)
        seen = tuple(self._steps(stage, base, steps))
        self.seen[name] = SeenStage(stage, base, config, seen, needs)
        return self.seen[name]

    def _base(self, stage: Stage) -> tuple[int | None, Mapping[str, Any]]:
        if isinstance(stage.base, FromImage):
            try:
                image = self.find(self.store, stage.base)
            except PlashError as error:
                raise stage.at.error(str(error.args[0]), error.remedy) from error
            return image, _ConfigOf(self.store, image)
        if isinstance(stage.base, FromStage):
            below = self.stage(stage.base.stage)
            config = config_after(below.config, (one.step for one in below.steps))
            return below.image, config
        return EMPTY_IMAGE, {}

    def _steps(
        self, stage: Stage, base: int | None, steps: tuple[Step, ...]
    ) -> Iterator[Seen]:
        why = ""
        if base is None:
            why = "what it begins with is not there yet"
            if isinstance(stage.base, FromImage):
                why = f"{stage.base.word} is not there yet"
            elif isinstance(stage.base, FromStage):
                why = f"the stage {stage.base.stage} is to be built"
        image = base
        for step in steps:
            if image is None:
                yield Seen(step, None, why)
            else:
                seen = self._step(step, image)
                image = seen.image
                yield seen
            why = "the step before it is to be done"

    def _step(self, step: Step, parent: int) -> Seen:
        images = self._images(step)
        if images is None:
            return Seen(step, None, "a stage that it copies from is not there yet")
        return seen_on(self.store, step, parent, images, self.options)

    def _images(self, step: Step) -> dict[Source, int] | None:
        """Return the image of each source of a step; None if one is not there."""
        found: dict[Source, int] = {}
        for source in sources_of(step):
            image = None
            if isinstance(source, OfStage):
                image = self.seen[source.stage].image
            elif isinstance(source, OfImage):
                image = self.find(self.store, FromImage(source.word))
            if image is None:
                return None
            found[source] = image
        return found


def sources_of(step: Step) -> list[OfStage | OfImage]:
    """Return the stages and images that a step takes files from."""
    sources = [source for source, _path in getattr(step, "sources", ())]
    sources += [mount.source for mount in getattr(step, "mounts", ())]
    return [one for one in sources if isinstance(one, OfStage | OfImage)]


def seen_on(
    store: Store,
    step: Step,
    parent: int,
    images: Mapping[Source, int],
    options: Options,
) -> Seen:
    """Return whether a step has been done on an image; `images` are its sources'."""
    try:
        parts = parts_of(store, step, images, fetch=options.fetch)
    except UnknownContentError as error:
        return Seen(step, None, str(error.args[0]))
    key = cache.step_key(store, parent, parts)
    if not options.cached:
        return Seen(step, None, "nothing is taken from the cache", key, parts)
    if getattr(step, "always", False):
        return Seen(step, None, "it is never taken from the cache", key, parts)
    image = cache.image_of(store, key)
    if image is not None:
        return Seen(step, image, "", key, parts)
    from plashui.recipes.misses import why_missed  # not for what is cached

    return Seen(step, None, why_missed(store, parent, key, parts), key, parts)


def _without_network(step: Step) -> Step:
    if isinstance(step, Run):
        return step._replace(network=False)
    return step


class _ConfigOf(Mapping[str, "Any"]):
    """The `config` object of an image, read when it is first asked for."""

    def __init__(self, store: Store, image: int | None) -> None:
        self.store, self.image = store, image
        self.read: dict[str, Any] | None = None

    def _config(self) -> dict[str, Any]:
        if self.read is None:
            from plashui.image.config_of import nearest_config
            from plashui.store.oci.oci_nodes import notes_of_chain

            chain = notes_of_chain(self.store, self.image) if self.image else []
            found = nearest_config(notes for _node, notes in chain).get("config")
            self.read = found if isinstance(found, dict) else {}
        return self.read

    def __getitem__(self, key: str) -> Any:
        """Return a value."""
        return self._config()[key]

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        return iter(self._config())

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._config())
