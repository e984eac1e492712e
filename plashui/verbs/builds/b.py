"""b: a verb with what macros make as its image."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.helper.program import become
from plashui.verbs.builds.building import command_line_of, refuse_empty
from plashui.verbs.builds.recipe import build_words
from plashui.verbs.shared.synopsis import tell_usage


def run(words: list[str]) -> int:
    """Build what macros say; become the verb with the id as its first word."""
    if not words or words[0].startswith("-"):
        return tell_usage("b", words)
    verb, *rest = words
    macros, then = command_line_of(rest)
    at = next((n for n, word in enumerate(macros) if word.startswith("-")), len(macros))
    refuse_empty([verb, *macros[:at]])
    if at == len(macros):
        raise PlashError(
            "b: there are no macros", f"For example: plash b {verb} --from debian"
        )
    image = build_words(macros[at:])
    become([verb, str(image), *macros[:at], *(then or [])])
