"""TYPE_CHECKING and NamedTuple without importing `typing`.

Importing `typing` takes a third of the time in which an empty Python starts, and its
NamedTuple compiles the type of each field. Modules that every verb loads import all
other names of `typing` below `if TYPE_CHECKING`.
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any
    from typing import NamedTuple as NamedTuple
else:

    class _Making(type):
        def __new__(
            cls, name: str, bases: tuple[type, ...], body: dict[str, Any]
        ) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            module = body["__module__"]
            made = namedtuple(name, fields, defaults=defaults, module=module)
            for key, value in body.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Making):
        """A tuple with named fields; `collections.namedtuple` makes each subclass."""
