"""pull:lxc: an image from an image server of lxc and incus; or what there is."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size
from plashui.settings import config
from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plashui.transfer.lxc.offers import Offer
    from plashui.transfer.lxc.server import Listing


def run(words: list[str]) -> int:
    """Import an image of an image server; print the id. Or list what it has."""
    parser = Parser(
        "pull:lxc",
        "The newest image of a release from an image server, for this machine:\n"
        "DISTRO:RELEASE[:VARIANT], or a release alone if one distribution has it.\n"
        "Without one, what there is. A download that was cut off goes on with the\n"
        "next call. PLASHUI_LXC_SERVER, or lxc-server of the settings, is the server.",
    )
    parser.add_argument("words", metavar="DISTRO:RELEASE", nargs="*")
    parser.add_argument(
        *("--dry", "--dry-run"),
        action="store_true",
        help="print its URL, and its size on stderr",
    )
    parser.add_argument("--name", metavar="NAME", help="of the new image")
    parser.add_argument(
        "--list",
        action="store_true",
        help="list what there is with all of the words in its name",
    )
    parser.add_argument("--json", action="store_true", help="the list, as JSON")
    options = parser.parse_args(words)
    lists = options.list or options.json or not options.words
    if len(options.words) > 1 and not lists:
        raise PlashError("one image at a time", "`--list WORD ...` finds one")
    from plashui.transfer.lxc.choice import choose
    from plashui.transfer.lxc.pull import import_offer
    from plashui.transfer.lxc.server import address, listing
    from plashui.transfer.web.requests import shown

    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    name = NewName(options.name or "")
    if not lists:
        name.check(store())
    found = listing(address(loaded.config))
    for remark in found.said:
        say(remark)
    if lists:
        return _list(found, options.words, options.json)
    offer = choose(found.offers, options.words[0])
    if options.dry:
        out(shown(offer.url(found.server)))
        if offer.size:
            say(size(offer.size))
        return 0
    place = store()
    with Meter() as meter:
        done = import_offer(place, found.server, offer, name=name, report=meter)
    tell_made(place, done.id, done.remarks())
    return 0


def _list(found: Listing, words: Sequence[str], json: bool) -> int:
    """Print the offers with all of these words; return 1 if there are none."""
    from plashui.transfer.lxc.choice import matching

    offers = matching(found.offers, words)
    if json:
        print_json([_as_json(found.server, offer) for offer in offers])
    elif offers:
        width = max(len(offer.name) for offer in offers)
        for offer in offers:
            how_much = size(offer.size) if offer.size else ""
            line = f"{offer.name:<{width}}  {_day(offer.serial):<10}  {how_much:>8}"
            out(line.rstrip())
    return 0 if offers else 1


def _day(serial: str) -> str:
    """Return the day in a serial such as 20260820_07:42, which is a time as a rule."""
    day = serial[:8]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day.isdecimal() else serial


def _as_json(server: str, offer: Offer) -> dict[str, object]:
    from plashui.transfer.web.requests import shown

    return {
        "name": offer.name,
        "distribution": offer.distribution,
        "release": offer.release,
        "variant": offer.variant,
        "serial": offer.serial,
        "url": shown(offer.url(server)),
        "sha256": offer.sha256 or None,
        "size": offer.size or None,
    }
