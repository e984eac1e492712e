"""What the app makes of the config: the keys of its actions, and its themes."""

from __future__ import annotations

from plashui.core.config import Loaded, Where
from plashui.core.keys import assigned
from plashui.ui.commands import ACTIONS
from plashui.ui.theme import THEMES


def settled(loaded: Loaded) -> tuple[Loaded, dict[str, str]]:
    """The config with what only the app can find wrong, and the keys of each action."""
    defaults = {action.name: action.key for action in ACTIONS}
    keys, clashes = assigned(defaults, loaded.config.keys)
    wrong: list[tuple[Where, str, str]] = [
        (("keys", clash.action), clash.sentence, clash.remedy) for clash in clashes
    ]
    theme = loaded.config.theme
    if theme not in all_themes():
        remedy = f"There are: {', '.join(all_themes())}"
        wrong.append((("theme",), f"no theme {theme!r}", remedy))
        loaded = loaded._replace(config=loaded.config._replace(theme=THEMES[0].name))
    return loaded.with_troubles(wrong), keys


def all_themes() -> list[str]:
    """Ours first, then those that come with Textual."""
    from textual.theme import BUILTIN_THEMES

    return [*(theme.name for theme in THEMES), *sorted(BUILTIN_THEMES)]
