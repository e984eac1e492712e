"""The command line: finds who does a verb, loads only that, and runs it.

The contract: an id or a path on stdout, all else on stderr; an error is one line
`plash error: WHAT: WHY` and exit status 1.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.verbs.table import ALIASES, ENGINE, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, NoReturn

_APP: Final = "plashui.verbs.app:run"
"""What is run where there is no verb."""


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
    """Say it, and end by the signal behind it, if there is one.

    With PLASH_DEBUG=1 the traceback is in the log, and the sentence says where that is.
    """
    if os.environ.get("PLASH_DEBUG", "0") not in ("", "0"):
        from plashui.base import log  # only for whoever looks for a fault

        sentence = log.traced(error, sentence)
    status = _complain(sentence)
    at: BaseException | None = error
    while at is not None and not isinstance(at, KeyboardInterrupt):
        at = at.__context__  # what went wrong while it was taken back
    if at is None:
        return status
    from plashui.verbs.signals import end_by  # only for one who is interrupted

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
    """Do what the words say; the exit status."""
    verb, *rest = words or [""]
    verb = ALIASES.get(verb, verb)
    if verb == "help" and rest:
        verb, rest = ALIASES.get(rest[0], rest[0]), ["--help"]
    handed_over = os.environ.pop("PLASH_HANDED_OVER", None)
    entry = VERBS.get(verb) or ENGINE.get(verb)
    if not verb or (entry is None and verb.startswith("-")):
        return _function(_APP)(words)
    if entry is None:
        raise PlashError(f"no verb {verb!r}", "`plashui help` lists them")
    if not entry.run:
        _leave_to_helper(verb, rest, handed_over=bool(handed_over))
    if not entry.ends_at_once:
        from plashui.verbs import signals  # what only reads does without

        signals.unwind_first()
    return _function(entry.run)(rest)


def _function(place: str) -> Callable[[list[str]], int]:
    """The function that "module:function" names, of the table of verbs."""
    module, _, name = place.partition(":")
    # As importlib.import_module, which takes as long to be imported as a small verb.
    found: Callable[[list[str]], int] = getattr(
        __import__(module, fromlist=[name]), name
    )
    return found


def _leave_to_helper(verb: str, words: list[str], *, handed_over: bool) -> NoReturn:
    """Become the C program, unless that has just left the verb to us."""
    if handed_over:
        raise PlashError(
            f"the program plash does not know {verb!r}, which this plashui expects",
            "They are of different versions: install plashui again",
        )
    from plashui.helper import command  # what is done here need not start programs

    asks = words[:1] in (["--help"], ["-h"])
    command.become(["help", verb] if asks else [verb, *words])
