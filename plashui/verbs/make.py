"""build: a new image of what a command changes."""

from __future__ import annotations

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
