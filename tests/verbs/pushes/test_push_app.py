"""push:app: an image as one executable file; what it holds; the image of it again."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.tools import leftovers
from tests.trees import look
from tests.verbs import configured
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import look_into
from tests.verbs.pushes.test_push import rich  # noqa: F401 - a fixture
from tests.verbs.pushes.test_push_squashfs import as_squashed

pytestmark = pytest.mark.in_turn

CONFIG = {
    "Env": ["COLOUR=light green", "PATH=/bin"],
    "Entrypoint": ["/bin/busybox"],
    "Cmd": ["sh", "-c", "pwd; echo $COLOUR"],
    "WorkingDir": "/tmp",
}
Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def start(person: Person, playground: Path) -> Start:
    """Run an app as the person; its cache is in the playground."""

    def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        env = {"XDG_CACHE_HOME": str(playground / "cache"), **options.pop("env", {})}
        return person.run(words, env=env, cwd=playground, **options)

    return run


@pytest.fixture
def web(plashui: Run, playground: Path, busybox_tar: Path) -> str:
    """The id of an image with a config."""
    file = configured.archive(playground / "web.tar", busybox_tar, CONFIG)
    done = plashui("pull:file", file)
    assert done.returncode == 0, done.stderr
    file.unlink()
    return done.stdout.strip()


def offset_of(file: Path) -> int:
    """Where the squashfs begins, as appimaged and others find it."""
    words = ["readelf", "-h", str(file)]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    begin = int(found["  Start of section headers"].split()[0])
    size = int(found["  Size of section headers"].split()[0])
    return begin + size * int(found["  Number of section headers"].split()[0])


def test_it_runs_what_the_config_says(
    plashui: Run, start: Start, playground: Path, web: str
) -> None:
    file = playground / "web"
    done = plashui("push:app", web, file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = start(file)
    assert (done.stdout, done.stderr) == ("/tmp\nlight green\n", "")
    assert start(file, "echo", "a  b").stdout == "a  b\n"
    assert start(file, "sh", "-c", "exit 7").returncode == 7
    shown = plashui("app", file).stdout
    assert "command      /bin/busybox sh -c 'pwd; echo $COLOUR'\n" in shown


def test_options_change_what_it_runs(
    plashui: Run, start: Start, playground: Path, web: str
) -> None:
    file = playground / "web"
    words = ["--entrypoint", '["/bin/busybox", "sh", "-c"]', "--cmd", '["id -u"]']
    words += ["--env", "COUNT:int=7", "--name", "other", "--read-only"]
    assert plashui("push:app", web, file, *words).returncode == 0
    assert start(file).stdout == "0\n"
    script = "echo $COUNT $APP_NAME; hostname; echo x >/etc/new && echo changed"
    done = start(file, script)
    assert done.stdout == "7 other\nother\n"
    assert "Read-only" in done.stderr


def test_arguments_are_those_that_were_declared(
    plashui: Run, start: Start, person: Person, playground: Path, web: str
) -> None:
    file, given = playground / "web", playground / "given"
    given.write_text("from outside\n")
    given.chmod(0o644)
    words = ["--arg", "what:bind>/in:ro", "--arg", "-c:env>COUNT:int", "--output"]
    script = "cat /in; echo $COUNT; cp /in /out/copy"
    words += ["--cmd", json.dumps(["sh", "-c", script])]
    assert plashui("push:app", *words, web, file).returncode == 0
    done = start(file, given, "-c", "3", "-o", "collected")
    assert (done.returncode, done.stdout) == (0, "from outside\n3\n"), done.stderr
    assert person.run(["cat", playground / "collected"]).stdout == "from outside\n"
    for bad in ([], [given, "-c", "three"], [given, given], ["none"]):
        assert start(file, *bad).returncode == 2, bad


def test_all_of_the_image_is_in_it_and_comes_back(
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    rich: str,  # noqa: F811
) -> None:
    if not shutil.which("unsquashfs"):
        cannot("squashfs-tools is not installed")
    file, copy = playground / "app", playground / "copy"
    done = plashui("config", rich, "--env", "A=b", "--cmd", '["true"]', "--name", "it")
    assert done.returncode == 0, done.stderr
    expected = as_squashed(look_into(person, store, "it"))
    assert plashui("push:app", "it", file).returncode == 0
    first = file.read_bytes()
    words = ["unsquashfs", "-quiet", "-no-progress", "-d", copy, "-o", offset_of(file)]
    done = person.run([person.bin / "plash", "sudo", *map(str, words), file])
    assert done.returncode == 0, done.stderr
    seen = as_squashed(look(person, copy / "rootfs"))
    for path, row in expected.items():
        if row.get("owner") == seen[path].get("owner"):  # without ids all are one's own
            assert {**seen[path], "attributes": row["attributes"]} == row, path
    assert seen.keys() == expected.keys()
    assert (copy / ".DirIcon").readlink().name == "app.png"
    assert (copy / "app.desktop").read_text().startswith("[Desktop Entry]\n")
    assert "GNU LESSER" in (copy / "LICENSES").read_text()
    person.run([person.bin / "plash", "sudo", "rm", "-r", copy])
    # The same again is the same file; what was there is replaced.
    file.write_text("older")
    assert plashui("push:app", "it", file).returncode == 0
    assert file.read_bytes() == first
    done = plashui("pull:file", "--name", "back", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert as_squashed(look_into(person, store, "back")) == expected
    configs = [json.loads(plashui("config", n).stdout) for n in ("it", "back")]
    assert configs[0]["config"] == configs[1]["config"]
    assert leftovers(store) == []
    assert [path.name for path in playground.glob("*partial*")] == []


@pytest.mark.parametrize("compression", ["gzip", "xz", "none"])
def test_any_compression_runs(
    plashui: Run, start: Start, playground: Path, web: str, compression: str
) -> None:
    file = playground / "web"
    done = plashui("push:app", "--compress", compression, web, file)
    assert done.returncode == 0, done.stderr
    assert start(file, "echo", "runs").stdout == "runs\n"
    shown = json.loads(plashui("app", "--json", file).stdout)
    assert (shown["compression"], shown["whole"]) == (compression, True)
    assert shown["conf"]["Image"] == ["web.tar"]
    assert shown["offset"] == offset_of(file)


def test_an_image_that_is_not_here_is_pulled_first(
    plashui: Run, start: Start, playground: Path, busybox_tar: Path
) -> None:
    file = playground / "box"
    done = plashui("push:app", f"file:{busybox_tar}", file)
    assert done.returncode == 0, done.stderr
    assert start(file, "/bin/busybox", "echo", "1").stdout == "1\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--name", "a/b"], "no app can be called 'a/b'"),
        (["--arg", "x"], "--arg x: write NAME:KIND"),
        (["--arg", "-xy:env>A"], "'-xy' is neither -x, nor --word"),
        (["--arg", "-x:mount>/a"], "the kind is one of bind, env, instance, output"),
        (["--arg", "-x:bind>a"], "write bind>/PLACE"),
        (["--arg", "-x:bind>/a:wo"], "'wo' is neither ro nor rw"),
        (["--arg", "-x:env>1A"], "'1A' is not the name of a variable"),
        (["--arg", "-x:env>A:real"], "the type is one of str, int, bool"),
        (["--arg", "-x:env>A", "--arg", "-x:env>B"], "two arguments are called -x"),
        (["--output", "--arg", "a:output"], "two arguments are of the kind output"),
        (["--bind", "/a"], "write SOURCE:/PLACE"),
        (["--bind", "/a:b"], "'b' is not an absolute path in the app"),
        (["--env", "A"], "write NAME=VALUE"),
        (["--env", "A:int=x"], "'x' is not a whole number"),
        (["--env", "A:bool=maybe"], "'maybe' is neither true nor false"),
        (["--cmd", '["a"'], "it is not a JSON array of texts"),
        (["--icon", "/etc/passwd"], "/etc/passwd is not an icon"),
        (["--desktop", "/etc/passwd"], "is not a desktop entry: there is no [Desktop"),
        (["--compress", "lz5"], "invalid choice: 'lz5'"),
        (["--definition", "x.def"], "--definition says which image: leave out ID"),
    ],
    ids=" ".join,
)
def test_wrong_options_make_no_file(
    plashui: Run, playground: Path, image: str, words: list[str], why: str
) -> None:
    done = plashui("push:app", *words, image, playground / "app")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"plash error: {why}" in done.stderr or f"{why}" in done.stderr
    assert not (playground / "app").exists()


def test_a_pipe_or_directory_is_refused(
    plashui: Run, playground: Path, image: str
) -> None:
    for place in ("/dev/stdout", playground):
        done = plashui("push:app", image, place)
        assert done.returncode == 1
        assert "an app is a file that is written in any order" in done.stderr


def test_icon_and_entry_of_a_person(plashui: Run, playground: Path, image: str) -> None:
    if not shutil.which("unsquashfs"):
        cannot("squashfs-tools is not installed")
    file, icon, entry = (playground / name for name in ("app", "i.svg", "e.desktop"))
    icon.write_text("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>")
    lines = ["[Desktop Entry]", "Type=Application", "Name=Hello", "Icon=x", "Exec=x"]
    entry.write_text("\n".join(lines))
    for path in (icon, entry):
        path.chmod(0o644)
    done = plashui("push:app", "--icon", icon, "--desktop", entry, image, file)
    assert done.returncode == 0, done.stderr

    def read(path: str) -> str:
        words = ["unsquashfs", "-o", str(offset_of(file)), "-cat", str(file), path]
        return subprocess.run(words, capture_output=True, text=True).stdout

    assert read("app.svg") == icon.read_text()
    lines = ["[Desktop Entry]", "Icon=app", "Type=Application", "Name=Hello", "Exec=x"]
    assert read("app.desktop").splitlines() == lines


def test_a_changed_file_is_told_and_not_taken_back(
    plashui: Run, playground: Path, image: str
) -> None:
    file = playground / "app"
    assert plashui("push:app", image, file).returncode == 0
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert "(WRONG: the file is damaged)" in plashui("app", file).stdout
    assert json.loads(plashui("app", "--json", file).stdout)["whole"] is False
    done = plashui("pull:file", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "its checksum is wrong, so it is damaged. Get the file again" in done.stderr
    for other, why in (("/bin/true", "is not an app"), (playground, "Is a directory")):
        done = plashui("app", other)
        assert (done.returncode, why in done.stderr) == (1, True)


def test_a_pipe_is_no_app_and_not_waited_for(
    plashui: Run, person: Person, playground: Path
) -> None:
    pipe = playground / "pipe"
    person.run(["mkfifo", pipe], check=True)
    done = plashui("app", pipe)
    assert done.returncode == 1
    assert f"cannot read {pipe}: it is not a file. Save it first" in done.stderr


def test_copies_of_apps_are_counted_and_cleaned_away(
    plashui: Run, start: Start, person: Person, playground: Path, web: str
) -> None:
    env = {"XDG_CACHE_HOME": str(playground / "cache")}
    words = [person.bin / "plashui", "df", "--json"]

    def taken() -> int:
        env["PLASH_DATA"] = str(playground / "store")
        found: int = json.loads(person.run(words, env=env, check=True).stdout)["apps"]
        return found

    file = playground / "web"
    assert plashui("push:app", web, file).returncode == 0
    assert taken() == 0
    way = ["env", "PLASH_APP_WAY=cache", f"XDG_CACHE_HOME={env['XDG_CACHE_HOME']}"]
    assert person.run([*way, file, "true"], cwd=playground).returncode == 0
    assert taken() > 500_000
    done = person.run([person.bin / "plash", "clean", "--cache"], env=env)
    assert done.returncode == 0, done.stderr
    assert "1 cache removed, " in done.stderr
    assert taken() == 0
    assert start(file, "echo", "runs").stdout == "runs\n"
    person.run([person.bin / "plash", "clean", "--cache"], env=env)


def test_where_no_runtime_was_built_it_is_said_what_to_install(
    person: Person, store: Path, playground: Path, web: str
) -> None:
    alone = playground / "alone"
    alone.mkdir()
    shutil.copy(person.bin / "plash", alone)
    env = {"PLASH_DATA": str(store), "PLASHUI_HELPER": str(alone / "plash")}

    def plashui(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return person.run([person.bin / "plashui", *words], env=env)

    done = plashui("push:app", web, playground / "app")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot make an app without plash-app: it was not built" in done.stderr
    assert "Install libc6-dev or musl-tools" in done.stderr
    assert not (playground / "app").exists()
    told = plashui("doctor").stdout
    assert "opt  one executable file (optional): plash-app is missing" in told
    assert plashui("push:tarfile", web, playground / "x.tar").returncode == 0
