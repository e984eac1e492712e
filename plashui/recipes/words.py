r"""Macros as words: read from a command line or a file.

A word that begins with `-` and has no blank in it names a macro, the words after it are
its arguments: `--run 'echo a' --apt git`. `-xl` are the macros x and l; the last one
takes the arguments.

In a file each line is a word, and a line that begins with `-` is split at blanks as a
shell does it. Empty lines are skipped, and so are comments (`--# …`) and a first line
`#!…`. `--\ TEXT` is the argument TEXT, which may begin with a dash, and a bare `--\` is
an empty argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.shell_words import split
from plashui.recipes.plan import At

if TYPE_CHECKING:
    from typing import Final

_ESCAPE: Final = "--\\"
_COMMENT: Final = "--#"


class Macro(NamedTuple):
    """A macro with its arguments, and the place of it and of each of them."""

    name: str
    args: tuple[str, ...]
    at: At = At()
    places: tuple[At, ...] = ()

    @property
    def lines(self) -> list[tuple[str, At]]:
        """The arguments with their places."""
        places = self.places or (self.at,) * len(self.args)
        return list(zip(self.args, places, strict=True))


class _Word(NamedTuple):
    """A word; `names` says whether it names a macro."""

    text: str
    names: bool
    at: At


def from_words(words: Iterable[str]) -> list[Macro]:
    """Return the macros of a command line."""
    found = (_word(word, At()) for word in words)
    return _macros(word for word in found if word)


def from_text(text: str, file: str = "") -> list[Macro]:
    """Return the macros of a file; `file` is its name in errors."""
    return _macros(_words_of(text, file))


def _words_of(text: str, file: str) -> Iterator[_Word]:
    for number, line in enumerate(text.split("\n"), 1):
        at = At(file, number)
        line = line.removesuffix("\r")
        if "\0" in line:
            raise at.error("it has a NUL in it, which no program can be given")
        if not line.strip() or (number == 1 and line.startswith("#!")):
            continue
        if not line.startswith("-") or line.startswith((_COMMENT, _ESCAPE)):
            found = _word(line, at)
            if found:
                yield found
            continue
        for word in _split(line, at):
            yield _Word(word, _is_name(word), at)


def _split(line: str, at: At) -> list[str]:
    try:
        return split(line)
    except ValueError as error:
        raise at.error(
            f"cannot split {line!r} into words: {error}",
            "Put each argument on a line of its own",
        ) from None


def _word(word: str, at: At) -> _Word | None:
    """Return a word that is not split; None for a comment."""
    if word.startswith(_COMMENT):
        return None
    if word == _ESCAPE:
        return _Word("", False, at)
    if word.startswith(f"{_ESCAPE} "):
        return _Word(word.removeprefix(f"{_ESCAPE} "), False, at)
    return _Word(word, _is_name(word), at)


def _is_name(word: str) -> bool:
    """Return whether a word names a macro: no name has a blank in it."""
    return word.startswith("-") and len(word) > 1 and len(word.split()) == 1


def _macros(words: Iterable[_Word]) -> list[Macro]:
    found: list[tuple[str, At, list[_Word]]] = []
    for word in words:
        if word.names:
            found += ((name, word.at, []) for name in _names(word.text))
        elif found:
            found[-1][2].append(word)
        else:
            raise word.at.error(
                f"{word.text!r} comes before any macro",
                "A macro begins with a dash: --run, --from",
            )
    return [
        Macro(name, tuple(w.text for w in args), at, tuple(w.at for w in args))
        for name, at, args in found
    ]


def _names(word: str) -> list[str]:
    """Return the names in a word: one of `--name`, several of `-abc`."""
    if word.startswith("--"):
        return [word[2:]]
    return list(word[1:])
