"""Copying files into an image: what a Copy step puts where, and of what its key is."""

# ruff: noqa: ARG001 - until it is written

from __future__ import annotations

from collections.abc import Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent

if TYPE_CHECKING:
    from typing import Any

    from plashui.recipes.plan import Copy, Part, Source
    from plashui.store.store import Store


def parts(step: Copy, keys: Mapping[Source, str]) -> tuple[Part, ...]:
    """Return that of which the key of a step is made: its words, and its files.

    Each file of the context is a part, with its content, name and mode. `keys` has the
    key of each stage and image that it copies from.
    """
    raise step.at.error(f"cannot copy {step.target}: not written yet")


def copied(
    store: Store,
    parent: int,
    step: Copy,
    *,
    config: Mapping[str, Any],
    images: Mapping[Source, int],
    more: Mapping[str, object],
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Make a child of `parent` that has the files; return its id.

    `config` is the `config` object of the image so far; `images` has the image of each
    stage and image that it copies from; `more` is kept as metadata of the new image.
    Raises PlashError, and makes nothing, if it cannot be done.
    """
    raise step.at.error(f"cannot copy {step.target}: not written yet")
