"""demo: a throw-away store of small images, made offline."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import size
from plashui.helper.program import program
from plashui.store.df import disk_use
from plashui.store.store import Store
from plashui.transfer.demo.make import in_use, make
from plashui.verbs import open_app
from plashui.verbs.shared.output import out, say, tell
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Open the app on the demo's store; without a terminal, print its path."""
    store = place(words)
    new = not store.exists()
    if new:
        say("making small images of this machine's own programs ...")
        make(store)
    status = 0
    if open_app.has_terminal():
        with in_use(store) if new else contextlib.nullcontext():
            status = open_app.show(open_app.options([])._replace(store=store))
    else:
        out(str(store.path))
    tell(farewell(store))
    return status


def place(words: list[str]) -> Store:
    """Return the store to make: in a new directory, or the one asked for."""
    parser = Parser("demo")
    parser.add_argument("directory", metavar="DIR", nargs="?", help="make it there")
    options = parser.parse_args(words)
    if options.directory:
        return Store.locate(options.directory)
    return Store(tempfile.mkdtemp(prefix="plashui-demo-"))


def farewell(store: Store) -> str:
    """Describe where the demo's store is, and how to use, keep or remove it."""
    try:
        total = size(disk_use(store)[1].total)
    except PlashError:
        total = "some bytes"
    place = shlex.quote(str(store.path))
    plash = shlex.quote(program())
    beside = Path(program()).with_name("plashui")
    plashui = shlex.quote(str(beside)) if beside.exists() else "plashui"
    lines = [
        f"The demo's store is {store.path} ({total}).",
        f"  go on with it   PLASH_DATA={place} {plashui}",
        f"  keep it         {plash} sudo mv -nT {place} ~/.plashdata",
        f"  remove it       {plash} sudo rm -rf {place}",
    ]
    return "\n".join(map(clean, lines))
