"""pull:file: an image from a file: a layout, a docker archive or a tar."""

from __future__ import annotations

from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.store.new_name import NewName
from plashui.transfer.file import find_image, images_in
from plashui.transfer.registry.reference import familiar
from plashui.transfer.tarball import import_tar
from plashui.verbs import pulling
from plashui.verbs.current_store import store
from plashui.verbs.meter import Meter
from plashui.verbs.new_image import tell_made
from plashui.verbs.parser import Parser

if TYPE_CHECKING:
    import argparse

    from plashui.store.store import Store


def run(words: list[str]) -> int:
    """Import an image from a file or directory; print the id."""
    parser = Parser(
        "pull:file",
        "An image from FILE, whatever it holds: an OCI layout (or a directory), what\n"
        "docker save wrote, a root filesystem tar; each also compressed.\n"
        + pulling.ABOUT,
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--ref", metavar="REF", help="the image, if there are several")
    pulling.add_platform(parser)
    pulling.add_options(parser)
    options = parser.parse_args(words)
    place, path = store(), Path(options.file)
    with Meter() as meter, images_in(place, path, report=meter) as archive:
        if archive is None:
            return _root(place, path, options)
        found = find_image(place, archive, options.ref or "", options.platform)
        meter.clear()
        own = familiar(found.held.full_name())
        return pulling.pull_and_tell(
            place,
            archive,
            found.plan,
            options,
            origin=own or path.name,
            name=pulling.name_from(options, own),
        )


def _root(place: Store, path: Path, options: argparse.Namespace) -> int:
    """Import the tar of a root filesystem."""
    for option, given in (
        ("--ref", options.ref),
        ("--platform", options.platform),
        ("--dry-run", options.dry_run),
    ):
        if given:
            raise PlashError(
                f"{path} may be the tar of a root filesystem, for which there is no"
                f" {option}"
            )
    with Meter() as meter:
        name = NewName(options.name or "")
        done = import_tar(place, path, name=name, report=meter)
    tell_made(place, done.id, done.remarks())
    return 0
