"""push:tarfile: an image as a tar."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Write an image as a tar."""
    parser = Parser(
        "push:tarfile",
        "A tar of the image, compressed as FILE ends: .tar .tar.gz .tgz .tar.xz\n"
        ".tar.zst .tar.bz2. No FILE, or -, is standard output. A file of that name is\n"
        "replaced once the new one is whole.",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.exports.tree import export_tar

    place = store()
    image = place.resolve(options.image)
    if options.file != "-":
        with Meter() as meter:
            export_tar(place, image, Path(options.file), report=meter)
        return 0
    if os.isatty(1):
        raise PlashError("a tar is nothing for a terminal", "Name a file or use a pipe")
    with Meter() as meter, open(1, "wb", closefd=False) as stream:
        export_tar(place, image, stream, report=meter)
    return 0
