"""The trees that files are copied from, opened as long as they are needed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.image.mounted_image import open_image
from plashui.model.forest import EMPTY_IMAGE
from plashui.recipes.context import tree as trees
from plashui.recipes.plan import Context, Git, Source, Text, Web

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel, Report
    from plashui.recipes.context.tree import Tree
    from plashui.store.store import Store

_PRIVATE: Final = 0o600
"""The mode of a file that was fetched."""


class Opened:
    """Trees that are open until a stack closes them."""

    def __init__(
        self,
        store: Store,
        images: Mapping[Source, int],
        report: Report,
        cancel: Cancel | None,
        stack: contextlib.ExitStack,
    ) -> None:
        self._store, self._images, self._stack = store, images, stack
        self._report, self._cancel = report, cancel
        self._known: dict[Source, Tree] = {}

    def tree(self, source: Source) -> Tree:
        """Return the tree of a source."""
        if source not in self._known:
            self._known[source] = self._open(source)
        return self._known[source]

    def _open(self, source: Source) -> Tree:
        if isinstance(source, Text):
            return trees.Texts({source.name: source.content})
        if isinstance(source, Context):
            return self._stack.enter_context(opened_directory(source))
        if isinstance(source, Web):
            return self._fetched(source)
        if isinstance(source, Git):
            return self._checked_out(source)
        image = self._images[source]
        if image == EMPTY_IMAGE:
            return trees.Texts({})
        return trees.OfImage(self._stack.enter_context(open_image(self._store, image)))

    def _checked_out(self, source: Git) -> Tree:
        from plashui.recipes.context.repository import checked_out

        found = checked_out(self._store, source, self._cancel)
        return self._stack.enter_context(
            opened_directory(self._stack.enter_context(found))
        )

    def _fetched(self, source: Web) -> Tree:
        from plashui.recipes.context.web import fetched  # speaks with the network

        name = _file_name(source.url)
        file = fetched(self._store, source, self._report, self._cancel)
        self._stack.enter_context(file)
        return trees.Opened(name, file, _PRIVATE)


@contextlib.contextmanager
def opened_directory(source: Context) -> Iterator[trees.Directory]:
    """Open a directory of this machine for the block."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    name = source.directory
    try:
        opened = os.open(Path(name), flags)
    except OSError as error:
        raise PlashError(f"cannot read {clean(name)}: {error.strerror}") from error
    try:
        yield trees.Directory(opened, name, source.ignored)
    finally:
        os.close(opened)


def word_in_tree(source: Source, word: str) -> str:
    """Return the path of a source in its tree, as the words of a COPY say it."""
    if isinstance(source, Text):
        return source.name
    return _file_name(source.url) if isinstance(source, Web) else word


def _file_name(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    name = unquote(urlsplit(url).path).rpartition("/")[2]
    if name in ("", ".", "..") or "\0" in name:
        raise PlashError(
            f"cannot add {clean(url)}: it does not end with the name of a file"
        )
    return name
