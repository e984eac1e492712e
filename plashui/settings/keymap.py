"""Keys as the config spells them, and the keys that each action gets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

TAKEN: Final = {
    **dict.fromkeys(("up", "k"), "moves up"),
    **dict.fromkeys(("down", "j"), "moves down"),
    **dict.fromkeys(("pageup", "ctrl+b"), "moves up a screen"),
    **dict.fromkeys(("pagedown", "ctrl+f"), "moves down a screen"),
    "ctrl+u": "moves up half a screen",
    "ctrl+d": "moves down half a screen",
    "shift+up": "marks upwards",
    "shift+down": "marks downwards",
    **dict.fromkeys(("home", "g"), "moves to the first row"),
    **dict.fromkeys(("end", "G"), "moves to the last row"),
    **dict.fromkeys(("left", "h"), "closes a branch"),
    **dict.fromkeys(("right", "l"), "opens a branch"),
    **dict.fromkeys("123456789", "opens a tab"),
    "ctrl+p": "lists all commands",
    "ctrl+q": "quits",
    "ctrl+c": "says how to quit",
    "ctrl+z": "stops the app",
}
"""Keys that actions cannot have, and what they do."""

_EDITING: Final = ("enter", "space", "tab", "escape", "backspace", "delete", "insert")
_MOVING: Final = ("home", "end", "pageup", "pagedown", "up", "down", "left", "right")
_FUNCTION: Final = tuple(f"f{number}" for number in range(1, 25))
_NAMED: Final = frozenset((*_EDITING, *_MOVING, *_FUNCTION))
_ALIASES: Final = {"esc": "escape", "return": "enter", "del": "delete", " ": "space"}
_MODIFIERS: Final = ("ctrl", "alt", "shift")

# Textual's names of these characters differ from their Unicode names.
_SIGNS: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}


class Clash(NamedTuple):
    """An action that cannot have the key it was given: the reason and the remedy."""

    action: str
    sentence: str
    remedy: str


def key_name(word: str) -> str | None:
    """Return Textual's name of a key (slash for `/`, f5 for `F5`), None if unknown."""
    if len(word) == 1 and word.isprintable() and word != " ":
        return word if word.isalnum() else _sign(word)
    *modifiers, key = word.split("+") if word else [""]
    key = _ALIASES.get(key.lower(), key.lower())
    known = key in _NAMED or (len(key) == 1 and key.isalnum()) or _is_sign(key)
    if not known or len(set(modifiers)) < len(modifiers):
        return None
    if not {name.lower() for name in modifiers} <= set(_MODIFIERS):
        return None
    prefix = [name for name in _MODIFIERS if name in map(str.lower, modifiers)]
    return "+".join([*prefix, key])


def _sign(char: str) -> str:
    name = re.sub("[- ]", "_", unicodedata.name(char, "").lower())
    return _SIGNS.get(name, name)


def _is_sign(name: str) -> bool:
    return any(_sign(chr(code)) == name for code in range(0x21, 0x7F))


def assigned(
    defaults: Mapping[str, str], wanted: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], list[Clash]]:
    """Return the keys of each action, joined by commas: defaults changed by `wanted`.

    An action with an empty list has no key but stays in the palette. If two actions
    would have one key, or an action a key in TAKEN, return the defaults
    and the clashes.
    """
    clashes: list[Clash] = []
    keys = {action: default.split(",") for action, default in defaults.items()}
    for action, words in wanted.items():
        if action not in defaults:
            clashes.append(_no_action(action, defaults))
            continue
        names = [(word, key_name(word)) for word in words]
        clashes += [
            Clash(
                action,
                f"{word!r} is not a key",
                "For example x, F6, ctrl+e, / or space",
            )
            for word, name in names
            if name is None
        ]
        keys[action] = [name for _word, name in names if name is not None]
    owner: dict[str, str] = {}
    # Defaults come first: a clash is reported for the action in the config.
    for action in sorted(keys, key=lambda name: name in wanted):
        for key in keys[action]:
            if key in TAKEN:
                clashes.append(
                    Clash(action, f"the key {key} {TAKEN[key]}", "Choose another")
                )
            elif owner.setdefault(key, action) != action:
                other = owner[key]
                clashes.append(
                    Clash(
                        action,
                        f"the key {key} also belongs to {other!r}",
                        "Choose another key for one of them",
                    )
                )
    chosen = {action: ",".join(names) for action, names in keys.items()}
    return (dict(defaults) if clashes else chosen), clashes


def _no_action(action: str, defaults: Mapping[str, str]) -> Clash:
    import difflib

    close = difflib.get_close_matches(action, defaults, 1)
    if close:
        remedy = f"Did you mean {close[0]!r}?"
    else:
        remedy = "`plashui config` lists all actions"
    return Clash(action, f"unknown action {action!r}", remedy)
