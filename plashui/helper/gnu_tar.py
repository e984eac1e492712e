"""Messages of GNU tar, which the helper runs with LC_ALL=C."""

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
    """Return tar's messages without the leading `tar: ` and the closing line."""
    lines = (_SPEAKER.sub("", line) for line in outcome.stderr.splitlines())
    return [line for line in lines if line.strip() and line not in _AT_THE_END]


def first_of(complaints: Sequence[str]) -> str:
    """Return the first message and the number of further ones."""
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return f"{complaints[0]}{more}"


def is_own(complaint: str) -> bool:
    """Return whether a message is the helper's own, which needs no explanation."""
    return complaint.startswith("plash error: ")
