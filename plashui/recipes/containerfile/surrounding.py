"""What the instructions of a stage refer to."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plashui.recipes.containerfile.lines import Line
    from plashui.recipes.plan import Context, Source


class Surrounding(NamedTuple):
    """The context, a file for the id of each secret, a socket for that of each
    ssh agent, and what `--from` means."""

    context: Context
    secrets: Mapping[str, str]
    agents: Mapping[str, str]
    origin: Callable[[Line, str], Source]
