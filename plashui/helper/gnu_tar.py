"""What GNU tar says while the helper runs it, in LC_ALL=C, taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.helper.process import Outcome

if TYPE_CHECKING:
    from typing import Final

_SPEAKER: Final = re.compile(r"^(/\S*/)?tar: ")
_AT_THE_END: Final = (
    "Exiting with failure status due to previous errors",
    "Error is not recoverable: exiting now",
)


def said(outcome: Outcome) -> list[str]:
    """Its lines, without its name before them and its farewell."""
    lines = (_SPEAKER.sub("", line) for line in outcome.stderr.splitlines())
    return [line for line in lines if line.strip() and line not in _AT_THE_END]


def first_of(complaints: Sequence[str]) -> str:
    """The first one, and how many more there are."""
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return f"{complaints[0]}{more}"


def is_own(complaint: str) -> bool:
    """Whether it is no word of tar's but the helper's, which says it all."""
    return complaint.startswith("plash error: ")
