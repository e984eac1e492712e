"""pin: images that a shrink keeps."""

from __future__ import annotations

from plashui.store import marks
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
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
