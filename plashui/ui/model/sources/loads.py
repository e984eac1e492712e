"""Bringing an image from each source of the import form into the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from plashui.base.progress import Cancel, Progress, Report
from plashui.store.new_name import NewName
from plashui.store.store import Store
from plashui.ui.model.forms.form import Values
from plashui.ui.model.forms.new_image import new_name
from plashui.ui.model.forms.typed import path_of

if TYPE_CHECKING:
    from typing import BinaryIO

    from plashui.model.platform import Platform
    from plashui.transfer.oci.archive import Archive
    from plashui.transfer.oci.pull import PullName


class Loaded(NamedTuple):
    """The new image and remarks about the import."""

    image: int
    said: tuple[str, ...] = ()


def _pull_name(values: Values, own: str) -> PullName:
    """Return the name from the form, else the image's own."""
    from plashui.transfer.oci.pull import PullName

    chosen = new_name(values)
    return PullName(chosen) if chosen.name else PullName(NewName(own), moves=True)


def from_registry(
    store: Store, values: Values, report: Report, cancel: Cancel
) -> Loaded:
    """Pull an image from a registry."""
    from plashui.settings import config
    from plashui.transfer.imports.from_registry import image_at
    from plashui.transfer.oci.pull import pull

    report(Progress(f"looking at {values['image']}", 0, None, ""))
    settings = config.load().config
    with image_at(values["image"], settings, cancel=cancel) as found:
        own = found.reference.familiar()
        done = pull(
            store,
            found.registry,
            found.plan(store, chosen_platform(values), keep_blobs=settings.keep_blobs),
            origin=own,
            name=_pull_name(values, own),
            report=report,
            cancel=cancel,
            stop=found.stop,
        )
        return Loaded(done.id, (*found.registry.told, *done.remarks()))


def from_docker(store: Store, values: Values, report: Report, cancel: Cancel) -> Loaded:
    """Import an image that docker or podman has."""
    from plashui.transfer.imports.from_docker import saved

    image = values["image"]
    with saved(store, image, report=report, cancel=cancel) as archive:
        return _from_archive(store, archive, "", image, values, report, cancel)


def from_file(store: Store, values: Values, report: Report, cancel: Cancel) -> Loaded:
    """Import an image from a file."""
    from plashui.transfer.imports.file import images_in

    path = path_of(values["file"], "file")
    with images_in(store, path, report=report, cancel=cancel) as archive:
        return _from_file(store, path, archive, path.name, values, report, cancel)


def _from_file(
    store: Store,
    file: Path | BinaryIO,
    archive: Archive | None,
    origin: str,
    values: Values,
    report: Report,
    cancel: Cancel,
) -> Loaded:
    from plashui.transfer.imports.root import import_root

    if archive is not None:
        word = values.get("ref", "")
        return _from_archive(store, archive, word, origin, values, report, cancel)
    name = new_name(values)
    done = import_root(
        store, file, origin=origin, name=name, report=report, cancel=cancel
    )
    return Loaded(done.id, tuple(done.remarks()))


def _from_archive(
    store: Store,
    archive: Archive,
    word: str,
    origin: str,
    values: Values,
    report: Report,
    cancel: Cancel,
) -> Loaded:
    from plashui.transfer.imports.file import find_image
    from plashui.transfer.oci.pull import pull
    from plashui.transfer.registry.reference import familiar

    found = find_image(store, archive, word)
    own = familiar(found.held.full_name())
    done = pull(
        store,
        archive,
        found.plan,
        origin=own or origin,
        name=_pull_name(values, own),
        report=report,
        cancel=cancel,
    )
    return Loaded(done.id, tuple(done.remarks()))


def from_image_server(
    store: Store, values: Values, report: Report, cancel: Cancel
) -> Loaded:
    """Import a release from an image server."""
    from plashui.settings import config
    from plashui.transfer.lxc.choice import choose
    from plashui.transfer.lxc.pull import import_offer
    from plashui.transfer.lxc.server import address, listing

    report(Progress(f"looking for {values['release']}", 0, None, ""))
    found = listing(address(config.load().config), cancel=cancel)
    offer, name = choose(found.offers, values["release"]), new_name(values)
    done = import_offer(
        store, found.server, offer, name=name, report=report, cancel=cancel
    )
    return Loaded(done.id, (*found.said, *done.remarks()))


def chosen_platform(values: Values) -> Platform | None:
    """Return the platform that was typed, None for this machine's."""
    from plashui.model.platform import parse_platform

    typed = values.get("platform", "")
    return parse_platform(typed) if typed else None


def from_url(store: Store, values: Values, report: Report, cancel: Cancel) -> Loaded:
    """Import what a URL has."""
    from plashui.transfer.imports.file import images_of
    from plashui.transfer.web.url import downloaded, origin_of

    url, digest = values["url"], values.get("sha256", "")
    origin = origin_of(url)
    with (
        downloaded(store, url, sha256=digest, report=report, cancel=cancel) as file,
        images_of(store, file, origin, report=report, cancel=cancel) as archive,
    ):
        return _from_file(store, file, archive, origin, values, report, cancel)


def from_directory(
    store: Store, values: Values, report: Report, cancel: Cancel
) -> Loaded:
    """Copy a directory."""
    from plashui.transfer.imports.directory import import_directory

    source, name = path_of(values["directory"], "directory"), new_name(values)
    done = import_directory(store, source, name=name, report=report, cancel=cancel)
    return Loaded(done.image.id, tuple(done.remarks()))
