"""app.conf: how an app is run, for its runtime; and what else is in an app."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.model.config_changes import Changes, changed
from plashui.store.metadata import run_conf

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.transfer.onefile.options import AppOptions

CONF: Final = "app.conf"
CONFIG: Final = "image.json"
"""The OCI config of the image, for `pull:file`; the runtime does not read it."""
ROOT: Final = "rootfs"

FORMAT: Final = "1"
MOST_BYTES: Final = 1 << 20
MOST_STRINGS: Final = 4096


def written(config: dict[str, Any], options: AppOptions, made_of: str) -> bytes:
    """Return app.conf for an image's `config` object and what is said of the app.

    `made_of` is shown to people. Raises PlashError if the runtime could not read it.
    """
    options.check()
    resolv = options.resolv
    changes = Changes(cmd=options.cmd, entrypoint=options.entrypoint)
    lines = [
        ("Format", FORMAT),
        ("Name", options.name),
        ("Image", made_of),
        ("Network", "host" if options.network else "none"),
        *([] if resolv is None else [("Resolv", "host" if resolv else "image")]),
        ("Root", options.root),
        *([("Prompt", str(options.prompt))] if options.prompt else []),
        *(("Arg", word) for word in options.arguments),
        *(("Bind", word.removesuffix(":rw")) for word in options.binds),
        *(("Set", word) for word in options.variables),
    ]
    text = b"".join(
        f"{key}={value}\0".encode("utf-8", "surrogateescape") for key, value in lines
    )
    text += run_conf({"config": changed(config, changes)})
    if len(text) > MOST_BYTES or text.count(b"\0") > MOST_STRINGS:
        raise PlashError(
            "cannot make an app: its arguments, variables and the config of the image"
            f" have more than 1 MiB, or more than {MOST_STRINGS} strings"
        )
    return text


def read(data: bytes) -> list[tuple[str, str]]:
    """Return keys and values of an app.conf, in order.

    Raises PlashError for a format that this version does not know.
    """
    text = data.decode("utf-8", "surrogateescape")
    lines = text.split("\0")
    pairs = [
        (key, value)
        for key, equals, value in (x.partition("=") for x in lines)
        if equals
    ]
    if not text.endswith("\0") or pairs[:1] != [("Format", FORMAT)]:
        raise PlashError(
            "its app.conf is not of a format that is known here",
            "A newer plashui may know it",
        )
    return pairs
