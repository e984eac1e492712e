"""What a registry says of a reference that is typed: its price, or the tags there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import some
from plashui.store.store import Store
from plashui.ui.model.forms.form import Look, Looked

if TYPE_CHECKING:
    from plashui.model.platform import Platform
    from plashui.transfer.imports.from_registry import Remote

_OFFERED: Final = 300
"""Most references that are offered: each is parsed while a form opens."""

_SHOWN: Final = 60
"""Characters of tags that are shown."""


def look_up(store: Store, typed: str, platform: str = "") -> Look | None:
    """Return how to look up a reference, None if it is none.

    `platform` is for an image for several, '' for this machine's. A reference that
    ends with `:` asks for the tags of the repository.
    """
    from plashui.model.platform import parse_platform
    from plashui.transfer.registry.reference import parse

    try:
        parse(typed.removesuffix(":"))
        wanted = parse_platform(platform) if platform else None
    except PlashError:
        return None
    what = f"{typed} for {wanted}" if wanted else typed
    return Look(
        what,
        lambda cancel: _looked(store, typed, wanted, cancel),
        "layers, config and what refers to it",
    )


def _looked(
    store: Store, typed: str, platform: Platform | None, cancel: Cancel
) -> Iterator[Looked]:
    """Ask the registry; PlashError if there is no such image, or it does not fit.

    The price comes first, and what refers to the image when it is known.
    """
    from plashui.settings import config
    from plashui.transfer.imports.from_registry import image_at
    from plashui.transfer.imports.remote_image import RemoteImage, look_into
    from plashui.transfer.registry.errors import NotFound

    name = typed.removesuffix(":")
    settings = config.load().config
    with image_at(name, settings, cancel=cancel) as found:
        if typed.endswith(":"):
            yield _tags(found, typed)
            return
        try:
            plan = found.plan(store, platform, keep_blobs=settings.keep_blobs)
        except NotFound as error:
            yield _instead(found, typed, error)
            return
        plan.check_room(store)
        told = [f"{key} {value}" for key, value in plan.lines()]
        price = (" · ".join(told[:2]), " · ".join(told[2:]))  # no line is too long
        offers = {"platform": plan.image.platforms}
        lines = (*price, *found.registry.told, *plan.remarks())
        price_only = RemoteImage(found.reference.familiar(), plan)
        yield Looked(lines, offers, tuple(price_only.lines()))
        yield Looked(lines, offers, tuple(look_into(found, plan).lines()))


def _instead(found: Remote, typed: str, missing: PlashError) -> Looked:
    """Describe what there is instead of a missing image; raises `missing` if nothing.

    Not every registry tells its tags.
    """
    if found.reference.digest:
        raise missing
    try:
        tags = _tags(found, typed)
    except PlashError:
        raise missing from None
    return Looked((str(missing), *tags.lines), tags.offers)


def _tags(found: Remote, typed: str) -> Looked:
    """Describe the tags that begin as the typed one does, all if none does."""
    repository = typed.removesuffix(f":{found.reference.tag}").removesuffix(":")
    start = typed[len(repository) + 1 :]
    tags = sorted(found.registry.tags())
    near = [tag for tag in tags if tag.startswith(start)] or tags
    line = f"tags: {some(near, _SHOWN)}" if near else "there are no tags"
    return Looked((line,), {"image": tuple(f"{repository}:{tag}" for tag in near)})


def known_references(origins: Iterable[str]) -> tuple[str, ...]:
    """Return the references among what images were made of, and the known registries.

    The order of the origins is kept; each comes once, and not more than a few hundred.
    """
    from plashui.settings import config
    from plashui.transfer.registry.reference import parse

    references: dict[str, None] = {}
    for origin in origins:
        # One without a tag may be the name of a file.
        if ":" not in origin or origin in references:
            continue
        with suppress(PlashError):
            parse(origin)
            references[origin] = None
        if len(references) == _OFFERED:
            break
    hosts = config.load().config.registries
    return (*references, *(f"{host}/" for host in hosts))
