"""The form of a build: a command, a shell, or a file with what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from plashui.base.errors import PlashError
from plashui.ui.model.builds.step_lines import counted, planned
from plashui.ui.model.builds.wanted import (
    ARGUMENT,
    COMMAND,
    FILE,
    SECRET,
    SHELL,
    Wanted,
    is_containerfile,
    wanted,
)
from plashui.ui.model.forms.form import Field, Form, Look, Looked, Values
from plashui.ui.model.forms.new_image import NAME, new_name, taken_names
from plashui.ui.model.forms.typed import (
    command_of,
    command_or_none,
    is_directory,
    path_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from plashui.model.forest import Forest
    from plashui.store.store import Store

_WHAT: Final = ((COMMAND, "a command"), (SHELL, "a shell"), (FILE, "a file"))
_HOMES: Final = (("private", "the image's own"), ("shared", "share this machine's"))
_COMMAND: Final = "leave empty for a shell, --apt git for macros"
_FILE: Final = "a Containerfile or its directory, or a file of macros"
_HINT: Final = (
    "Shift+Tab chooses a shell, or a file that says what to build. What runs without a"
    " terminal is a job."
)
_OPTIONS: Final = (
    Field("cache", "Cache", "choice", options=(("", "use it"), ("none", "all anew"))),
    Field(
        "pull", "Images", "choice", options=(("", "as stored"), ("yes", "ask again"))
    ),
    Field("network", "Network", "choice", options=(("", "yes"), ("none", "none"))),
)


def build_form(store: Store, image: int | None, forest: Forest) -> Form:
    """Return the form of a build on an image; of a file only without one."""
    from plashui.ui.model.forms.new_image import line_with_name

    root = store.root
    kinds = _WHAT if image is not None else _WHAT[2:]

    def check(values: Values) -> None:
        if values.get("what") == FILE:
            _there(values)
        build = wanted(image, values)
        if build is not None:
            build.check(store)
        elif values.get("command"):
            command_of(values["command"])
        new_name(values).check(store)

    def line(values: Values) -> str:
        build = None
        try:
            build = wanted(image, values)
        except (PlashError, OSError):
            return ""  # a path that is still being typed
        if build is not None:
            words = build.words() if build.file or build.line else ["build:file", "DIR"]
            return line_with_name(words, values, root)
        words = list(command_or_none(values.get("command", "")))
        share = ["--share-home"] if values.get("home") == "shared" else []
        build_words = ["build", *share, str(image), *words]
        return line_with_name(build_words, values, root)

    return Form(
        name="build",
        title="Build a file" if image is None else f"Build on image {image}",
        fields=(
            Field("what", "Build", "choice", options=kinds, remembered=False),
            Field(
                *("command", "Command", "command", _COMMAND),
                when=("what", (COMMAND,)),
                remembered=False,
            ),
            Field("file", "File", "path", _FILE, when=("what", (FILE,))),
            Field(
                "home",
                "Home",
                "choice",
                options=_HOMES,
                when=("what", (COMMAND, SHELL)),
            ),
            NAME,
        ),
        button="Build",
        hint=_HINT,
        check=check,
        line=line,
        look=lambda values: look_at(store, image, values),
        taken=taken_names(forest),
    )


def _there(values: Values) -> Path:
    file = path_of(values.get("file", ""), "file")
    if is_directory(file) is None:
        raise PlashError(f"There is no file {file}")
    return file


def look_at(store: Store, image: int | None, values: Values) -> Look | None:
    """Return how to find out what a build asks for and would do; None for a command."""
    try:
        build = wanted(image, values)
        if build is None or not (build.line or (build.file and _there(values))):
            return None
    except (PlashError, OSError):
        return None
    what = build.file or build.line
    return Look(what, lambda _cancel: _looked(store, build), "all steps", (build,))


def _looked(store: Store, build: Wanted) -> Iterator[Looked]:
    from plashui.recipes.look import look

    fields = _fields(build)
    try:
        steps = planned(look(store, build.plan(store, looks=True), build.options))
    except (PlashError, OSError) as error:
        yield Looked((str(error),), fields=fields)
        return
    yield Looked((counted(steps),), fields=fields)


def _fields(build: Wanted) -> tuple[Field, ...]:
    """Return the fields for what a build asks for, and for how it is done."""
    if not build.file or not is_containerfile(build.file):
        return _unremembered(_OPTIONS)
    from plashui.recipes.containerfile.reading import asked

    asks = asked(build._replace(secrets=()).request())
    usual = build._replace(context="", secrets=()).request().directory
    fields = [Field("context", "Files of", "directory", value=usual)]
    if asks.stages:
        stages = (("", "the last"), *((name, name) for name in asks.stages[:20]))
        fields.append(Field("target", "Stage", "choice", options=stages))
    for name, default in asks.arguments.items():
        if name.isascii() and name.isidentifier():
            fields.append(Field(f"{ARGUMENT}{name}", name, hint=default or "not set"))
    for name in asks.secrets:
        if name.isascii() and name.replace("-", "_").isidentifier():
            hint = "a file; no layer has it"
            fields.append(Field(f"{SECRET}{name}", name, "path", hint))
    return _unremembered((*fields, *_OPTIONS))


def _unremembered(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(field._replace(remembered=False) for field in fields)
