"""The part of the export form that is about one executable file."""

from __future__ import annotations

from pathlib import Path

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report
from plashui.transfer.onefile.options import COMPRESSIONS, OPTIONS
from plashui.ui.model.forms.form import Field, Values, WrongField, about
from plashui.ui.model.forms.typed import path_of, typed_path, words_of, words_or_none

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.elements.compile import Compiled
    from plashui.store.store import Store
    from plashui.transfer.onefile.make import Look
    from plashui.transfer.onefile.options import AppOptions

_WHEN: Final = ("as", ("app",))
_MORE: Final = ("app_more", ("yes",))
_OWN: Final = "app_"
"""Begins the name of a field; the rest is the name of an option of `push:app`."""

FIELDS: Final = (
    Field("app_file", "File", "path", "./dev: runs with nothing installed", when=_WHEN),
    Field(
        *("app_cmd", "Command", "command", "optional: instead of the image's"),
        when=_WHEN,
    ),
    Field(
        "app_arg",
        "Arguments",
        hint="optional: docs:bind>/srv:ro -p:env>PORT:int -o:output",
        when=_WHEN,
    ),
    Field("app_bind", "Shares", hint="optional: /data:/data:ro", when=_WHEN),
    Field("app_env", "Variables", hint="optional: LANG=C.UTF-8", when=_WHEN),
    Field(
        *("app_network", "Network", "choice"),
        options=(("none", "none"), ("host", "of the machine")),
        when=_WHEN,
    ),
    Field(
        *("app_more", "More", "choice"),
        options=(("", "as usual"), ("yes", "as said below")),
        when=_WHEN,
    ),
    Field("app_name", "Name", hint="optional: instead of the file's", when=_MORE),
    Field(
        *(
            "app_entrypoint",
            "Entrypoint",
            "text",
            'optional: what is always run, ["sh", "-c"]',
        ),
        when=_MORE,
    ),
    Field(
        *("app_root", "Its files", "choice"),
        options=(("overlay", "changes are lost"), ("read-only", "cannot be changed")),
        when=_MORE,
    ),
    Field(
        *("app_compress", "Compress", "choice"),
        options=tuple((one, one) for one in COMPRESSIONS),
        when=_MORE,
    ),
    Field("app_icon", "Icon", "path", "optional: a .png or .svg", when=_MORE),
    Field("app_desktop", "Desktop entry", "path", "optional: .desktop", when=_MORE),
    Field(
        *("app_definition", "Definition", "path"),
        hint="optional: builds the image of this file of elements instead",
        when=_MORE,
    ),
)
_PATHS: Final = {field.name for field in FIELDS if field.kind == "path"}


def check(store: Store, target: Path, values: Values) -> None:
    """Raise WrongField for what cannot be made an app."""
    from plashui.transfer.onefile import desktop
    from plashui.transfer.onefile.runtime import runtime

    with about("as"):
        runtime()
    options = options_of(values, target, definition_of(store, values))
    look = look_of(values)
    with about("app_icon"):
        desktop.icon(options.name, look.icon)
    with about("app_desktop"):
        desktop.entry(options.name, look.desktop)


def definition_of(store: Store, values: Values) -> Compiled | None:
    """Return what the definition file says; None without one."""
    path = _path(values, "app_definition")
    if path is None:
        return None
    from plashui.recipes.elements.compile import compiled

    with about("app_definition"):
        return compiled(store, path)


def options_of(values: Values, target: Path, definition: Compiled | None) -> AppOptions:
    """Return the options of the app; raise WrongField for wrong ones."""
    from plashui.transfer.onefile.options import AppOptions, WrongOption, name_of

    said: dict[str, str | tuple[str, ...] | None] = {}
    for option in OPTIONS:
        field = _OWN + option.name
        text = values.get(field, "").strip()
        with about(field):
            said[option.name] = (
                words_of(text, field) if option.several else text or None
            )
    before = definition.options if definition else AppOptions(name_of(target.name))
    options = before.said(
        said,
        network=values.get("app_network") == "host",
        read_only=values.get("app_root") == "read-only",
    )
    try:
        options.check()
    except WrongOption as error:
        field = _OWN + error.option
        if field not in values:  # the name of the file
            field = "app_file"
        raise WrongField(field, str(error.args[0]), error.remedy) from error
    return options


def look_of(values: Values) -> Look:
    """Return the files of how the app looks on a desktop."""
    from plashui.transfer.onefile.make import Look

    return Look(_path(values, "app_icon"), _path(values, "app_desktop"))


def _path(values: Values, field: str) -> Path | None:
    typed = values.get(field, "").strip()
    return path_of(typed, "file") if typed else None


def _compression(values: Values) -> str:
    return values.get("app_compress") or "zstd"


def make(
    store: Store,
    image: int,
    target: Path,
    values: Values,
    report: Report,
    cancel: Cancel,
) -> list[str]:
    """Make the app that the form describes; return remarks for people."""
    from plashui.transfer.onefile.make import export_app

    definition = definition_of(store, values)
    options = options_of(values, target, definition)
    if definition is not None:
        from plashui.recipes.build import build
        from plashui.ui.model.builds.work import Board

        watch = Board(report)
        image = build(store, definition.plan, watch=watch, cancel=cancel)
    export_app(
        store,
        image,
        target,
        options,
        look_of(values),
        compression=_compression(values),
        report=report,
        cancel=cancel,
    )
    return list(definition.said) if definition is not None else []


def words(values: Values, image: int) -> list[str]:
    """Return the options, and the image, as `push:app` has them."""
    found: list[str] = []
    for option in OPTIONS:
        field = _OWN + option.name
        text = values.get(field, "").strip()
        if option.several:
            for word in words_or_none(text):
                found += [f"--{option.name}", word]
        elif text:
            text = typed_path(values, field, "") if field in _PATHS else text
            found += [f"--{option.name}", text]
    if values.get("app_network") == "host":
        found.append("--network")
    if values.get("app_root") == "read-only":
        found.append("--read-only")
    if _compression(values) != "zstd":
        found += ["--compress", _compression(values)]
    return found if values.get("app_definition", "").strip() else [*found, str(image)]
