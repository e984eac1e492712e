"""recall, cache, do, check: what need not be typed, or made, again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from plashui.core import build, helper, memory
from plashui.core.errors import PlashError
from plashui.core.store import Store
from plashui.verbs.output import captured, out, store
from plashui.verbs.words import Parser

Run = Callable[[list[str]], int]
"""Does what the words of a command line say."""

_TAKES: Final = frozenset(
    {
        *("run", "run:persist", "mounted", "mount", "chroot", "nodepath", "parent"),
        *("build", "stack", "rm", "pin", "show", "check", "push:dir", "push:tarfile"),
        *("diff", "history", "squash"),
    }
)
"""Verbs whose first operand is an image."""

_MAKES: Final = frozenset({"build", "stack", "squash", "check", "parent", "id"})
"""Verbs that print an image's id, as all `pull:` verbs do."""

_WITH_VALUE: Final = frozenset({"-v", "-u", "-e", "-w", "--hostname", "--onto"})
"""Options of `run` and `squash` that have a word of their own."""


def recall_verb(words: list[str], run: Run) -> int:
    """Print the session's last image, or do a verb with it and remember its image."""
    if not words:
        out(str(memory.last(store())))
        return 0
    if words[0] in ("cache", "cached"):
        return do_verb(words[1:], run)
    return _remembering(words, run, lambda _place, line: _printed(line, run))


def cache_verb(words: list[str], run: Run) -> int:
    """Do a verb that makes an image, unless the same words have made one."""
    if words and words[0] == "recall":
        return do_verb(words[1:], run)
    if not words:
        raise PlashError("which verb?", "As in `plash cache build 7 make`")
    out(_cached(store(), words, run))
    return 0


def do_verb(words: list[str], run: Run) -> int:
    """Both: with the session's last image, remembered, and from the cache."""
    if not words:
        raise PlashError("which verb?", "As in `plash do build make`")
    return _remembering(words, run, lambda place, line: _cached(place, line, run))


def check_verb(words: list[str]) -> int:
    """Print a child of an image that is another one once a file has changed."""
    parser = Parser(
        "check",
        "A child of ID which is another one once PATH (a file, or a directory with\n"
        "all in it) has changed. What is built on it is made anew only then.",
        "plash cache build $(plash check 7 requirements.txt) pip install ...",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("path", metavar="PATH", type=Path)
    options = parser.parse_args(words)
    place = store()
    parent = place.resolve(options.image)
    where = str(options.path.resolve())
    key = memory.key_of(["check", str(parent), where, memory.fingerprint(options.path)])
    image = memory.made(place, key)
    if image is None:
        with place.workdir() as work:
            (work.path / "data").mkdir(mode=0o755)
            image = build.commit(place, parent, work, f"check {where}")
        memory.keep(place, key, image)
    out(str(image))
    return 0


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
    return verb in _MAKES or verb.startswith(("pull:", "import-"))


def _with_last(place: Store, words: list[str]) -> list[str]:
    verb = words[0]
    if verb == "map" and len(words) == 2:
        return [*words, str(memory.last(place))]
    if verb not in _TAKES:
        return words
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        at += 2 if words[at] in _WITH_VALUE else 1
    return [*words[:at], str(memory.last(place)), *words[at:]]


def _cached(place: Store, words: list[str], run: Run) -> str:
    key = memory.key_of(_depends_on(place, words))
    image = memory.made(place, key)
    if image is None:
        image = int(_printed(words, run))
        memory.keep(place, key, image)
    return str(image)


def _depends_on(place: Store, words: Sequence[str]) -> list[str]:
    """The words, and what they stand for where that can change behind their back."""
    verb = words[0]
    found = list(words)
    if verb in _TAKES:
        found += [str(image) for w in words[1:] if (image := _named(place, w))]
    if verb in ("pull:tarfile", "import-tar"):
        if len(words) < 2 or words[1] == "-":
            raise PlashError(
                "what standard input holds cannot be cached", "Name the file"
            )
        status = os.stat(words[1])
        found += [str(n) for n in (status.st_ino, status.st_size, status.st_mtime_ns)]
    if verb == "pull:dir" and len(words) > 1:
        found.append(memory.fingerprint(Path(words[-1])))
    return found


def _named(place: Store, word: str) -> int | None:
    if not word or "/" in word or "\0" in word or word in (".", ".."):
        return None
    return place.get_name(word)


def _printed(words: list[str], run: Run) -> str:
    """The id that a verb prints."""
    if not _makes(words[0]):
        raise PlashError(
            f"`{words[0]}` makes no image that could be kept",
            "`plash help` lists the verbs that do",
        )
    if words[0] in ("parent", "id"):  # the helper's own
        outcome = helper.finish(words)
        if outcome.status:
            raise helper.failure(outcome, words[0])
        return outcome.stdout.decode().strip()
    with captured() as lines:
        status = run(words)
    if status or len(lines) != 1 or not lines[0].isdecimal():
        raise PlashError(f"`{words[0]}` made no image")
    return lines[0]
