"""Each kind of element that elements' own examples show, built and run as there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.people import Person
from tests.verbs.conftest import Run
from tests.verbs.pushes.test_push_app import Start, start  # noqa: F401 - a fixture

pytestmark = pytest.mark.in_turn

FROM = "Bootstrap: plash\nFrom: 1\n"
POST = """
%post
 printf '#!/bin/sh\\necho fortune: "$@"\\n' >/bin/fortune && chmod +x /bin/fortune
"""
# Each shows its variables, leaves something in /out, and ends in a shell.
RUN = """
%runscript
 /exec env | sort
 if [ "${OUTPUT--}" != - ]; then
  echo "$ELEMENTS_ID" >/out/egg
 fi
 exec /sh
"""
OURS = ("MAGIC", "NAME", "INSTANCE", "ID", "ARGV0", "PS1_COLOR")
Made = Callable[..., Path]


@pytest.fixture
def made(plashui: Run, playground: Path, image: str) -> Made:
    """Make an app of a definition; files for %files lie beside it."""

    def make(header: str, rest: str = POST + RUN) -> Path:
        assert image == "1"
        definition, app = playground / "element.def", playground / "app"
        definition.write_text(header + rest)
        definition.chmod(0o644)
        done = plashui("push:app", "--definition", definition, app)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        return app

    return make


@pytest.fixture
def given(playground: Path, person: Person) -> Path:
    """What an app can be given: docs/index.html, data/kept; and a place for output."""
    place = playground / "given"
    place.mkdir(mode=0o755)
    person.give(place)
    script = "mkdir docs data && echo html >docs/index.html && echo kept >data/kept"
    script += " && echo site >docs/site.conf && : >data/other"
    person.run(["sh", "-c", script], cwd=place, check=True)
    return place


def variables(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What it showed of its environment."""
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def test_without_any_key_it_is_called_as_its_file(made: Made, start: Start) -> None:  # noqa: F811
    done = start(made(FROM), input="fortune of the day; exit 5\n")
    assert done.returncode == 5, done.stderr
    assert done.stdout.endswith("\nfortune: of the day\n")
    done.returncode = 0
    found = variables(done)
    assert found["ELEMENTS_NAME"] == "element"
    assert found["ELEMENTS_MAGIC"] == "Elements"
    assert found["ELEMENTS_ID"] == f"element.{found['ELEMENTS_INSTANCE']}"
    assert len(found["ELEMENTS_INSTANCE"]) == 12
    assert {f"ELEMENTS_{name}" for name in OURS} <= found.keys()


SIMPLE = """\
#Elements.name: simple
#Elements.args: -d:bind>/srv:ro -p:env>PORT:int -n:instance spam:env>SPAM -o:output
#Elements.env: DOCROOT=$d OUTPUT=$o
"""


def test_options_and_a_word_in_any_order(
    made: Made,
    start: Start,  # noqa: F811
    given: Path,
    person: Person,
) -> None:
    app, docs = made(SIMPLE + FROM), given / "docs"
    words = ["-p", "-80", "lovely", "-d", docs, "-n", "web", "-o", given / "egg"]
    done = start(app, *words, input="cat /srv/index.html; touch /srv/x || echo kept\n")
    found = variables(done)
    assert found["SPAM"] == "lovely"
    assert found["PORT"] == "-80"
    assert found["DOCROOT"] == str(docs)
    assert found["OUTPUT"] == str(given / "egg")
    assert found["ELEMENTS_ID"] == "simple.web"
    assert done.stdout.endswith("\nhtml\nkept\n")
    assert person.run(["cat", given / "egg"]).stdout == "simple.web\n"
    # Without -o the variable is empty; what was left goes to the current directory.
    done = start("sh", "-c", 'cd "$0" && exec "$@"', given, app, "-n", "two", "ham")
    assert variables(done)["OUTPUT"] == ""
    assert "PORT" not in variables(done)
    assert person.run(["cat", given / "simple.two.out"]).stdout == "simple.two\n"


WRONG: dict[tuple[str, ...], str] = {
    (): "simple wants the argument spam",
    ("a", "b"): "too many words, from here on: b",
    ("-p", "x", "a"): "-p must be a whole number, not: x",
    ("-p", "1.5", "a"): "-p must be a whole number, not: 1.5",
    ("-p", "", "a"): "-p must be a whole number, not: ",
    ("-d", "nowhere", "a"): "cannot share with the app nowhere: No such file",
    ("-n", "a/b", "a"): "an instance has letters",
    ("-o", "nowhere/egg", "a"): "collect the output at nowhere/egg: No such",
    ("-x", "a"): "there is no option -x",
    ("a", "-d"): "a value is missing after -d",
}


def test_wrong_words_are_told_before_it_starts(
    made: Made,
    start: Start,  # noqa: F811
) -> None:
    app = made(SIMPLE + FROM)
    for words, why in WRONG.items():
        done = start(app, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert why in done.stderr, words
        assert done.stderr.count("\n") == 1, words
    assert variables(start(app, "--", "-a"))["SPAM"] == "-a"
    assert variables(start(app, "a", "--", "-q"))["SPAM"] == "a"


COPYUP = """\
#Elements.name: copyup
#Elements.ps1-color: 3
#Elements.args: spam:output
#Elements.env: OUTPUT=$spam
#Elements.root-copyup: true
"""


def test_a_root_that_is_copied_can_be_changed_and_is_new_each_time(
    made: Made,
    start: Start,  # noqa: F811
    given: Path,
    person: Person,
) -> None:
    app = made(COPYUP + FROM)
    script = "grep ' / ' /proc/mounts; rm /bin/fortune; echo x >/new; ls /bin/fortune\n"
    for egg in (given / "first", given / "second"):
        done = start(app, egg, input=f"ls /new; {script}")
        assert "\ntmpfs / tmpfs " in done.stdout or "\nnone / tmpfs " in done.stdout
        assert "/new: No such file" in done.stderr
        assert "/bin/fortune: No such file" in done.stderr
        assert person.run(["cat", egg]).stdout.startswith("copyup.")
    before = person.run(["ls", "-A", given]).stdout
    done = start(app, "-", input="exit 0\n")
    assert variables(done)["OUTPUT"] == "-", "and nothing is in /out"
    assert person.run(["ls", "-A", given]).stdout == before


PARSING = """\
#Elements.name: parsing
#Elements.args: docroot:bind>/srv:ro port:env>PORT:int -H:env>HOST \\
#               -v:env>VERBOSE:bool -d:bind>/data -n:instance

# A comment like any other.

#Elements.bind: $docroot/site.conf:/srv/site.conf:ro \\
#               $d/kept:/data/kept:ro \\
Bootstrap: plash
#Elements.env: TEST=hello KEY:int=$HOST_VAR \\
#      #       NOT_THIS=in-the-app \\
#              CONF=$HOST/.config.yml TZ=$TZ \\
#              YES:bool=$TRUTHY NO:bool=$FALSY EMPTY:bool=$NOTHING GONE:bool=$UNSET
#Elements.ps1-color: 11

From: 1
"""
OUTSIDE = {"HOST_VAR": "-5", "TRUTHY": "yes", "FALSY": "no", "NOTHING": ""}


def test_keys_over_several_lines_and_between_those_of_the_header(
    made: Made,
    start: Start,  # noqa: F811
    given: Path,
) -> None:
    app = made(PARSING)
    docs, data = given / "docs", given / "data"
    script = "cat /srv/site.conf /data/kept; echo x >/data/new; echo x >/data/kept"
    words = [docs, "-H", "there", "80", "-v", "-d", data, "-n", "%x"]
    done = start(app, *words, env={**OUTSIDE, "TZ": "Asia/Tokyo"}, input=f"{script}\n")
    done.returncode = 0 if done.returncode == 1 else done.returncode  # the last one's
    found = variables(done)
    expected = {
        **{"TEST": "hello", "PORT": "80", "HOST": "there", "VERBOSE": "1"},
        **{"KEY": "-5", "CONF": "there/.config.yml", "TZ": "Asia/Tokyo"},
        **{"YES": "1", "NO": "0", "EMPTY": "0", "GONE": "0"},
        "ELEMENTS_PS1_COLOR": "11",
    }
    assert {name: found[name] for name in expected} == expected
    assert "NOT_THIS" not in found
    assert found["ELEMENTS_INSTANCE"].endswith("x")
    assert len(found["ELEMENTS_INSTANCE"]) == 13
    assert done.stdout.endswith("\nsite\nkept\n")
    assert "Read-only" in done.stderr
    assert (data / "new").exists()


def test_variables_of_the_caller_have_types(
    made: Made,
    start: Start,  # noqa: F811
    given: Path,
) -> None:
    app = made(PARSING)
    for outside, why in (
        ({"HOST_VAR": "five"}, "KEY must be a whole number, not: five"),
        ({"HOST_VAR": ""}, "KEY must be a whole number"),
        ({"TRUTHY": "perhaps"}, "YES must be "),
    ):
        done = start(app, given / "docs", "80", env={**OUTSIDE, **outside})
        assert (done.returncode, done.stdout) == (2, ""), outside
        assert why in done.stderr, outside


def test_names_are_looked_up_as_the_key_says(
    made: Made,
    start: Start,  # noqa: F811
    playground: Path,
) -> None:
    own = playground / "own"
    own.write_text("nameserver 192.0.2.1\n")
    own.chmod(0o644)
    rest = "\n%files\n own /etc/resolv.conf\n%runscript\n cat /etc/resolv.conf\n"
    for key, expected in (("true", Path("/etc/resolv.conf")), ("false", own)):
        done = start(made(f"#Elements.resolv: {key}\n{FROM}", rest))
        assert (done.stdout, done.stderr) == (expected.read_text(), "")
