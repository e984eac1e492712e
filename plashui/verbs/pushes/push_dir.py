"""push:dir: a faithful copy of an image."""

from __future__ import annotations

from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Copy an image to a directory."""
    parser = Parser(
        "push:dir",
        "A faithful copy of all that is in the image. DIR must be new, or empty.",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.exports.tree import export_directory

    place = store()
    image = place.resolve(options.image)
    directory = Path(options.directory)
    with Meter() as meter:
        done = export_directory(place, image, directory, report=meter)
    for remark in done.remarks(directory):
        say(remark)
    return 0
