"""map: names of images."""

from __future__ import annotations

from plashui.verbs.output import out, store
from plashui.verbs.words import Parser


def map_verb(words: list[str]) -> int:
    """Get, set or delete a name."""
    parser = Parser("map")
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("image", metavar="ID", nargs="?")
    options = parser.parse_args(words)
    place = store()
    if options.image is None:
        image = place.get_name(options.key)
        if image is not None:
            out(str(image))
    elif options.image == "":
        place.delete_name(options.key)
    else:
        place.set_name(options.key, place.resolve(options.image))
    return 0
