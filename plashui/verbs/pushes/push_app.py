"""push:app: an image as one executable file."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.onefile.options import (
    COMPRESSIONS,
    OPTIONS,
    OUTPUT,
    AppOptions,
    name_of,
)
from plashui.verbs.pushes.source_date import source_date
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser, any_text

if TYPE_CHECKING:
    import argparse
    from pathlib import Path
    from typing import Final

    from plashui.store.store import Store

_DOES: Final = """\
One executable file that runs the image on any Linux with user namespaces, as a plain
user, with nothing installed: an AppImage. It is isolated like `run --isolate` and
runs what the config of the image says; what it changes is thrown away in the end.
ID is an image of the store, or something to pull. The same image and options give the
same bytes. A file of that name is replaced once the new one is whole.

Without --arg all words after FILE are the command's. NAME of an argument is -x or
--word for an option, else it is an operand; KIND[>PARAMETER] is one of
    bind>/PLACE[:ro]    a file or directory of the caller, seen at /PLACE
    env>NAME[:TYPE]     the value of a variable; TYPE is str, int or bool
    instance            the name of this run; two at once cannot have the same
    output              where what the app leaves in /out goes in the end
A value of --bind and --env may begin with $NAME, an argument or a variable."""


def run(words: list[str]) -> int:
    """Make one executable file of an image."""
    options = _parsed(words)
    from pathlib import Path

    from plashui.transfer.onefile.make import Look, export_app
    from plashui.transfer.onefile.runtime import runtime

    runtime()  # before anything is pulled or built
    place = store()
    image, app = _image_of(place, options)
    with Meter() as meter:
        export_app(
            place,
            image,
            Path(options.file),
            app,
            Look(_path(options.icon), _path(options.desktop)),
            compression=options.compress,
            time=source_date() or 0,
            report=meter,
        )
    return 0


def _parsed(words: list[str]) -> argparse.Namespace:
    parser = Parser("push:app", _DOES)
    for option in OPTIONS:
        parser.add_argument(
            f"--{option.name}",
            metavar=option.metavar,
            help=option.about,
            type=any_text if option.metavar == "CMD" else str,
            action="append" if option.several else "store",
        )
    parser.add_argument("--output", action="store_true", help=f"as --arg {OUTPUT}")
    parser.add_argument(
        "--network", action="store_true", help="it has the network of the machine"
    )
    parser.add_argument(
        "--read-only", action="store_true", help="it cannot change its files"
    )
    parser.add_argument(
        "--compress", choices=COMPRESSIONS, default="zstd", help="zstd is the default"
    )
    parser.add_argument("image", metavar="ID", nargs="?")
    parser.add_argument("file", metavar="FILE")
    options = parser.parse_args(words)
    if options.definition and options.image:
        parser.error("--definition says which image: leave out ID")
    if not options.definition and not options.image:
        parser.error("which image? ID or FILE is missing")
    return options


def _path(word: str | None) -> Path | None:
    from pathlib import Path

    return Path(word) if word else None


def _image_of(place: Store, options: argparse.Namespace) -> tuple[int, AppOptions]:
    """Return the image, pulled or built if it must be, and how the app shall run."""
    if not options.definition:
        app = _with(options, AppOptions(options.name or name_of(options.file)))
        app.check()
        return _found(place, options.image), app
    from pathlib import Path

    from plashui.recipes.elements.compile import compiled
    from plashui.verbs.builds.building import Wanted, built

    definition = compiled(place, Path(options.definition))
    app = _with(options, definition.options)
    app.check()
    for one in definition.said:
        say(one)
    return built(definition.plan, Wanted(), place), app


def _with(options: argparse.Namespace, app: AppOptions) -> AppOptions:
    """Return the options of an app with those of the command line."""
    values = vars(options)
    if options.output:
        values["arg"] = [*(options.arg or ()), OUTPUT]
    return app.said(values, network=options.network, read_only=options.read_only)


def _found(place: Store, word: str) -> int:
    """Return the image that a word means; it is pulled if it is not there."""
    from plashui.recipes import bases
    from plashui.recipes.plan import FromImage
    from plashui.recipes.pulls import pulled

    base = FromImage(word)
    image = bases.found(place, base)
    if image is not None:
        return image
    with Meter() as meter:
        return pulled(place, base, report=meter)
