"""Reading one file of an image in pieces, of any size."""

from __future__ import annotations

import os
import posixpath
from types import TracebackType

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import calls
from plashui.helper.listing import Entry
from plashui.image.mounted_image import Merged, open_image
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

_LINKS: Final = 40  # the kernel's limit


class Content:
    """An open regular file of an image; links are followed within the image.

    The image can be removed while the file is open. After that, only files that the
    user's own id may read are still readable.
    """

    def __init__(self, store: Store, image: int, path: str) -> None:
        """Open the file; raise PlashError if it is missing or not a regular file."""
        self._store, self.image, self.path = store, image, path
        self._descriptor = -1
        with open_image(store, image) as merged:
            try:
                self._descriptor = merged.open_file(path)
                self.size = os.fstat(self._descriptor).st_size
            except PermissionError:
                self.size = _hidden(merged, path).size
            except OSError as error:
                raise PlashError(
                    f"cannot read {path} in image {image}: {error.strerror}"
                ) from error

    def __enter__(self) -> Content:
        """Return the open file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; harmless if it is closed."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def read(self, offset: int, length: int, *, cancel: Cancel | None = None) -> bytes:
        """Return `length` bytes from `offset`; fewer only at the end of the file."""
        found = bytearray()
        length = min(length, max(0, self.size - offset))
        if not length:
            return b""
        if self._descriptor < 0:
            calls.read_file(
                self._store.path,
                self.image,
                self.path,
                found.extend,
                offset=offset,
                length=length,
                cancel=cancel,
            )
            return bytes(found)
        try:
            while len(found) < length:
                left = length - len(found)
                piece = os.pread(self._descriptor, left, offset + len(found))
                if not piece:
                    break
                found += piece
        except OSError as error:
            raise PlashError(
                f"cannot read {self.path} in image {self.image}: {error.strerror}"
            ) from error
        return bytes(found)


def _hidden(image: Merged, path: str) -> Entry:
    """Follow links to a regular file that only the image's root may read."""
    for _step in range(_LINKS):
        entry = image.entry(path)
        if entry.kind == "-":
            return entry
        if entry.kind != "l":
            raise PlashError(f"cannot read {path}: it is not a regular file")
        path = posixpath.join("/", posixpath.dirname(path), entry.target)
        path = posixpath.normpath(path)
    raise PlashError(f"cannot read {path}: too many links")
