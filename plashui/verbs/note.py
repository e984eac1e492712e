"""note: the note that a person wrote of an image."""

from __future__ import annotations

from plashui.store import marks
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out
from plashui.verbs.shared.parser import Parser, any_text


def run(words: list[str]) -> int:
    """Print, write or delete the note of an image."""
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
