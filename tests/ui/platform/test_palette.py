"""Everything can be read in every theme: contrasts as WCAG 2.1 defines them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from plashui.ui.platform.palette import (
    AGES,
    BLOCK_INK,
    HUES,
    KINDS,
    SIGN,
    TEXT,
    Depth,
    ages,
    contrast,
    hues,
    ink,
    shades,
    shown,
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


def colours(theme: Theme, depth: Depth = Depth.TRUE) -> dict[str, Color]:
    """All colours of a theme that are known here."""
    given = {**theme.to_color_system().generate(), **theme.variables}
    every = given | variables(given, dark=theme.dark, depth=depth)
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
def test_every_kind_of_text_can_be_drawn_in_every_theme(theme: Theme) -> None:
    given = {**theme.to_color_system().generate(), **theme.variables}
    every = given | variables(given, dark=theme.dark)
    drawn = cast(Widget, SimpleNamespace(app=SimpleNamespace(theme_variables=every)))
    for kind in KINDS:
        assert ink(drawn, kind).color is not None


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_texts_and_signs_stand_out_from_all_that_they_are_drawn_on(
    theme: Theme, depth: Depth
) -> None:
    known = colours(theme, depth)
    texts = SIGN if depth is Depth.FEW else TEXT
    for ground in ("surface", "background", "cursor"):
        for names, least in (ON_ROWS, texts), (SIGNS, SIGN):
            for name in names:
                if name in known:
                    said = contrast(known[name], known[ground])
                    assert said >= least, (name, ground, said)
    for name in ("foreground", "dim"):
        assert contrast(known[name], known["panel"]) >= texts, "the footer"
    assert contrast(known["frame"], known["surface"]) >= SIGN
    assert contrast(known["cursor"], known["surface"]) > 1.2, "the cursor is seen"


@pytest.mark.parametrize("depth", [Depth.MANY, Depth.FEW])
@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_a_terminal_of_few_colours_shows_just_those_that_were_chosen(
    theme: Theme, depth: Depth
) -> None:
    system = {Depth.MANY: ColorSystem.EIGHT_BIT, Depth.FEW: ColorSystem.STANDARD}
    palette = {Depth.MANY: EIGHT_BIT_PALETTE, Depth.FEW: STANDARD_PALETTE}[depth]
    for name, colour in colours(theme, depth).items():
        if theme.name.startswith("ansi") and name in ("surface", "background", "panel"):
            continue
        number = colour.rich_color.downgrade(system[depth]).number
        assert number is not None
        drawn = palette[number]
        assert max(abs(a - b) for a, b in zip(drawn, colour.rgb, strict=True)) <= 10, (
            name,
            colour,
            drawn,
        )


def test_with_few_colours_distributions_and_ages_are_still_told_apart() -> None:
    for depth in Depth:
        for dark in True, False:
            for every in hues(depth, dark=dark), ages(depth, dark=dark):
                seen = {shown(Color.parse(one), depth).hex6 for one in every}
                assert len(seen) == len(every), (depth, dark)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_with_16_colours_warnings_and_errors_are_no_grey(theme: Theme) -> None:
    known = colours(theme, Depth.FEW)
    kinds = ("text-warning", "text-error") if theme.dark else ("text-error",)
    for name in kinds:
        red, green, blue = known[name].rgb
        assert not red == green == blue, name


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_what_is_typed_into_a_field_can_be_read(theme: Theme, depth: Depth) -> None:
    given = {**theme.to_color_system().generate(), **theme.variables}
    every = variables(given, dark=theme.dark, depth=depth)
    field = Color.parse(every["field"])
    for name in ("foreground", "dim"):
        least = SIGN if depth is Depth.FEW else TEXT
        assert contrast(Color.parse(every[name]), field) >= least, name


def test_the_blocks_of_the_map_have_shades_that_are_good_for_dark_text() -> None:
    for depth, differing in (Depth.TRUE, 5), (Depth.MANY, 3), (Depth.FEW, 1):
        for hue in (*hues(depth), *ages(depth)):
            made = shades(hue, depth)
            assert len(set(made)) >= differing, "siblings can be told apart"
            assert all(
                contrast(Color.parse(shade), Color.parse(BLOCK_INK)) >= TEXT
                for shade in made
            )


def test_black_and_white_are_as_far_apart_as_can_be() -> None:
    assert round(contrast(Color(0, 0, 0), Color(255, 255, 255))) == 21
