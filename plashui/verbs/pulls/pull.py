"""pull: an image from wherever a word leads: a registry, a URL, a file, a directory."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.settings import config
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.table import VERBS, function_at

if TYPE_CHECKING:
    from plashui.transfer.imports.kinds import Meaning


def run(words: list[str]) -> int:
    """Find out what a word means, and pull that; print the id."""
    parser = Parser(
        "pull",
        "An image from a registry, URL, file or directory, whichever WHAT is. If it\n"
        "may be two of them, it is asked; a script has to name the verb. It says\n"
        "which verb that is; the verb itself has options, such as --platform of\n"
        "pull:oci.",
    )
    parser.add_argument("what", metavar="WHAT")
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    from plashui.transfer.imports.kinds import meanings

    found = meanings(options.what, config.load().config.default_registry)
    chosen = found[0] if len(found) == 1 else _ask(options.what, found)
    say(f"{chosen.verb} {chosen.word}")
    named = ["--name", options.name] if options.name else []
    return function_at(VERBS[chosen.verb].run)([*named, "--", chosen.word])


def _ask(word: str, found: Sequence[Meaning]) -> Meaning:
    """Let a person choose."""
    remedy = "Say " + " or ".join(f"`{one.command()}`" for one in found)
    if not sys.stdin.isatty():
        raise PlashError(f"{word!r} can mean several things", remedy)
    lines = [f"{n}) {clean(one.command())}\n" for n, one in enumerate(found, 1)]
    sys.stderr.write("".join([*lines, f"Which one? [1-{len(found)}] "]))
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    if answer not in map(str, range(1, len(found) + 1)):
        raise PlashError("nothing was pulled: none was chosen", remedy)
    return found[int(answer) - 1]
