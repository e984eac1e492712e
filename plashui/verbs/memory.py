"""recall, cache, do, check: what need not be typed, or made, again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from plashui.core import helper, memory
from plashui.core.errors import PlashError
from plashui.core.store import Store
from plashui.verbs.output import captured, out, store, usage
from plashui.verbs.table import ALIASES, VERBS, takes_the_last

Run = Callable[[list[str]], int]
"""Does what the words of a command line say."""

_NOT_KEPT: Final = frozenset({"id", "parent", "check"})
"""Verbs that print an image at once, or look themselves whether it is still right."""

_BEFORE_A_VERB: Final = frozenset({"recall", "cache", "do"})


def recall_verb(words: list[str], run: Run) -> int:
    """Print the session's last image, or do a verb with it and remember its image."""
    if not words:
        out(str(memory.last(store())))
        return 0
    words = _called(words)
    if words[0] in _BEFORE_A_VERB:
        return do_verb(words, run)
    return _remembering(words, run, lambda _place, line: _printed(line, run))


def cache_verb(words: list[str], run: Run) -> int:
    """Do a verb that makes an image, unless the same words have made one."""
    if not words:
        return usage("cache")
    words = _called(words)
    if words[0] in _BEFORE_A_VERB:
        return do_verb(words, run)
    out(_cached(store(), words, run))
    return 0


def do_verb(words: list[str], run: Run) -> int:
    """Both: with the session's last image, remembered, and from the cache."""
    while words and (words := _called(words))[0] in _BEFORE_A_VERB:
        words = words[1:]
    if not words:
        return usage("do")
    return _remembering(words, run, lambda place, line: _cached(place, line, run))


def _called(words: list[str]) -> list[str]:
    """The same words with the verb by its own name."""
    return [ALIASES.get(words[0], words[0]), *words[1:]]


def _remembering(
    words: list[str], run: Run, make: Callable[[Store, list[str]], str]
) -> int:
    """Put the session's image where the verb wants one, and keep the one it prints."""
    place = store()
    line = _with_last(place, words)
    if not _makes(words[0]):
        return run(line)
    image = make(place, line)
    memory.remember(place, int(image))
    out(image)
    return 0


def _makes(verb: str) -> bool:
    return verb in VERBS and VERBS[verb].makes


def _with_last(place: Store, words: list[str]) -> list[str]:
    verb = words[0]
    if verb == "map" and len(words) == 2:
        return [*words, str(memory.last(place))]
    if not takes_the_last(verb):
        return words
    at = _first_operand(words)
    return [*words[:at], str(memory.last(place)), *words[at:]]


def _first_operand(words: Sequence[str], start: int = 1) -> int:
    """Where options end and operands begin."""
    options = VERBS[words[0]].options()
    at = start
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        at += 2 if options.get(words[at]) else 1
    return min(at, len(words))


def _cached(place: Store, words: list[str], run: Run) -> str:
    if words[0] in _NOT_KEPT:
        return _printed(words, run)
    key = memory.key_of([*words, *_depends_on(place, words)])
    image = memory.made(place, key)
    if image is None:
        image = int(_printed(words, run))
        memory.keep(place, key, image)
    return str(image)


def _depends_on(place: Store, words: Sequence[str]) -> list[str]:
    """What words of a verb stand for, where that can change behind their back."""
    if not _makes(words[0]):
        return []
    found: list[str] = []
    at = 1
    for kind in VERBS[words[0]].operands():
        at = _first_operand(words, at)
        word = words[at] if at < len(words) else "-"
        at += 1
        if kind == "FILE":
            found += _state_of(word)
        elif kind == "DIR" and Path(word).is_dir():
            found += [str(Path(word).resolve()), memory.fingerprint(Path(word))]
        elif kind in ("CMD", "..."):
            break
    return found + [str(image) for w in words[1:at] if (image := _named(place, w))]


def _state_of(file: str) -> list[str]:
    """What changes whenever a file does."""
    if file == "-":
        raise PlashError("what standard input holds cannot be cached", "Name the file")
    status = os.stat(file)
    facts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return [str(number) for number in facts]


def _named(place: Store, word: str) -> int | None:
    if not word or "/" in word or word in (".", ".."):
        return None
    return place.get_name(word)


def _printed(words: list[str], run: Run) -> str:
    """The id that a verb prints."""
    if not _makes(words[0]):
        known = words[0] in VERBS
        raise PlashError(
            f"`{words[0]}` makes no image that could be kept"
            if known
            else f"no verb {words[0]!r}",
            "`plash help` lists the verbs",
        )
    if words[0] in ("parent", "id", "stack", "check"):  # the helper's own
        outcome = helper.finish(words)
        if outcome.status:
            raise helper.failure(outcome, words[0])
        return outcome.stdout.decode().strip()
    with captured() as lines:
        status = run(words)
    if status or len(lines) != 1 or not lines[0].isdecimal():
        raise PlashError(f"`{words[0]}` made no image")
    return lines[0]
