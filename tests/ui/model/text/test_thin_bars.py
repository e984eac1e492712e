"""Thin bars and sparklines."""

from __future__ import annotations

from plashui.ui.model.text.thin_bars import spark, thin_bar


def drawn(*words: float, width: int = 10) -> str:
    """The bar as text."""
    share, beyond = (*words, 0.0)[:2]
    return "".join(text for text, _kind in thin_bar(share, width, "a", beyond, "b"))


def test_a_bar_is_exact_to_half_a_cell_and_as_wide_as_asked() -> None:
    assert drawn(0.5) == "━━━━━─────"
    assert drawn(0.55) == "━━━━━╸────"
    assert drawn(0.0) == "──────────"
    assert drawn(0.0001) == "╸─────────", "what is there at all is seen"
    assert drawn(7.0) == "━━━━━━━━━━"
    for share in range(21):
        for beyond in range(21):
            assert len(drawn(share / 20, beyond / 20)) == 10


def test_what_goes_beyond_is_of_another_kind() -> None:
    pieces = thin_bar(0.2, 10, "a", 0.5, "b")
    assert pieces == [("━━", "a"), ("━━━", "b"), ("─────", "track")]


def test_a_sparkline_goes_up_to_the_greatest() -> None:
    assert spark([0, 1, 2, 4]) == "▁▃▅█"
    assert spark([]) == ""
    assert spark([0, 0]) == "▁▁"
