"""pull:lxc: an image from an image server, or the list of what it has."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.store.new_name import NewName
from plashui.transfer.lxc import VARIABLE, Offers, offers
from plashui.transfer.url import import_url
from plashui.verbs.current_store import store
from plashui.verbs.meter import Meter
from plashui.verbs.new_image import tell_made
from plashui.verbs.output import out, print_json, say
from plashui.verbs.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(words: list[str]) -> int:
    """Import from an image server and print the id; or list what there is."""
    parser = Parser(
        "pull:lxc",
        "A root filesystem from an image server: images.linuxcontainers.org, or that\n"
        f"of {VARIABLE}. DISTRIBUTION or RELEASE alone will do if that is one\n"
        "image. Without a name, or with --list: what there is, with all of the words\n"
        "in its name.",
    )
    parser.add_argument("wanted", metavar="DISTRIBUTION:RELEASE", nargs="*")
    parser.add_argument("--list", action="store_true", help="list what there is")
    parser.add_argument("--json", action="store_true", help="the list as JSON")
    parser.add_argument("--dry", action="store_true", help="print the URL only")
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    lists = options.list or options.json or not options.wanted
    if not lists and len(options.wanted) > 1:
        parser.error("name one image, or say --list")
    with Meter() as meter:
        found = offers(report=meter)
    if found.told:
        say(found.told)
    if lists:
        return _list(found, options.wanted, as_json=options.json)
    offer = found.find(options.wanted[0])
    if options.dry:
        out(clean(found.url(offer)))
        return 0
    place = store()
    with Meter() as meter:
        done = import_url(
            place,
            found.url(offer),
            sha256=offer.sha256,
            name=NewName(options.name or ""),
            report=meter,
        )
    tell_made(place, done.id, done.remarks())
    return 0


def _list(found: Offers, words: Sequence[str], *, as_json: bool) -> int:
    some = [one for one in found.offers if all(w.lower() in one.name for w in words)]
    if as_json:
        print_json([{"name": o.name, **o._asdict(), "url": found.url(o)} for o in some])
        return 0
    for one in some:
        much = size(one.size) if one.size else ""
        out(f"{clean(one.name):<32}  {clean(one.serial):<16}  {much:>8}")
    return 0
