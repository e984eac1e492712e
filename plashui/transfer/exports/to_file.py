"""Exporting an image with its layers to a file: an OCI layout, or docker's archive."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.transfer.files import whole
from plashui.transfer.oci.into_file import ImageFile
from plashui.transfer.oci.outgoing import outgoing
from plashui.transfer.oci.push import Pushed, push
from plashui.transfer.oci.way import JOBS, Way
from plashui.transfer.registry.reference import parse

if TYPE_CHECKING:
    from typing import IO, BinaryIO, Final

    from plashui.store.store import Store
    from plashui.transfer.registry.reference import Reference


_COMPRESSED: Final = frozenset({".gz", ".tgz", ".xz", ".txz", ".bz2", ".zst", ".zstd"})


def format_of(file: str) -> str:
    """Return the format that a file's name stands for: `x.docker.tar` is docker's."""
    return "docker" if ".docker.tar" in file.rpartition("/")[2] else "oci"


def check_suffix(target: Path) -> None:
    """Raise PlashError for a file whose name promises more compression."""
    if target.suffix.lower() in _COMPRESSED:
        raise PlashError(
            f"cannot write {target}: its layers are compressed already",
            "Choose a name that ends in .oci.tar or .docker.tar",
        )


def export_layers(
    store: Store,
    image: int,
    target: Path | BinaryIO,
    *,
    name: Reference | None = None,
    form: str = "oci",
    way: Way | None = None,
    annotations: Mapping[str, str] | None = None,
    jobs: int = JOBS,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Pushed:
    """Write an image with its layers and its config to a file.

    `name` is what the image will be called where the file is loaded, by default its
    first name that can be one there. A regular file appears complete, replacing an
    existing one, or not at all.
    """
    name = name or _own_name(store, image)
    leaving = outgoing(store, image, way or Way())
    temporary = Path(tempfile.gettempdir())
    with contextlib.ExitStack() as stack:
        if isinstance(target, Path):
            check_suffix(target)
            file: IO[bytes] = stack.enter_context(whole(target))
            is_file = target.is_file() or not target.exists()
            beside = target.parent if is_file else temporary
            what = f"writing {target}"
        else:
            file, beside, what = target, temporary, "writing the image"
        into = stack.enter_context(
            ImageFile(file, beside, name, docker=form == "docker")
        )
        done = push(
            leaving,
            into,
            what=what,
            annotations=annotations,
            jobs=jobs,
            report=report,
            cancel=cancel,
        )
        into.close()
        file.flush()
    return done


def _own_name(store: Store, image: int) -> Reference | None:
    """Return the first name of an image that other engines can have, too."""
    for name in sorted(store.names().get(image, ())):
        with contextlib.suppress(PlashError):
            return parse(name)
    return None
