"""app: what an executable file of an image holds."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.verbs.shared.output import out, print_json
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Final

    from plashui.transfer.onefile.look import Held

_WORDS: Final = {
    "User": "user",
    "WorkingDir": "directory",
    "Root": "files",
    "Network": "network",
    "Prompt": "prompt",
}
_LISTS: Final = {
    "Arg": "argument",
    "Bind": "shares",
    "Set": "sets",
    "Env": "variable",
    "Volume": "volume",
}


def run(words: list[str]) -> int:
    """Print what an app holds."""
    parser = Parser(
        "app",
        "Nothing in FILE is run. The digest is that of the image in it, compared with\n"
        "the one that the file was made with: that tells damage, not a forgery.",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("file", metavar="FILE")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.onefile.look import look_at

    held = look_at(Path(options.file))
    if options.json:
        print_json(_document(held))
    else:
        out("\n".join(_lines(held)))
    return 0


def _document(held: Held) -> dict[str, object]:
    conf: dict[str, list[str]] = {}
    for key, value in held.conf:
        conf.setdefault(key, []).append(value)
    facts = {**held._asdict(), "digest": f"sha256:{held.digest}", "conf": conf}
    del facts["stamp"]
    return {**facts, "whole": held.whole}


def _lines(held: Held) -> list[str]:
    import shlex

    command = [*held.values("Entrypoint"), *held.values("Cmd")]
    state = "" if held.whole else " (WRONG: the file is damaged)"
    facts = [
        ("name", held.name),
        ("image", held.image),
        ("size", f"{size(held.size)}, of which the program is {size(held.offset)}"),
        ("compression", held.compression),
        ("digest", f"sha256:{held.digest}{state}"),
        ("command", shlex.join(command)),
        *((word, held.value(key)) for key, word in _WORDS.items()),
    ]
    for key, word in _LISTS.items():
        facts += [(word, value) for value in held.values(key)]
    return [f"{key:<12} {clean(value)}" for key, value in facts if value]
