"""The contexts of a build: directories of this machine, git repositories, images."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.helper import git
from plashui.recipes.bases import image_word
from plashui.recipes.containerfile.ignoring import ignored_in
from plashui.recipes.context.repository import checked_out, is_repository
from plashui.recipes.context.repository import parsed as parsed_repository
from plashui.recipes.plan import Context, Git, OfImage
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_IMAGE: Final = ("docker-image://", "docker://", "container-image://")


class OpenedContext(NamedTuple):
    """The directory of a context, and the file to build.

    `file` is "" for that in the directory. `within` is the directory out of which no
    file may lead, "" if they are this person's own.
    """

    directory: str
    file: str
    within: str = ""


@contextlib.contextmanager
def opened_context(store: Store, word: str, file: str) -> Iterator[OpenedContext]:
    """Open for the block what a build is given as DIR; `file` is that of -f.

    It is a directory, a git repository (URL#REFERENCE:DIRECTORY), or `-`: nothing but
    a Containerfile, on standard input.
    """
    if word == "-":
        if file not in ("", "-"):
            raise PlashError("the context - is standard input: it goes without -f")
        with workdir(store) as work:
            place = work.path / "nothing"
            place.mkdir()
            yield OpenedContext(str(place), "-")
    elif is_repository(word):
        url, reference, directory = parsed_repository(word)
        if reference.startswith("-"):
            raise PlashError(f"{clean(reference)} is not a branch, a tag or a commit")
        with checked_out(store, Git(url, reference)) as context:
            top = Path(context.directory).resolve()
            place = (top / directory.lstrip("/")).resolve()
            if not (place.is_dir() and place.is_relative_to(top)):
                where = f"{clean(directory)} in {git.shown(url)}"
                raise PlashError(f"there is no directory {where}")
            name = str(place / file) if file not in ("", "-") else file
            yield OpenedContext(str(place), name, str(top))
    elif _URL.match(word):
        raise PlashError(
            f"the context {clean(word)} is not supported",
            "Give a directory, or a git repository (https://….git#BRANCH:DIRECTORY)",
        )
    else:
        yield OpenedContext(word, file)


def named_contexts(
    store: Store, words: Sequence[str]
) -> dict[str, Context | OfImage | Git]:
    """Return what `--build-context NAME=DIR` names, by names in small letters."""
    found: dict[str, Context | OfImage | Git] = {}
    for word in words:
        name, _equals, value = word.partition("=")
        if not name or not value:
            raise PlashError(
                f"--build-context {clean(word)} is not NAME=DIR",
                "An image is NAME=docker-image://IMAGE",
            )
        found[name.lower()] = _named(store, value)
    return found


def _named(store: Store, value: str) -> Context | OfImage | Git:
    for prefix in _IMAGE:
        if value.startswith(prefix):
            return OfImage(image_word(store, value.removeprefix(prefix)))
    if is_repository(value):
        url, reference, directory = parsed_repository(value)
        if directory or reference.startswith("-"):
            raise PlashError(
                f"--build-context {clean(value)} is not supported",
                "Write URL#BRANCH, and the directory in COPY",
            )
        return Git(url, reference)
    if _URL.match(value):
        raise PlashError(
            f"--build-context {clean(value)} is not supported",
            "It is a directory, docker-image://IMAGE, or a git repository",
        )
    place = Path(value)
    if not place.is_dir():
        why = "it is not a directory" if place.exists() else "it is not there"
        raise PlashError(f"--build-context {clean(value)}: {why}")
    return Context(str(place.resolve()), ignored_in(place, None))
