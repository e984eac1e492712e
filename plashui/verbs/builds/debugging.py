"""A shell in what a command of a build left when it failed, and what becomes of it."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.operations.failed_shell import failed_shell
from plashui.verbs.shared.output import say

if TYPE_CHECKING:
    from typing import Final

    from plashui.operations.failed import CommandFailed

_ANSWERS: Final = {"g": "go on", "k": "keep", "d": "discard", "s": "shell"}


def after_failure(failed: CommandFailed, *, debug: bool) -> int:
    """Say what is kept of a failed command; to `debug` open a shell in it.

    Returns the image that a person made of it. Raises PlashError if nobody goes on.
    """
    sentence = str(failed.args[0])
    on_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if not (debug and on_terminal):
        how = "--debug needs a terminal" if debug else "--debug opens a shell there"
        if failed.place is not None:
            name = failed.place.name
            how += (
                f". What it changed is kept as {name}, until it is done again, or by"
                f" `plash rm {name}` removed"
            )
        raise PlashError(sentence, how) from failed
    say(f"plash error: {sentence}")
    return _debugged(failed)


def _debugged(failed: CommandFailed) -> int:
    with failed_shell(failed) as shell:
        answer = "s"
        while answer == "s":
            for line in shell.told():
                say(clean(line))
            shell.run()
            answer = _asked()
        if answer == "g":
            return shell.keep()
        if answer == "d":
            shell.session.forget()
            raise PlashError("nothing was built: what failed was discarded")
        kept = shell.kept
        remedy = f"`plash rm {kept}` removes it" if kept else ""
        raise PlashError("nothing was built: what failed was kept", remedy)


def _asked() -> str:
    """Ask what shall become of the state; return g, k, d or s."""
    say("[g]o on from here, [k]eep it and stop, [d]iscard it, [s]hell again?")
    while True:
        answer = sys.stdin.readline()
        if not answer:
            return "k"
        if answer.strip()[:1].lower() in _ANSWERS:
            return answer.strip()[:1].lower()
        say(", ".join(f"{letter}: {what}" for letter, what in _ANSWERS.items()))
