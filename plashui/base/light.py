"""TYPE_CHECKING and NamedTuple without importing `typing`.

Importing `typing` takes a third of the time in which an empty Python starts, and its
NamedTuple compiles the constructor of each class and the type of each field. Modules
that every verb loads import all other names of `typing` below `if TYPE_CHECKING`.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    class _Fields(tuple):
        """What all named tuples can do."""

        __slots__ = ()

        def __repr__(self) -> str:
            pairs = zip(self._fields, self, strict=True)
            fields = ", ".join(f"{name}={value!r}" for name, value in pairs)
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        @classmethod
        def _make(cls, values: map[object]) -> _Fields:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{len(made)} values for {cls._fields}")
            return made

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes: object) -> _Fields:
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"no fields: {', '.join(changes)}")
            return made

    class _Making(type):
        def __new__(
            cls, name: str, bases: tuple[type, ...], body: dict[str, object]
        ) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            if fields[len(fields) - len(defaults) :] != tuple(defaults):
                raise TypeError(f"{name}: a field without a default is after one")

            def compiled_now(cls: type, *values: object, **named: object) -> _Fields:
                # Most classes that are imported make no object.
                new = _constructor(fields, defaults)
                made.__new__ = staticmethod(new)
                return new(cls, *values, **named)

            getters = {
                field: _tuplegetter(at, field) for at, field in enumerate(fields)
            }
            own = {
                "_fields": fields,
                "_field_defaults": defaults,
                "__match_args__": fields,
                "__slots__": (),
                "__new__": compiled_now,
            }
            made = type(name, (_Fields,), {**body, **own, **getters})
            return made

    def _constructor(fields: tuple[str, ...], defaults: dict[str, object]) -> object:
        words = "".join(f"{field}, " for field in fields)
        text = f"lambda cls, {words}: make(cls, ({words}))"
        new = eval(text, {"make": tuple.__new__})  # noqa: S307 - names of fields
        new.__name__ = new.__qualname__ = "__new__"
        new.__defaults__ = tuple(defaults.values())
        return new

    class NamedTuple(metaclass=_Making):
        """A tuple with named fields, as that of `typing`."""
