"""push:bundle: an image as an OCI runtime bundle."""

from __future__ import annotations

from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Make a bundle of an image."""
    parser = Parser(
        "push:bundle",
        "An OCI runtime bundle: rootfs/ with the files of the image, and config.json,\n"
        "which starts what the image's config says, as its user. `runc run -b DIR X`\n"
        "and `crun run -b DIR X` start it as the container X, and so does Slurm's\n"
        "--container=DIR. A plain user's bundle is rootless, with the ids that this\n"
        "user has on this machine.\n"
        "DIR must be new, or empty.",
    )
    parser.add_argument(
        "--terminal", action="store_true", help="it gets a terminal of its own"
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.exports.bundle import export_bundle

    place = store()
    image = place.resolve(options.image)
    directory = Path(options.directory)
    with Meter() as meter:
        done = export_bundle(
            place, image, directory, terminal=options.terminal, report=meter
        )
    for remark in done.remarks(directory):
        say(remark)
    return 0
