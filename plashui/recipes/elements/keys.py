"""What the keys of elements say of an app."""

from __future__ import annotations

import shlex

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.onefile.options import AppOptions, WrongOption, kind_of

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.elements.reading import Said

_TRUE: Final = ("true", "1", "yes")
_FALSE: Final = ("false", "0", "no", "")
_OURS: Final = (
    "ELEMENTS_MAGIC=Elements",
    "ELEMENTS_NAME=$APP_NAME",
    "ELEMENTS_INSTANCE=$APP_INSTANCE",
    "ELEMENTS_ID=$APP_ID",
    "ELEMENTS_ARGV0=$APP_ARGV0",
)
"""Variables that each element has."""
_COLOUR: Final = 27
_KNOWN: Final = (
    *("name", "args", "bind", "env", "ps1-color", "resolv", "root-copyup"),
    "terminal",
)


def options_of(keys: dict[str, Said], name: str) -> AppOptions:
    """Return the options of the app; `name` is its name if no key says another.

    Raises PlashError, with the line, for a key that is not known or wrong.
    """
    for key, said in keys.items():
        if key not in _KNOWN:
            known = " ".join(_KNOWN)
            raise said.at.error(f"#Elements.{key} is not known", f"There are {known}")
    colour = _number(keys)
    words = {key: _words(keys, key) for key in ("args", "bind", "env")}
    options = AppOptions(
        name=keys["name"].text if "name" in keys else name,
        arguments=words["args"],
        binds=words["bind"],
        variables=(
            *_OURS,
            f"ELEMENTS_PS1_COLOR={colour}",
            *map(_assigned, words["env"]),
        ),
        network=True,  # an element has that of the machine
        resolv=_boolean(keys, "resolv", otherwise=True),
        root="copy" if _boolean(keys, "root-copyup", otherwise=False) else "overlay",
        prompt=colour,
    )
    _boolean(keys, "terminal", otherwise=True)  # it has the caller's in both cases
    try:
        options.check()
    except WrongOption as error:
        key = "args" if error.option == "arg" else error.option
        if key not in keys:
            raise
        sentence = str(error.args[0]).partition(": ")
        raise keys[key].at.error(
            f"#Elements.{key}: {sentence[2] or sentence[0]}", error.remedy
        ) from None
    return options


def has_output(options: AppOptions) -> bool:
    """Return whether what the app leaves in /out is collected."""
    return any(kind_of(word) == "output" for word in options.arguments)


def _assigned(word: str) -> str:
    """Return the word with a value: NAME alone is an empty one."""
    return word if "=" in word else f"{word}="


def _words(keys: dict[str, Said], key: str) -> tuple[str, ...]:
    if key not in keys:
        return ()
    at, text = keys[key]
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise at.error(f"#Elements.{key}: {str(error).lower()}") from None


def _boolean(keys: dict[str, Said], key: str, *, otherwise: bool) -> bool:
    if key not in keys:
        return otherwise
    at, text = keys[key]
    if text.lower() not in _TRUE + _FALSE:
        raise at.error(f"#Elements.{key} is true or false, not {text!r}")
    return text.lower() in _TRUE


def _number(keys: dict[str, Said]) -> int:
    if "ps1-color" not in keys:
        return _COLOUR
    at, text = keys["ps1-color"]
    if not text.isdecimal() or not 0 <= int(text) <= 99:
        raise at.error(f"#Elements.ps1-color is a number from 0 to 99, not {text!r}")
    return int(text)
