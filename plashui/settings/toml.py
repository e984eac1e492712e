"""TOML beyond what tomllib does, by tomlkit: lines of what stands in it, and writing.

tomlkit takes longer to be imported than a config to be read: only who has a line to
tell, or writes, imports this module.
"""

from __future__ import annotations

from collections.abc import Iterable

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import AoT, InlineTable, Item, Key, Table

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_ERRORS: Final = (TOMLKitError, ValueError, RecursionError)
"""What tomlkit raises, also for numbers that are too long and brackets too deep."""

Path = tuple[str, ...]
"""The keys that lead to a value, from the top: `("keys", "remove")`."""


def line_numbers(source: str) -> dict[Path, int]:
    """The line, counted from 1, on which each table and each value begins.

    None are known of a document that tomlkit cannot read, or puts in another order, as
    it does with tables of one name before and after an array of tables.
    """
    try:
        document = tomlkit.parse(source)
    except _ERRORS:
        return {}
    if document.as_string() != source:
        return {}
    lines = _Lines()
    lines.read((), document.body)
    return lines.found


class _Lines:
    """Goes through a document in the order in which it is written."""

    def __init__(self) -> None:
        self.found: dict[Path, int] = {}
        self._line = 1

    def read(self, above: Path, body: Iterable[tuple[Key | None, Item]]) -> None:
        for key, item in body:
            if key is None:  # a comment, or an empty line
                self._pass(item.as_string())
            elif isinstance(item, AoT):
                for table in item.body:
                    self._table((*above, key.key), table)
            elif isinstance(item, Table):
                self._table((*above, key.key), item, is_dotted=key.is_dotted())
            else:
                self._value((*above, key.key), item)

    def _table(self, path: Path, table: Table, *, is_dotted: bool = False) -> None:
        has_head = not (is_dotted or table.is_super_table())
        if is_dotted or has_head:  # else it is only in the heads of others
            self.found.setdefault(path, self._line)
        if has_head:
            self._pass(table.trivia.indent + table.trivia.trail)
        self.read(path, table.value.body)

    def _value(self, path: Path, item: Item) -> None:
        """Note a value, and all that is inside its braces, by its first line."""
        self.found.setdefault(path, self._line)
        inside: list[tuple[Path, Container]] = []
        if isinstance(item, InlineTable):
            inside.append((path, item.value))
        while inside:
            above, container = inside.pop()
            for key, value in container.body:
                if key is not None:
                    self.found.setdefault((*above, key.key), self._line)
                    if isinstance(value, InlineTable | Table):
                        inside.append(((*above, key.key), value.value))
        self._pass(item.trivia.indent + item.as_string() + item.trivia.trail)

    def _pass(self, text: str) -> None:
        self._line += text.count("\n")


def error_line(source: str) -> int:
    """The line on which a document that is not TOML goes wrong; 0 if none is known."""
    try:
        tomlkit.parse(source)
    except ParseError as error:
        return error.line
    except _ERRORS:
        pass
    return 0


def written(value: object) -> str:
    """A value as TOML: text, numbers, truth, and lists of them, in one line."""
    return _harmless(tomlkit.item(value).as_string())


def written_key(key: str) -> str:
    """A key as TOML, in quotes where it must be."""
    return _harmless(tomlkit.key(key).as_string())


def _harmless(text: str) -> str:
    """The same with what could act on a terminal escaped, which is TOML too."""
    return "".join(char if char.isprintable() else _escaped(ord(char)) for char in text)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
