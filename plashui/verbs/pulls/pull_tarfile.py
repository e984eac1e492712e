"""pull:tarfile: an image from a root filesystem tar."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Import a root filesystem tar; print the id."""
    parser = Parser(
        "pull:tarfile",
        "An image from a root filesystem tar: plain, gzip, xz, bzip2 or zstd.",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-")
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.imports.tarball import import_tar

    place, name = store(), NewName(options.name or "")
    with Meter() as meter:
        if options.file == "-":
            if sys.stdin.isatty():
                raise PlashError("no tar on the standard input", "Name a file")
            with open(0, "rb", buffering=0, closefd=False) as source:
                done = import_tar(
                    place, source, origin="stdin", name=name, report=meter
                )
        else:
            done = import_tar(place, Path(options.file), name=name, report=meter)
    tell_made(place, done.id, done.remarks())
    return 0
