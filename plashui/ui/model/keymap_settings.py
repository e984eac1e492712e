"""Settings that only the app can check: keys of actions, and the theme."""

from __future__ import annotations

from collections.abc import Iterable

from plashui.settings.config import Loaded, Where
from plashui.settings.keymap import assigned
from plashui.ui.model.action import Action
from plashui.ui.platform.theme_names import OURS, all_themes


def settled(loaded: Loaded, actions: Iterable[Action]) -> tuple[Loaded, dict[str, str]]:
    """Return the config with the problems that only the app finds, and all keys."""
    defaults = {action.name: action.key for action in actions}
    keys, clashes = assigned(defaults, loaded.config.keys)
    wrong: list[tuple[Where, str, str]] = [
        (("keys", clash.action), clash.sentence, clash.remedy) for clash in clashes
    ]
    theme = loaded.config.theme
    if theme not in OURS and theme not in all_themes():
        remedy = f"Known themes: {', '.join(all_themes())}"
        wrong.append((("theme",), f"unknown theme {theme!r}", remedy))
        loaded = loaded._replace(config=loaded.config._replace(theme=OURS[0]))
    return loaded.with_troubles(wrong), keys
