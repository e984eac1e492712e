"""pull:url: an image from a tar on a web server."""

from __future__ import annotations

from plashui.store.new_name import NewName
from plashui.transfer.url import import_url
from plashui.verbs.current_store import store
from plashui.verbs.meter import Meter
from plashui.verbs.new_image import tell_made
from plashui.verbs.parser import Parser


def run(words: list[str]) -> int:
    """Import a tar from a web server; print the id."""
    parser = Parser(
        "pull:url",
        "An image from a root filesystem tar on a web server, or of a file: URL. One\n"
        "without a scheme is of http. A download that was cut off goes on with the\n"
        "next call. Proxies: http_proxy, https_proxy, no_proxy.",
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--sha256", metavar="HEX")
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    place = store()
    with Meter() as meter:
        done = import_url(
            place,
            options.url,
            sha256=options.sha256 or "",
            name=NewName(options.name or ""),
            report=meter,
        )
    tell_made(place, done.id, done.remarks())
    return 0
