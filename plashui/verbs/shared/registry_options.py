"""Options of the verbs that speak with a registry, or choose one of several images."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.model.platform import parse_platform

if TYPE_CHECKING:
    from plashui.verbs.shared.parser import Parser


def add_platform(parser: Parser) -> None:
    """Add the option for images for several platforms."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH[/VARIANT]",
        type=parse_platform,
        help="of an image for several; default: this machine's",
    )


def add_insecure(parser: Parser) -> None:
    """Add the option for registries without a certificate that can be checked."""
    parser.add_argument(
        "--insecure",
        metavar="HOST",
        action="append",
        default=[],
        help="a host whose certificate is not checked, or that has no https",
    )
