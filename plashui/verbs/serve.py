"""serve: the store as a registry, to pull from."""

from __future__ import annotations

import argparse
import sys

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.oci.way import KINDS, PLAIN, Way
from plashui.transfer.serve import USER
from plashui.verbs.pushes.source_date import source_date
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from plashui.transfer.serve.server import Server
    from plashui.transfer.serve.shelf import Shelf


def run(words: list[str]) -> int:
    """Serve images until interrupted; print the address."""
    parser = Parser(
        "serve",
        "A registry, to pull from only, of the images whose names registries can\n"
        "have; a host in a name is left out. Whoever can reach the address can pull:\n"
        "on 127.0.0.1 all programs of this machine, at a socket only your own. Any\n"
        "other address wants a token, printed once: a bearer token, or the password\n"
        f"of the user {USER}. It speaks no TLS. Ctrl-C ends it.",
    )
    parser.add_argument(
        "--listen",
        metavar="ADDRESS:PORT",
        help="where to listen, 127.0.0.1 and a free port if not given",
    )
    parser.add_argument(
        "--unix", metavar="PATH", help="a socket, which only its owner can use"
    )
    parser.add_argument(
        "--once", action="store_true", help="end when one image was pulled whole"
    )
    parser.add_argument(
        "--allow",
        metavar="NAME",
        action="append",
        default=[],
        help="serve only these names, or ids",
    )
    parser.add_argument("more", metavar="NAME", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument(
        "--compression",
        choices=tuple(KINDS),
        help="of the layers; none where only this machine can pull, else gzip",
    )
    options = parser.parse_args(words)
    if options.unix and options.listen:
        parser.error("it listens at one place: --unix or --listen")
    if options.more and not options.allow:
        parser.error(f"{options.more[0]!r} is not expected here; --allow names images")
    from plashui.transfer.serve.server import Server, at_address, at_path, new_token
    from plashui.transfer.serve.shelf import Shelf

    if options.unix:
        where = at_path(options.unix)
    else:
        where = at_address(options.listen or "127.0.0.1")
    compression = options.compression or (PLAIN if where.private else "gzip")
    allowed = [*options.allow, *options.more]
    shelf = Shelf(store(), Way(compression, source_date()), allowed, tell=say)
    token = "" if where.private else new_token()
    with Server(shelf, where, token=token, tell=say) as server:
        out(server.address())
        sys.stdout.flush()
        _explain(server, shelf, options)
        try:
            server.serve(once=options.once)
        except KeyboardInterrupt as end:
            from plashui.verbs.shared.signals import (
                end_by,  # only for one who is interrupted
            )

            return end_by(end)
    return 0


def _explain(server: Server, shelf: Shelf, options: argparse.Namespace) -> None:
    """Say how images are pulled from here."""
    names = [f"{name}:{tag}" for name, tags in shelf.names().items() for tag in tags]
    if not names:
        say("no image has a name yet that is served; for example: plash map web 7")
    name = names[0] if names else "web:latest"
    if options.unix:
        import shlex

        path = shlex.quote(server.address())
        say(f"for example: ssh -R 5000:{path} HOST docker pull localhost:5000/{name}")
        return
    if server.token:
        login = f"docker login -u {USER} --password-stdin {server.address()}"
        say(f"the token is {server.token}, for example for {login}")
    say(f"for example: docker pull {server.address()}/{name}")
