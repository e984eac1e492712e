"""Reading a definition file: its header, the keys of elements in it, its sections."""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.plan import At

if TYPE_CHECKING:
    from typing import Final

_KEY: Final = re.compile(r"#Elements\.([A-Za-z0-9_-]+)\s*:(.*)")
_SECTION: Final = re.compile(r"%([A-Za-z]+)\b(.*)")
_HEADER: Final = re.compile(r"([A-Za-z]+)\s*:(.*)")


class Said(NamedTuple):
    """A text, and where it is written."""

    at: At
    text: str


class Section(NamedTuple):
    """A section: what stands behind its name, and its lines."""

    at: At
    words: str
    lines: tuple[Said, ...]

    @property
    def text(self) -> str:
        """All its lines."""
        return "".join(f"{line.text}\n" for line in self.lines)


class Definition(NamedTuple):
    """A definition file: `header` and `keys` by their names in lower case."""

    header: dict[str, Said]
    keys: dict[str, Said]
    sections: dict[str, Section]


def read(text: str, name: str) -> Definition:
    """Read a definition file called `name`; raise PlashError for what is none."""
    lines = [
        Said(At(name, number), line.rstrip("\r"))
        for number, line in enumerate(text.split("\n"), 1)
    ]
    first = next(
        (at for at, line in enumerate(lines) if line.text.startswith("%")), len(lines)
    )
    header, keys = _header(lines[:first])
    return Definition(header, keys, _sections(lines[first:]))


def _header(lines: list[Said]) -> tuple[dict[str, Said], dict[str, Said]]:
    header: dict[str, Said] = {}
    keys: dict[str, Said] = {}
    open_: str | None = None  # the key that a backslash continues
    for at, text in lines:
        stripped = text.strip()
        found = _KEY.fullmatch(stripped)
        if found:
            open_ = _keep(keys, found[1].lower(), at, found[2])
        elif open_ is not None and stripped.startswith("#"):
            more = stripped[1:].strip()
            if not more.startswith("#"):  # a comment between the lines of a key
                before = keys[open_]
                open_ = _keep(keys, open_, before.at, f"{before.text} {more}")
        else:
            open_ = None
            if not stripped or stripped.startswith("#"):
                continue
            found = _HEADER.fullmatch(stripped)
            if not found:
                raise at.error(
                    f"this is neither `KEY: VALUE` nor a section: {stripped}"
                )
            if found[1].lower() in header:
                raise at.error(f"{found[1]} is there twice: stages are not supported")
            header[found[1].lower()] = Said(at, found[2].strip())
    return header, keys


def _keep(keys: dict[str, Said], key: str, at: At, text: str) -> str | None:
    """Keep the text of a key; return the key if the next line continues it."""
    text = text.strip()
    goes_on = text.endswith("\\")
    keys[key] = Said(at, text[:-1].rstrip() if goes_on else text)
    return key if goes_on else None


def _sections(lines: list[Said]) -> dict[str, Section]:
    found: dict[str, Section] = {}
    name = ""
    for at, text in lines:
        begins = _SECTION.match(text) if text.startswith("%") else None
        if begins is None:
            section = found[name]
            found[name] = section._replace(lines=(*section.lines, Said(at, text)))
            continue
        name = begins[1].lower()
        if name in found and name != "files":
            raise at.error(f"%{name} is there twice")
        before = found[name].lines if name in found else ()
        found[name] = Section(at, begins[2].strip(), before)
    return found
