"""pull:url: an image from a file on a web server."""

from __future__ import annotations

from plashui.store.new_name import NewName
from plashui.verbs.pulls import pulling, pulling_archives
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import what is at a URL; print the id."""
    parser = Parser(
        "pull:url",
        "An image from a file on a web server, or of a file: URL, whatever it holds\n"
        "(see pull:file). One without a scheme is of http. A download that was cut\n"
        "off goes on with the next call. Proxies: http_proxy, https_proxy, no_proxy.",
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--sha256", metavar="HEX", help="the digest of the file")
    pulling_archives.add_choice(parser)
    pulling.add_options(parser, price=False)
    options = parser.parse_args(words)
    from plashui.transfer.web.url import downloaded, origin_of

    place, origin = store(), origin_of(options.url)
    NewName(options.name or "").check(place)
    sha256 = options.sha256 or ""
    with (
        Meter() as meter,
        downloaded(place, options.url, sha256=sha256, report=meter) as file,
    ):
        from plashui.transfer.imports.file import images_of

        with images_of(place, file, origin, report=meter) as archive:
            meter.clear()
            return pulling_archives.from_file(place, file, archive, options, origin)
