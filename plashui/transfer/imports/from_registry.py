"""Importing images from registries."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.transfer.registry.reference import Reference, parse

if TYPE_CHECKING:
    from plashui.model.platform import Platform
    from plashui.settings.config import Config
    from plashui.store.store import Store
    from plashui.transfer.oci.plan import Plan
    from plashui.transfer.registry.client import Registry


class Remote(NamedTuple):
    """An image in a registry; setting `stop` ends all that is fetched from there."""

    reference: Reference
    registry: Registry
    stop: Cancel

    def plan(
        self,
        store: Store,
        platform: Platform | None = None,
        *,
        keep_blobs: bool = False,
    ) -> Plan:
        """Return what a pull of it takes."""
        from plashui.transfer.oci.plan import plan_pull

        wanted = self.reference.wanted()
        return plan_pull(store, self.registry, wanted, platform, keep_blobs=keep_blobs)


@contextlib.contextmanager
def image_at(
    name: str,
    config: Config,
    *,
    insecure: Collection[str] = (),
    cancel: Cancel | None = None,
) -> Iterator[Remote]:
    """Open the registry of an image's name for the block."""
    reference = parse(name, config.default_registry)
    # Once the name is right.
    from plashui.transfer.registry.client import Registry
    from plashui.transfer.registry.errors import remarked

    stop = Cancel()
    if cancel is not None:
        cancel.on_cancel(stop.set)
    try:
        with (
            Registry(reference, config, insecure=insecure, cancel=stop) as registry,
            remarked(registry.told),
        ):
            yield Remote(reference, registry, stop)
    finally:
        if cancel is not None:
            cancel.forget(stop.set)
