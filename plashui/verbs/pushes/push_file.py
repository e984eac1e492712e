"""push:file: an image with its layers as one file, for other engines."""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import plural, size
from plashui.transfer.oci.way import FORMATS
from plashui.verbs.pushes import pushing
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


def run(words: list[str]) -> int:
    """Write an image with its layers to a file."""
    parser = Parser(
        "push:file",
        "The image with its layers and its config: FILE.oci.tar for podman, skopeo\n"
        "and containerd, FILE.docker.tar for `docker load`. No FILE, or -, is\n"
        "standard output. A file of that name is replaced once the new one is whole.\n"
        + pushing.ABOUT,
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-")
    parser.add_argument("--name", metavar="NAME", help="what it is called when loaded")
    parser.add_argument("--format", choices=FORMATS, help="instead of what FILE says")
    pushing.add_options(parser)
    options = parser.parse_args(words)
    import contextlib
    from pathlib import Path

    from plashui.transfer.exports.to_file import export_layers, format_of
    from plashui.transfer.registry.reference import parse

    place = store()
    image = place.resolve(options.image)
    if options.file == "-" and os.isatty(1):
        raise PlashError("a tar is nothing for a terminal", "Name a file or use a pipe")
    name = parse(options.name) if options.name is not None else None
    form = options.format or format_of(options.file)
    with contextlib.ExitStack() as stack:
        target: Path | BinaryIO = Path(options.file)
        if options.file == "-":
            target = stack.enter_context(open(1, "wb", closefd=False))
        done = export_layers(
            place,
            image,
            target,
            name=name,
            form=form,
            way=pushing.way_of(options),
            annotations=pushing.annotations_of(options),
            jobs=options.jobs,
            report=stack.enter_context(Meter()),
        )
    pushing.tell(done, f"{plural(done.layers, 'layer')}, {size(done.bytes)}")
    return 0
