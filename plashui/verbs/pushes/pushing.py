"""What the verbs that push images of layers have in common: options and the result."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.transfer.oci.way import JOBS, KINDS, Way
from plashui.verbs.pushes.source_date import source_date
from plashui.verbs.shared.output import say

if TYPE_CHECKING:
    import argparse
    from typing import Final

    from plashui.transfer.oci.push import Pushed
    from plashui.verbs.shared.parser import Parser

ABOUT: Final = (
    "Layers that were pulled leave as the same tars, and an image that was not\n"
    "changed with the same id. The same image gives the same bytes every time."
)


def add_options(parser: Parser) -> None:
    """Add the options of all pushes of layers."""
    add_compression(parser)
    parser.add_argument(
        "--annotation",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a note in the manifest",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        choices=range(1, 17),
        default=JOBS,
        help="the layers that are made at once",
    )


def add_compression(parser: Parser) -> None:
    """Add the option that says how layers leave."""
    parser.add_argument(
        "--compression",
        choices=tuple(KINDS),
        default="gzip",
        help="of layers that are not there yet",
    )


def way_of(options: argparse.Namespace) -> Way:
    """Return how layers leave; SOURCE_DATE_EPOCH limits the times of own layers."""
    return Way(options.compression, source_date())


def annotations_of(options: argparse.Namespace) -> dict[str, str]:
    """Return the notes for the manifest."""
    found = {}
    for word in options.annotation:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise PlashError(
                f"{word!r} is not an annotation",
                "For example --annotation org.opencontainers.image.title=web",
            )
        found[key] = value
    return found


def tell(done: Pushed, sentence: str) -> None:
    """Say what could not be pushed, and what was."""
    for line in (*done.said, sentence):
        say(line)
