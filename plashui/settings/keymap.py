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

    An action with an empty list has no key but stays in the palette. An action keeps
    its defaults if one of its keys is not a key, is in TAKEN or belongs to another
    action; that is told as a clash. All others are as wanted.
    """
    clashes: list[Clash] = []
    keys = {action: default.split(",") for action, default in defaults.items()}
    owner: dict[str, str] = {}
    for action, names in keys.items():
        for key in [] if action in wanted else [*names]:
            if key and owner.setdefault(key, action) != action:  # a command's own
                clashes.append(_belongs(action, key, owner[key]))
                names.remove(key)
    robbed: list[str] = []
    for action, words in wanted.items():
        if action not in defaults:
            clashes.append(_no_action(action, defaults))
            continue
        found = [clash for word in words if (clash := _clash(action, word, owner))]
        if found:
            clashes += found
            robbed.append(action)
        else:
            keys[action] = [key_name(word) or "" for word in words]
            owner.update(dict.fromkeys(keys[action], action))
    for action in robbed:
        free = [
            k for k in defaults[action].split(",") if owner.get(k, action) == action
        ]
        keys[action] = free
        owner.update(dict.fromkeys(free, action))
    return {action: ",".join(names) for action, names in keys.items()}, clashes


def _clash(action: str, word: str, owner: Mapping[str, str]) -> Clash | None:
    """Return why an action cannot have a key; `owner` are those of the others."""
    key = key_name(word)
    if key is None:
        remedy = "For example x, F6, ctrl+e, / or space"
        return Clash(action, f"{word!r} is not a key", remedy)
    if key in TAKEN:
        return Clash(action, f"the key {key} {TAKEN[key]}", "Choose another")
    other = owner.get(key, action)
    if other != action:
        return _belongs(action, key, other)
    return None


def _belongs(action: str, key: str, other: str) -> Clash:
    sentence = f"the key {key} also belongs to {other!r}"
    return Clash(action, sentence, "Choose another key for one of them")


def _no_action(action: str, defaults: Mapping[str, str]) -> Clash:
    import difflib

    close = difflib.get_close_matches(action, defaults, 1)
    if close:
        remedy = f"Did you mean {close[0]!r}?"
    else:
        remedy = "`plash config` lists all actions"
    return Clash(action, f"unknown action {action!r}", remedy)
