"""The command line: finds the verb's module, imports only that, and runs it.

The contract: an id or a path on stdout, all else on stderr; an error is one line
`plash error: WHAT: WHY` and exit status 1.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.verbs.table import ALIASES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, NoReturn

_MODULES: Final = {
    "clean": "store",
    "doctor": "store",
    "engine:advice": "store",
    "version": "help",
    "help": "help",
    "completion": "completion",
    "ls": "report",
    "df": "report",
    "show": "report",
    "pull:tarfile": "pull",
    "pull:dir": "pull",
    "pull:url": "pull",
    "push:dir": "push",
    "push:tarfile": "push",
    "diff": "diff",
    "history": "history",
    "squash": "squash",
    "rm": "remove",
    "trash": "remove",
    "restore": "remove",
    "note": "names",
    "shrink": "prune",
    "pin": "names",
    "purge": "prune",
    "ps": "processes",
}
"""The module of plashui.verbs that has a verb which is not the helper's own."""

_READING: Final = frozenset(
    {"help", "completion", "report", "diff", "history", "processes"}
)
"""The modules whose verbs change nothing: a signal may end those at once."""

_PLAIN: Final = frozenset({"help", "version", "completion"})
"""The verbs that have no options of their own, and so no parser."""

_HELPERS: Final = frozenset(
    {
        *("run", "run:persist", "mounted", "mount", "umount", "chroot", "sudo"),
        *("data", "nodepath", "parent", "id", "version"),
        *("init", "mkdtemp", "map", "stack", "check"),
        *("build", "recall", "cache", "do"),
    }
)
"""The verbs for people that the helper does itself, with no Python started."""

_SHARED: Final = frozenset({"rm", "clean", "pull:tarfile", "push:tarfile", "push:dir"})
"""Those that it does for plain files, a new directory, one leaf, or where nothing is to
be done, and leaves the rest of to us."""


def main() -> int:
    """Run the command line of this process; the exit status."""
    _open_standard_files()
    try:
        status = _status(sys.argv[1:])
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        return _after_output(141)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, "interrupted")
    except Cancelled:
        return _complain("interrupted", 130)
    except PlashError as error:
        return _interrupted(error, str(error))
    except OSError as error:
        place = f" ({os.fsdecode(error.filename)})" if error.filename else ""
        return _interrupted(error, f"{error.strerror or error}{place}")
    except Exception as error:
        from plashui.base import log

        log.note(error)
        return _complain(log.sentence(error))


def end(status: int) -> NoReturn:
    """End this process; of a verb at once, since all that it says is written by now.

    Python would take everything apart, which takes as long as loading a fifth of it.
    """
    if "plashui.ui.app" in sys.modules:
        sys.exit(status)
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(status)


def _interrupted(error: BaseException, sentence: str) -> int:
    """Say it, and end by the signal behind it, if there is one."""
    status = _complain(sentence)
    at: BaseException | None = error
    while at is not None and not isinstance(at, KeyboardInterrupt):
        at = at.__context__  # what went wrong while it was taken back
    if at is None:
        return status
    from plashui.verbs.signals import end_by

    return end_by(at)


def _status(words: list[str]) -> int:
    try:
        return run(words)
    except SystemExit as end:  # argparse has told how a verb is used
        return end.code if isinstance(end.code, int) else 1


def _open_standard_files() -> None:
    """Put /dev/null where a descriptor 0, 1 or 2 is closed.

    Else the first file we open would take its number, and our output.
    """
    while None in (sys.stdin, sys.stdout, sys.stderr):
        number = os.open(os.devnull, os.O_RDWR)
        if number > 2:
            os.close(number)
            break
        os.set_inheritable(number, True)
        name = ("stdin", "stdout", "stderr")[number]
        setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115


def _complain(sentence: str, status: int = 1) -> int:
    from plashui.verbs.output import complain

    complain(sentence)
    return _after_output(status)


def _after_output(status: int) -> int:
    """Drop what cannot be written, lest the interpreter try again and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return status


def run(words: list[str]) -> int:
    """Do what the words say."""
    if not words:
        return _open_app([])
    verb, *rest = words
    handed_over = os.environ.pop("PLASH_HANDED_OVER", None)
    verb = ALIASES.get(verb, verb)
    if verb == "help" and rest:
        verb, rest = ALIASES.get(rest[0], rest[0]), ["--help"]
    asks = rest[:1] in (["--help"], ["-h"])
    if asks and (verb in _PLAIN or (verb in _HELPERS and handed_over)):
        from plashui.verbs import help as helping

        return helping.page(verb)
    if verb == "demo":
        return _demo(rest)
    if verb == "config":
        return _config(rest)
    if _MODULES.get(verb, "help") not in _READING:
        from plashui.verbs import signals

        signals.unwind_first()
    module = _MODULES.get(verb)
    if module is not None:
        found = importlib.import_module(f"plashui.verbs.{module}")
        name = verb.replace(":", "_")
        status = getattr(found, f"{name}_verb")(rest)
        return int(status or 0)
    if verb.startswith("-"):
        return _open_app(words)
    if verb in _HELPERS:
        from plashui.helper import process

        if handed_over:
            raise PlashError(
                f"the program plash does not know {verb!r}, which this plashui expects",
                "They are of different versions: install plashui again",
            )
        process.become(["help", verb] if asks else [verb, *rest])
    raise PlashError(f"no verb {verb!r}", "`plashui help` lists them")


def _open_app(words: list[str]) -> int:
    """The terminal app, or what it shows as plain text; the words are options."""
    from plashui.verbs import opening

    wanted = opening.options(words)
    if wanted.plain:
        return opening.tell(wanted.store)
    opening.need_terminal()
    from plashui.ui import app

    return app.run(
        wanted.store,
        read_only=wanted.read_only,
        loaded=wanted.loaded,
        ascii_only=wanted.ascii,
    )


def _config(words: list[str]) -> int:
    """The settings. Only the app knows its actions and their keys."""
    from plashui.settings.config import Loaded
    from plashui.verbs.config import config_verb

    def settle(loaded: Loaded) -> tuple[Loaded, Mapping[str, str]]:
        from plashui.ui.actions.table import ACTIONS
        from plashui.ui.model.keymap_settings import settled

        return settled(loaded, ACTIONS)

    return config_verb(words, settle)


def _demo(words: list[str]) -> int:
    """The app on a throw-away store; without a terminal, only its store."""
    from plashui.verbs import demo

    store = demo.make_demo(words)
    status = 0
    if sys.stdin.isatty() and sys.stdout.isatty():
        from plashui.ui import app
        from plashui.verbs import opening

        wanted = opening.options([])
        status = app.run(store, loaded=wanted.loaded, ascii_only=wanted.ascii)
    else:
        print(store.path)  # noqa: T201
    print(demo.farewell(store), file=sys.stderr)  # noqa: T201
    return status
