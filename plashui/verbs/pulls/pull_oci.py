"""pull:oci: an image from a registry."""

from __future__ import annotations

from plashui.settings import config
from plashui.verbs.pulls import pulling
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.registry_options import add_insecure, add_platform


def run(words: list[str]) -> int:
    """Pull an image from a registry; print the id."""
    parser = Parser(
        "pull:oci",
        "An image from a registry: [HOST[:PORT]/]PATH[:TAG][@DIGEST], read as docker\n"
        "does. `plash login` keeps a password.\n" + pulling.ABOUT,
    )
    parser.add_argument("image", metavar="NAME")
    add_insecure(parser)
    parser.add_argument(
        "--keep-blobs",
        action="store_true",
        help="keep the layers as they come for 30 days, for the next pull",
    )
    add_platform(parser)
    pulling.add_options(parser)
    options = parser.parse_args(words)
    from plashui.transfer.imports.from_registry import image_at

    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    place = store()
    with image_at(options.image, loaded.config, insecure=options.insecure) as found:
        name = found.reference.familiar()
        keep = options.keep_blobs or loaded.config.keep_blobs
        return pulling.pull_and_tell(
            place,
            found.registry,
            found.plan(place, options.platform, keep_blobs=keep),
            options,
            origin=name,
            name=pulling.name_from(options, name),
            told=found.registry.told,
            stop=found.stop,
        )
