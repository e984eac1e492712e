"""The command line: finds the verb's module, imports only that, and runs it.

The contract: an id or a path on stdout, all else on stderr; an error is one line
`plash error: WHAT: WHY` and exit status 1.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Final

from plashui.core.errors import Cancelled, PlashError

_MODULES: Final = {
    "init": "store",
    "clean": "store",
    "doctor": "store",
    "mkdtemp": "store",
    "version": "help",
    "help": "help",
    "ls": "report",
    "df": "report",
    "show": "report",
    "pull:tarfile": "pull",
    "pull:dir": "pull",
    "pull:url": "pull",
    "push:dir": "push",
    "push:tarfile": "push",
    "diff": "layers",
    "history": "layers",
    "squash": "layers",
    "build": "make",
    "stack": "make",
    "rm": "remove",
    "trash": "remove",
    "restore": "remove",
    "map": "names",
    "shrink": "prune",
    "pin": "prune",
    "purge": "prune",
    "ps": "processes",
    "check": "memory",
}
"""The module of plashui.verbs that has a verb which is not the helper's own."""

_MEMORY: Final = frozenset({"recall", "cache", "do"})
"""The verbs before a verb, which run it by this module."""

_HELPERS: Final = frozenset(
    {
        *("run", "run:persist", "mounted", "mount", "umount", "chroot", "sudo"),
        *("data", "nodepath", "parent", "id", "version"),
    }
)
"""The verbs for people that the helper does itself, with no Python started."""

_ALIASES: Final = {
    "create": "build",
    "add-layer": "stack",
    "import-tar": "pull:tarfile",
    "import-url": "pull:url",
    "copy": "push:dir",
    "export-tar": "push:tarfile",
    "with-mount": "mounted",
    "cached": "cache",
    "this": "recall",
    "noid": "recall",
    "--version": "version",
    "-V": "version",
    "--help": "help",
    "-h": "help",
}


def main() -> int:
    """Run the command line of this process; the exit status."""
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except (KeyboardInterrupt, Cancelled):
        _say("interrupted")
        return 130
    except PlashError as error:
        _say(str(error))
        return 1
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        _say(f"{error.strerror or error}{place}")
        return 1
    return status


def _say(sentence: str) -> None:
    from plashui.core.text import clean

    print(f"plash error: {clean(sentence)}", file=sys.stderr)  # noqa: T201


def run(words: list[str]) -> int:
    """Do what the words say."""
    if not words:
        return _open_app([])
    verb, *rest = words
    handed_over = os.environ.pop("PLASH_HANDED_OVER", None)
    verb = _ALIASES.get(verb, verb)
    if verb == "demo":
        return _demo(rest)
    if verb in _MEMORY:
        from plashui.verbs import memory

        return int(getattr(memory, f"{verb}_verb")(rest, run))
    module = _MODULES.get(verb)
    if module is not None:
        found = importlib.import_module(f"plashui.verbs.{module}")
        name = verb.replace(":", "_")
        status = getattr(found, f"{name}_verb")(rest)
        return int(status or 0)
    if verb.startswith("-"):
        return _open_app(words)
    if verb in _HELPERS:
        from plashui.core import helper

        if handed_over:
            raise PlashError(
                f"the program plash does not know {verb!r}, which this plashui expects",
                "They are of different versions: install plashui again",
            )
        helper.become([verb, *rest])
    raise PlashError(f"no verb {verb!r}", "`plashui help` lists them")


def _open_app(words: list[str]) -> int:
    """The terminal app; its only words are options."""
    read_only = "--read-only" in words
    unknown = [word for word in words if word != "--read-only"]
    if unknown:
        raise PlashError(f"no option {unknown[0]!r}", "`plashui help` lists the verbs")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise PlashError(
            "the app needs a terminal",
            "`plashui ls` and `plashui help` work without one",
        )
    from plashui.core.store import Store
    from plashui.ui import app

    return app.run(Store.locate(), read_only=read_only)


def _demo(words: list[str]) -> int:
    """The app on a throw-away store; without a terminal, only its store."""
    from plashui.verbs import demo

    store = demo.make_demo(words)
    status = 0
    if sys.stdin.isatty() and sys.stdout.isatty():
        from plashui.ui import app

        status = app.run(store, read_only=False)
    else:
        print(store.path)  # noqa: T201
    print(demo.farewell(store), file=sys.stderr)  # noqa: T201
    return status
