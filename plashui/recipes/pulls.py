"""Pulling the image that a build begins with: a way for each kind of source."""

from __future__ import annotations

from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.model.platform import parse_platform
from plashui.recipes import bases
from plashui.recipes.cache import remember
from plashui.transfer.imports.file import find_image, images_in, images_of
from plashui.transfer.imports.root import import_root
from plashui.transfer.oci.pull import pull

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, Final

    from plashui.model.platform import Platform
    from plashui.recipes.plan import FromImage
    from plashui.settings.config import Config
    from plashui.store.store import Store
    from plashui.transfer.oci.archive import Archive


class Pulls(NamedTuple):
    """Pulls into a store. Each takes the word behind the kind, and returns the image.

    `platform` is None for this machine's.
    """

    store: Store
    config: Config
    platform: Platform | None
    report: Report
    cancel: Cancel | None

    def lxc(self, word: str) -> int:
        """Import from the image server, as pull:lxc."""
        from plashui.transfer.lxc.choice import choose
        from plashui.transfer.lxc.pull import import_offer
        from plashui.transfer.lxc.server import address, listing

        place = listing(address(self.config))
        offer = choose(place.offers, word)
        return import_offer(
            self.store, place.server, offer, report=self.report, cancel=self.cancel
        ).id

    def oci(self, word: str) -> int:
        """Pull from a registry, as pull:oci."""
        from plashui.transfer.imports.from_registry import image_at

        with image_at(word, self.config, cancel=self.cancel) as remote:
            keep = self.config.keep_blobs
            return pull(
                self.store,
                remote.registry,
                remote.plan(self.store, self.platform, keep_blobs=keep),
                origin=remote.reference.familiar(),
                report=self.report,
                cancel=self.cancel,
                stop=remote.stop,
            ).id

    def docker(self, word: str) -> int:
        """Import from the docker or podman of this machine, as pull:docker."""
        from plashui.transfer.imports.from_docker import saved

        with saved(self.store, word, report=self.report, cancel=self.cancel) as archive:
            return self._from_archive(archive, word)

    def url(self, word: str) -> int:
        """Import a file of the web, as pull:url."""
        from plashui.transfer.web.url import downloaded, origin_of

        origin = origin_of(word)
        with (
            downloaded(
                self.store, word, report=self.report, cancel=self.cancel
            ) as file,
            images_of(
                self.store, file, origin, report=self.report, cancel=self.cancel
            ) as archive,
        ):
            return self._from_file(file, archive, origin)

    def file(self, word: str) -> int:
        """Import a file or an OCI layout, as pull:file."""
        path = Path(word)
        with images_in(
            self.store, path, report=self.report, cancel=self.cancel
        ) as archive:
            return self._from_file(path, archive, path.name)

    def dir(self, word: str) -> int:
        """Copy a directory, as pull:dir."""
        from plashui.transfer.imports.directory import import_directory

        done = import_directory(
            self.store, Path(word), report=self.report, cancel=self.cancel
        )
        return done.image.id

    def _from_file(
        self, file: Path | BinaryIO, archive: Archive | None, origin: str
    ) -> int:
        """Import an archive; without one the file is the tar of a root filesystem."""
        if archive is not None:
            return self._from_archive(archive, origin)
        return import_root(
            self.store, file, origin=origin, report=self.report, cancel=self.cancel
        ).id

    def _from_archive(self, archive: Archive, origin: str) -> int:
        plan = find_image(self.store, archive, "", self.platform).plan
        return pull(
            self.store,
            archive,
            plan,
            origin=origin,
            report=self.report,
            cancel=self.cancel,
        ).id


PULLS: Final[dict[str, Callable[[Pulls, str], int]]] = {
    "lxc": Pulls.lxc,
    "oci": Pulls.oci,
    "docker": Pulls.docker,
    "url": Pulls.url,
    "file": Pulls.file,
    "dir": Pulls.dir,
}
"""The kinds of `bases.KINDS`."""


def pulled(
    store: Store,
    base: FromImage,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Pull what a word stands for; return the image.

    Of several sources the first one counts that has it. Raises PlashError with what
    each of them says if none has.
    """
    config = bases.settings()
    platform = parse_platform(base.platform) if base.platform else None
    pulls = Pulls(store, config, platform, report, cancel)
    troubles: list[PlashError] = []
    for source in bases.sources(base.word, config):
        kind, _colon, word = source.partition(":")
        try:
            image = PULLS[kind](pulls, word)
        except PlashError as error:
            if cancel is not None and cancel.is_set():
                raise
            troubles.append(error)
            continue
        remember(store, bases.source_key(source, base.platform), image)
        return image
    if len(troubles) == 1:
        raise troubles[0]
    told = "; ".join(str(error.args[0]) for error in troubles)
    raise PlashError(
        f"no image {base.word!r}: {told}", "`plash ls` lists those that are there"
    )
