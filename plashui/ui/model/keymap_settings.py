"""What the app makes of the config: the keys of its actions, and its theme."""

from __future__ import annotations

from collections.abc import Iterable

from plashui.settings.config import Loaded, Where
from plashui.settings.keymap import assigned
from plashui.ui.model.action import Action
from plashui.ui.platform.theme_names import OURS, all_themes


def settled(loaded: Loaded, actions: Iterable[Action]) -> tuple[Loaded, dict[str, str]]:
    """The config with what only the app can find wrong, and the keys of each action."""
    defaults = {action.name: action.key for action in actions}
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
