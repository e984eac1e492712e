"""push:ssh: an image into an engine of another machine, by ssh."""

from __future__ import annotations

from plashui.transfer.ssh import address
from plashui.verbs.pushes import pushing
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Push an image by ssh; print its name there."""
    parser = Parser(
        "push:ssh",
        "To ssh://[USER@]HOST[:PORT]/[ENGINE]: your own `ssh` opens a tunnel, through\n"
        "which podman, docker, ctr or plash there pulls the image; without ENGINE the\n"
        "first of them that is there. Only the layers that it lacks travel, and only\n"
        "it can pull.\n"
        "PLASH_SSH is another command for ssh, such as `ssh -F FILE`.\n"
        + pushing.ABOUT,
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("where", metavar="ADDRESS")
    parser.add_argument(
        "--name", metavar="NAME", help="what it is called there; default: as here"
    )
    pushing.add_compression(parser)
    options = parser.parse_args(words)
    to = address.parse(options.where)
    place = store()
    image = place.resolve(options.image)
    from plashui.transfer.ssh.push import name_there, push_by_ssh

    name = options.name or name_there(place, options.image)
    way = pushing.way_of(options)
    done = push_by_ssh(
        place, image, to, name, way=way, report=lambda line: say(line.what)
    )
    pushing.tell(done, done.sentence())
    out(name)
    return 0
