"""Values and keys written as TOML.

Strings, numbers, booleans and lists of them are written in TOML as in JSON.
"""

from __future__ import annotations

import json

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_BARE: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
)
"""The characters of keys without quotes."""


def written(value: object) -> str:
    """Format a string, number, boolean or a list of them as TOML in one line."""
    return _harmless(json.dumps(value, ensure_ascii=False))


def written_key(key: str) -> str:
    """Format a key as TOML, quoted if necessary."""
    return key if key and _BARE.issuperset(key) else written(key)


def _harmless(text: str) -> str:
    """Escape what does not print in TOML's own way, so that it is harmless."""
    return "".join(char if char.isprintable() else _escaped(ord(char)) for char in text)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
