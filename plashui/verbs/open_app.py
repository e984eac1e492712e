"""`plashui` without a verb: the app and its options."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.settings import config
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Final

_SWITCHES: Final = ("--read-only", "--plain", "--ascii")
_UTF8: Final = ("utf8", "utf-8")


class Options(NamedTuple):
    """The options of the app; `loaded` is the config, which may contain errors."""

    store: Store
    loaded: config.Loaded
    read_only: bool = False
    plain: bool = False
    ascii: bool = False


def run(words: list[str]) -> int:
    """Open the app, or with --plain print what it shows as sentences."""
    wanted = options(words)
    if wanted.plain:
        return tell(wanted.store)
    if not has_terminal():
        raise PlashError(
            "the app needs a terminal",
            "`plashui --plain`, `plash ls` and `plash help` work without one",
        )
    return show(wanted)


def options(words: list[str]) -> Options:
    """Parse the options. Raises PlashError for an unknown one."""
    loaded = config.load()
    store = ""
    switches: set[str] = set()
    left = words[::-1]
    while left:
        word = left.pop()
        name, equals, value = word.partition("=")
        if word in _SWITCHES:
            switches.add(word)
        elif name == "--store":
            if not equals:
                value = left.pop() if left else ""
            if not value:
                raise PlashError("--store wants a path, or the name of a store")
            store = value
        else:
            known = ", ".join((*_SWITCHES, "--store"))
            raise PlashError(
                f"no option {word!r}", f"There are {known}; `plash help` lists verbs"
            )
    if store:
        place = config.place_of(store, loaded.config)
    return Options(
        Store.locate(place if store else None),
        loaded,
        "--read-only" in switches,
        "--plain" in switches,
        "--ascii" in switches or wants_ascii(loaded.config, os.environ),
    )


def wants_ascii(settings: config.Config, environ: Mapping[str, str]) -> bool:
    """Return whether to draw only ASCII: by the config, else by the locale.

    Without a locale the terminal is assumed to support UTF-8.
    """
    if settings.ascii is not None:
        return settings.ascii
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next(filter(None, names), "")
    codeset = locale.partition("@")[0].partition(".")[2]
    return bool(locale) and codeset.lower() not in _UTF8


def has_terminal() -> bool:
    """Return whether standard input and output are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def show(wanted: Options) -> int:
    """Show the app until the user quits; return the exit status."""
    from plashui.ui import app  # no verb but the app's own needs it

    return app.run(
        wanted.store,
        read_only=wanted.read_only,
        loaded=wanted.loaded,
        ascii_only=wanted.ascii,
    )


def tell(store: Store) -> int:
    """Print the main screen as sentences."""
    # Only `--plain` needs these.
    from plashui.processes.holders import holders
    from plashui.store.disk_usage import measured
    from plashui.store.trash.listing import trashed
    from plashui.verbs.plain import sentences
    from plashui.verbs.shared.output import out

    forest = measured(store, store.read())
    used = frozenset(holder.image for holder in holders(store.path))
    for line in sentences(store, forest, trashed(store), used):
        out(line)
    return 0
