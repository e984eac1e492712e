"""Making instructions of lines; what is not supported is refused, with the reason."""

from __future__ import annotations

import re

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.containerfile import instructions as i
from plashui.recipes.containerfile.expand import split
from plashui.recipes.containerfile.flags import Flags
from plashui.recipes.containerfile.lines import (
    Line,
    heredoc_in,
    json_words,
    meant,
    read_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_BLANKS: Final = re.compile(r"[\t\v\f\r ]+")
_STAGE: Final = re.compile(r"[a-z][a-z0-9_.-]*")
_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))")
_UNITS: Final = {
    **{"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000},
    **{"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9},
}
_TIMES: Final = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}
_NEVER_TRIGGERED: Final = ("ONBUILD", "FROM", "MAINTAINER")


class Containerfile(NamedTuple):
    """A file that was read: its instructions, and the character that escapes."""

    instructions: tuple[i.Instruction, ...]
    escape: str


def parse(data: bytes, file: str, *, escape: str = "") -> Containerfile:
    """Read a Containerfile; raise PlashError for the first thing wrong in it.

    With `escape` nothing at its beginning is a directive.
    """
    lines, used = read_lines(data, file, escape=escape)
    return Containerfile(tuple(_instruction(line, used) for line in lines), used)


def _instruction(line: Line, escape: str) -> i.Instruction:
    if "\0" in line.text or any("\0" in one.content for one in line.heredocs):
        raise line.error("it has a NUL in it, which no program can be given")
    maker = _MAKERS.get(line.keyword)
    if maker is None:
        raise line.error(f"no instruction {line.keyword}", meant(line.keyword, _MAKERS))
    flags = Flags(line)
    if not line.rest:
        raise line.error(f"{line.keyword} needs an argument")
    return maker(line, flags, escape)


def _from(line: Line, flags: Flags, _escape: str) -> i.From:
    words = _BLANKS.split(line.rest)
    name = ""
    if len(words) == 3 and words[1].lower() == "as":
        name = words[2].lower()
        if not _STAGE.fullmatch(name):
            raise line.error(
                f"{words[2]} cannot be the name of a stage",
                "It begins with a letter; letters, digits, - _ and . follow",
            )
    elif len(words) != 1:
        raise line.error("FROM takes an image, or: IMAGE AS NAME")
    return i.From(line, words[0], name, flags.text("platform"))


def _arg(line: Line, _flags: Flags, escape: str) -> i.Arg:
    found: list[tuple[str, str | None]] = []
    for word in split(line.rest, escape):
        name, equals, value = word.partition("=")
        if not name:
            raise line.error(f"a variable without a name: {word}")
        found.append((name, value if equals else None))
    return i.Arg(line, tuple(found))


def _pairs(line: Line, escape: str) -> tuple[tuple[str, str], ...]:
    """Return the NAME=VALUE of a line, or the one `NAME VALUE` of the older form."""
    words = split(line.rest, escape)
    if words and "=" not in words[0]:
        parts = _BLANKS.split(line.rest, maxsplit=1)
        if len(parts) < 2:
            raise line.error(f"{line.keyword} needs a value", "Write NAME=VALUE")
        return ((parts[0], parts[1]),)
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise line.error(f"{word} is not NAME=VALUE", "Quote blanks in a value")
        if not name:
            raise line.error(f"a name is missing: {word}")
        found.append((name, value))
    return tuple(found)


def _env(line: Line, _flags: Flags, escape: str) -> i.Env:
    return i.Env(line, _pairs(line, escape))


def _label(line: Line, _flags: Flags, escape: str) -> i.Label:
    return i.Label(line, _pairs(line, escape))


def _command(line: Line, text: str) -> i.Command:
    words = _json(line, text)
    return i.Command(text=text) if words is None else i.Command(words)


def _json(line: Line, text: str) -> tuple[str, ...] | None:
    """Return the words of an array in JSON, None if the text is not one."""
    words = json_words(text)
    if words is None:
        return None
    texts = tuple(word for word in words if isinstance(word, str))
    if len(texts) != len(words):
        raise line.error("an array in JSON may hold nothing but texts here")
    for word in texts:
        if "\0" in word or not _is_text(word):
            raise line.error(f"{word!r} is no text that a program can be given")
    return texts


def _is_text(word: str) -> bool:
    try:
        word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _run(line: Line, flags: Flags, _escape: str) -> i.Run:
    if flags.all("device"):
        raise line.error("RUN --device is not supported: no devices are attached")
    if flags.text("security") not in ("", "sandbox"):
        raise line.error(
            "RUN --security=insecure is not supported: a step never gets more rights"
        )
    network = flags.text("network") or "default"
    if network not in ("default", "host", "none"):
        raise line.error(f"no network {network}", "It is default, host or none")
    command = _command(line, line.rest)
    if command.text is None and not command.words:
        raise line.error("RUN needs a command")
    mounts = tuple(_mount(line, text) for text in flags.all("mount"))
    return i.Run(line, command, line.heredocs, mounts, network != "none")


def _mount(line: Line, text: str) -> i.RunMount:
    """Split the fields of a mount at commas, as CSV does."""
    import csv

    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error as error:
        raise line.error(f"--mount={text}: {error}") from None
    fields: list[tuple[str, str | None]] = []
    for field in rows[0] if rows else []:
        key, equals, value = field.partition("=")
        fields.append((key.lower(), value if equals else None))
    return i.RunMount(tuple(fields))


def _copy(line: Line, flags: Flags, _escape: str) -> i.Copy:
    words = _json(line, line.rest)
    if words is None:
        words = tuple(_BLANKS.split(line.rest))
    if len(words) < 2:
        raise line.error(f"{line.keyword} needs a source and a target")
    *sources, target = words
    if heredoc_in(target):
        raise line.error("a heredoc cannot be the target")
    known = {one.name: one for one in line.heredocs}
    files, heredocs = [], []
    for source in sources:
        begun = heredoc_in(source) if line.heredocs else None
        if begun and begun.name in known:
            heredocs.append(known[begun.name])
        else:
            files.append(source)
    if flags.text("from") and heredocs:
        raise line.error("a heredoc does not go with --from")
    return i.Copy(
        line,
        tuple(files),
        tuple(heredocs),
        target,
        adds=line.keyword == "ADD",
        origin=flags.text("from"),
        owner=flags.text("chown"),
        mode=flags.text("chmod"),
        checksum=flags.text("checksum"),
        unpack=flags.maybe("unpack"),
        keeps_repository=flags.true("keep-git-dir"),
        parents=flags.true("parents"),
        excluded=flags.all("exclude"),
    )


def _text(line: Line, _flags: Flags, _escape: str) -> i.Text:
    return i.Text(line, line.rest)


def _onbuild(line: Line, _flags: Flags, escape: str) -> i.Text:
    """Keep the trigger as it is written; it is read now only to find mistakes."""
    text = _BLANKS.split(line.text, maxsplit=1)[1]
    for one in line.heredocs:
        text += f"\n{one.content}{one.name}"
    inner = read_lines(text.encode("utf-8", "surrogateescape"), "", escape=escape)
    if inner.lines:
        first = inner.lines[0]._replace(at=line.at, text=line.text)
        if first.keyword in _NEVER_TRIGGERED:
            raise line.error(f"{first.keyword} cannot be done ONBUILD")
        _instruction(first, escape)
    return i.Text(line, text)


def _list(line: Line, _flags: Flags, _escape: str) -> i.Words:
    words = _json(line, line.rest) if line.keyword != "EXPOSE" else None
    found = tuple(_BLANKS.split(line.rest)) if words is None else words
    if not found or not all(word.strip() for word in found):
        raise line.error(f"{line.keyword} with nothing in it")
    return i.Words(line, found, raw=words is not None)


def _shell(line: Line, _flags: Flags, _escape: str) -> i.Words:
    words = _json(line, line.rest)
    if not words:
        raise line.error("SHELL needs an array in JSON", 'Write ["/bin/bash", "-c"]')
    return i.Words(line, words, raw=True)


def _start(line: Line, _flags: Flags, _escape: str) -> i.Start:
    return i.Start(line, _command(line, line.rest))


def _health(line: Line, flags: Flags, _escape: str) -> i.Health:
    kind, *rest = line.rest.split(maxsplit=1)
    text = rest[0] if rest else ""
    if kind.upper() == "NONE":
        if text or line.flags:
            raise line.error("HEALTHCHECK NONE takes nothing else")
        return i.Health(line, None)
    if kind.upper() != "CMD":
        raise line.error(f"no HEALTHCHECK {kind}", "It is CMD or NONE")
    command = _command(line, text)
    if not command.words and not command.text:
        raise line.error("HEALTHCHECK CMD needs a command")
    numbers = []
    for flag, key in _TIMES.items():
        if flags.text(flag):
            numbers.append((key, _nanoseconds(line, flag, flags.text(flag))))
    retries = flags.text("retries")
    if retries:
        if not re.fullmatch(r"\+?[0-9]{1,9}", retries):
            raise line.error(f"--retries={retries} is not a number from 0")
        numbers.append(("Retries", int(retries)))
    return i.Health(line, command, tuple(one for one in numbers if one[1]))


def _nanoseconds(line: Line, flag: str, text: str) -> int:
    parts = list(_DURATION.finditer(text))
    whole = "".join(part[0] for part in parts)
    if text != "0" and (not parts or whole != text or len(text) > 40):
        raise line.error(
            f"--{flag}={text} is not a length of time", "Write 30s, 1m30s, 500ms"
        )
    found = int(sum(float(part[1]) * _UNITS[part[2]] for part in parts))
    if not (found == 0 or 1_000_000 <= found < 1 << 63):
        raise line.error(f"--{flag}={text} is less than 1ms, or endless")
    return found


_MAKERS: Final[dict[str, Callable[[Line, Flags, str], i.Instruction]]] = {
    "FROM": _from,
    "ARG": _arg,
    "ENV": _env,
    "LABEL": _label,
    "RUN": _run,
    "COPY": _copy,
    "ADD": _copy,
    "WORKDIR": _text,
    "USER": _text,
    "STOPSIGNAL": _text,
    "MAINTAINER": _text,
    "ONBUILD": _onbuild,
    "VOLUME": _list,
    "EXPOSE": _list,
    "SHELL": _shell,
    "ENTRYPOINT": _start,
    "CMD": _start,
    "HEALTHCHECK": _health,
}
