"""What can be chosen of images of layers that come or leave: how, and how many at once.

Verbs offer it before they import what brings them in or out.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

JOBS: Final = 2
"""The layers that are fetched or sent at once: more gain nothing on two cores."""

_TAR: Final = "application/vnd.oci.image.layer.v1.tar"
PLAIN: Final = "none"
KINDS: Final = {
    "gzip": (f"{_TAR}+gzip", "gz"),
    "zstd": (f"{_TAR}+zstd", "zst"),
    PLAIN: (_TAR, ""),
}
"""The media type of each compression, and the suffix that it has."""

FORMATS: Final = ("oci", "docker")
"""Of a file: an OCI layout, and one that every docker's `load` understands."""


class Way(NamedTuple):
    """How layers leave: their compression, one of KINDS, and the latest time of a file.

    `latest` (seconds, SOURCE_DATE_EPOCH) is of layers that were made here only.
    """

    compression: str = "gzip"
    latest: int | None = None
