"""The colour themes: calm, one accent for the focus and one for marks."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

from plashui.ui.platform.theme_names import OURS

DUSK: Final = Theme(
    name=OURS[0],
    primary="#7da6d9",
    secondary="#8fb8a8",
    accent="#8fb8a8",
    warning="#d9a860",
    error="#d9737f",
    success="#8fbf7f",
    foreground="#cdd3de",
    background="#14171c",
    surface="#191d23",
    panel="#242a33",
    dark=True,
    variables={
        "block-cursor-background": "#34506f",
        "block-cursor-foreground": "#f2f5fa",
        "block-cursor-text-style": "bold",
        "border": "#3a4452",
        "scrollbar": "#343c48",
        "scrollbar-hover": "#46505f",
        "scrollbar-active": "#7da6d9",
        "scrollbar-background": "#191d23",
        "scrollbar-background-hover": "#191d23",
        "scrollbar-background-active": "#191d23",
        "input-selection-background": "#7da6d9 25%",
    },
)

DAWN: Final = Theme(
    name=OURS[1],
    primary="#2f5f96",
    secondary="#2f6b57",
    accent="#25624c",
    warning="#8a5300",
    error="#a8283a",
    success="#2c6e2c",
    foreground="#1d232b",
    background="#e9ebee",
    surface="#f7f8fa",
    panel="#d9dee5",
    dark=False,
    variables={
        "block-cursor-background": "#2f5f96",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "border": "#8c97a6",
        "scrollbar": "#b4bdc9",
        "scrollbar-hover": "#97a3b3",
        "scrollbar-active": "#2f5f96",
        "scrollbar-background": "#f7f8fa",
        "scrollbar-background-hover": "#f7f8fa",
        "scrollbar-background-active": "#f7f8fa",
        "input-selection-background": "#2f5f96 30%",
    },
)

THEMES: Final = (DUSK, DAWN)
