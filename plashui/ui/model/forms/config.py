"""The form for how an image is meant to be run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.model.config_changes import Changes, changed
from plashui.model.forest import Forest
from plashui.operations.set_config import can_amend
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.ui.model.forms.form import Field, Form, Values
from plashui.ui.model.forms.new_image import NAME, new_name, taken_names
from plashui.ui.model.forms.typed import needs_shell, words_of, words_or_none

_PAIRS: Final = "NAME=VALUE …, quoted as in a shell"
_FIELDS: Final = (
    Field("env", "Environment", hint=_PAIRS),
    Field("entrypoint", "Entrypoint", hint="what is always run"),
    Field("cmd", "Command", hint="run, or the entrypoint's arguments"),
    Field("user", "User", hint="USER[:GROUP]"),
    Field("workdir", "Directory", hint="where it starts"),
    Field("volume", "Volumes", hint="/PATH …"),
    Field("expose", "Ports", hint="8080 53/udp …"),
    Field("label", "Labels", hint=_PAIRS),
    Field("stop_signal", "Stop signal", hint="default: SIGTERM"),
)
_SEVERAL: Final = ("env", "label", "volume", "expose")
_COMMANDS: Final = ("entrypoint", "cmd")
_HOW: Final = Field(
    "how",
    "Change",
    "choice",
    options=(("new", "a new image"), ("amend", "this image")),
    remembered=False,
)

Split = Callable[[str, str], Iterable[str]]
"""Takes a line that was typed apart, of the field with this label."""


class Wanted(NamedTuple):
    """An image, and the `config` object that it has before the change."""

    image: int
    config: dict[str, Any]

    def texts(self) -> dict[str, str]:
        """Return what each field shows at first."""
        return {
            field.name: shlex.join(map(clean, self.words(field.name)))
            if field.name in (*_SEVERAL, *_COMMANDS)
            else clean("".join(self.words(field.name)))
            for field in _FIELDS
        }

    def words(self, field: str) -> list[str]:
        """Return the words of a field; what is of a wrong type is left out."""
        value = self.config.get(_KEYS[field])
        if isinstance(value, dict) and field == "label":
            return [f"{key}={text}" for key, text in value.items()]
        words = [value] if isinstance(value, str) else value or ()
        return [word for word in words if isinstance(word, str)]

    def changes(self, values: Values, split: Split = words_of) -> Changes:
        """Return what was changed in the form; PlashError if it cannot be read."""
        found: dict[str, Any] = {}
        before = self.texts()
        for field in _FIELDS:
            text = values.get(field.name, "")
            if text == before[field.name]:
                continue
            if field.name in _SEVERAL:
                words = self._meant(field.name, split(text, field.label))
                found[field.name] = self._differing(field.name, words)
            elif field.name not in _COMMANDS or text[:1] == "[" or needs_shell(text):
                found[field.name] = text
            else:
                words = self._meant(field.name, split(text, field.label))
                found[field.name] = _array(words) if words else ""
        if "entrypoint" in found and "cmd" not in found and self.words("cmd"):
            found["cmd"] = _array(self.words("cmd"))  # it stays as it is shown
        return Changes(**found)

    def _meant(self, field: str, words: Iterable[str]) -> list[str]:
        """Return the words, of which those before were shown without control codes."""
        shown = {clean(word): word for word in self.words(field)}
        return [shown.get(word, word) for word in words]

    def _differing(self, field: str, words: list[str]) -> tuple[str, ...]:
        """Return the words that turn those before into these."""
        before = self.words(field)
        pairs = field in ("env", "label")

        def names(of: Iterable[str]) -> list[str]:
            return [word.partition("=")[0] if pairs else word for word in of]

        gone = [name for name in names(before) if name not in names(words)]
        more = [word for word in words if word not in before]
        return (*(f"{name}-" for name in gone), *more)


_KEYS: Final = {
    **{"env": "Env", "label": "Labels", "volume": "Volumes", "expose": "ExposedPorts"},
    **{"entrypoint": "Entrypoint", "cmd": "Cmd", "user": "User"},
    **{"workdir": "WorkingDir", "stop_signal": "StopSignal"},
}
"""The key in the config of each field."""


def config_form(store: Store, wanted: Wanted, forest: Forest) -> Form:
    """Form with the config of an image, to be changed; it reads the store."""
    image = wanted.image
    texts = wanted.texts()

    def check(values: Values) -> None:
        changes = wanted.changes(values)
        if changes == Changes():
            raise PlashError("Nothing is changed")
        changed(wanted.config, changes)
        new_name(values).check(store)

    def line(values: Values) -> str:
        changes = wanted.changes(values, lambda typed, _what: words_or_none(typed))
        words = ["config", str(image), *changes.words()]
        words += ["--amend"] if amends(values) else []
        words += ["--name", values["name"]] if values.get("name") else []
        return command_line(words, store.root)

    name = NAME
    more: tuple[Field, ...] = ()
    if can_amend(store, image):
        name, more = NAME._replace(when=("how", ("new",))), (_HOW,)
    return Form(
        name="",
        title=f"Config of image {image}",
        fields=(
            *(field._replace(value=texts[field.name]) for field in _FIELDS),
            *more,
            name,
        ),
        button="Change",
        hint="How it is run when isolated, and by those who get it",
        check=check,
        line=line,
        taken=taken_names(forest),
    )


def amends(values: Values) -> bool:
    """Return whether the image itself is to change."""
    return values.get("how") == "amend"


def _array(words: list[str]) -> str:
    return json.dumps(words, ensure_ascii=False)
