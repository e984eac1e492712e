"""config: the settings; with an image, how it is meant to be run.

Each way loads much that the other does not need: TOML and all keys, argparse and JSON.
"""

from __future__ import annotations


def run(words: list[str]) -> int:
    """Print the settings; with an image, print or change its config."""
    if words:
        from plashui.verbs import image_config

        return image_config.run(words)
    from plashui.verbs import settings

    return settings.run()
