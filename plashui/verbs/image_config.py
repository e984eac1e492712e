"""config ID: how an image is meant to be run, and changes of it."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.model.config_changes import Changes
from plashui.store.new_name import NewName
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import print_json
from plashui.verbs.shared.parser import Parser, any_text

if TYPE_CHECKING:
    from typing import Final

_DOES: Final = """\
Without ID: print all settings as they are now, as TOML, each with where it comes
from. What is wrong in the file is told on stderr, and the status is 1.

With ID: print the config of an image as JSON (OCI image config): how it is meant to
be run, and what made its layers. An own image has that of the image below it. With
changes: make an image of no bytes on it that has the new config, and print its id.
`run --isolate` runs it like that, and so do those who pull it once it is pushed.

Options for several values can be repeated, and are done in the order given:
NAME=VALUE sets, NAME- removes, and a single - removes all. Of a single value ''
removes it. CMD is a JSON array of words, or a line for /bin/sh, as in a
Containerfile."""

_HELP: Final = {
    "env": ("K=V", "a variable; K- removes it"),
    "cmd": ("CMD", "what is run, or the arguments of --entrypoint"),
    "entrypoint": ("CMD", "what is always run; --cmd is empty then, unless given"),
    "user": ("USER", "who runs it: USER[:GROUP], names or numbers of the image"),
    "workdir": ("PLACE", "the directory it starts in"),
    "label": ("K=V", "a label; K- removes it"),
    "volume": ("PLACE", "a directory with data of its own; PLACE- removes it"),
    "expose": ("PORT", "a port it listens on: 8080, 53/udp; PORT- removes it"),
    "stop_signal": ("SIGNAL", "what asks it to end: SIGTERM is usual"),
}
"""Of each change the kind of its value, and its help."""


def run(words: list[str]) -> int:
    """Print the config of an image, or change it and print the id."""
    parser = Parser("config", _DOES)
    parser.add_argument("image", metavar="ID", nargs="?")
    for field, (kind, about) in _HELP.items():
        several = isinstance(Changes._field_defaults[field], tuple)
        parser.add_argument(
            f"--{field.replace('_', '-')}",
            metavar=kind,
            help=about,
            type=str if several else any_text,
            action="append" if several else "store",
        )
    parser.add_argument(
        "--amend",
        action="store_true",
        help="change ID itself, and what is built on it; not of a pulled image",
    )
    parser.add_argument("--name", metavar="NAME", help="of the image")
    options = parser.parse_args(words)
    if options.image is None:
        parser.error("which image? Its ID is missing")
    changes = _changes(vars(options))
    if changes == Changes() and (options.amend or options.name):
        parser.error("what is to change? Give --env, --cmd or another option")
    place = store()
    image = place.resolve(options.image)
    if changes == Changes():
        from plashui.image.config_of import effective_config

        print_json(effective_config(place, image))
        return 0
    from plashui.operations.set_config import set_config

    name = NewName(options.name or "")
    made = set_config(place, image, changes, amend=options.amend, name=name)
    tell_made(place, made)
    return 0


def _changes(options: dict[str, object]) -> Changes:
    given = {field: options[field] for field in _HELP if options[field] is not None}
    return Changes(
        **{
            field: tuple(value) if isinstance(value, list) else value  # type: ignore[arg-type]
            for field, value in given.items()
        }
    )
