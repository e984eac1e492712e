"""help: the list of verbs."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage
from plashui.verbs.table import FAMILIES

if TYPE_CHECKING:
    from typing import Final

_COLUMN: Final = 32
"""The longest usage that leaves room for the sentence on a line of 80 cells."""


def run(words: list[str]) -> int:
    """List the verbs by family. (`cli` turns `help VERB` into `VERB --help`.)"""
    if words:
        return tell_usage("help", words)
    lines = [
        "plashui            the terminal app: --store PATH|NAME, --read-only, --ascii;",
        "                   with --plain what it shows as sentences",
        "plashui VERB ...   the same, one step at a time (or: plash VERB ...)",
        "plash --from X ... [-- CMD]",
        "                   build what macros say, and run CMD in it (help-macros)",
        "plash ./FILE ...   build a file of macros, and run it",
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
    lines += ["With PLASH_DEBUG=1 an error also says where in the program it is from."]
    out("\n".join(lines))
    return 0
