"""The command line: finds the module of a verb, imports only that, and runs it.

The contract: an id or a path on stdout, everything else on stderr; an error is one
line `plash error: WHAT: WHY` and exit status 1.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.verbs.table import ALIASES, ENGINE, VERBS, function_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final, NoReturn

_APP: Final = "plashui.verbs.open_app:run"
"""The function for a command line without a verb."""
_OF_THE_APP: Final = ("", "--store", "--read-only", "--ascii", "--plain")
"""The first words of such a command line that are the app's own."""


def main() -> int:
    """Run the command line of this process; return the exit status."""
    _open_standard_files()
    try:
        status = _status(sys.argv[1:])
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader of our output has closed it.
        return _after_output(141)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, "interrupted")
    except Cancelled:
        return _complain("interrupted", 130)
    except PlashError as error:
        _tell(error.remarks)
        return _interrupted(error, str(error))
    except OSError as error:
        place = f" ({os.fsdecode(error.filename)})" if error.filename else ""
        return _interrupted(error, f"{error.strerror or error}{place}")
    except Exception as error:
        from plashui.base import log

        log.note(error)
        return _complain(log.sentence(error))


def end(status: int) -> NoReturn:
    """End this process; after a verb without the interpreter's cleanup.

    The cleanup would take a fifth of the time of all imports.
    """
    if "plashui.ui.app" in sys.modules:
        sys.exit(status)
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(status)


def _interrupted(error: BaseException, sentence: str) -> int:
    """Print the error; if a signal caused it, die from that signal.

    With PLASH_DEBUG=1 the traceback is logged and the log's path is added.
    """
    if os.environ.get("PLASH_DEBUG", "0") not in ("", "0"):
        from plashui.base import log  # only with PLASH_DEBUG

        sentence = log.traced(error, sentence)
    status = _complain(sentence)
    at: BaseException | None = error
    while at is not None and not isinstance(at, KeyboardInterrupt):
        at = at.__context__  # an error of the cleanup after it
    if at is None:
        return status
    from plashui.verbs.shared.signals import end_by  # only for one who is interrupted

    return end_by(at)


def _status(words: list[str]) -> int:
    try:
        return run(words)
    except SystemExit as end:  # argparse has printed the usage
        return end.code if isinstance(end.code, int) else 1


def _open_standard_files() -> None:
    """Put /dev/null where a descriptor 0, 1 or 2 is closed.

    Otherwise the first file opened would get its number, and our output.
    """
    while None in (sys.stdin, sys.stdout, sys.stderr):
        number = os.open(os.devnull, os.O_RDWR)
        if number > 2:
            os.close(number)
            break
        os.set_inheritable(number, True)
        name = ("stdin", "stdout", "stderr")[number]
        setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115


def _tell(remarks: Sequence[str]) -> None:
    if remarks:
        from plashui.verbs.shared.output import say

        for remark in remarks:
            say(remark)


def _complain(sentence: str, status: int = 1) -> int:
    from plashui.verbs.shared.output import complain

    complain(sentence)
    return _after_output(status)


def _after_output(status: int) -> int:
    """Drop output that cannot be written; the interpreter would report it again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return status


def run(words: list[str]) -> int:
    """Run a command line; return the exit status."""
    verb, *rest = words or [""]
    verb = ALIASES.get(verb, verb)
    if verb == "help" and rest:
        verb, rest = ALIASES.get(rest[0], rest[0]), ["--help"]
    handed_over = os.environ.pop("PLASH_HANDED_OVER", None)
    entry = VERBS.get(verb) or ENGINE.get(verb)
    if not verb or (entry is None and verb.startswith("-")):
        return _without_verb(words)
    if entry is None and "/" in verb:
        return _building("plashui.verbs.builds.recipe_file:run", words)
    if entry is None:
        raise PlashError(f"no verb {verb!r}", "`plash help` lists them")
    if not entry.run:
        _leave_to_helper(verb, rest, handed_over=bool(handed_over))
    if not entry.ends_at_once:
        from plashui.verbs.shared import signals  # not for verbs that only read

        signals.unwind_first()
    return function_at(entry.run)(rest)


def _without_verb(words: list[str]) -> int:
    """Open the app, or build what words say that begin with a macro."""
    if words and words[0].partition("=")[0] not in _OF_THE_APP:
        from plashui.verbs.builds import recipe  # its macros are not the app's

        if recipe.is_recipe(words[0]):
            return _building("plashui.verbs.builds.recipe:run", words)
        raise recipe.unknown(words[0], _OF_THE_APP[1:])
    return function_at(_APP)(words)


def _building(function: str, words: list[str]) -> int:
    from plashui.verbs.shared import signals  # not for verbs that only read

    signals.unwind_first()
    return function_at(function)(words)


def _leave_to_helper(verb: str, words: list[str], *, handed_over: bool) -> NoReturn:
    """Become the C program, unless it has just handed the verb to us."""
    if handed_over:
        raise PlashError(
            f"the program plash does not know {verb!r}, which this plashui expects",
            "They are of different versions: install plashui again",
        )
    from plashui.helper.program import become  # not for verbs that are done in Python

    asks = words[:1] in (["--help"], ["-h"])
    become(["help", verb] if asks else [verb, *words])
