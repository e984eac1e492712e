"""Errors of registries that callers tell apart; all others are plain PlashErrors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from plashui.base.errors import PlashError


class NotFound(PlashError):
    """The registry has no such repository, tag or blob."""


class Unauthorized(PlashError):
    """The registry itself wants another login, or none suffices."""


class Unreachable(PlashError):
    """The server was not reached, or the connection broke; another try may help."""


class CutOff(PlashError):
    """A blob ended early; another request at the offset reached may go on."""


class UploadLost(PlashError):
    """The registry has forgotten a blob that is on its way, or got something else."""


class DigestRefused(UploadLost):
    """The registry has got all bytes of a blob, but says that they are others."""


@contextlib.contextmanager
def remarked(told: Sequence[str]) -> Iterator[None]:
    """Give an error of the block the remarks that were made before it."""
    try:
        yield
    except PlashError as error:
        error.remarks = tuple(told)
        raise
