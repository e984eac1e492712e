"""pull:folder: a folder, as d-utils has them, from a registry."""

from __future__ import annotations

from plashui.settings import config
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.registry_options import add_insecure, add_platform


def run(words: list[str]) -> int:
    """Make a folder of an image in a registry; print its path."""
    parser = Parser(
        "pull:folder",
        "A folder for run:folder and d-run from a registry, without an image in the\n"
        "store: rootfs/ with the files, and config.json, which says how it is run and\n"
        "may be edited. DIR must be new; without it, it is called as the image is.\n"
        "NAME is as in pull:oci.",
    )
    parser.add_argument("image", metavar="NAME")
    parser.add_argument("directory", metavar="DIR", nargs="?")
    add_insecure(parser)
    add_platform(parser)
    options = parser.parse_args(words)
    from pathlib import Path

    from plashui.transfer.folder import pull_folder
    from plashui.transfer.imports.from_registry import image_at

    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    place = store()
    with image_at(options.image, loaded.config, insecure=options.insecure) as found:
        directory = Path(options.directory or found.reference.path.rpartition("/")[2])
        with Meter() as meter:
            done = pull_folder(place, found, directory, options.platform, report=meter)
    for remark in done.remarks(directory):
        say(remark)
    out(str(directory))
    return 0
