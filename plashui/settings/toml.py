"""Line numbers of a TOML document's values, by tomlkit.

Importing tomlkit takes longer than reading a config: callers import this module only
to report a line.
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
"""What tomlkit raises, also for numbers too long and brackets nested too deeply."""

Path = tuple[str, ...]
"""The keys that lead to a value, from the top: `("keys", "remove")`."""


def line_numbers(source: str) -> dict[Path, int]:
    """Return the line, counted from 1, on which each table and each value begins.

    The result is empty if tomlkit cannot read the document or reorders it, which it
    does with tables of one name before and after an array of tables.
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
    """Walks through a document in its order, counting lines."""

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
        if is_dotted or has_head:  # else only headers of other tables name it
            self.found.setdefault(path, self._line)
        if has_head:
            self._pass(table.trivia.indent + table.trivia.trail)
        self.read(path, table.value.body)

    def _value(self, path: Path, item: Item) -> None:
        """Record the first line of a value, also for all values in its braces."""
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
    """Return the line of the syntax error in a document; 0 if it is unknown."""
    try:
        tomlkit.parse(source)
    except ParseError as error:
        return error.line
    except _ERRORS:
        pass
    return 0
