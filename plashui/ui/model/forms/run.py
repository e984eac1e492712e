"""The form for running a command."""

from __future__ import annotations

import os
from typing import Final

from plashui.store.run_spec import Way
from plashui.ui.model.forms.form import Field, Form, Values
from plashui.ui.model.forms.typed import (
    command_of,
    command_or_none,
    words_of,
    words_or_none,
)

_PLAIN: Final = ("isolated", ("no",))
_ISOLATED: Final = ("isolated", ("yes", "net"))
_ASK: Final = ("ask", "Ask afterwards")
_THROW: Final = ("throw", "Discard")
_FIELDS: Final = (
    Field("command", "Command", "command", "leave empty for a shell, ↑ history"),
    Field(
        "isolated",
        "Isolated",
        "choice",
        options=(("no", "no"), ("yes", "yes"), ("net", "yes, with network")),
    ),
    Field(
        "home",
        "Home",
        "choice",
        options=(
            ("shared", "shared"),
            ("read-only", "read-only"),
            ("private", "private: the image's own"),
        ),
        when=_PLAIN,
    ),
    Field("changes", "Changes", "choice", options=(_ASK, _THROW), when=_PLAIN),
    Field(
        "changed",
        "Changes",
        "choice",
        options=(_ASK, _THROW, ("none", "Forbid")),
        when=_ISOLATED,
    ),
    Field("environment", "Environment", hint="NAME=VALUE …, quoted as in a shell"),
    Field("volumes", "Volumes", hint="HOST:PATH[:ro] …", when=_ISOLATED),
    Field("directory", "Directory", hint="the image's own", when=_ISOLATED),
    Field("user", "User", hint="the image's own", when=_ISOLATED),
    Field("memory", "Memory", hint="e.g. 512M or 2G; empty: no limit", when=_ISOLATED),
    Field("processes", "Processes", hint="empty: no limit", when=_ISOLATED),
    Field(
        "fence",
        "Restrictions",
        "choice",
        options=(
            ("whole", "all"),
            ("setuid", "allow setuid programs"),
            ("calls", "allow every system call"),
            ("both", "allow both"),
        ),
        when=_ISOLATED,
    ),
)


def run_form(image: int, root: str = "", *, keeps: bool = True, home: str = "") -> Form:
    """Form that asks what to run in an image of the store at `root`, and how.

    `home` is the configured default of the field home. Without `keeps` changes cannot
    be saved, and that default is not remembered as an answer.
    """
    fields = (
        field._replace(
            options=tuple(o for o in field.options if keeps or o != _ASK),
            value=home if field.name == "home" else "",
        )
        for field in _FIELDS
    )
    return Form(
        name="run" if keeps else "",
        title=f"Run in image {image}",
        fields=tuple(fields),
        button="Run",
        check=_check,
        line=lambda values: _line(image, values, root),
    )


def is_thrown_away(values: Values) -> bool:
    """Say whether changes are discarded without a question."""
    return (values.get("changed") or values.get("changes")) != "ask"


def way_of(values: Values) -> Way:
    """Return how to run the command; of unfinished input, what can be understood."""
    isolated = values.get("isolated", "no")
    volumes = words_or_none(values.get("volumes", ""))
    home = values.get("home", "")
    return Way(
        command=command_or_none(values.get("command", "")),
        isolated=isolated != "no",
        network=isolated == "net",
        variables=words_or_none(values.get("environment", "")),
        volumes=tuple(os.path.expanduser(word) for word in volumes),  # noqa: PTH111
        user=values.get("user", ""),
        directory=values.get("directory", ""),
        fixed=values.get("changed") == "none",
        home="" if home == "shared" else home,
        memory=values.get("memory", ""),
        processes=values.get("processes", ""),
        setuid=values.get("fence") in ("setuid", "both"),
        every_call=values.get("fence") in ("calls", "both"),
    )


def _check(values: Values) -> None:
    command_of(values.get("command", ""))
    for name in ("environment", "volumes"):
        words_of(values.get(name, ""), f"the {name}")
    way_of(values).check()


def _line(image: int, values: Values, root: str) -> str:
    changes = "" if is_thrown_away(values) else "DIR"
    return way_of(values).line(image, changes, root)
