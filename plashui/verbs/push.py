"""push:tarfile, push:dir: images leave the store."""

from __future__ import annotations

import os
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.transfer.export import export_directory, export_tar
from plashui.verbs.output import say, store
from plashui.verbs.words import Meter, Parser


def push_tarfile_verb(words: list[str]) -> int:
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


def push_dir_verb(words: list[str]) -> int:
    """Copy an image to a directory."""
    parser = Parser(
        "push:dir",
        "A faithful copy of all that is in the image. DIR must be new, or empty.",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    place = store()
    image = place.resolve(options.image)
    directory = Path(options.directory)
    with Meter() as meter:
        done = export_directory(place, image, directory, report=meter)
    for remark in done.remarks(directory):
        say(remark)
    return 0
