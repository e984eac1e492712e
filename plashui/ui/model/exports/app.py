"""The part of the export form that is about one executable file."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.onefile.options import COMPRESSIONS
from plashui.ui.model.forms.form import Field, Values
from plashui.ui.model.forms.typed import words_of, words_or_none

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.transfer.onefile.options import AppOptions

WHEN: Final = ("as", ("app",))
_LISTS: Final = {"app_args": "--arg", "app_binds": "--bind", "app_env": "--env"}
"""Fields with several words, and the option that each word is for."""

FIELDS: Final = (
    Field("app_file", "File", "path", "./dev: runs with nothing installed", when=WHEN),
    Field(
        "app_cmd", "Command", "command", "optional: instead of the image's", when=WHEN
    ),
    Field(
        "app_args",
        "Arguments",
        hint="optional: docs:bind>/srv:ro -p:env>PORT:int -o:output",
        when=WHEN,
    ),
    Field("app_binds", "Shares", hint="optional: /data:/data:ro", when=WHEN),
    Field("app_env", "Variables", hint="optional: LANG=C.UTF-8", when=WHEN),
    Field(
        "app_network",
        "Network",
        "choice",
        options=(("none", "none"), ("host", "of the machine")),
        when=WHEN,
    ),
    Field(
        "app_root",
        "Its files",
        "choice",
        options=(("overlay", "changes are lost"), ("read-only", "cannot be changed")),
        when=WHEN,
    ),
    Field(
        "app_compress",
        "Compress",
        "choice",
        options=tuple((one, one) for one in COMPRESSIONS),
        when=WHEN,
    ),
)


def options_of(values: Values, target: Path) -> AppOptions:
    """Return the options of the app; raise PlashError for wrong ones."""
    from plashui.transfer.onefile.options import AppOptions, name_of

    lists = {field: words_of(values.get(field, ""), field) for field in _LISTS}
    options = AppOptions(
        name_of(target.name),
        cmd=values.get("app_cmd", "").strip() or None,
        arguments=lists["app_args"],
        binds=lists["app_binds"],
        variables=lists["app_env"],
        network=values.get("app_network") == "host",
        root=values.get("app_root") or "overlay",
    )
    options.check()
    return options


def compression_of(values: Values) -> str:
    """Return what the app is compressed by."""
    return values.get("app_compress") or "zstd"


def words(values: Values) -> list[str]:
    """Return the options as `push:app` has them."""
    found: list[str] = []
    command = values.get("app_cmd", "").strip()
    if command:
        found += ["--cmd", command]
    for field, option in _LISTS.items():
        for word in words_or_none(values.get(field, "")):
            found += [option, word]
    if values.get("app_network") == "host":
        found.append("--network")
    if values.get("app_root") == "read-only":
        found.append("--read-only")
    if compression_of(values) != "zstd":
        found += ["--compress", compression_of(values)]
    return found
