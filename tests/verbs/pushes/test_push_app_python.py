"""A Python program as one file: its words, its end, signals and Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.keyboard import at_a_terminal
from tests.people import Person
from tests.verbs.conftest import Run
from tests.verbs.pushes.test_push_app import Start, start  # noqa: F401 - a fixture

pytestmark = pytest.mark.in_turn

PROGRAM = """\
import json, os, signal, sys, tempfile, time

def say(words):
    os.write(1, words)  # print may not be called again while a signal ends it

def caught(number, frame):
    say(f"caught {signal.Signals(number).name}\\n".encode())
    sys.exit(9)

def wait():
    say(b"ready\\n")
    while True:
        time.sleep(0.05)  # what comes before a pause would not end it

signal.signal(signal.SIGTERM, caught)
match sys.argv[1:]:
    case ["wait"]:
        try:
            wait()
        except KeyboardInterrupt:
            say(b"interrupted\\n")
            sys.exit(4)
    case ["pass"]:
        wait()
    case ["exit", status]:
        sys.exit(int(status))
    case ["fail"]:
        raise ValueError("on purpose")
    case words:
        with tempfile.TemporaryFile() as file:
            file.write(sys.stdin.buffer.read())
            print(json.dumps([words, os.getcwd(), os.getuid(), file.tell()]))
"""


def add(root: Path, source: Path, to: Path | None = None) -> None:
    """Copy a file or a directory of this machine to its place, or another, there."""
    place = root / (to or source).relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, place, ignore=lambda *_: ["__pycache__"])
    else:
        shutil.copy2(source, place)


def python_root(root: Path) -> Path:
    """A root directory of the Python that runs this and what PROGRAM imports."""
    program = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    add(root, program)
    for path in library.iterdir():
        if path.suffix == ".py" or path.name in (
            "collections",
            "encodings",
            "importlib",
            "json",
            "lib-dynload",
            "re",
        ):
            add(root, path)
    words = [
        "ldd",
        str(program),
        *map(str, (library / "lib-dynload").glob("_random*.so")),
    ]
    for line in subprocess.run(words, capture_output=True, text=True).stdout.split():
        if line.startswith("/") and not line.endswith(":"):
            add(root, Path(line).resolve(), Path(line))
    for name in ("tmp", "etc"):
        (root / name).mkdir(mode=0o755, exist_ok=True)
    (root / "app.py").write_text(PROGRAM)
    return program


@pytest.fixture
def app(plashui: Run, playground: Path) -> Path:
    """The file."""
    root, file = playground / "root", playground / "python.app"
    root.mkdir(mode=0o755)
    program = python_root(root)
    subprocess.run(["chmod", "-R", "u=rwX,go=rX", root], check=True)
    done = plashui("pull:dir", root)
    assert done.returncode == 0, done.stderr
    entrypoint = json.dumps([str(program), "/app.py"])
    done = plashui("push:app", done.stdout.strip(), file, "--entrypoint", entrypoint)
    assert done.returncode == 0, done.stderr
    return file


def test_a_python_program_is_one_file(
    app: Path,
    start: Start,  # noqa: F811
    person: Person,
    playground: Path,
) -> None:
    cache = {"PLASH_APP_WAY": "cache"}  # else a copy is made beside what runs
    done = start(app, "a  b", "--", "-x", "", input="four", env=cache)
    assert (done.stdout, done.stderr) == ('[["a  b", "--", "-x", ""], "/", 0, 4]\n', "")
    assert start(app, "exit", "7", env=cache).returncode == 7
    done = start(app, "fail", env=cache)
    assert done.returncode == 1
    assert done.stderr.endswith("\nValueError: on purpose\n")
    env = {"XDG_CACHE_HOME": str(playground / "cache"), **cache}
    for number, words, status, said in (
        (signal.SIGTERM, "wait", 9, b"caught SIGTERM\n"),
        (signal.SIGINT, "wait", 4, b"interrupted\n"),
        (signal.SIGHUP, "pass", -signal.SIGHUP, b""),
    ):
        line = [app, words]
        pipe = subprocess.PIPE
        with person.start(line, env=env, cwd=playground, stdout=pipe) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            os.kill(process.pid, number)
            assert process.stdout.read() == said
            assert process.wait() == status
    with at_a_terminal(person, [app, "wait"], env, playground) as keys:
        keys.shows("ready\n")
        keys.press("\x03")
        keys.shows("interrupted\n")
        keys.rest()
