"""note, pin: what a person says of an image, and that it must stay."""

from __future__ import annotations

from plashui.store import marks
from plashui.verbs.output import out, store
from plashui.verbs.words import Parser, any_text


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


def pin_verb(words: list[str]) -> int:
    """Pin images, unpin them, or list those that are pinned."""
    parser = Parser(
        "pin",
        "Keep images: shrink never takes them, and rm refuses. Without an ID, list\n"
        "the images that are pinned.",
    )
    parser.add_argument("--off", action="store_true", help="no longer")
    parser.add_argument("images", metavar="ID", nargs="*")
    options = parser.parse_args(words)
    place = store()
    if options.off and not options.images:
        parser.error("--off wants an ID")
    change = marks.unpin if options.off else marks.pin
    for image in [place.resolve(word) for word in options.images]:
        change(place, image)
    if not options.images:
        forest = place.read()
        for image in sorted(forest.pinned & forest.images.keys()):
            out(str(image))
    return 0
