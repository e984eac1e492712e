"""pull:tarfile, pull:dir, pull:url: images from elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.verbs.output import out_made, say, store
from plashui.verbs.words import Meter, Parser


def pull_tarfile_verb(words: list[str]) -> int:
    """Import a root filesystem tar; print the id."""
    from plashui.transfer.tarball import import_tar

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
    return _told(place, done.id, done.remarks())


def pull_dir_verb(words: list[str]) -> int:
    """Import a copy of a directory; print the id."""
    from plashui.transfer.directory import import_directory

    parser = Parser(
        "pull:dir",
        "An image from a copy of DIR, which stays. What is mounted in it is left out.\n"
        "As a plain user: your files, and other users', become root's; those of your\n"
        "subordinate ids keep the number they have inside.",
    )
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    place = store()
    with Meter() as meter:
        done = import_directory(place, Path(options.directory), report=meter)
    return _told(place, done.image.id, done.remarks())


def pull_url_verb(words: list[str]) -> int:
    """Import a tar from a web server; print the id."""
    from plashui.transfer.url import import_url

    parser = Parser(
        "pull:url",
        "An image from a root filesystem tar on a web server, or of a file: URL. One\n"
        "without a scheme is of http. A download that was cut off goes on with the\n"
        "next call. Proxies: http_proxy, https_proxy, no_proxy.",
    )
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--sha256", metavar="HEX")
    options = parser.parse_args(words)
    place = store()
    with Meter() as meter:
        done = import_url(place, options.url, sha256=options.sha256 or "", report=meter)
    return _told(place, done.id, done.remarks())


def _told(place: Store, image: int, remarks: list[str]) -> int:
    """Say what is to be said, print the id, and tidy up."""
    for remark in remarks:
        say(remark)
    out_made(image)
    if os.listdir(f"{place.root}/tmp"):  # noqa: S108 - its own
        from plashui.operations import gc

        gc.sweep(place)
    return 0
