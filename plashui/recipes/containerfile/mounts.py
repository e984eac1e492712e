"""The `--mount` of a RUN: what is attached while its command runs."""

from __future__ import annotations

import posixpath
import re

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.containerfile.lines import meant
from plashui.recipes.plan import Mount

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from plashui.recipes.containerfile.instructions import RunMount
    from plashui.recipes.containerfile.lines import Line
    from plashui.recipes.containerfile.surrounding import Surrounding
    from plashui.recipes.plan import Source

_SAME: Final = {
    "src": "source",
    "dst": "target",
    "destination": "target",
    "ro": "readonly",
    "rw": "readwrite",
    "tmpfs-size": "size",
}
_ALL: Final = ("type", "target", "readonly", "readwrite")
_LABELS: Final = ("z", "relabel")
"""Of SELinux, which means nothing here: what is attached is not labelled anew."""
_OWNED: Final = ("id", "mode", "uid", "gid")
_KEYS: Final = {
    "bind": (*_ALL, *_LABELS, "from", "source"),
    "cache": (*_ALL, *_LABELS, *_OWNED, "from", "source", "sharing"),
    "tmpfs": (*_ALL, "size"),
    "secret": (*_ALL, *_OWNED, "required", "env", "source"),
    "ssh": (*_ALL, "id", "required"),
}
_BARE: Final = ("readonly", "readwrite", "required", "z")
_SIZE: Final = re.compile(r"(\d{1,15})\s?([kmgt]?)i?b?", re.IGNORECASE)
_TRUE: Final = ("1", "t", "true")
_FALSE: Final = ("0", "f", "false")


class _Fields:
    """The fields of one mount."""

    def __init__(
        self, line: Line, mount: RunMount, expanded: Callable[[str], str]
    ) -> None:
        self.line = line
        self._found: dict[str, str] = {}
        for written, value in mount.fields:
            key = _SAME.get(written, written)
            if value is None and key not in _BARE:
                raise line.error(f"--mount has {written!r}: it is not KEY=VALUE")
            if key == "from" and value is not None and "$" in value[:-1]:
                raise line.error(
                    "variables are not replaced in from=", "FROM … AS NAME names one"
                )
            self._found[key] = "true" if value is None else expanded(value)
        self.kind = self.text("type").lower() or "bind"
        if self.kind not in _KEYS:
            raise line.error(f"no mount of type {self.kind}", meant(self.kind, _KEYS))
        for key in self._found:
            if key not in _KEYS[self.kind]:
                raise line.error(
                    f"a mount of type {self.kind} has no {key}",
                    meant(key, _KEYS[self.kind]),
                )

    def text(self, key: str) -> str:
        return self._found.get(key, "")

    def true(self, key: str) -> bool | None:
        value = self._found.get(key)
        if value is None:
            return None
        if value.lower() not in _TRUE + _FALSE:
            raise self.line.error(f"{key}={value} is neither true nor false")
        return value.lower() in _TRUE

    def number(self, key: str, base: int) -> int | None:
        value = self._found.get(key)
        if value is None:
            return None
        digits = "0-7" if base == 8 else "0-9"
        if not re.fullmatch(f"[{digits}]{{1,10}}", value) or int(value, base) >> 32:
            raise self.line.error(f"{key}={value} is not a number")
        return int(value, base)

    def writable(self) -> bool:
        """Return whether the command may write to it."""
        wanted, refused = self.true("readwrite"), self.true("readonly")
        if wanted is not None:
            return wanted
        return self.kind in ("cache", "tmpfs") if refused is None else not refused

    def size(self) -> int | None:
        text = self.text("size")
        if not text:
            return None
        found = _SIZE.fullmatch(text)
        if not found:
            raise self.line.error(f"size={text} is not a size", "Write 64m or 1g")
        return int(found[1]) << 10 * " kmgt".index(found[2].lower() or " ")


def mount_of(
    line: Line,
    mount: RunMount,
    expanded: Callable[[str], str],
    directory: str,
    around: Surrounding,
) -> Mount | None:
    """Return what a `--mount` means; None for what is not given and nobody needs.

    `directory` is the working directory.
    """
    fields = _Fields(line, mount, expanded)
    if fields.kind == "secret":
        return _secret(fields, directory, around)
    if fields.kind == "ssh":
        return _agent(fields, directory, around)
    if not fields.text("target"):
        raise line.error("--mount needs target=DIRECTORY")
    target = posixpath.normpath(posixpath.join(directory, fields.text("target")))
    if fields.kind == "tmpfs":
        return Mount("tmpfs", target, writable=True, size=fields.size())
    if fields.kind == "cache":
        return _cache(fields, target, around)
    return Mount(
        "bind",
        target,
        _origin(fields, around) or around.context,
        fields.text("source"),
        writable=fields.writable(),
    )


def _origin(fields: _Fields, around: Surrounding) -> Source | None:
    word = fields.text("from")
    return around.origin(fields.line, word) if word else None


def _cache(fields: _Fields, target: str, around: Surrounding) -> Mount:
    sharing = fields.text("sharing").lower() or "shared"
    if sharing not in ("shared", "private", "locked"):
        raise fields.line.error("sharing is shared, private or locked")
    path = fields.text("source")
    return Mount(
        "cache",
        target,
        _origin(fields, around) or (around.context if path else None),
        path,
        name=fields.text("id") or target,
        writable=fields.writable(),
        mode=fields.number("mode", 8),
        user=fields.number("uid", 10) or 0,
        group=fields.number("gid", 10) or 0,
        sharing=sharing,  # type: ignore[arg-type]
    )


def _secret(fields: _Fields, directory: str, around: Surrounding) -> Mount | None:
    target, variable = fields.text("target"), fields.text("env")
    name = fields.text("id") or fields.text("source") or target.rpartition("/")[2]
    if not name or "\0" in name:
        raise fields.line.error("--mount=type=secret needs id=NAME")
    given = around.secrets.get(name)
    if given is None:
        if fields.true("required"):
            raise fields.line.error(
                f"the secret {name} is not given", f"Pass --secret id={name},src=FILE"
            )
        return None
    if not target and not variable:
        target = f"/run/secrets/{name.rpartition('/')[2]}"
    if target:
        target = posixpath.normpath(posixpath.join(directory, target))
    mode = fields.number("mode", 8)
    return Mount(
        "secret",
        target,
        path=given,
        name=name,
        variable=variable,
        required=bool(fields.true("required")),
        mode=0o400 if mode is None else mode,
        user=fields.number("uid", 10) or 0,
        group=fields.number("gid", 10) or 0,
    )


def _agent(fields: _Fields, directory: str, around: Surrounding) -> Mount | None:
    name = fields.text("id") or "default"
    given = around.agents.get(name)
    if given is None:
        if fields.true("required"):
            raise fields.line.error(
                f"the ssh agent {name} is not given", f"Pass --ssh {name}"
            )
        return None
    target = fields.text("target") or f"/run/buildkit/ssh_agent.{name}"
    target = posixpath.normpath(posixpath.join(directory, target))
    return Mount("ssh", target, path=given, name=name)
