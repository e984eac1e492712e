"""Packages that changed, as `packages` and `diff` print them."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.image.diff import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from plashui.image.packages.changes import PackageChange
    from plashui.image.packages.contents import Weight
    from plashui.image.packages.known import Installed


def signed(count: int) -> str:
    """Format by how many bytes something grew."""
    return size(count) if count <= 0 else f"+{size(count)}"


def package_json(package: Installed | None) -> dict[str, Any] | None:
    """Return a package as JSON."""
    return None if package is None else package._asdict()


def change_json(change: PackageChange) -> dict[str, Any]:
    """Return a change of a package as JSON."""
    return {
        "manager": change.package.manager,
        "name": change.package.name,
        "change": LETTERS[change.letter],
        "growth": change.growth,
        "before": package_json(change.before),
        "after": package_json(change.after),
    }


def leftovers_json(leftovers: dict[str, Weight]) -> dict[str, Any]:
    """Return leftovers by kind as JSON."""
    return {kind: weight._asdict() for kind, weight in leftovers.items()}


def change_line(change: PackageChange) -> str:
    """Format a change of a package: letter, growth, name, versions."""
    before, after = change.before, change.after
    versions = [clean(one.version) for one in (before, after) if one is not None]
    name = clean(change.package.name)
    growth = signed(change.growth)
    return f"{change.letter}  {growth:>8}  {name}  {' -> '.join(versions)}"


def count_of(changes: Sequence[PackageChange]) -> str:
    """Say how many packages changed, and by how many bytes they grew."""
    if not changes:
        return "no package differs"
    letters = [change.letter for change in changes]
    parts = [
        f"{plural(many, 'package')} {LETTERS[letter]}"
        for letter in LETTERS
        if (many := letters.count(letter))
    ]
    return f"{', '.join(parts)}: {signed(sum(c.growth for c in changes))}"


def tell_troubles(troubles: Iterable[str]) -> list[str]:
    """Return what could not be read, for people."""
    return [f"not readable: {one}" for one in troubles]
