"""Labels that a build is given beside the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.recipes.plan import At, Configure, Step, config_after

if TYPE_CHECKING:
    from typing import Any


def labels_of(words: Sequence[str]) -> dict[str, str]:
    """Return the labels of `--label NAME=VALUE`."""
    found = {}
    for word in words:
        name, _equals, value = word.partition("=")
        if not name:
            raise PlashError(f"--label {clean(word)} has no name", "Write NAME=VALUE")
        found[name] = value
    return found


def labelled(
    config: Mapping[str, Any], steps: tuple[Step, ...], labels: Mapping[str, str]
) -> tuple[Step, ...]:
    """Return steps on an image with this config, and one that sets labels."""
    if not labels:
        return steps
    before = config_after(config, steps).get("Labels")
    found = before if isinstance(before, dict) else {}
    shown = " ".join(f"--label {name}={value}" for name, value in labels.items())
    return (*steps, Configure(At(), shown, {"Labels": {**found, **labels}}))
