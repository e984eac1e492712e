"""What the verbs that speak with registries have in common: an option, the settings."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.settings import config
from plashui.verbs.output import say

if TYPE_CHECKING:
    from plashui.settings.config import Config
    from plashui.verbs.parser import Parser


def add_insecure(parser: Parser) -> None:
    """Add the option for registries without a certificate that can be checked."""
    parser.add_argument(
        "--insecure",
        metavar="HOST",
        action="append",
        default=[],
        help="a host whose certificate is not checked, or that has no https",
    )


def settings() -> Config:
    """Return the person's settings; say what is wrong in their file."""
    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    return loaded.config
