"""What the app makes of the config: the keys of its actions, and its themes."""

from __future__ import annotations

from typing import Final

from plashui.settings.config import Loaded, Where
from plashui.settings.keymap import assigned
from plashui.ui.actions.table import ACTIONS

OURS: Final = ("plashui", "plashui-light")
"""Our own themes, as `theme` has them; the first is for those who say nothing."""


def settled(loaded: Loaded) -> tuple[Loaded, dict[str, str]]:
    """The config with what only the app can find wrong, and the keys of each action."""
    defaults = {action.name: action.key for action in ACTIONS}
    keys, clashes = assigned(defaults, loaded.config.keys)
    wrong: list[tuple[Where, str, str]] = [
        (("keys", clash.action), clash.sentence, clash.remedy) for clash in clashes
    ]
    theme = loaded.config.theme
    if theme not in OURS and theme not in all_themes():
        remedy = f"There are: {', '.join(all_themes())}"
        wrong.append((("theme",), f"no theme {theme!r}", remedy))
        loaded = loaded._replace(config=loaded.config._replace(theme=OURS[0]))
    return loaded.with_troubles(wrong), keys


def all_themes() -> list[str]:
    """Ours first, then those that come with Textual."""
    from textual.theme import BUILTIN_THEMES  # 20 times as long as `config` else takes

    return [*OURS, *sorted(BUILTIN_THEMES)]
