"""slim: the leftovers of an image, or an image without them."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.units import plural, size
from plashui.image.packages.leftovers import KINDS
from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.new_image import print_made
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.package_lines import leftovers_json
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from plashui.image.packages.contents import Weight

_DOES = """\
A new image on ID without leftovers of each KIND; nothing of the image runs, and
removing the new one takes that back. Without KIND: what there is of each.
"""


def run(words: list[str]) -> int:
    """Make an image without some leftovers, or list them."""
    kinds = "".join(f"\n  {kind:<13} {what}" for kind, what in KINDS.items())
    parser = Parser("slim", f"{_DOES}{kinds}")
    parser.add_argument("--name", metavar="NAME", help="of the new image")
    parser.add_argument("--json", action="store_true", help="goes without KIND")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("kinds", metavar="KIND", nargs="*")
    options = parser.parse_args(words)
    if options.name is not None and not options.kinds:
        parser.error("--name is for a new image: say which KIND it is without")
    if options.json and options.kinds:
        parser.error("--json goes without KIND")
    place = store()
    image = place.resolve(options.image)
    if not options.kinds:
        from plashui.image.packages.known import known

        return _list(known(place, image).leftovers, as_json=options.json)
    from plashui.operations import gc
    from plashui.operations.slim import slim

    made = slim(place, image, options.kinds, name=NewName(options.name or ""))
    say(made.sentence())
    print_made(made.id)
    gc.sweep(place)
    return 0


def _list(found: dict[str, Weight], *, as_json: bool) -> int:
    if as_json:
        print_json(leftovers_json(found))
        return 0
    rows = sorted(found.items(), key=lambda one: -one[1].bytes)
    for kind, weight in rows:
        files = plural(weight.files, "file")
        out(f"{size(weight.bytes):>8}  {files:>12}  {kind:<13} {KINDS[kind]}")
    if not rows:
        say("no leftovers")
    return 0
