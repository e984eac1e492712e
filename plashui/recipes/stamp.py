"""Stamps: the C program finds by them what a build of macros made, without Python.

A stamp is a note `memory/plan-KEY` of an image, as those of the cache, with all that
the build depends on behind it: files by their inodes and times, variables, names of
images. It is written only if that is all.
`helpers/verbs/recalling/recipe_stamp.c` reads it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private, write_small
from plashui.recipes.cache import key_of
from plashui.recipes.plan import FromImage
from plashui.store.ids import born

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.plan import Plan
    from plashui.store.store import Store

_YOUNG: Final = 2
"""Seconds after a change of a file in which another one could leave its times alone."""
_INPUT: Final = frozenset({"--run-stdin", "--eval-stdin"})
"""The words by which the C program knows that the standard input is read."""
_MOST: Final = 1 << 16
_MOST_FILES: Final = 400
"""The most files of a stamp: looking at more takes as long as Python does."""


class Inputs:
    """What a recipe depends on, beside its words.

    Not `known`: something of it cannot be told without doing the macros.
    """

    def __init__(self) -> None:
        self.known = True
        self.files: dict[str, str] = {}
        self.variables: dict[str, str | None] = {}
        self.input: bytes | None = None
        """The digest of the standard input, if that was read."""

    def read_input(self, data: bytes) -> None:
        """Note the standard input, all of it, when it is read."""
        from plashui.base.quick_sha256 import sha256

        if self.input is None:
            self.input = sha256(data).digest()

    def file(self, path: str) -> None:
        """Note a file, or a directory and all in it, as it is now, before it is read.

        A link in a directory is part of that: it cannot change without it.
        """
        left = [path]
        while left and self.known:
            one = left.pop()
            facts = _facts(one)
            if facts is None or len(self.files) == _MOST_FILES:
                self.known = False
                return
            self.files[one] = facts
            try:
                with os.scandir(one) as entries:
                    left += [entry.path for entry in entries if not entry.is_symlink()]
            except NotADirectoryError:
                pass
            except OSError:
                self.known = False

    def variable(self, name: str) -> None:
        """Note a variable of this process's environment."""
        self.variables[name] = os.environ.get(name)


def _facts(path: str) -> str | None:
    """Return what tells whether a file or directory has changed; None: nothing does."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    is_known = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    if not is_known or time.time() - found.st_ctime < _YOUNG:
        return None
    billion = 1_000_000_000
    changed = (divmod(ns, billion) for ns in (found.st_mtime_ns, found.st_ctime_ns))
    times = ":".join(f"{seconds}.{rest:09}" for seconds, rest in changed)
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{times} {path}"


def of_words(
    store: Store, words: Sequence[str], plan: Plan, inputs: Inputs, image: int
) -> None:
    """Write the stamp of a build of words, in the directory of this process."""
    reads = not _INPUT.isdisjoint(words)
    if reads != (inputs.input is not None):
        return  # the words alone do not say whether it is read
    with contextlib.suppress(OSError):
        first: list[str | bytes] = ["words and input" if reads else "words"]
        first.append(os.getcwd())
        key = key_of([*first, *filter(None, [inputs.input]), *words])
        _write(store, key, _entries(store, plan, inputs), image)


def of_file(
    store: Store,
    file: str,
    plan: Plan,
    inputs: Inputs,
    image: int,
    run: Sequence[str],
) -> None:
    """Write the stamp of a build of a file; `run` are entries for its run."""
    if inputs.input is not None:
        return
    with contextlib.suppress(OSError):
        key = key_of(["file", os.path.realpath(file, strict=True)])
        found = _entries(store, plan, inputs)
        _write(store, key, None if found is None else [*found, *run], image)


def _write(store: Store, key: str, entries: Sequence[str] | None, image: int) -> None:
    if entries is None or any("\0" in entry for entry in entries):
        return
    note = f'{{"image": {image}, "born": {born(store, image)}}}'
    text = "".join(f"{entry}\0" for entry in (note, *entries))
    data = text.encode("utf-8", "surrogateescape")
    if len(data) <= _MOST:
        make_private(f"{store.root}/memory")
        write_small(f"{store.root}/memory/plan-{key}", [data], durable=False)


def _entries(store: Store, plan: Plan, inputs: Inputs) -> list[str] | None:
    if not inputs.known:
        return None
    found = [f"file {facts}" for facts in inputs.files.values()]
    for name, value in inputs.variables.items():
        found.append(f"env {name}" if value is None else f"env {name}={value}")
    for stage in plan.stages:
        if isinstance(stage.base, FromImage):
            found += _names(store, stage.base.word)
            settings = _settings(stage.base.word)
            if settings is None:
                return None
            found += settings
    return found


def _settings(word: str) -> list[str] | None:
    """Return the state of the settings, which decide what a word means; None: young."""
    if word.isdecimal():
        return []
    from plashui.settings.config import config_file

    path = config_file()
    if not os.path.lexists(path):
        return [f"gone {path}"]
    facts = _facts(path)
    return [f"file {facts}"] if facts else None


def _names(store: Store, word: str) -> Iterator[str]:
    """Yield whose name a word is, or that it is nobody's: see bases.found."""
    if word.isdecimal():
        return
    for name in dict.fromkeys((word.removeprefix("map:"), word)):
        with contextlib.suppress(PlashError):
            yield f"name {store.get_name(name) or 0} {name}"
