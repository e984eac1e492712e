"""demo: a throw-away store of small real images, made offline."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.helper import process
from plashui.operations.build import build
from plashui.store import names
from plashui.store.df import disk_use
from plashui.store.store import Store
from plashui.transfer.imports import host
from plashui.verbs import open_app
from plashui.verbs.shared.output import out, say, tell
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Final

_TOOLS: Final = ("bash", "grep", "sed", "gawk", "mawk", "find", "tar", "gzip", "less")
_NOTES: Final = "mkdir -p /srv/notes; cd /srv/notes; touch monday tuesday"


def run(words: list[str]) -> int:
    """Open the app on the demo's store; without a terminal, print its path."""
    store = make_demo(words)
    status = 0
    if open_app.has_terminal():
        status = open_app.show(open_app.options([])._replace(store=store))
    else:
        out(str(store.path))
    tell(farewell(store))
    return status


def make_demo(words: list[str]) -> Store:
    """Make the demo's store, in a new directory or the one asked for."""
    parser = Parser("demo")
    parser.add_argument("directory", metavar="DIR", nargs="?", help="make it there")
    options = parser.parse_args(words)
    if options.directory:
        store = Store.locate(options.directory)
        if store.exists():
            return store
    else:
        store = Store(Path(tempfile.mkdtemp(prefix="plashui-demo-")))
    say("making small images of this machine's own programs ...")
    store.create()
    _fill(store)
    return store


def _fill(store: Store) -> None:
    base = host.base_image(store)
    names.set_name(store, "base", base)
    tools = host.programs_image(store, base, _TOOLS)
    if tools is not None:
        names.set_name(store, "tools", tools)
        host.programs_image(store, tools, ("git", "make", "gcc"))
    names.set_name(store, "python", host.python_image(store, tools or base))
    try:
        notes = build(store, base, ["sh", "-c", _NOTES])
        names.set_name(store, "notes", notes)
        build(store, notes, ["rm", "-r", "/srv/notes"])
        build(store, notes, ["touch", "/etc/a quiet change"])
    except PlashError as error:
        # Looking and pruning works all the same; `doctor` knows the remedy.
        say(f"no image could be built by running a command: {error}")


def farewell(store: Store) -> str:
    """Describe where the demo's store is, and how to use, keep or remove it."""
    try:
        total = size(disk_use(store)[1].total)
    except PlashError:
        total = "some bytes"
    place = shlex.quote(str(store.path))
    plash = shlex.quote(process.program())
    beside = Path(process.program()).with_name("plashui")
    plashui = shlex.quote(str(beside)) if beside.exists() else "plashui"
    lines = [
        f"The demo's store is {store.path} ({total}).",
        f"  go on with it   PLASH_DATA={place} {plashui}",
        f"  keep it         {plash} sudo mv -nT {place} ~/.plashdata",
        f"  remove it       {plash} sudo rm -rf {place}",
    ]
    return "\n".join(map(clean, lines))
