"""Containerfiles that mean the same to buildah and to us, each with its context.

All begin FROM base, which has a shell, the accounts joe (1000:1001) and the group
staff (50), and a link /lnk to /usr/share.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import Final, NamedTuple

from tests.conftest import CHECKOUT


class Case(NamedTuple):
    """A Containerfile, options of the build, and a file with what it ignores."""

    text: str
    options: tuple[str, ...] = ()
    ignored: str = ""


def make_context(place: Path) -> None:
    """Make the files that the cases copy."""
    for directory in (
        "dir/sub/deep",
        "dir/empty",
        "many",
        "a b",
        "ign/keep",
        "tree/etc",
    ):
        (place / directory).mkdir(parents=True)
    for name, text in {
        "one.txt": "one",
        "two.txt": "two",
        "a b/c d.txt": "blanks",
        "dir/x.txt": "x",
        "dir/sub/y.md": "y",
        "dir/sub/deep/z.txt": "z",
        "dir/.hidden": "h",
        "many/a1": "1",
        "many/a2": "2",
        "many/b1": "3",
        "ign/keep/this": "k",
        "ign/not": "n",
        "ign/debug.log": "l",
        "tree/etc/new": "e",
        "tree/etc/passwd.d": "p",
    }.items():
        (place / name).write_text(text + "\n")
    (place / "dir/tool").write_text("#!/bin/sh\n")
    (place / "dir/tool").chmod(0o755)
    (place / "dir/sub").chmod(0o700)
    (place / "dir/set").write_text("")
    (place / "dir/set").chmod(0o6755)
    (place / "dir/link").symlink_to("x.txt")
    (place / "dir/dangling").symlink_to("/nowhere/at/all")
    (place / "to-one").symlink_to("one.txt")
    (place / "to-dir").symlink_to("dir")
    for mode, name in (("w", "a.tar"), ("w:gz", "a.tar.gz"), ("w:xz", "odd-name")):
        with tarfile.open(place / name, mode) as tar:  # type: ignore[call-overload]
            tar.add(place / "dir", "packed", filter=_of_joe)
    with open(place / "dir/sub/raw", "wb") as file:
        file.write(os.urandom(1 << 16))


def _of_joe(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid, info.gid, info.uname, info.gname = 1000, 1001, "", ""
    return info


CASES: Final = {
    "env quoting": Case(
        "FROM base\n"
        'ENV A=1 B="two  words" C=\'$A\' D=a\\ b F="q\\"r"\n'
        'ENV OLD  form   with = blanks\nENV A=2 G=$A H="$A$A"\nENV I=$A\n'
        'ENV J="multi \\\n  line" K=l\nRUN env | grep -v HOSTNAME | sort > /env\n'
    ),
    "arg scopes": Case(
        "ARG TAG=base\nARG OTHER=o\nFROM $TAG\nARG OTHER\nARG X=x$OTHER\nARG Y\n"
        "ENV E=$X-$Y-$TAG\nRUN echo $OTHER $X $Y $E > /args\n"
        "ARG E=hidden\nRUN echo $E >> /args\n",
        ("--build-arg", "Y=given"),
    ),
    "arg given over default": Case(
        "ARG B=nope\nFROM ${B}\nARG V=1\nRUN echo $V > /v\n",
        ("--build-arg", "B=base", "--build-arg", "V=2 3"),
    ),
    "args of an earlier stage are gone": Case(
        "FROM base AS a\nARG V=1\nRUN echo $V > /v\nFROM a\nRUN echo x$V > /w\n"
    ),
    "predefined args": Case(
        "FROM base\nRUN echo $http_proxy > /p\n",
        ("--build-arg", "http_proxy=http://proxy.example.org"),
    ),
    "labels": Case(
        'FROM base\nLABEL a=1 "b c"="d e" f=\'$g\' h="i\\\nj"\nLABEL a=2 k=${a:-l}\n'
    ),
    "labels of the build": Case(
        "FROM base AS a\nLABEL x=1 y=2\nFROM a\nLABEL y=3\n",
        ("--label", "z=4 $x", "--label", "x=5"),
    ),
    "copy a file": Case("FROM base\nCOPY one.txt /x\nCOPY one.txt /new/\n"),
    "copy into a directory that is there": Case("FROM base\nCOPY one.txt /etc\n"),
    "copy a file to a deep place": Case("FROM base\nCOPY one.txt /p/q/r/s.txt\n"),
    "copy a directory": Case("FROM base\nCOPY dir /new\n"),
    "copy a directory with slashes": Case("FROM base\nCOPY ./dir/ /new/sub/\n"),
    "copy all": Case("FROM base\nCOPY . /all/\n"),
    "copy onto what is there": Case("FROM base\nCOPY tree/ /\n"),
    "copy several": Case("FROM base\nCOPY one.txt two.txt dir/tool /several/\n"),
    "copy a directory and files": Case("FROM base\nCOPY one.txt many /mixed/\n"),
    "copy by patterns": Case("FROM base\nCOPY *.txt many/a? /globs/\n"),
    "copy a directory by a pattern": Case("FROM base\nCOPY d*r /globbed/\n"),
    "copy in json": Case('FROM base\nCOPY ["a b/c d.txt", "one.txt", "/j s/"]\n'),
    "copy links": Case("FROM base\nCOPY to-one /l1\nCOPY to-dir /l2\n"),
    "copy through a link of the image": Case(
        "FROM base\nCOPY one.txt /lnk/\nCOPY two.txt /lnk/new/two\n"
    ),
    "copy with owners": Case(
        "FROM base\nCOPY --chown=joe one.txt /o1\nCOPY --chown=joe:staff dir /o2/n\n"
        "COPY --chown=7:8 one.txt /o3/\nCOPY --chown=joe:50 one.txt /o4\n"
    ),
    "copy with modes": Case(
        "FROM base\nCOPY --chmod=600 one.txt /m1\nCOPY --chmod=0755 dir /m2\n"
    ),
    "copy relative to the working directory": Case(
        "FROM base\nWORKDIR /w\nCOPY one.txt .\nCOPY two.txt x/\nCOPY dir ../up\n"
        "WORKDIR rel\nRUN pwd > /pwd\n"
    ),
    "workdir of a user": Case("FROM base\nUSER joe\nWORKDIR /home/joe/app\nRUN pwd\n"),
    "workdir with variables": Case("FROM base\nENV D=/d\nWORKDIR $D/${E:-e}\n"),
    "copy from a stage": Case(
        "FROM base AS made\nRUN mkdir -m 700 /o && echo x > /o/f\n"
        "RUN chown -R 1000:50 /o\n"
        "RUN ln -s f /o/l; chmod 4755 /o/f; echo y > /single\n"
        "FROM base\nCOPY --from=made /o /copied\nCOPY --from=0 /single /o/f /two/\n"
        "COPY --from=made --chown=0:0 /o/ /mine/\n"
    ),
    "stages that nobody needs": Case(
        "FROM base AS a\nRUN false\nFROM base AS b\nRUN echo b > /b\n"
    ),
    "target": Case(
        "FROM base AS a\nRUN echo a > /a\nFROM a AS b\nRUN echo b > /b\n"
        "FROM b\nRUN false\n",
        ("--target", "b"),
    ),
    "add archives": Case(
        "FROM base\nADD a.tar /t1\nADD a.tar.gz /t2/\nADD odd-name /t3\n"
        "ADD one.txt dir /t4/\n"
    ),
    "copy does not unpack": Case("FROM base\nCOPY a.tar.gz /t/\n"),
    "ignored": Case(
        "FROM base\nCOPY ign /i\nCOPY dir /d\n",
        ignored="# a comment\n*/*.log\n**/*.md\nign\n!ign/keep\ndir/su?/deep\n",
    ),
    "ignored but one": Case(
        "FROM base\nCOPY . /all\n", ignored="*\n!many/a*\n!one.*\n/many/a2\n"
    ),
    "entrypoint and cmd": Case(
        'FROM base\nCMD ["a"]\nENTRYPOINT ["e", "f"]\nCMD x "y z" $A\n'
    ),
    "entrypoint forgets cmd": Case(
        'FROM base AS a\nCMD ["a"]\nFROM a\nENTRYPOINT run $this\n'
    ),
    "shell": Case('FROM base\nSHELL ["/bin/sh", "-ec"]\nRUN echo a; echo $0 > /s\n'),
    "run in json": Case('FROM base\nRUN ["/bin/sh", "-c", "echo $HOME [x] > /j"]\n'),
    "run with continuations": Case(
        "FROM base\nRUN echo one && \\\n  # a comment\n\n    echo two > /c; \\\n"
        "  echo 'a # b' >> /c\n"
    ),
    "run nasty words": Case(
        "FROM base\n"
        "RUN printf '%s\\n' \"a  b\" 'c'\\''d' \"$PATH\" \\$x `echo t` > /n\n"
    ),
    "user, volume, expose": Case(
        'FROM base\nUSER joe:staff\nVOLUME /v1 /v2\nVOLUME ["/v 3"]\n'
        "ENV P=90\nEXPOSE 80 443/tcp 53/udp $P\nSTOPSIGNAL SIGINT\n"
    ),
    "run as a user": Case(
        "FROM base\nRUN mkdir -m 777 /pub\nUSER joe\n"
        "RUN id -un > /pub/id; touch /pub/f\n"
        "COPY one.txt /pub/c\n"
    ),
    "maintainer": Case("FROM base\nMAINTAINER Ann <ann@example.org>, $PATH\n"),
    "run with mounts": Case(
        "FROM base AS s\nRUN mkdir /o && echo s > /o/f\nFROM base\n"
        "RUN --mount=type=bind,from=s,source=/o,target=/m"
        " --mount=type=bind,source=one.txt,target=/one --mount=type=tmpfs,target=/t"
        " --mount=type=cache,target=/c cat /m/f /one > /r; echo x > /t/x;"
        " echo y > /c/y\n"
        "RUN --mount=type=cache,target=/c cat /c/y >> /r; rm /c/y\n"
    ),
    "mounts with labels": Case(
        "FROM base\nRUN --mount=type=bind,source=one.txt,target=/one,z cat /one > /r\n"
    ),
    "copy from a context with a name": Case(
        "FROM base AS more\nFROM base\nCOPY --from=more . /m/\n"
        "FROM other\nCOPY --from=1 /m /n\n",
        (
            *("--build-context", f"more={CHECKOUT}/.ci"),
            *("--build-context", "other=docker://localhost/base"),
        ),
    ),
    "copy from an image": Case("FROM scratch\nCOPY --from=base /etc /etc\n"),
    "expansions": Case(
        "FROM base\nENV A=a E= B=${A:-x} C=${E:-x} D=${N:-${A}y} F=${A:+z} G=${N:+z}\n"
        "ENV H=$A$N-${A}_ I=\\$A J='${A}' K=\"${A}\"\nLABEL $A=${B}\n"
        "WORKDIR /${C}\nRUN env | grep '^[A-K]=' | sort > /e\n"
    ),
    "scratch": Case('FROM scratch\nCOPY one.txt /\nCMD ["/one.txt"]\n'),
    "small letters, crlf": Case("from base as X\r\nrun echo a \\\r\n b > /c\r\n"),
    "another escape": Case(
        "# escape=`\nFROM base\nRUN echo a `\n  b > /e\nENV P=C:/x\n"
    ),
    "deleted and made anew": Case(
        "FROM base\nCOPY dir /d\n"
        "RUN rm -r /d/sub && mkdir /d/sub && echo n > /d/sub/n\n"
        "COPY many /d/sub\nRUN rm /d/x.txt && ln -s tool /d/x.txt\n"
    ),
}
