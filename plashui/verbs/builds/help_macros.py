"""help-macros: the list of macros, or how one is used."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.recipes.macros import compile as _all
from plashui.recipes.macros.table import ALIASES, MACROS
from plashui.verbs.builds.building import refuse_empty
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage

if TYPE_CHECKING:
    from typing import Final

_COLUMN: Final = 32
_NOTES: Final = {
    "run": "Without subordinate ids, APT_CONFIG and a file in /etc/apt/apt.conf.d (as"
    " long as\nthe script runs) tell apt not to become another user.",
}
"""What a macro wants to be said besides."""
_GROUPS: Final = (
    *("what it begins with", "scripts and layers", "packages", "files"),
    *("how it is run", "more macros"),
)


def run(words: list[str]) -> int:
    """List the macros by group, or tell of some."""
    assert _all.MODULES  # noqa: S101 - imported for what it puts in the table
    if words[:1] in (["--help"], ["-h"]):
        return tell_usage("help-macros", words)
    refuse_empty(words)
    for number, word in enumerate(words):
        if number:
            out("")
        _tell(word)
    if not words:
        out("\n\n".join(_group(name) for name in _GROUPS))
        out("\nWords that begin with a dash are macros: plash --from debian --apt git")
        out("`plash help-macros NAME` shows how one is used.")
    return 0


def _group(group: str) -> str:
    lines = [group]
    for name, entry in MACROS.items():
        if entry.group != group:
            continue
        line = f"{_dashed(name)} {entry.usage}".rstrip()
        if len(line) > _COLUMN:
            lines.append(f"  {line}")
            line = ""
        lines.append(f"  {line:<{_COLUMN}} {entry.does}")
    return "\n".join(lines)


def _dashed(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name}"


def _tell(word: str) -> None:
    name = word.lstrip("-")
    name = ALIASES.get(name, name)
    if name not in MACROS:
        raise PlashError(f"no macro {word!r}", "`plash help-macros` lists them")
    entry = MACROS[name]
    out(f"usage: {_dashed(name)} {entry.usage}".rstrip())
    end = "" if entry.does.endswith(".") else "."
    out(f"\n{entry.does[0].upper()}{entry.does[1:]}{end}")
    if name in _NOTES:
        out(f"\n{_NOTES[name]}")
    others = [_dashed(one) for one, of in ALIASES.items() if of == name]
    if others:
        out(f"\nAlso: {', '.join(others)}")
    begins = entry.group == _GROUPS[0] or "--from" in entry.example
    out(f"\nexample: plash build {'' if begins else '--from debian '}{entry.example}")
