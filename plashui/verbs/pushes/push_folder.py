"""push:folder: a folder of an image, as d-utils has them."""

from __future__ import annotations

from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Make a folder of an image."""
    parser = Parser(
        "push:folder",
        "A folder of the image, for run:folder and d-run: rootfs/ with its files, and\n"
        "config.json, which says how it is run and may be edited. DIR must be new.",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.folder import push_folder

    place = store()
    image = place.resolve(options.image)
    directory = Path(options.directory)
    with Meter() as meter:
        done = push_folder(place, image, directory, report=meter)
    for remark in done.remarks(directory):
        say(remark)
    return 0
