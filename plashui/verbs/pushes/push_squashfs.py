"""push:squashfs: an image as a squashfs."""

from __future__ import annotations

from plashui.helper.squashfs import COMPRESSIONS
from plashui.verbs.pushes.source_date import source_date
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Write an image as a squashfs."""
    parser = Parser(
        "push:squashfs",
        "One file that runs under enroot (and pyxis in Slurm), charliecloud and\n"
        "apptainer, made by mksquashfs. From the config of the image it has enroot's\n"
        "/etc/rc and /etc/fstab in place of the image's own, and /etc/environment if\n"
        "the config has variables. A squashfs holds no ACLs and no parts of seconds.\n"
        "The same image gives the same bytes. A file of that name is replaced once\n"
        "the new one is whole.",
    )
    parser.add_argument(
        "--compress",
        choices=tuple(COMPRESSIONS),
        default="zstd",
        help="zstd is the default",
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("file", metavar="FILE")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.exports.squashfs import export_squashfs

    place = store()
    image = place.resolve(options.image)
    with Meter() as meter:
        remarks = export_squashfs(
            place,
            image,
            Path(options.file),
            compression=options.compress,
            time=source_date() or 0,
            report=meter,
        )
    for remark in remarks:
        say(remark)
    return 0
