"""build:file makes images of Containerfiles, for every kind of person."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import leftovers
from tests.verbs.conftest import Build, Run, inside

pytestmark = pytest.mark.in_turn


def test_a_file_becomes_an_image_and_then_comes_from_the_cache(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    (context / "page").write_text("hello\n")
    text = (
        "FROM base AS made\nENV A=1\nRUN echo $A > /one\nFROM base\nWORKDIR /w\n"
        "COPY --from=made /one .\nCOPY page ./\nCMD cat one page\n"
    )
    made = build(text, "-t", "site")
    assert inside(person, store, "site") == "1\nhello\n"
    assert build(text, "-t", "site") == made
    assert build.said == ""  # type: ignore[attr-defined]
    (context / "page").write_text("bye\n")
    again = build(text, "-t", "site")
    assert again != made
    assert "the file page" in build.said  # type: ignore[attr-defined]
    assert inside(person, store, "site") == "1\nbye\n"
    assert leftovers(store) == []


@pytest.mark.in_turn(False)
def test_owners_and_modes_are_kept(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    (context / "tool").write_text("#!/bin/sh\necho tool\n")
    (context / "tool").chmod(0o750)
    person.give(context / "tool")
    (context / "sub").mkdir()
    (context / "sub/f").write_text("")
    text = "FROM base\nCOPY --chown=5:6 tool sub /x/\nCOPY --chmod=4711 tool /t\n"
    made = build(text)
    words = ("stat", "-c", "%n %u:%g %a", "/x", "/x/tool", "/x/f", "/t")
    seen = inside(person, store, made, *words).splitlines()
    owner = "0:0" if person.map == "single" else "5:6"
    assert seen[1] == f"/x/tool {owner} 750"
    if person.map != "single":
        assert seen == [
            *("/x 5:6 755", "/x/tool 5:6 750", "/x/f 5:6 644", "/t 0:0 4711")
        ]


def test_a_failed_step_is_told_with_its_line(build: Build, store: Path) -> None:
    said = build("FROM base\nRUN true\nRUN echo why >&2; exit 3\n", fails=True)
    assert "Containerfile, line 3: " in said
    assert "ended with status 3: why" in said
    said = build("FROM base\nRUNN x", fails=True)
    assert "line 2: no instruction RUNN (in: RUNN x). Did you mean RUN?" in said
    said = build("FROM base\nCOPY nothing /\n", fails=True)
    assert "line 2: there is no nothing" in said
    assert leftovers(store) == []


def test_options_choose_file_stage_and_arguments(
    person: Person, store: Path, context: Path, plashui: Run, image: str
) -> None:
    plashui("map", "base", image)
    text = "ARG B\nFROM $B AS a\nARG V\nRUN echo $V > /v\nFROM no"
    (context / "other").write_text(text)
    (context / "other.dockerignore").write_text("*\n")
    words = ("--build-arg", "B=base", "--build-arg", "V=v w", "--target", "a")
    done = plashui("build:file", "-f", context / "other", *words, context)
    assert done.returncode == 0, done.stderr
    assert inside(person, store, done.stdout.strip(), "cat", "/v") == "v w\n"
    done = plashui("build:file", "-f", "-", context, input="FROM base\nCOPY other /o\n")
    assert done.returncode == 0, done.stderr
    unknown = ("--build-arg", "X=1")
    done = plashui("build:file", "-f", "-", *unknown, context, input="FROM base\n")
    assert "no ARG of the file asks for it" in done.stderr
    said = plashui("build:file", context / "nowhere").stderr
    assert "it is not there" in said
    (context / "empty").mkdir()
    said = plashui("build:file", context / "empty").stderr
    assert "neither Containerfile nor Dockerfile" in said


def test_files_come_from_contexts_with_names_too(
    person: Person, store: Path, build: Build, playground: Path
) -> None:
    more = playground / "more"
    script = 'mkdir "$0"; cd "$0"; echo f >f; echo g >g; echo g >.dockerignore'
    person.run(["sh", "-c", script, more], check=True)
    there = (
        "--build-context",
        f"More={more}",
        "--build-context",
        "b=docker-image://base",
    )
    text = (
        "FROM base AS s\nRUN echo s > /s\nFROM b\nARG S=s\nCOPY --from=more . /m/\n"
        "COPY --from=$S /s /from-s\n"
        "RUN --mount=type=bind,from=more,target=/mnt cat /mnt/f /from-s > /seen\n"
    )
    image = build(text, *there, "-t", "one", "-t", "two")
    assert build(text, *there) == image
    assert inside(person, store, "one", "ls", "/m") == "f\n"
    assert inside(person, store, "two", "cat", "/seen") == "f\ns\n"
    person.run(["sh", "-c", 'echo new >"$0"', more / "f"], check=True)
    assert build(text, *there) != image
    said = build("FROM more\n", *there, fails=True)
    assert "line 1: the context more is not an image" in said
    for wrong, why in (
        ("x", "is not NAME=DIR"),
        (f"x={more}/no", "it is not there"),
        ("x=https://example.org/a.tar", "is not supported"),
    ):
        assert why in build("FROM base\n", "--build-context", wrong, fails=True)


def test_a_file_is_looked_for_in_the_context_and_may_go_without_one(
    plashui: Run, context: Path, image: str
) -> None:
    plashui("map", "base", image)
    (context / "other").write_text("FROM base\nCOPY other /o\n")
    assert plashui("build:file", "-f", "other", context).returncode == 0
    done = plashui("build:file", "-", input="FROM base\nRUN touch /x\n")
    assert done.returncode == 0, done.stderr
    done = plashui("build:file", "-", input="FROM base\nCOPY other /o\n")
    assert "standard input, line 2: there is no other" in done.stderr
    done = plashui("build:file", "-f", "other", "-")
    assert "it goes without -f" in done.stderr
    said = plashui("build:file", "https://example.org/context.tar.gz").stderr
    assert "is not supported. Give a directory, or a git repository" in said


def test_without_the_network_and_without_the_cache(build: Build) -> None:
    text = "FROM base\nRUN tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d '\\n '\n"
    first = build(text, "--network", "none")
    assert build.said.endswith("\nlo\n")  # type: ignore[attr-defined]
    assert build(text, "--network", "none") == first
    assert build(text, "--network", "none", "--no-cache") != first


def test_an_archive_is_unpacked(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    with tarfile.open(context / "a.tar.xz", "w:xz") as tar:
        for name, owner in (("d/one", 0), ("d/two", 7)):
            info = tarfile.TarInfo(name)
            info.uid, info.size = owner, 1
            tar.addfile(info, io.BytesIO(b"x"))
        link = tarfile.TarInfo("d/hard")
        link.type, link.linkname = tarfile.LNKTYPE, "d/one"
        tar.addfile(link)
    made = build("FROM base\nADD a.tar.xz /into\n")
    assert inside(person, store, made, "cat", "/into/d/hard") == "x"


MEGABYTE = 1 << 20


@pytest.mark.parametrize("is_ignored", [True, False])
def test_a_large_file_is_read_only_if_it_is_copied_and_never_as_a_whole(
    is_ignored: bool,
    person: Person,
    store: Path,
    context: Path,
    plashui: Run,
    image: str,
) -> None:
    """What is ignored may be of any size; what is copied is not kept in memory."""
    plashui("map", "base", image)
    size = (1024 if is_ignored else 160) * MEGABYTE
    (context / "Containerfile").write_text("FROM base\nCOPY . /x/\n")
    (context / ".dockerignore").write_text("large\n" if is_ignored else "")
    (context / "d").mkdir()
    with (context / ("large" if is_ignored else "d/large")).open("wb") as file:
        if is_ignored:
            file.truncate(size)  # it takes no place
        for _megabyte in range(0 if is_ignored else size // MEGABYTE):
            file.write(b"x" * MEGABYTE)
    program = person.program(__file__, "memory_and_reading.py")
    words = [person.bin / "python3", program, person.bin / "plashui", "build:file"]
    done = person.run([*words, "-t", "made", context], env={"PLASH_DATA": str(store)})
    status, kibibytes, read = map(int, done.stdout.split())
    assert status == 0, done.stderr
    assert kibibytes < 150_000
    assert (read > size) == (not is_ignored)
    there = inside(person, store, "made", "find", "/x", "-type", "f", "-size", "+9999k")
    assert there == ("" if is_ignored else "/x/d/large\n")
    assert leftovers(store) == []


WHOLE = (
    "FROM base AS s\nARG A=1\nENV E=1\nRUN echo $A $E > /r\n"
    "FROM base\nWORKDIR /w\nCOPY d .\nCOPY f g ./\n"
    "COPY --from=s /r .\nRUN cat r f > all\n"
)
CHANGES: dict[str, tuple[str, str]] = {
    "an ENV": ("ENV E=1", "ENV E=2"),
    "the default of an ARG": ("ARG A=1", "ARG A=2"),
    "a command": ("cat r f", "cat f r"),
    "the order of lines": ("COPY d .\nCOPY f g ./", "COPY f g ./\nCOPY d ."),
    "the order of files": ("f g ./", "g f ./"),
    "an owner": ("COPY d", "COPY --chown=0:7 d"),
    "a mode": ("COPY d", "COPY --chmod=711 d"),
    "the working directory": ("WORKDIR /w", "WORKDIR /v"),
    "the user": ("FROM base AS s\n", "FROM base AS s\nUSER 0\n"),
    "the shell": ("WORKDIR /w", 'SHELL ["/bin/sh", "-ec"]\nWORKDIR /w'),
    "a mount": ("RUN cat", "RUN --mount=type=tmpfs,target=/t cat"),
    "what is left out": ("COPY d", "COPY --exclude=x d"),
    "a target": ("COPY d .", "COPY d e"),
    "a label": ("FROM base\n", "FROM base\nLABEL a=b\n"),
    "the base": ("FROM base\n", "FROM other\n"),
    "the base of a stage": ("FROM base AS s", "FROM other AS s"),
}
FILES: dict[str, Callable[[Path], object]] = {
    "the content of a file": lambda place: (place / "f").write_text("other"),
    "the mode of a file": lambda place: (place / "d/x").chmod(0o700),
    "the name of a file": lambda place: (place / "d/x").rename(place / "d/y"),
    "one file for another": lambda place: (place / "f").rename(place / "g"),
    "an ignore file": lambda place: (place / ".dockerignore").write_text("d/x"),
}


@pytest.mark.parametrize("change", [*CHANGES, *FILES, "an argument"])
@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_the_cache_is_missed_when_anything_changes(
    change: str, context: Path, build: Build, plashui: Run
) -> None:
    (context / "d").mkdir()
    for name in ("f", "g", "d/x"):
        (context / name).write_text(name)
    other = plashui("build", "base", "touch", "/other").stdout.strip()
    plashui("map", "other", other)
    made = build(WHOLE)
    assert build(WHOLE) == made
    old, new = CHANGES.get(change, ("", ""))
    assert old in WHOLE
    if change in FILES:
        if change == "one file for another":
            (context / "copy").write_text("f")
        FILES[change](context)
        if change == "one file for another":
            (context / "copy").rename(context / "f")
    options = ("--build-arg", "A=3") if change == "an argument" else ()
    again = build(WHOLE.replace(old, new, 1) if old else WHOLE, *options)
    assert again != made
    assert build(WHOLE.replace(old, new, 1) if old else WHOLE, *options) == again


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_name_of_podman_and_odd_bytes_are_taken(
    person: Person, store: Path, context: Path, plashui: Run, image: str
) -> None:
    plashui("map", "base", image)
    text = b"FROM localhost/base:latest\nENV X=\xff\nRUN echo $X\xfe > /x\n"
    (context / "Dockerfile").write_bytes(text + b"COPY <<E /y\n$X\nE\n")
    done = plashui("build:file", context)
    assert done.returncode == 0, done.stderr
    seen = inside(person, store, done.stdout.strip(), "cat", "/x", "/y")
    assert seen == "\udcff\udcfe\n\udcff\n"
