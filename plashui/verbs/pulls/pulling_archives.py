"""What the verbs that pull images from archives have in common: options, result.

An archive is a file, or what docker or podman saves.
"""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.new_name import NewName
from plashui.verbs.pulls import pulling
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.registry_options import add_platform

if TYPE_CHECKING:
    import argparse
    from pathlib import Path
    from typing import BinaryIO

    from plashui.model.platform import Platform
    from plashui.store.store import Store
    from plashui.transfer.oci.archive import Archive
    from plashui.verbs.shared.parser import Parser


def add_choice(parser: Parser) -> None:
    """Add the options that choose an image of a file."""
    parser.add_argument("--ref", metavar="REF", help="the image, if there are several")
    add_platform(parser)


def from_file(
    place: Store,
    file: Path | BinaryIO,
    archive: Archive | None,
    options: argparse.Namespace,
    origin: str,
) -> int:
    """Import an image from an archive in a file; without one it is a root's tar."""
    if archive is None:
        return _from_root(place, file, options, origin)
    return _from_archive(
        place, archive, options, origin, options.ref or "", options.platform
    )


def _from_archive(
    place: Store,
    archive: Archive,
    options: argparse.Namespace,
    origin: str,
    ref: str = "",
    platform: Platform | None = None,
) -> int:
    """Import one of the images in an archive; `origin` is for one without a name."""
    from plashui.transfer.imports.file import find_image
    from plashui.transfer.registry.reference import familiar

    found = find_image(place, archive, ref, platform)
    own = familiar(found.held.full_name())
    return pulling.pull_and_tell(
        place,
        archive,
        found.plan,
        options,
        origin=own or origin,
        name=pulling.name_from(options, own),
    )


def _from_root(
    place: Store, file: Path | BinaryIO, options: argparse.Namespace, origin: str
) -> int:
    """Import the tar of a root filesystem."""
    for option, given in (
        ("--ref", options.ref),
        ("--platform", options.platform),
        ("--dry-run", options.dry_run),
    ):
        if given:
            raise PlashError(
                f"{origin} may be the tar of a root filesystem, for which there is no"
                f" {option}"
            )
    from plashui.transfer.imports.root import import_root

    with Meter() as meter:
        name = NewName(options.name or "")
        done = import_root(place, file, origin=origin, name=name, report=meter)
    tell_made(place, done.id, done.remarks())
    return 0


def from_command(parser: Parser, words: list[str], command: str = "") -> int:
    """Import an image that docker or podman has."""
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument(
        "--pull", action="store_true", help="look for a newer image first"
    )
    pulling.add_options(parser)
    options = parser.parse_args(words)
    from plashui.transfer.imports.from_docker import saved

    place = store()
    with (
        Meter() as meter,
        saved(
            place,
            options.image,
            command=command,
            refresh=options.pull,
            may_fetch=not options.dry_run,
            report=meter,
        ) as archive,
    ):
        return _from_archive(place, archive, options, options.image)
