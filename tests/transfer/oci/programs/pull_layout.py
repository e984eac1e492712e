"""Pull an image of a layout slowly, in small pieces, noting each byte that is given.

Arguments: the store, the layout, the tag, how much is not kept, the file of notes, and
perhaps `keep`: blobs are kept, too.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from plashui.store.store import Store
from plashui.transfer.oci import blob
from plashui.transfer.oci.archive import Layout, pick
from plashui.transfer.oci.files import Directory
from plashui.transfer.oci.plan import plan_pull
from plashui.transfer.oci.pull import pull

store, layout, tag, piece, noted, *keep = sys.argv[1:]
blob.FIRST = int(piece)  # type: ignore[misc]
notes = os.open(noted, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


class Slow:
    """A blob that comes slowly."""

    def __init__(self, digest: str, stream: Any) -> None:
        self.digest, self.stream = digest, stream

    def read(self, size: int, /) -> bytes:
        """Return a little."""
        time.sleep(0.002)
        data: bytes = self.stream.read(min(size, 8192))
        os.write(notes, f"{self.digest} {len(data)}\n".encode())
        return data

    def close(self) -> None:
        """Close it."""
        self.stream.close()


class SlowLayout(Layout):
    """A layout whose blobs come slowly."""

    def blob(self, digest: str, size: int, start: int = 0, /) -> Slow:
        """Open a blob."""
        return Slow(digest, super().blob(digest, size, start))


source = SlowLayout(Directory(Path(layout)))
place = Store(store)
wanted = pick(source, tag).reference
plan = plan_pull(place, source, wanted, keep_blobs=bool(keep))
print(pull(place, source, plan, origin=tag).id)
