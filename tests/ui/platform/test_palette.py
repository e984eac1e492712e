"""Everything can be read in every theme: contrasts as WCAG 2.1 defines them."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from plashui.ui.platform.palette import (
    AGES,
    BLOCK_INK,
    HUES,
    SIGN,
    TEXT,
    contrast,
    shades,
    variables,
)
from plashui.ui.platform.theme import THEMES

ALL = [*THEMES, *BUILTIN_THEMES.values()]

ON_ROWS = (
    *("foreground", "middling", "dim", "unsaved", "text-warning", "text-success"),
    *("text-error", "text-primary", *(f"hue{at}" for at in range(len(HUES)))),
    *(f"age{at}" for at in range(len(AGES))),
)
"""Texts on rows, with and without the cursor."""

SIGNS = ("guide", "trash", *(f"hue{at}-dim" for at in range(len(HUES))))


def colours(theme: Theme) -> dict[str, Color]:
    """All colours of a theme that are known here."""
    given = {**theme.to_color_system().generate(), **theme.variables}
    every = given | variables(given, dark=theme.dark)
    if theme.name.startswith("ansi"):  # its ground is black or white, so far as we know
        ground = "#000000" if theme.dark else "#ffffff"
        every |= dict.fromkeys(("surface", "background", "panel"), ground)
    found: dict[str, Color] = {}
    for name in (*ON_ROWS, *SIGNS, "surface", "background", "panel", "frame"):
        if not every[name].startswith("ansi"):
            found[name] = Color.parse(every[name])
    found["cursor"] = Color.parse(every["block-cursor-background"])
    return found


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_texts_and_signs_stand_out_from_all_that_they_are_drawn_on(
    theme: Theme,
) -> None:
    known = colours(theme)
    for ground in ("surface", "background", "cursor"):
        for names, least in (ON_ROWS, TEXT), (SIGNS, SIGN):
            for name in names:
                if name in known:
                    said = contrast(known[name], known[ground])
                    assert said >= least, (name, ground, said)
    for name in ("foreground", "dim"):
        assert contrast(known[name], known["panel"]) >= TEXT, "the footer"
    assert contrast(known["frame"], known["surface"]) >= SIGN
    assert contrast(known["cursor"], known["surface"]) > 1.2, "the cursor is seen"


def test_the_blocks_of_the_map_have_shades_that_are_good_for_dark_text() -> None:
    for hue in (*HUES, *AGES):
        made = shades(hue)
        assert len(set(made)) == len(made), "siblings can be told apart"
        assert all(
            contrast(Color.parse(shade), Color.parse(BLOCK_INK)) >= TEXT
            for shade in made
        )


def test_black_and_white_are_as_far_apart_as_can_be() -> None:
    assert round(contrast(Color(0, 0, 0), Color(255, 255, 255))) == 21
