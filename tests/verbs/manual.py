"""The man page plash(1), made of the table of verbs and of what `help VERB` prints.

    python -m tests.verbs.manual > helpers/plash.1

writes it anew, with the installed program; `test_manual.py` says when that is due.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from plashui import __version__
from plashui.verbs.table import ALIASES, FAMILIES

PAGE: Final = "helpers/plash.1"
"""Where it is in the checkout."""

_HEAD: Final = r"""
.\" Made by tests/verbs/manual.py of the table of verbs: do not edit.
.TH PLASH 1 "2026-11-29" "plash @VERSION@" "User Commands"
.SH NAME
plash, plashui \- layered root filesystems: see them, enter them, prune them
.SH SYNOPSIS
.B plash
.I VERB
.RI [ WORDS ...]
.PP
.B plashui
.RB [ \-\-store
.IR PATH | NAME ]
.RB [ \-\-read\-only ]
.RB [ \-\-ascii ]
.RB [ \-\-plain ]
.PP
.B plashui
.I VERB
.RI [ WORDS ...]
.SH DESCRIPTION
An image is a parent image and one layer of files on top of it, in plain directories
of a store.
.B plash
runs commands in images, makes new ones and removes them, without a daemon and
without root.
.B plashui
without a verb opens the same store as a terminal app; with a verb both programs do
the same.
.PP
Wherever an
.I ID
is wanted, a name given by
.B plash map
works too.
An id, a path or data is printed on standard output and everything else on standard
error, so that
.B ID=$(plash ...)
works in scripts.
.SH OPTIONS
Those of
.B plashui
without a verb.
.TP
.BI \-\-store " PATH" | NAME
The store to open: a directory, or the name of a store of the settings.
.TP
.B \-\-read\-only
Change nothing in the store.
.TP
.B \-\-ascii
Draw with ASCII characters only.
.TP
.B \-\-plain
Print what the main screen shows as sentences, and end.
.SH VERBS
.B plash help
.I VERB
prints how one is used.
"""

_TAIL: Final = r"""
.SH EXIT STATUS
.BR run ,
.BR run:persist ,
.BR mounted ,
.BR chroot ,
.B sudo
and
.B data
with a command end as that command did; 126 means that it cannot be started, and 127
that there is no such program.
All other verbs end with 0, or with 1 after an error, which is one line on standard
error:
.BR "plash error: WHAT: WHY" .
.B build
is one of them: 1 if its command failed.
.SH ENVIRONMENT
.TP
.B PLASH_DATA
The store, in place of
.IR \(ti/.plashdata .
.TP
.B PLASH_DEBUG
If 1, an error also says where in the program it is from: a file and a line, or the log
that has the traceback.
.TP
.B PLASH_EXPORT
Names of variables, with colons between them, that
.B run
and
.B build
hand on to the command under their own names.
.BR TERM ,
.B DISPLAY
and
.B PLASH_DATA
always are, and every variable
.I X
is there as
.BI _HOST_ X\fR.
.TP
.B PLASH_NO_UNSHARE
If set, no namespaces are made.
.TP
.B PLASH_SSH
The command for ssh, with options, of
.BR push:ssh :
.IR "ssh \-F FILE" .
.TP
.B NO_COLOR
If set, nothing is coloured.
.TP
.BR http_proxy ", " https_proxy ", " no_proxy
The proxies for servers, and the servers that are reached without one.
.TP
.BR SSL_CERT_FILE ", " REQUESTS_CA_BUNDLE
A file with the certificates to trust, in place of those of this machine.
.TP
.B REGISTRY_AUTH_FILE
The file of the logins for registries, in place of the usual ones.
.TP
.B PLASHUI_LXC_SERVER
The image server of
.BR pull:lxc ,
in place of https://images.linuxcontainers.org.
.SH FILES
.TP
.I \(ti/.plashdata
The store. What is in it belongs to you and, in a user namespace, to your subordinate
ids:
.B plash sudo
acts on them.
.TP
.I \(ti/.config/plashui/config.toml
The settings;
.B plash config
prints all there are.
.TP
.IR \(ti/.docker/config.json ", " $XDG_RUNTIME_DIR/containers/auth.json
Logins for registries, of docker and podman, and kept for them.
.TP
.I \(ti/.local/state/plashui/log
What went wrong in ways that nobody has foreseen.
.SH SEE ALSO
.BR subuid (5),
.BR newuidmap (1),
.BR user_namespaces (7)
"""

_ITEM: Final = re.compile(r"  (\S.*?)(?:  +(.*))?$")
"""A line of a list: what it is about and, behind two spaces, what is said of it."""


def _escaped(text: str) -> str:
    """Text as roff shows it; quotes, dashes and tildes as they are typed."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    for sign, name in (("'", "aq"), ("`", "ga"), ("^", "ha"), ("~", "ti")):
        text = text.replace(sign, rf"\({name}")
    return rf"\&{text}" if text.startswith(".") else text


def _unquoted(text: str) -> str:
    """What stands between backquotes is bold."""
    return re.sub(r"\\\(ga(.+?)\\\(ga", r"\\fB\1\\fR", _escaped(text))


def _paragraph(lines: list[str]) -> Iterator[str]:
    """One paragraph of help: sentences, and what they introduce as a list."""
    words: list[str] = []
    items: list[list[str]] = []
    for line in lines:
        item = _ITEM.fullmatch(line)
        if item and not item[1].startswith(("-h, ", " ")):
            items.append([item[1], item[2] or ""])
        elif items and line.startswith("   "):
            items[-1][1] += f" {line.strip()}"
        elif not item:
            words.append(line)
    of_parser = bool(words) and words[0] in ("positional arguments:", "options:")
    if words and not of_parser:
        yield ".PP"
        yield _unquoted(" ".join(words))
    for name, text in items:
        if text or not of_parser:  # else the usage says as much
            yield ".TP"
            yield rf"\fB{_escaped(name)}\fR"
            yield _unquoted(text.strip())


def _section(name: str, told: str) -> Iterator[str]:
    """One verb, of what `help` says about it."""
    usage, _gap, text = told.removeprefix("usage: plash ").strip().partition("\n\n")
    text, _gap, example = text.rpartition("\n\nexample: ")
    usage = usage.removeprefix(name)
    yield ".TP"
    yield rf"\fB{_escaped(name)}\fR{_escaped(usage)}"
    for number, paragraph in enumerate(text.split("\n\n")):
        lines = [line for line in _paragraph(paragraph.split("\n")) if line]
        if number == 0:
            lines.remove(".PP")
            yield from lines[:1]
            yield ".RS"
            yield from lines[1:]
        else:
            yield from lines
    older = [old for old, new in ALIASES.items() if new == name and old[0] != "-"]
    if older:
        yield ".PP"
        also = " and ".join(rf"\fB{_escaped(old)}\fR" for old in older)
        yield f"Also called {also}."
    yield ".PP"
    yield rf"Example: \fB{_escaped(example)}\fR"
    yield ".RE"


def manual(help_of: Callable[[str], str]) -> str:
    """The whole page; `help_of` gives what `plash help VERB` prints."""
    lines = [_HEAD.strip().replace("@VERSION@", __version__)]
    for family, verbs in FAMILIES.items():
        lines.append(f".SS {family.capitalize()}")
        for name in verbs:
            lines += _section(name, help_of(name))
    return "\n".join([*lines, _TAIL.strip(), ""])


def main() -> int:
    """Print the page, with the `plashui` of this environment."""
    program = Path(sys.executable).parent / "plashui"

    def help_of(name: str) -> str:
        words = [str(program), "help", name]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return str(done.stdout)

    sys.stdout.write(manual(help_of))
    return 0


if __name__ == "__main__":
    sys.exit(main())
