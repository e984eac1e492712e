"""The colour themes: calm, one accent for the focus and one for marks."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

from plashui.ui.platform.theme_names import OURS

DUSK: Final = Theme(
    name=OURS[0],
    primary="#7aa2f7",
    secondary="#4fd6be",
    accent="#4fd6be",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#cfd6e6",
    background="#0f1218",
    surface="#12161e",
    panel="#1b2230",
    dark=True,
    variables={
        "block-cursor-text-style": "bold",
        "border": "#2c3546",
        "scrollbar": "#343c48",
        "scrollbar-hover": "#46505f",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-background": "#12161e",
        "scrollbar-background-hover": "#12161e",
        "scrollbar-background-active": "#12161e",
        "input-selection-background": "#7aa2f7 25%",
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
