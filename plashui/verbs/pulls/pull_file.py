"""pull:file: an image from a file: a layout, an archive, a tar, a squashfs."""

from __future__ import annotations

from plashui.verbs.pulls import pulling, pulling_archives
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import an image from a file or directory; print the id."""
    parser = Parser(
        "pull:file",
        "An image from FILE, whatever it holds: an OCI layout (or a directory), what\n"
        "docker save wrote, a root filesystem tar; each also compressed. Besides, an\n"
        "app, which gives back the image it was made of, or a squashfs.\n"
        + pulling.ABOUT,
    )
    parser.add_argument("file", metavar="FILE")
    pulling_archives.add_choice(parser)
    pulling.add_options(parser)
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.imports.file import images_in

    place, path = store(), Path(options.file)
    with Meter() as meter, images_in(place, path, report=meter) as archive:
        meter.clear()
        return pulling_archives.from_file(place, path, archive, options, path.name)
