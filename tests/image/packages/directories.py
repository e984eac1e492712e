"""Directories read as if they were images, and databases made in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plashui.helper.calls import Mounted
from plashui.image.mounted_image import Merged
from plashui.image.packages.databases import Databases, read_databases
from plashui.image.packages.reading import Files


@contextlib.contextmanager
def opened(root: Path) -> Iterator[Merged]:
    """A directory as an open image of this user's own ids."""
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY)
    ids = [(0, 0, 1 << 32)]
    try:
        yield Merged(root, 1, Mounted(descriptor, descriptor, (), ids, ids))
    finally:
        os.close(descriptor)


def found_in(root: Path) -> Databases:
    """What the databases in a directory say."""
    with opened(root) as image:
        return read_databases(image)


@contextlib.contextmanager
def files_of(root: Path) -> Iterator[Files]:
    """The files of a directory, as the databases are read."""
    with opened(root) as image:
        yield Files(image)


def written(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, given by path, into a directory."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return root
