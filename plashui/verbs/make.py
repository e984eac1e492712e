"""build, stack: new images of what is in the store."""

from __future__ import annotations

from pathlib import Path

from plashui.core import build, trash
from plashui.verbs.output import out, store
from plashui.verbs.words import Parser


def build_verb(words: list[str]) -> int:
    """Run a command; print the id of the image its changes make."""
    if not words or words[0] in ("-h", "--help"):
        parser = Parser("build")
        parser.add_argument("image", metavar="ID")
        parser.add_argument("command", metavar="CMD", nargs="*")
        parser.parse_args(words)
    place = store()
    image = build.build(place, place.resolve(words[0]), words[1:])
    out(str(image))
    trash.sweep(place)
    return 0


def stack_verb(words: list[str]) -> int:
    """Make a directory a layer; print the new id."""
    parser = Parser("stack")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR", type=Path)
    options = parser.parse_args(words)
    place = store()
    place.create()
    parent = 0 if options.image == "0" else place.resolve(options.image)
    out(str(build.stack(place, parent, options.directory)))
    return 0
