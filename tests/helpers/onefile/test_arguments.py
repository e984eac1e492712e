"""What an app is called with, and what becomes of that: files, variables, output."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.helpers.onefile.conftest import App, Shelf
from tests.helpers.onefile.test_starts import hidden

DECLARED = (
    "Name=el",
    "Arg=docroot:bind>/srv:ro",
    "Arg=port:env>PORT:int",
    "Arg=-H:env>HOST",
    "Arg=-v:env>VERBOSE:bool",
    "Arg=-q:env>QUIET:bool",
    "Arg=-d:bind>/data",
    "Arg=-n:instance",
    "Arg=--out:output",
    "Bind=$docroot/conf:/etc/the.conf:ro",
    "Bind=$d/precious:/etc/precious",
    "Set=CONF=${HOST}/.config",
    "Set=KEY:int=$HOST_VAR",
    "Set=YES:bool=$TRUTHY",
    "Set=NO:bool=$NOWHERE",
    "Set=OURS=$APP_ID",
    "Cmd=env",
)
OUTPUT = ("Name=out", "Arg=-o:output")


@pytest.fixture
def app(shelf: Shelf) -> App:
    """An app with arguments of all kinds; what it can be given lies beside it."""
    script = "mkdir root data && echo c >root/conf && echo p >data/precious"
    shelf.person.run(["sh", "-c", script], cwd=shelf.place, check=True)
    return shelf.app(*DECLARED, way="memory")


def variables(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What `env` printed."""
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


OUTSIDE = {"HOST_VAR": "-5", "TRUTHY": "yes"}


def test_variables_come_from_arguments_and_from_the_caller(app: App) -> None:
    words = ("root", "80", "-vH", "there", "-n", "web%")
    found = variables(app(*words, env=OUTSIDE))
    expected = {
        "PORT": "80",
        "HOST": "there",
        "VERBOSE": "1",
        "QUIET": "0",
        "CONF": "there/.config",
        "KEY": "-5",
        "YES": "1",
        "NO": "0",
        "APP_NAME": "el",
        "OURS": found["APP_ID"],
        "ARGV0": str(app.path),
        "APPIMAGE": str(app.path),
        "OWD": str(app.path.parent),
        "HOSTNAME": "el",
    }
    assert {name: found[name] for name in expected} == expected
    assert found["APP_INSTANCE"].startswith("web")
    assert len(found["APP_INSTANCE"]) == len("web") + 12


def test_files_are_shared_where_the_arguments_say(app: App) -> None:
    script = (
        "cat /etc/the.conf /etc/precious; ls /srv /data; touch /data/x; touch /srv/y"
    )
    words = ("-d", "data", "--", "root", "80", "sh", "-c", script)
    done = app(*words, env=OUTSIDE)
    assert done.stdout.splitlines() == [
        "c", "p", "/data:", "precious", "", "/srv:", "conf",
    ]  # fmt: skip
    assert "Read-only" in done.stderr
    assert (app.path.parent / "data/x").exists()


def test_what_belongs_to_an_argument_that_is_missing_is_left_out(app: App) -> None:
    done = app("root", "1", "--", "ls", "/etc/precious", env=OUTSIDE)
    assert done.returncode == 1


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("root",), "el wants the argument port"),
        ((), "el wants the argument docroot"),
        (("root", "x"), "port must be a whole number, not: x"),
        (("root", ""), "port must be a whole number, not: "),
        (("root", "1", "2"), "too many words, from here on: 2"),
        (("nowhere", "1"), "cannot share with the app nowhere: No such file"),
        (("root", "1", "-x"), "there is no option -x"),
        (("root", "1", "--word"), "there is no option --word"),
        (("root", "1", "-vx"), "there is no option -x"),
        (("root", "1", "-d"), "a value is missing after -d"),
        (("root", "1", "-n", "a/b"), "an instance has letters"),
        (
            ("root", "1", "--out=root/conf"),
            "collect the output at root/conf: File exists",
        ),
        (("root", "1", "--out=nowhere/x"), "collect the output at nowhere/x: No such"),
        (("--app-wrong",), "there is no word --app-wrong"),
        (("--appimage-wrong",), "there is no word --appimage-wrong"),
    ],
)
def test_wrong_words_end_it_before_anything_starts(
    app: App, words: tuple[str, ...], why: str
) -> None:
    done = app(*words, env=OUTSIDE)
    status = 1 if words and words[0].startswith("--app") else 2
    assert (done.returncode, done.stdout) == (status, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert hidden(app.path.parent) == []


def test_a_variable_of_the_wrong_type_ends_it(app: App) -> None:
    for env in ({"HOST_VAR": "x"}, {"HOST_VAR": "1", "TRUTHY": "perhaps"}):
        done = app("root", "1", env=env)
        assert (done.returncode, done.stdout) == (2, "")
        assert " must be " in done.stderr


def test_without_arguments_all_words_are_the_commands(shelf: Shelf) -> None:
    app = shelf.app("Entrypoint=echo", "Entrypoint=-", "Cmd=usual", way="memory")
    assert app().stdout == "- usual\n"
    assert app("--", "-x", "--word").stdout == "- -- -x --word\n"
    assert app("--app-persist", "kept", "--", "--app-help").stdout == "- --app-help\n"


def test_with_options_only_the_first_other_word_begins_the_command(
    shelf: Shelf,
) -> None:
    app = shelf.app("Arg=-x:env>X", way="memory")
    assert app("-x", "1", "sh", "-c", "echo $X $1", "-x", "2").stdout == "1 2\n"


def test_an_instance_runs_once_at_a_time(shelf: Shelf) -> None:
    app = shelf.app("Name=el", "Arg=-n:instance", way="cache")
    words = ("-n", "web", "sh", "-c", "echo; read x")
    pipe = subprocess.PIPE
    with app.start(*words, stdin=pipe, stdout=pipe) as first:
        assert first.stdout
        assert first.stdin
        first.stdout.readline()
        second = app(*words)
        assert second.returncode == 1
        assert "the instance el.web already exists" in second.stderr
        assert app("-n", "other", "true").returncode == 0
        first.stdin.close()
    assert app("-n", "web", "true").returncode == 0


def test_one_thing_in_out_becomes_the_path_given(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, way="memory")
    assert app("-o", "egg", "sh", "-c", "echo 1 >/out/it").returncode == 0
    assert (shelf.place / "egg").read_text() == "1\n"
    again = app("-o", "egg", "sh", "-c", "echo 2 >/out/it")
    assert again.returncode == 2
    assert (shelf.place / "egg").read_text() == "1\n"


def test_several_things_become_a_directory(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, way="memory")
    script = "touch /out/a /out/.b; mkdir /tmp/out/c; mv /tmp/out/c /out; exit 3"
    assert app("-o", "all", "sh", "-c", script).returncode == 3
    assert sorted(os.listdir(shelf.place / "all")) == [".b", "a", "c"]
    assert hidden(shelf.place) == []


def test_nothing_in_out_is_nothing(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, way="memory")
    before = sorted(os.listdir(shelf.place))
    assert app("-o", "all", "true").returncode == 0
    assert sorted(os.listdir(shelf.place)) == before


def test_in_a_directory_the_output_is_called_as_the_instance(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, "Arg=-n:instance", way="memory")
    app("-n", "x", "touch", "/out/it", check=True)
    shelf.person.run(["mkdir", shelf.place / "there"], check=True)
    app("-n", "x", "-o", "there", "touch", "/out/it", check=True)
    assert (shelf.place / "out.x.out").is_file()
    assert (shelf.place / "there/out.x.out").is_file()


def test_output_of_any_user_belongs_to_the_caller(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, "User=1000:1000", way="memory")
    done = app("-o", "it", "sh", "-c", "mkdir -p /out/d/e; touch /out/d/e/f; id -u")
    assert done.stdout == "1000\n", done.stderr
    found = [shelf.place / "it", *(shelf.place / "it").rglob("*")]
    assert len(found) == 3
    if shelf.person.map != "root":
        assert {path.lstat().st_uid for path in found} == {shelf.person.uid}


def test_what_appears_meanwhile_is_not_replaced(shelf: Shelf) -> None:
    app = shelf.app(*OUTPUT, f"Bind={shelf.place}:/here", way="memory")
    done = app("-o", "it", "sh", "-c", "echo mine >/out/x; echo yours >/here/it")
    assert done.returncode == 1
    assert "cannot collect the output at it: File exists. It is in " in done.stderr
    assert (shelf.place / "it").read_text() == "yours\n"
    place = Path(done.stderr.rpartition("It is in ")[2].split()[0].rstrip("."))
    assert (place / "out/x").read_text() == "mine\n"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "line",
    [
        "Wrong=1", "Format=1", "Name=-x", "Name=a/b", "Name=" + "x" * 65,
        "Network=yes",
        "Root=other", "Prompt=100", "Prompt=", "Arg=x", "Arg=x:other", "Arg=x y:output",
        "Arg=-xy:output", "Arg=--app-x:output", "Arg=x:env", "Arg=x:env>1",
        "Arg=x:bind>srv",
        "Arg=x:env>X:float", "Arg=x:output>y", "Set=X", "Set=1=2", "Set=X:y=1",
        "novalue", "",
        *["Cmd=x\0" * 5000, "Cmd=" + "x" * (1 << 20)],
    ],
)  # fmt: skip
def test_a_conf_that_is_wrong_is_refused(shelf: Shelf, line: str) -> None:
    app = shelf.app("Name=app", line, way="memory")
    done = app("true")
    assert (done.returncode, done.stdout) == (1, "")
    assert "app.conf" in done.stderr
    assert done.stderr.count("\n") == 1
