"""How a verb without a parser is used, as the table says."""

from __future__ import annotations

from plashui.verbs.output import out, tell
from plashui.verbs.table import VERBS, synopsis


def tell_usage(name: str, words: list[str]) -> int:
    """Tell how a verb is used to one who asks for it, or used it otherwise.

    Asked by `--help`, print it with what the verb does, and return 0. Else it is a line
    on stderr, and the status is 1.
    """
    usage = f"usage: {synopsis(name)}"
    if words[:1] not in (["--help"], ["-h"]):
        tell(usage)
        return 1
    verb = VERBS[name]
    out(f"{usage}\n\n{verb.sentence()}\n\nexample: {verb.command()}")
    return 0
