"""What each verb is called with where something goes wrong, and what must hold after.

A new verb is one more line in CASES.
"""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import pytest

from plashui.recipes.cache import key_of
from plashui.transfer.squashfs.compressors import unlz4
from tests.amount import THOROUGH, WHOLE
from tests.conftest import processes_naming
from tests.helpers.conftest import Bench
from tests.helpers.faulting import NONE, Fault, Faulting, errors, kills, spread
from tests.people import KINDS
from tests.tools import leftovers, mounts_of, wait_for

SAMPLE: Final = 24 if WHOLE else 6
WORK: Final = "plashtmp_1_4194304_faults"
"""Whoever made it is dead: no process has that number."""
NO_SCRIPT: Final = "\n"


@dataclass
class Scene:
    """A store with an image and, beside it, what the verb of a case is given."""

    plash: Bench
    image: str
    tar: Path

    @property
    def work(self) -> Path:
        """The work directory, where a case has one."""
        return self.plash.store / "tmp" / WORK

    def look(self, script: str, *words: str | Path) -> str:
        """What a shell of the person's root says."""
        return self.plash.sudo(script, *words)


Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Case:
    """A verb: what it is called with, what it needs, and how its result is known.

    `right` is asked where it ended with 0; else nothing must be left of it, save what
    lies in the work directory, which belongs to whoever called it.
    """

    words: Callable[[Scene], list[object]]
    right: Callable[[Scene, Done], bool]
    before: str = ""  # a script in the new work directory; without it there is none
    on_disk: bool = False  # its changes are, and so is what a fault leaves of them
    first: bool = False  # nothing was ever run in this store
    stdin: bool = False  # the tar file
    undo: Callable[[Scene], object] | None = None  # of what may stay if it was done
    only_root: bool = False
    told: Callable[[Scene], str] | None = None  # or this, on standard input
    status: tuple[int, ...] = (1, 125, 126)


def says(text: str) -> Callable[[Scene, Done], bool]:
    """The output is this."""
    return lambda _scene, done: done.stdout == text


def is_committed(scene: Scene, done: Done) -> bool:
    """The id it says is an image with the content, and the work directory is gone."""
    file = scene.plash.content(done.stdout.strip()) / "file"
    return not scene.work.exists() and file.read_text() == "x\n"


def is_unpacked(scene: Scene, _done: Done) -> bool:
    """All of the tar file is there."""
    return scene.look('cat "$0/etc/hello"', scene.work / "data") == "hello\n"


def is_unpacked_layer(scene: Scene, done: Done) -> bool:
    """So it is, and what it lacks is noted; its recipe is the output."""
    noted = scene.look('tr "\\0" " " <"$0"', scene.work / "notes/implied")
    told = done.stdout == recipe(scene)
    return noted == "etc . " and told and is_unpacked(scene, done)


def recipe(scene: Scene) -> str:
    """The tar file without what is in the file in it."""
    return scene.tar.read_bytes().replace(b"hello\n", b"", 1).decode()


def is_packed(_scene: Scene, done: Done) -> bool:
    """It is a whole tar, which is made of blocks of 10 KiB, with the file in it."""
    size = len(done.stdout.encode("utf-8", "surrogateescape"))
    return "./file" in done.stdout and size > 0 and size % 10240 == 0


def is_own_tar(_scene: Scene, done: Done) -> bool:
    """It is whole, and has all of the layer but the directory below."""
    data = done.stdout.encode("utf-8", "surrogateescape")
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        found = tar.getnames()
    names = [f"etc/{name}" for name in (".wh.gone", "hello", "pipe", "soft", "twin")]
    return found == [".", *names] and data.endswith(bytes(1024))


def is_pulled(scene: Scene, done: Done) -> bool:
    """The id it says is an image with the content."""
    file = scene.plash.content(done.stdout.strip()) / "etc/hello"
    return scene.look('cat "$0"', file) == "hello\n"


def is_pushed(scene: Scene, _done: Done) -> bool:
    """The file is there, whole, and nothing beside it."""
    (file,) = scene.work.iterdir()
    return file.name == "a.tar" and tarfile.is_tarfile(file)


def is_measured(_scene: Scene, done: Done) -> bool:
    """All was counted, or it says that something was not."""
    (found,) = map(json.loads, done.stdout.splitlines())
    counted = found.get("dirs"), found.get("files")
    return bool(counted == (8, 2) if found.get("failed") == 0 else found.get("failed"))


def is_built(scene: Scene, _done: Done) -> bool:
    """The change is there."""
    return scene.look('cat "$0/data/new"', scene.work) == "x\n"


def pieces(scene: Scene) -> str:
    """A small layer with every kind of piece, as engine:gather is told."""
    image = scene.image
    told = f"d,,etc f,{image},etc/group h,etc/group,g w,,gone d,,usr o,,usr d,,bin"
    told += f" f,{image},bin/sh =,{image},bin =,{image},usr =,{image},etc =,{image},"
    return told.replace(" ", ",").replace(",", "\0") + "\0"


def is_compressed(_scene: Scene, done: Done) -> bool:
    """The first block is shorter, the other one is not."""
    data = done.stdout.encode("utf-8", "surrogateescape")
    length = int.from_bytes(data[:4], "little")
    plain = unlz4(data[4 : 4 + length], 100)
    return plain == b"a" * 100 and data[4 + length :] == bytes(4)


def is_gathered(scene: Scene, _done: Done) -> bool:
    """All pieces are there."""
    script = 'cd "$0/data" && cat g && stat -c "%a %h %F" gone etc/group usr'
    facts = "0 1 character special file\n644 2 regular file\n755 2 directory\n"
    return scene.look(script, scene.work) == f"root:x:0:\n{facts}"


def is_removed(scene: Scene, _done: Done) -> bool:
    """Nothing is left."""
    return not scene.work.exists()


def is_mounted(scene: Scene, _done: Done) -> bool:
    """Every program sees the image."""
    return (scene.work / "place/etc/group").read_text() == "root:x:0:\n"


def unmount(scene: Scene) -> None:
    """Whether it is mounted or not."""
    scene.plash.person.run(["umount", "-q", scene.work / "place"])


def stamped(scene: Scene) -> list[object]:
    """A build of macros that was done before, of which a stamp tells.

    Without the stamp Python finds the same image.
    """
    words = ["--from", scene.image]
    return stamp_of(scene, ["words", str(scene.plash.person.home)], words)


def stamped_input(scene: Scene) -> list[object]:
    """The same of one that reads standard input, a script without a line."""
    digest = sha256(NO_SCRIPT.encode()).digest()
    home = str(scene.plash.person.home)
    first: list[str | bytes] = ["words and input", home, digest]
    return stamp_of(scene, first, ["--from", scene.image, "--run-stdin"])


def stamp_of(scene: Scene, first: list[str | bytes], words: list[str]) -> list[object]:
    """Write a stamp of a build of words; its key begins with `first`."""
    home, file = str(scene.plash.person.home), scene.tar
    facts = file.stat()
    times = (divmod(ns, 10**9) for ns in (facts.st_mtime_ns, facts.st_ctime_ns))
    state = f"{facts.st_dev}:{facts.st_ino}:{facts.st_size}:"
    state += ":".join(f"{seconds}.{rest:09}" for seconds, rest in times)
    note = f'{{"image": {scene.image}, "born": {born(scene)}}}'
    entries = (note, f"file {state} {file}", f"env HOME={home}", "name 0 nobody")
    place = scene.plash.store / "memory"
    stamp = place / f"plan-{key_of([*first, *words])}"
    text = "".join(f"{entry}\\0" for entry in entries)
    script = 'mkdir -p -m 700 "$0" && printf "$1" >"$2"'
    scene.plash.person.run(["sh", "-c", script, place, text, stamp], check=True)
    return ["build", *words]


def born(scene: Scene) -> int:
    """When the layer of the image was made."""
    node = (scene.plash.store / "index" / scene.image).resolve()
    return (node / "_data").stat().st_mtime_ns


# The store is the last word of payloads, so that a process left over is found.
INSIDE = ("sh", "-c", "echo x >/new && cat /etc/group /new")
SHELL = ("sh", "-c", "cat etc/group")
TREE = "mkdir -p data/a data/d/d/d/d/d && : >data/a/f && : >data/d/f"
DEEP = "mkdir -p data/a data/$(printf 'd/%.0s' $(seq 45)) && : >data/a/f && : >data/d/f"
FOLDER = (
    "mkdir -p rootfs/bin rootfs/etc && cp $(command -v busybox) rootfs/bin/sh"
    " && ln -s sh rootfs/bin/cat && echo root:x:0: >rootfs/etc/group"
    ' && echo \'{"Env":["A=b"],"Volumes":{"/v":{}},"rw":true}\' >config.json'
)
DATA = "mkdir data work && echo x >data/file"
CASES: Final = {
    "run": Case(
        lambda s: ["run", s.image, *INSIDE, s.plash.store],
        says("root:x:0:\nx\n"),
        on_disk=True,
    ),
    "run in memory": Case(
        lambda s: ["run", "--in-memory", s.image, *INSIDE, s.plash.store],
        says("root:x:0:\nx\n"),
    ),
    "first run": Case(
        lambda s: ["run", s.image, *INSIDE, s.plash.store],
        says("root:x:0:\nx\n"),
        on_disk=True,
        first=True,
    ),
    "build": Case(
        lambda s: ["run:persist", "--build", s.image, s.work, *INSIDE, s.plash.store],
        is_built,
        before="mkdir data",
    ),
    "commit": Case(
        lambda s: ["engine:commit", s.plash.store, s.image, WORK],
        is_committed,
        before=DATA,
    ),
    "extract": Case(
        lambda s: ["engine:extract", s.work / "data"],
        is_unpacked,
        before="mkdir data",
        stdin=True,
    ),
    "commit a layer": Case(
        lambda s: [
            *("engine:commit", "--implied", s.work / "implied"),
            *(s.plash.store, s.image, WORK),
        ],
        is_committed,
        before=f"{DATA} && mkdir data/etc && printf 'etc\\0.\\0' >implied",
    ),
    "extract a layer": Case(
        lambda s: ["engine:extract", "--layer", s.work / "notes", s.work / "data"],
        is_unpacked_layer,
        before="mkdir data notes",
        stdin=True,
    ),
    "pack a layer": Case(
        lambda s: ["engine:pack-layer", s.work / "data"],
        lambda s, done: done.stdout == s.tar.read_text(),
        before="mkdir -p data/etc && echo hello >data/etc/hello",
        told=recipe,
    ),
    "pack a layer of our own": Case(
        lambda s: ["engine:pack-layer", "--own", "--clamp", "7", s.work / "data"],
        is_own_tar,
        before="mkdir -p data/etc && echo hello >data/etc/hello && cd data/etc &&"
        " ln hello twin && ln -s hello soft && mknod gone c 0 0 && mkfifo pipe",
        told=lambda _s: "etc\0",
    ),
    "pack": Case(
        lambda s: ["engine:pack", "--strangers-to-root", s.work / "data"],
        is_packed,
        before=DATA,
    ),
    "pack an image": Case(
        lambda s: ["engine:pack-image", s.plash.store, s.image],
        lambda _s, done: "./etc/group" in done.stdout,
    ),
    "pull": Case(
        lambda s: ["pull:tarfile", s.tar],
        is_pulled,
        on_disk=True,
    ),
    "push": Case(
        lambda s: ["push:tarfile", s.image, s.work / "a.tar"],
        is_pushed,
        before="true",
    ),
    "usage": Case(
        lambda s: ["engine:usage", s.plash.store, f"tmp/{WORK}"],
        is_measured,
        before=TREE,
    ),
    "remove": Case(
        lambda s: ["engine:remove", s.plash.store, WORK], is_removed, before=DEEP
    ),
    "with files": Case(
        lambda s: [
            *("engine:with", "--files", s.plash.store, s.image),
            *("--", "cat", "etc/new/rc"),
        ],
        says("x\n"),
        told=lambda _scene: "644\0/etc/new/rc\0x\n\0",
    ),
    "sweep": Case(
        lambda s: ["engine:sweep", s.plash.store],
        is_removed,
        before=f"{TREE} && mkdir work",
    ),
    "mounted": Case(
        lambda s: ["mounted", s.image, *SHELL, s.plash.store], says("root:x:0:\n")
    ),
    "mount": Case(
        lambda s: ["mount", s.image, s.work / "place", s.work],
        is_mounted,
        before="mkdir place",
        undo=unmount,
        only_root=True,
    ),
    "isolated": Case(
        lambda s: ["run", "--isolate", "--rw", s.image, *INSIDE, s.plash.store],
        says("root:x:0:\nx\n"),
        on_disk=True,
    ),
    "folder": Case(
        lambda s: ["run:folder", s.work, *INSIDE, s.plash.store],
        says("root:x:0:\nx\n"),
        before=FOLDER,
    ),
    "list": Case(
        lambda s: ["engine:list", s.plash.store, s.image, "/etc"],
        lambda _s, done: "group\0-\0" in done.stdout,
    ),
    "list all": Case(
        lambda s: ["engine:list", "--recursive", s.plash.store, s.image, "/"],
        lambda _s, done: "etc/group\0-\0" in done.stdout,
    ),
    "list a layer": Case(
        lambda s: ["engine:list", "--layer", "--chosen", s.plash.store, s.image, "/"],
        lambda _s, done: "etc/group\0-\0" in done.stdout,
        told=lambda _s: "etc\0usr/\0",
    ),
    "gather": Case(
        lambda s: ["engine:gather", s.plash.store, s.image, WORK],
        is_gathered,
        before="mkdir data",
        told=pieces,
    ),
    "split": Case(
        lambda s: [
            *("engine:split", s.plash.store, s.image),
            *(f"tmp/{WORK}/from", f"tmp/{WORK}/to"),
        ],
        lambda s, _done: s.look('cat "$0"/to/data/etc/x/new', s.work) == "x\n",
        before="mkdir -p from/data/etc/x to && echo x >from/data/etc/x/new",
        told=lambda _s: "d\0detc\0detc/x\0metc/x/new\0",
    ),
    "read": Case(
        lambda s: ["engine:read", s.plash.store, s.image, "/etc/group"],
        says("root:x:0:\n"),
    ),
    "account": Case(
        lambda s: ["engine:account", s.plash.store, s.image],
        lambda _s, done: '"uid":0,"gid":0,"groups":[]' in done.stdout,
    ),
    "stamp": Case(stamped, lambda s, done: done.stdout == f"{s.image}\n"),
    "users": Case(lambda s: ["engine:users", s.plash.store], says("")),
    "lz4": Case(
        lambda _s: ["engine:lz4"],
        is_compressed,
        told=lambda _s: "d\0\0\0" + "a" * 100 + "\1\0\0\0b",
    ),
    "stamp of input": Case(
        stamped_input,
        lambda s, done: done.stdout == f"{s.image}\n",
        told=lambda _scene: NO_SCRIPT,
    ),
}


def damage(store: Path, killed: bool) -> Iterator[str]:
    """What is not as it must be in a store where nobody works."""
    nodes = {"0": store / "layer/0"}
    todo = [store / "layer/0"]
    while todo:
        for child in todo.pop().iterdir():
            if child.name.isdecimal():
                nodes[child.name] = child
                todo.append(child)
    links = {p.name: p for p in (store / "index").iterdir()}
    for name, node in nodes.items():
        if not (node / "_data/root").is_dir():
            yield f"image {name} is half an image"
        if name not in links or (store / "index" / links[name].readlink()) != (
            store / "index/../layer/0" / node.relative_to(store / "layer/0")
        ):
            yield f"image {name} has no link"
    counter = (store / "id_counter").stat().st_size
    if max(map(int, nodes)) > counter:
        yield "an id may be given twice"
    meta = {p.name for p in (store / "layer/0").glob("_meta/*")}
    known = {"mountpoints", "mountpoints_isolated", "used"}
    yield from (f"layer/0/_meta/{name}" for name in meta - known)
    if not killed:
        yield from (f"index/{name} leads nowhere" for name in links.keys() - nodes)


def left_running(scene: Scene) -> list[object]:
    """Processes and mounts; given a moment to end."""
    found: list[object] = []

    def none() -> bool:
        found[:] = [*mounts_of(scene.plash.store), *processes_naming(scene.plash.store)]
        return not found

    try:
        wait_for(none, "all to end", 5)
    except AssertionError:
        return found
    return []


def is_right(case: Case, scene: Scene, done: Done) -> bool:
    """What the case says; files that are not there are wrong too."""
    try:
        return case.right(scene, done)
    except (AssertionError, OSError, ValueError):
        return False


def case_for(scene: Scene, name: str) -> Case:
    """The case of this name, if it is one for this person."""
    case = CASES[name]
    if case.only_root and scene.plash.person.map != "root":
        pytest.skip("as a plain user it is for the most part fuse-overlayfs")
    return case


@contextmanager
def attempt(
    scene: Scene, case: Case, fault: Fault, faulting: Faulting
) -> Iterator[Done]:
    """What became of the verb when it met the fault; its work directory goes after."""
    plash = scene.plash
    if case.first:
        plash.sudo('rm -rf "$0"', plash.store / "layer/0/_meta")
    if case.before:
        plash.person.run(["mkdir", scene.work], check=True)
        plash.person.run(["sh", "-c", case.before], cwd=scene.work, check=True)
    with ExitStack() as stack:
        stdin: IO[bytes] | None = None
        if case.stdin:
            stdin = stack.enter_context(scene.tar.open("rb"))
        elif case.told:
            stdin = stack.enter_context(TemporaryFile())
            stdin.write(case.told(scene).encode())
            stdin.seek(0)
        if case.undo:
            stack.callback(case.undo, scene)
        yield faulting.run(plash, case.words(scene), fault, stdin)
    if case.before and scene.work.exists():
        plash("engine:remove", plash.store, WORK, check=True)


def trouble(
    scene: Scene,
    case: Case,
    fault: Fault,
    faulting: Faulting,
    must_work: bool = False,
) -> Iterator[str]:
    """What is wrong after the verb met the fault."""
    with attempt(scene, case, fault, faulting) as done:
        yield from judgement(scene, case, fault, done, must_work)
    store = scene.plash.store
    if fault.error is not None and not case.on_disk and leftovers(store):
        yield f"left in tmp: {leftovers(store)} {done}"
        scene.plash("engine:remove", store, *leftovers(store), check=True)


def judgement(
    scene: Scene, case: Case, fault: Fault, done: Done, must_work: bool
) -> Iterator[str]:
    """What is wrong as long as the work directory is there."""
    killed = fault.error is None
    # What goes on without something says so: "plash: ".
    lines = [x for x in done.stderr.splitlines() if not x.startswith("plash: ")]
    said = f"status {done.returncode}, {done.stdout!r}, {done.stderr!r}"
    if done.returncode == 0:
        if lines and not killed:
            yield f"an error, but: {said}"
        elif not is_right(case, scene, done):
            yield f"a wrong result: {said}"
    elif must_work:
        yield f"does not work: {said}"
    elif killed:
        if any("plash error" not in line for line in lines) or len(lines) > 1:
            yield f"killed, {said}"
    elif done.returncode not in case.status:
        yield f"a wrong status: {said}"
    elif '"failed":' in done.stdout and not lines:
        pass  # what could not be removed is said in the result
    elif len(lines) != 1 or not lines[0].startswith("plash error: "):
        yield f"not one clear line: {said}"
    if case.undo and (killed or done.returncode == 0):
        case.undo(scene)
    yield from (f"left running: {one}" for one in left_running(scene))
    yield from damage(scene.plash.store, killed)


def _share(scene: Scene, name: str, faults: list[Fault]) -> list[Fault]:
    """A sample from everywhere, of which each kind of person takes a third.

    Which third differs from case to case, and all cases have most calls in common: so
    each of these fails for each kind of person in some of the cases.
    """
    chosen = spread(faults, SAMPLE)
    if CASES[name].only_root:
        return chosen
    turn = [*CASES].index(name) + KINDS.index(scene.plash.person.map)
    return chosen[turn % len(KINDS) :: len(KINDS)]


def check_all(scene: Scene, name: str, faulting: Faulting, kill: bool) -> None:
    """Every fault, or a sample; all that is wrong is said at once."""
    case = case_for(scene, name)
    assert [*trouble(scene, case, NONE, faulting)] == []
    calls = faulting.calls()
    faults = [*(kills if kill else errors)(calls)]
    found = [
        f"{fault}: {what}"
        for fault in (faults if THOROUGH else _share(scene, name, faults))
        for what in trouble(scene, case, fault, faulting)
    ]
    assert not found, "\n".join(["", *found])
    # What was left is found by the next sweep.
    store, person = scene.plash.store, scene.plash.person
    for link in (store / "index").iterdir():
        os.utime(link, (1, 1), follow_symlinks=False)
    clean = [person.bin / "plashui", "clean"]
    person.run(clean, env=scene.plash.environment(), check=True)
    assert leftovers(store) == []
    assert [*damage(store, killed=False)] == []
    assert scene.plash("run", scene.image, "true").returncode == 0
