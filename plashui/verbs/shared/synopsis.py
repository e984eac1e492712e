"""The usage of verbs without a parser, from the table."""

from __future__ import annotations

from plashui.verbs.shared.output import out, tell
from plashui.verbs.table import VERBS, synopsis


def tell_usage(name: str, words: list[str]) -> int:
    """Print the usage of a verb; return the exit status.

    For `--help`, print it on stdout with what the verb does, and return 0. Otherwise
    the words are wrong: print it on stderr and return 1.
    """
    usage = f"usage: {synopsis(name)}"
    if words[:1] not in (["--help"], ["-h"]):
        tell(usage)
        return 1
    verb = VERBS[name]
    out(f"{usage}\n\n{verb.sentence()}\n\nexample: {verb.command()}")
    return 0
