"""An image that is not in the store, pulled into a store of its own for a look."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.image.diff import ImageIn
from plashui.recipes.bases import KINDS
from plashui.store.store import Store
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from plashui.settings.config import Config


def is_elsewhere(store: Store, word: str) -> bool:
    """Return whether a word names a source, as `oci:debian:12`, and no image here."""
    kind, colon, _rest = word.partition(":")
    if not colon or kind not in KINDS:
        return False
    try:
        return store.get_name(word) is None
    except PlashError:  # such as file:./x.tar, which cannot be a name
        return True


@contextlib.contextmanager
def pulled_aside(
    store: Store,
    word: str,
    config: Config,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Iterator[ImageIn]:
    """Pull the image of a source for the block; it is never in the store.

    Its own store is a work directory of this one: if this process is killed, the next
    sweep removes it.
    """
    from plashui.recipes.pulls import PULLS, Pulls  # loads what speaks with registries

    kind, _colon, rest = word.partition(":")
    with workdir(store) as work:
        aside = Store(work.path / "store", lasts=False)
        aside.create()
        pulls = Pulls(aside, config, None, report, cancel)
        yield ImageIn(aside, PULLS[kind](pulls, rest))
