"""history: the layers of an image, and what made them."""

from __future__ import annotations

import time

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.image.history import Step, history
from plashui.model.oci_history import in_words
from plashui.verbs.shared.arguments import image_or_json
from plashui.verbs.shared.current_store import counted, store
from plashui.verbs.shared.output import out, print_json
from plashui.verbs.shared.sizes import about, known

if TYPE_CHECKING:
    from typing import Any, Final

_MOST: Final = 100
"""Characters of what made a layer, which may be a whole script; JSON has all."""


def run(words: list[str]) -> int:
    """Print the layers of an image."""
    does = (
        "The layers of an image, its own first. A step of a pulled image that made no\n"
        "layer, such as ENV or CMD, has a - instead of an id."
    )
    word, as_json = image_or_json("history", words, does)
    place = store()
    image = place.resolve(word)
    steps = history(place, counted(), image)
    if as_json:
        print_json([_step_json(step) for step in steps])
        return 0
    lines = [f"{'ID':>7}  {'OWN':>8}  {'CHAIN':>8}  {'CREATED':<16}  NAME / ORIGIN"]
    out("\n".join(lines + [_step_line(step) for step in steps]))
    return 0


def _step_json(step: Step) -> dict[str, Any]:
    return {**step._asdict(), "own": known(step.own), "chain": known(step.chain)}


def _made_by(step: Step) -> str:
    """Return the step of a pulled image; of other layers the origin says it."""
    made_by = clean(in_words(step.created_by))
    return made_by if len(made_by) <= _MOST else made_by[: _MOST - 1] + "…"


def _step_line(step: Step) -> str:
    if step.id is None:
        return f"{'-':>7}  {'-':>8}  {'-':>8}  {'':<16}  {_made_by(step)}".rstrip()
    when = ""
    if step.created is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(step.created))
    label = clean(step.origin) if step.origin not in step.names else ""
    if step.names:
        names = clean(", ".join(step.names))
        label = f"{names}  ({label})" if label else names
    made_by = _made_by(step)
    label = f"{label}: {made_by}" if made_by else label
    own, chain = about(step.own), about(step.chain)
    return f"{step.id:>7}  {own:>8}  {chain:>8}  {when:<16}  {label}"
