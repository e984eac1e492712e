"""Files of a git repository that a build adds."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import git
from plashui.recipes.context.patterns import Ignored
from plashui.recipes.plan import Context, Git
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.helper.git import Fetched
    from plashui.store.store import Store

_REPOSITORY: Final = re.compile(
    r"(git@[^:/\s]+:|git://|ssh://)\S+|https?://[^#?]*\.git/?(#.*)?", re.IGNORECASE
)
_found: Final[dict[Git, Fetched]] = {}
"""The commits that were found for keys, until their files are copied."""


def is_repository(word: str) -> bool:
    """Return whether a word of ADD is a repository, not another file of the web."""
    return bool(_REPOSITORY.fullmatch(word))


def parsed(word: str) -> tuple[str, str, str]:
    """Return the URL, the reference and the directory of `URL#REFERENCE:DIRECTORY`."""
    url, _sign, rest = word.partition("#")
    reference, _colon, directory = rest.partition(":")
    return url, reference, directory


def commit_of(source: Git) -> str:
    """Return the commit whose files are meant; asks the repository for it."""
    found = _found[source] = _checked(
        source, git.commit_of(source.url, source.reference)
    )
    return found.commit


def _checked(source: Git, found: Fetched) -> Fetched:
    if source.commit and found.commit != source.commit:
        url = git.shown(source.url)
        raise PlashError(f"{url} has the commit {found.commit}, not {source.commit}")
    return found


@contextlib.contextmanager
def checked_out(
    store: Store, source: Git, cancel: Cancel | None = None
) -> Iterator[Context]:
    """Fetch the files into a directory of the store, for the block."""
    found = _found.pop(source, None)
    if found is None:
        found = _checked(source, git.commit_of(source.url, source.reference, cancel))
    with workdir(store) as work:
        place = work.path / "files"
        git.check_out(source.url, found, str(place), cancel)
        ignored = None if source.keeps_repository else Ignored(["**/.git"])
        yield Context(str(place), ignored)
