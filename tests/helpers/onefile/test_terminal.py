"""An app at a terminal: its keys, its size, its prompt."""

from __future__ import annotations

from tests.helpers.onefile.conftest import Shelf
from tests.keyboard import at_a_terminal


def test_the_terminal_is_the_apps(shelf: Shelf) -> None:
    app = shelf.app("Name=el", "Prompt=14", "Cmd=sh", way="cache")
    with at_a_terminal(
        shelf.person, [app.path], app.environment(), shelf.place
    ) as keys:
        keys.shows(r"el\.[a-z]{12}:/\S* \$ ")
        assert "\x1b[1;34m" in keys.raw  # the colour of the prompt
        keys.press("stty size\n")
        keys.shows("40 120\n")
        keys.press("echo re''ady; cat\n")
        keys.shows("ready\n")
        for end in ("\x1a", "\x03"):  # Ctrl-Z, and Ctrl-C
            keys.press("word\n")
            keys.shows("word\n(.|\n)*word\n")  # typed, and from cat
            keys.press(end)
            keys.shows(r"\$ ")
            keys.press("fg; echo $((6 * 7))\n")
            keys.shows("\ncat\n" if end == "\x1a" else "42\n")
        keys.press("exit 5\n")
        keys.rest()


def test_without_a_terminal_there_is_no_prompt(shelf: Shelf) -> None:
    app = shelf.app("Prompt=14", way="memory")
    assert "PS1=" not in app("env", check=True).stdout
