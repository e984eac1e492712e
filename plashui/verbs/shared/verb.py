"""A verb of the command line, as the tables of verbs describe it."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final, Literal

ISOLATION: Final = {
    **{"--net": False, "--rw": False, "--setuid": False},
    **{"-v": True, "-u": True, "-e": True, "-w": True, "--hostname": True},
    **{"--memory": True, "--pids": True, "--seccomp": True},
}
"""The options of `run --isolate`, and whether each takes a value."""


class Verb(NamedTuple):
    """A verb: its usage, what it does, and an example (the words after `plash`).

    In `usage`, options are in brackets; ID, FILE, DIR and the like are the kinds of
    operands. `makes`: it prints the id of an image.

    `run`: the function that does it, as "module:function"; it gets the words after the
    verb and returns the exit status. `helper`: whether the C program also does it
    without Python: wholly, or only in plain cases such as an uncompressed file.
    Without `run`, only the C program does it. `ends_at_once`: a signal ends it
    immediately, because it changes nothing, or handles signals itself.
    """

    usage: str
    does: str
    example: str
    makes: bool = False
    run: str = ""
    helper: Literal["", "wholly", "plain cases"] = ""
    ends_at_once: bool = False

    def sentence(self) -> str:
        """Return what it does, as a sentence."""
        return f"{self.does[0].upper()}{self.does[1:]}."

    def command(self) -> str:
        """Return the example as it is typed."""
        return self.example if "plash" in self.example else f"plash {self.example}"

    def operands(self) -> list[str]:
        """Return the operands in order; `...` is one, after an operand that repeats."""
        return self._taken_apart()[0]

    def options(self) -> dict[str, bool]:
        """Return the options, and whether each takes a value."""
        found = self._taken_apart()[1]
        return {**found, **ISOLATION} if "--isolate" in found else found

    def _taken_apart(self) -> tuple[list[str], dict[str, bool]]:
        operands: list[str] = []
        options: dict[str, bool] = {}
        inside: list[str] = []  # of each open bracket the option it is for, or ""
        first = False
        for word in self.usage.replace("[", "[ ").replace("]", " ]").split():
            if word == "[":
                inside.append(inside[-1] if inside else "")
            elif word == "]":
                inside.pop()
            elif first and word.startswith("-") and word not in ("-", "--"):
                options[word] = False
                inside[-1] = word
            elif not (inside and inside[-1]):
                operands.append(word)
            elif not first and word != "...":
                options[inside[-1]] = True
            first = word == "["
        return operands, options
