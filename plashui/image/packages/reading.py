"""Reading the files of a package database within limits."""

from __future__ import annotations

import errno
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel

if TYPE_CHECKING:
    from typing import Final

    from plashui.image.mounted_image import Merged

MOST: Final = 64 << 20
"""The most bytes of one file; of a distribution with all its packages it is half."""
BUDGET: Final = 256 << 20
"""The most bytes of all files of an image's databases."""
_MISSING: Final = (errno.ENOENT, errno.ENOTDIR)


class Files:
    """The files of an image; reading them ends at a budget."""

    def __init__(self, image: Merged, cancel: Cancel | None = None) -> None:
        """Read from this open image."""
        self._image, self.cancel = image, cancel
        self._left = BUDGET

    def read(self, path: str) -> bytes | None:
        """Return a regular file; None if there is no such path.

        Links are followed inside the image. Raises PlashError for anything else.
        """
        if self.cancel is not None:
            self.cancel.check()
        try:
            data = self._read(path, min(MOST, self._left))
        except OSError as error:
            if error.errno in _MISSING:
                return None
            reason = error.strerror or "not permitted"
            raise PlashError(f"cannot read {path}: {reason}") from error
        self._left -= len(data)
        return data

    def _read(self, path: str, most: int) -> bytes:
        try:
            descriptor = self._image.open_file(path)
        except PermissionError:  # only the image's root may read it
            data = self._image.read(path, 0, most + 1)
        else:
            with open(descriptor, "rb") as file:
                large = os.fstat(descriptor).st_size > most
                data = b"" if large else file.read(most + 1)
            if large:
                raise _too_large(path)
        if len(data) > most:
            raise _too_large(path)
        return data

    def text(self, path: str) -> str | None:
        """Return a file as text, in which surrogates stand for other bytes."""
        data = self.read(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def names(self, path: str) -> list[str]:
        """Return the sorted names in a directory; none if it is not there."""
        if not self._image.leads_to_directory(path):
            return []
        return sorted(entry.name for entry in self._image.entries(path))


def _too_large(path: str) -> PlashError:
    return PlashError(f"cannot read {path}: it is too large for a package database")
