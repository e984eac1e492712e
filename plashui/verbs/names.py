"""map, note: what a person calls an image, and says of it."""

from __future__ import annotations

from plashui.core import marks
from plashui.verbs.output import out, store
from plashui.verbs.words import Parser, any_text


def map_verb(words: list[str]) -> int:
    """Get, set or delete a name."""
    parser = Parser("map")
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("image", metavar="ID", nargs="?", type=any_text)
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


def note_verb(words: list[str]) -> int:
    """Print, write or take away the note of an image."""
    parser = Parser("note")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("text", metavar="TEXT", nargs="?", type=any_text)
    options = parser.parse_args(words)
    place = store()
    image = place.resolve(options.image)
    if options.text is not None:
        marks.write_note(place, image, options.text)
    elif text := marks.note_of(place, image):
        out(text)
    return 0
