"""build:file: an image from a Containerfile."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Build a Containerfile; print the id."""
    parser = Parser(
        "build:file",
        "An image from a Containerfile (a Dockerfile), of which the files of DIR are\n"
        "the context, or those of a git repository: URL.git#BRANCH:DIRECTORY. With -\n"
        "there are none, and the file is standard input. A step that was done before\n"
        "is taken from the cache. An image of FROM is looked for in the store first,\n"
        "then in its registry.",
    )
    parser.add_argument("-f", "--file", metavar="FILE", help="- for stdin")
    parser.add_argument(
        "-t",
        "--tag",
        dest="names",
        action="append",
        default=[],
        metavar="NAME",
        help="name the image; several times for several names",
    )
    parser.add_argument("--target", metavar="STAGE", help="build this stage")
    parser.add_argument(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of an ARG; the caller's variable without a value",
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give the image a label",
    )
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="id=ID,src=FILE",
        help="for RUN --mount=type=secret; or id=ID,env=NAME",
    )
    parser.add_argument(
        "--ssh",
        action="append",
        default=[],
        metavar="ID[=SOCKET]",
        help="an ssh agent for RUN --mount=type=ssh: default is $SSH_AUTH_SOCK",
    )
    parser.add_argument(
        "--build-context",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="for COPY --from=NAME: a directory, or docker-image://IMAGE",
    )
    parser.add_argument("--no-cache", action="store_true", help="do all steps anew")
    parser.add_argument("--pull", action="store_true", help="ask registries again")
    parser.add_argument("--network", choices=["none"], help="for all RUN")
    parser.add_argument(
        "--debug", action="store_true", help="open a shell in a step that fails"
    )
    parser.add_argument("directory", metavar="DIR")
    options = parser.parse_args(words)
    from plashui.recipes.containerfile.agents import agents_of
    from plashui.recipes.containerfile.contexts import named_contexts, opened_context
    from plashui.recipes.containerfile.labels import labels_of
    from plashui.recipes.containerfile.reading import Request, compiled
    from plashui.recipes.containerfile.secrets import opened_secrets
    from plashui.recipes.look import Options
    from plashui.verbs.builds.building import Wanted, built

    place = store()
    names = [NewName(name, force=True) for name in options.names]
    for name in names:
        name.check(place)
    with (
        opened_secrets(options.secret) as secrets,
        opened_context(place, options.directory, options.file or "") as context,
    ):
        request = Request(
            context.directory,
            context.file,
            options.target or "",
            _arguments(options.build_arg),
            secrets,
            agents_of(options.ssh),
            named_contexts(place, options.build_context),
            context.within,
            labels_of(options.label),
        )
        plan, unused = compiled(place, request)
        for one in unused:
            say(f"--build-arg {one}: no ARG of the file asks for it")
        how = Options(not options.no_cache, options.pull, options.network != "none")
        image = built(plan, Wanted(how, options.debug), place)
    for name in names:
        name.give(place, image)
    tell_made(place, image)
    return 0


def _arguments(words: list[str]) -> dict[str, str]:
    from plashui.recipes.containerfile.scope import from_environment

    found = {}
    for word in words:
        name, value = from_environment(word)
        if not name:
            raise PlashError(f"--build-arg {word} has no name", "Write NAME=VALUE")
        if value is not None:
            found[name] = value
    return found
