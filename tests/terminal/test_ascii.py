"""A terminal that knows no UTF-8 gets none."""

from __future__ import annotations

from tests.terminal.conftest import Terminal


def test_a_locale_without_utf8_is_drawn_in_ascii(terminal: Terminal) -> None:
    terminal.type("plashui")
    assert "·" in terminal.shows(" free", "No images yet")
    terminal.press("q")
    terminal.shows("shell>")
    terminal.type("clear; LC_ALL=C plashui")
    screen = terminal.shows(" free", "No images yet")
    assert screen.isascii()
    terminal.press("q")
    terminal.shows("shell>")
    terminal.type("clear; LC_ALL=C plashui --plain")
    terminal.shows("has 0 images", "Free on the disk", "shell>")
