"""push:oci: an image to a registry."""

from __future__ import annotations

from plashui.settings import config
from plashui.verbs.pushes import pushing
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.registry_options import add_insecure


def run(words: list[str]) -> int:
    """Push an image to a registry; print its name there with its digest."""
    parser = Parser(
        "push:oci",
        "To [HOST[:PORT]/]PATH[:TAG]: the layers that are missing there, then the\n"
        "name. `plash login` keeps a password. After a cut, the next call sends what\n"
        "is still missing.\n" + pushing.ABOUT,
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("name", metavar="NAME")
    add_insecure(parser)
    pushing.add_options(parser)
    options = parser.parse_args(words)
    from plashui.transfer.exports.to_registry import destination_at

    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    place = store()
    image = place.resolve(options.image)
    with destination_at(options.name, loaded.config, insecure=options.insecure) as to:
        with Meter() as meter:
            done = to.push(
                place,
                image,
                way=pushing.way_of(options),
                annotations=pushing.annotations_of(options),
                jobs=options.jobs,
                report=meter,
            )
        for remark in to.uploads.told:
            say(remark)
    pushing.tell(done, done.sentence())
    out(f"{to.reference.familiar()}@{done.digest}")
    return 0
