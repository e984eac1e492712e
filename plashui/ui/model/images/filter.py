"""The language of the filter: words that an image must all match.

A plain word is looked for in names, origin, note and id. The other words ask for a
size, an age or a state; WORDS lists all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.units import parse_size, parse_span
from plashui.model.forest import Forest, Image
from plashui.store.activity import Facts

WORDS: Final = (
    ("git", "part of a name, the origin or a note, or the id; quote blanks"),
    (">500M <10k", "own layer bigger, smaller than that"),
    ("sub>1G sub<1G", "the same for the whole subtree"),
    ("age>30d age<2w", "created longer ago, more recently"),
    ("last-used>30d last-used<2w", "last used longer ago (or never), more recently"),
    ("is:running is:never-used", "has running processes; was never used"),
    ("is:pinned is:named", "pinned, so that shrink keeps it; has a name"),
    ("is:leaf", "no image is built on it"),
    (
        "os:debian",
        "of that distribution, or so called if no distribution is known",
    ),
)
"""The words with their meaning, for the help."""

HINT: Final = (
    ">500M  sub>1G  age>30d  last-used<2w  is:running|never-used|pinned|named|leaf"
    "  os:arch"
)

Test = Callable[[Forest, Facts, Image], bool]
"""Say whether an image of a forest matches."""


class Filter(NamedTuple):
    """A parsed filter: all tests must hold. `trouble` says what was not understood.

    `by_size` means that counting layers may change the matches, `by_system` that
    finding distributions may. `words` are the plain ones, in small letters.
    """

    tests: tuple[Test, ...] = ()
    trouble: str = ""
    by_size: bool = False
    by_system: bool = False
    words: tuple[str, ...] = ()


def parse(text: str) -> Filter:
    """Parse a filter; words that are not understood are reported and ignored."""
    tests: list[Test] = []
    troubles: list[str] = []
    by_size = by_system = False
    words: list[str] = []
    for word, quoted in split(text):
        try:
            tests.append(_plain(word) if quoted else _test(word))
            if quoted or not set(word) & set(":<>"):
                words.append(word.casefold())
            by_size |= not quoted and word.lower().startswith((">", "<", "sub"))
            by_system |= not quoted and word.lower().startswith("os:")
        except PlashError as error:
            troubles.append(str(error))
    trouble = "; ".join(troubles)
    return Filter(tuple(tests), trouble, by_size, by_system, tuple(words))


def matching(
    forest: Forest, wanted: Filter | str, facts: Facts | None = None
) -> set[int]:
    """Return the ids of the images that match."""
    tests = (parse(wanted) if isinstance(wanted, str) else wanted).tests
    told = facts or Facts(0.0)
    found = list(forest.images.values())
    for test in tests:
        found = [image for image in found if test(forest, told, image)]
    return {image.id for image in found}


def split(text: str) -> list[tuple[str, bool]]:
    """Split into words, each with whether it was quoted; a quote may stay open."""
    words: list[tuple[str, bool]] = []
    for at, piece in enumerate(text.split('"')):
        if at % 2:
            words += [(piece, True)] if piece else []
        else:
            words += [(word, False) for word in piece.split()]
    return words


def _test(word: str) -> Test:
    """Return the test for one word; PlashError if it cannot be understood."""
    key, colon, value = word.partition(":")
    if colon and key.lower() == "is":
        return _state(value.lower())
    if colon and key.lower() == "os":
        return _system(value)
    for sign in "><":
        key, found, value = word.partition(sign)
        if found and key.lower() == "used":
            raise PlashError(f"{key}{sign} is not a word", f"Say last-used{sign}")
        if found and key.lower() in _AMOUNTS:
            return _amount(key.lower(), sign == ">", value)
    return _plain(word)


def _plain(word: str) -> Test:
    wanted = word.casefold()
    number = int(word) if word.isascii() and word.isdecimal() else None

    def test(_forest: Forest, facts: Facts, image: Image) -> bool:
        return (
            image.id == number
            or wanted in facts.notes.get(image.id, "").casefold()
            or wanted in image.origin.casefold()
            or any(wanted in name.casefold() for name in image.names)
        )

    return test


def _amount(key: str, more: bool, value: str) -> Test:
    if not value:
        of = "a size, e.g. 500M" if key in ("", "sub") else "a time, e.g. 30d"
        raise PlashError(f"{key}{'>' if more else '<'} needs {of}")
    limit = parse_size(value) if key in ("", "sub") else parse_span(value)
    measure = _AMOUNTS[key]

    def test(forest: Forest, facts: Facts, image: Image) -> bool:
        amount = measure(forest, facts, image)
        return amount is not None and (amount > limit if more else amount < limit)

    return test


def _own(_forest: Forest, _facts: Facts, image: Image) -> float | None:
    return image.own.allocated if image.own else None


def _subtree(forest: Forest, _facts: Facts, image: Image) -> float | None:
    return forest.subtree(image.id).bytes


def _age(_forest: Forest, facts: Facts, image: Image) -> float | None:
    return None if image.created is None else facts.now - image.created


def _unused(_forest: Forest, facts: Facts, image: Image) -> float | None:
    """Return the seconds since the last use; infinite if never used."""
    if image.id in facts.in_use:
        return 0.0
    return facts.now - facts.used.get(image.id, float("-inf"))


_AMOUNTS: Final = {"": _own, "sub": _subtree, "age": _age, "last-used": _unused}


_STATES: Final[dict[str, Test]] = {
    "running": lambda _forest, facts, image: image.id in facts.in_use,
    "never-used": lambda _forest, facts, image: (
        image.id not in facts.in_use and image.id not in facts.used
    ),
    "pinned": lambda forest, _facts, image: image.id in forest.pinned,
    "named": lambda _forest, _facts, image: bool(image.names),
    "leaf": lambda _forest, _facts, image: not image.children,
}

_RENAMED: Final = {
    "used": "running",
    "unused": "never-used",
}


def _state(state: str) -> Test:
    if state not in _STATES:
        known = ", ".join(_STATES)
        remedy = f"Say is:{_RENAMED[state]}" if state in _RENAMED else ""
        raise PlashError(f"is:{state} is not a state (known: {known})", remedy)
    return _STATES[state]


def _system(word: str) -> Test:
    """Match the distribution of the chain, else the names in the chain."""
    if not word:
        raise PlashError("os: needs a word, e.g. os:debian")
    wanted, plain = word.casefold(), _plain(word)
    known: dict[int, tuple[str, bool]] = {}
    of: tuple[Forest, Facts] | None = None

    def test(forest: Forest, facts: Facts, image: Image) -> bool:
        nonlocal of
        if of is None or of[0] is not forest or of[1] is not facts:
            of = (forest, facts)
            known.clear()
        way: list[Image] = []
        at: Image | None = image
        while at is not None and at.id not in known:
            way.append(at)
            at = forest.images.get(at.parent)
        system, called = known[at.id] if at is not None else ("", False)
        for node in reversed(way):
            system = facts.systems.get(node.id) or system
            called = called or plain(forest, facts, node)
            known[node.id] = (system, called)
        return wanted in system.casefold() if system else called

    return test
