"""Pushing images to registries."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.store.oci import blob_numbers, oci_nodes
from plashui.transfer.oci.way import JOBS, Way
from plashui.transfer.registry.reference import Reference, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from plashui.settings.config import Config
    from plashui.store.oci.blob_numbers import Numbers
    from plashui.store.store import Store
    from plashui.transfer.oci.push import Pushed
    from plashui.transfer.registry.upload import Uploads

    Write = Callable[[bytes], object]


_SOURCES: Final = 4
"""The repositories that are asked for each layer."""


class Repository:
    """The target of a push that is a registry.

    `sources` are other repositories there that may have the layers.
    """

    def __init__(self, uploads: Uploads, tag: str, sources: Collection[str]) -> None:
        self._uploads, self._tag, self._sources = uploads, tag, sources
        self.repository = _repository(uploads.reference)

    def has(self, blob: Numbers) -> bool:
        """Return whether a blob is there, also since another repository has it."""
        if self._uploads.size_of(blob.digest) == blob.size:
            return True
        return any(self._uploads.mount(blob.digest, one) for one in self._sources)

    def send(
        self, _number: int, make: Callable[[Write], object], _known: Numbers | None
    ) -> tuple[str, int]:
        """Send what `make` writes."""
        sent = self._uploads.blob(make)
        return sent.digest, sent.size

    def document(self, raw: bytes) -> None:
        """Send the config."""
        self._uploads.blob_of(raw)

    def finish(self, raw: bytes, media_type: str) -> None:
        """Send the manifest, which gives the image its tag."""
        self._uploads.manifest(self._tag, raw, media_type)

    def stop(self) -> None:
        """End what other threads are sending."""
        self._uploads.stop()


class Destination(NamedTuple):
    """A name in a registry, to push to."""

    reference: Reference
    uploads: Uploads

    def push(
        self,
        store: Store,
        image: int,
        *,
        way: Way | None = None,
        annotations: Mapping[str, str] | None = None,
        jobs: int = JOBS,
        report: Report = silent,
        cancel: Cancel | None = None,
    ) -> Pushed:
        """Push an image to the name."""
        name = self.reference
        if not name.tag:
            raise PlashError(
                f"cannot push to {name}: a digest is what a push results in",
                f"Name a tag: {name._replace(digest='', tag='latest')}",
            )
        from plashui.transfer.oci.outgoing import outgoing
        from plashui.transfer.oci.push import push

        leaving = outgoing(store, image, way or Way())
        sources = _sources(store, leaving.layers, image, name)
        return push(
            leaving,
            Repository(self.uploads, name.tag, sources),
            what=f"pushing to {name.familiar()}",
            annotations=annotations,
            jobs=jobs,
            report=report,
            cancel=cancel,
        )


@contextlib.contextmanager
def destination_at(
    name: str,
    config: Config,
    *,
    insecure: Collection[str] = (),
    cancel: Cancel | None = None,
) -> Iterator[Destination]:
    """Open the registry of a name for the block."""
    reference = parse(name, config.default_registry)
    # Once the name is right.
    from plashui.transfer.registry.errors import remarked
    from plashui.transfer.registry.upload import Uploads

    with (
        Uploads(reference, config, insecure=insecure, cancel=cancel) as uploads,
        remarked(uploads.told),
    ):
        yield Destination(reference, uploads)


def _sources(
    store: Store, layers: Collection[int], image: int, name: Reference
) -> list[str]:
    """Return the paths of other repositories there that may have some of the layers.

    Images of the chain were pulled from there, or layers pushed to there.
    """
    found: dict[str, None] = {}
    for one in dict.fromkeys((*layers, image)):
        for word in (
            oci_nodes.reference(store, one),
            *blob_numbers.repositories(store, one),
        ):
            with contextlib.suppress(PlashError):
                other = parse(word)
                if other.host == name.host and other.path != name.path:
                    found[other.path] = None
    return list(found)[:_SOURCES]


def _repository(name: Reference) -> str:
    return f"{name.host}/{name.path}"
