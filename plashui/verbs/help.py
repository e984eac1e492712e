"""help, version."""

from __future__ import annotations

from plashui import __version__
from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.verbs.output import out, usage
from plashui.verbs.table import ALIASES, FAMILIES, VERBS

if TYPE_CHECKING:
    from typing import Final

_COLUMN: Final = 32
"""The cells of a usage beside which a sentence still fits in a terminal's 80."""


def help_verb(words: list[str]) -> int:
    """List the verbs by family. (`cli` turns `help VERB` into `VERB --help`.)"""
    if words:
        return page(words[0])
    lines = [
        "plashui            the terminal app: --store PATH|NAME, --read-only, --ascii;",
        "                   with --plain what it shows as sentences",
        "plashui VERB ...   the same, one step at a time (or: plash VERB ...)",
    ]
    for family, verbs in FAMILIES.items():
        lines += ["", family]
        for name, verb in verbs.items():
            line = f"{name} {verb.usage}".rstrip()
            if len(line) > _COLUMN:
                lines.append(f"  {line}")
                line = ""
            lines.append(f"  {line:<{_COLUMN}} {verb.does}")
    lines += ["", "The store is $PLASH_DATA, else ~/.plashdata."]
    lines += ["Wherever an ID is wanted, a name works too."]
    lines += ["`plash help VERB` tells more about one."]
    out("\n".join(lines))
    return 0


def page(word: str) -> int:
    """How one verb is used, from the table; for those that have no parser."""
    name = ALIASES.get(word, word)
    verb = VERBS.get(name)
    if verb is None:
        raise PlashError(f"no verb {word!r}", "`plashui help` lists them")
    usage = f"usage: plash {name} {verb.usage}".rstrip()
    out(f"{usage}\n\n{verb.sentence()}\n\nexample: {verb.command()}")
    return 0


def version_verb(words: list[str]) -> int:
    """Print the version."""
    if words:
        return usage("version")
    out(__version__)
    return 0
