"""pull:dir: an image from a copy of a directory."""

from __future__ import annotations

from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import a copy of a directory; print the id."""
    parser = Parser(
        "pull:dir",
        "An image from a copy of DIR, which stays. What is mounted in it is left out.\n"
        "As a plain user: your files, and other users', become root's; those of your\n"
        "subordinate ids keep the number they have inside.",
    )
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.imports.directory import import_directory

    place = store()
    with Meter() as meter:
        name = NewName(options.name or "")
        source = Path(options.directory)
        done = import_directory(place, source, name=name, report=meter)
    tell_made(place, done.image.id, done.remarks())
    return 0
