"""Making one executable file of an image."""

from __future__ import annotations

import json
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.helper.pack import pack_image
from plashui.image.config_of import carried, effective_config
from plashui.transfer.files import inherited, whole
from plashui.transfer.flow import Flow
from plashui.transfer.onefile import conf, desktop
from plashui.transfer.onefile.runtime import STAMP, digest_of, runtime
from plashui.transfer.squashfs.writer import writing

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from plashui.store.store import Store
    from plashui.transfer.onefile.options import AppOptions


class Look(NamedTuple):
    """How an app looks on a desktop: the files that a person gives, if any."""

    icon: Path | None = None
    desktop: Path | None = None


def export_app(
    store: Store,
    image: int,
    target: Path,
    options: AppOptions,
    look: Look | None = None,
    *,
    compression: str = "zstd",
    time: int = 0,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Write an executable file that runs the merged image.

    It appears complete, replacing an existing one, or not at all. `time`, in epoch
    seconds, is that of all that is not of the image. The same image, options and
    version give the same bytes.
    """
    store.layer(image)
    look = look or Look()
    config = carried(effective_config(store, image))
    program = runtime(config["architecture"])
    text = conf.written(config["config"], options, _origin(store, image))
    icon = desktop.icon(options.name, look.icon)
    entry = desktop.entry(options.name, look.desktop)
    if inherited(target) is not None or (target.exists() and not target.is_file()):
        raise PlashError(
            f"cannot write {target}: an app is a file that is written in any order",
            "Name a new file",
        )
    flow = Flow(report, f"writing {target}")
    with whole(target, nameless=True) as file:
        file.write(program)
        with writing(file, compression=compression, time=time) as squashfs:
            # Small things first: who reads the beginning of the file finds them.
            squashfs.add_file(conf.CONF.encode(), text)
            squashfs.add_file(f"{options.name}.desktop".encode(), entry)
            squashfs.add_file(icon.name.encode(), icon.data)
            squashfs.add_link(b".DirIcon", icon.name.encode())
            squashfs.add_file(conf.CONFIG.encode(), _json(config))
            squashfs.add_file(b"LICENSES", desktop.licenses())
            squashfs.add_file(b"AppRun", program, 0o755)
            tar = squashfs.tar(conf.ROOT.encode())
            pack_image(
                store.path,
                image,
                flow.through(tar.write),
                on_tick=flow.tick,
                cancel=cancel,
            )
            end = len(program) + squashfs.finish()
        _complete(file, program, end)


def _json(config: dict[str, object]) -> bytes:
    return json.dumps(config, sort_keys=True, indent=1).encode("ascii") + b"\n"


def _complete(file: BinaryIO, program: bytes, end: int) -> None:
    """Stamp the file with the digest of its squashfs; make it executable."""
    file.flush()
    number = file.fileno()
    os.ftruncate(number, end)
    digest = digest_of(file, len(program)).encode("ascii")
    os.pwrite(number, digest, program.index(STAMP) + len(STAMP))
    mode = os.fstat(number).st_mode
    os.fchmod(number, mode & 0o777 | (mode & 0o444) >> 2)


def _origin(store: Store, image: int) -> str:
    """Return what an image is for people: its name, or where it came from."""
    names = store.names().get(image)
    if names:
        return names[0]
    found = store.read().images.get(image)
    return found.origin if found is not None else ""
