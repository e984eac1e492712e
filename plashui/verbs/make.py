"""pull:tarfile, build, stack: new images."""

from __future__ import annotations

import sys
from pathlib import Path

from plashui.core import build, trash
from plashui.core.errors import PlashError
from plashui.core.text import plural
from plashui.images.tarball import import_tar
from plashui.verbs.output import out, say, store
from plashui.verbs.words import Meter, Parser


def pull_tarfile_verb(words: list[str]) -> int:
    """Import a root filesystem tar; print the id."""
    parser = Parser(
        "pull:tarfile",
        "An image from a root filesystem tar: plain, gzip, xz, bzip2 or zstd.",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-")
    options = parser.parse_args(words)
    place = store()
    with Meter() as meter:
        if options.file == "-":
            if sys.stdin.isatty():
                raise PlashError("no tar on the standard input", "Name a file")
            with open(0, "rb", buffering=0, closefd=False) as source:
                done = import_tar(place, source, origin="stdin", report=meter)
        else:
            done = import_tar(place, Path(options.file), report=meter)
    if done.skipped_devices:
        say(f"{plural(done.skipped_devices, 'device node')} left out")
    out(str(done.id))
    trash.sweep(place)
    return 0


def build_verb(words: list[str]) -> int:
    """Run a command; print the id of the image its changes make."""
    if not words or words[0] in ("-h", "--help"):
        parser = Parser("build")
        parser.add_argument("image", metavar="ID")
        parser.add_argument("command", metavar="CMD", nargs="*")
        parser.parse_args(words)
    place = store()
    image = build.build(place, place.resolve(words[0]), words[1:])
    out(str(image))
    trash.sweep(place)
    return 0


def stack_verb(words: list[str]) -> int:
    """Make a directory a layer; print the new id."""
    parser = Parser("stack")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR", type=Path)
    options = parser.parse_args(words)
    place = store()
    place.create()
    parent = 0 if options.image == "0" else place.resolve(options.image)
    out(str(build.stack(place, parent, options.directory)))
    return 0
