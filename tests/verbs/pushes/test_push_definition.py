"""push:app --definition: elements' files, built and run, as the examples of it do."""

from __future__ import annotations

from pathlib import Path

from tests.people import Person
from tests.verbs.conftest import Run
from tests.verbs.pushes.test_push_app import Start, start  # noqa: F401 - a fixture

PARSING = """\
#Elements.name: parsing
#Elements.args: docroot:bind>/srv:ro port:env>PORT:int -H:env>HOST \\
#               -v:env>VERBOSE:bool -d:bind>/data -n:instance -o:output
#Elements.bind: $d/precious.txt:/data/precious.txt:ro
Bootstrap: plash
#Elements.env: TEST=hello CONF=$HOST/.config.yml TRUE:bool=$TRUTHY NO:bool=$NOT_SET
#Elements.ps1-color: 11
From: 1

%files
 files/hello.txt /hello.txt

%post
 mkdir /data
 echo "export MADE=by-post" >> "$SINGULARITY_ENVIRONMENT"

%environment
 export GREETING="good morning"

%runscript
 echo "$GREETING $MADE $ELEMENTS_ID $*"
 echo "$TEST $PORT $HOST $CONF $VERBOSE $TRUE $NO"
 cat /hello.txt /srv/index.html
 /exec sh -c 'echo exec $GREETING'
 [ -f /data/precious.txt ] && cat /data/precious.txt
 echo egg > /out/egg
 exit 3

%labels
 org.example.team shop
"""


def test_an_example_is_built_by_the_cache_and_runs(
    plashui: Run,
    start: Start,  # noqa: F811
    person: Person,
    playground: Path,
    image: str,
) -> None:
    assert image == "1"
    place = playground / "example"
    for path, text in (
        ("element.def", PARSING),
        ("files/hello.txt", "hello\n"),
        ("docs/index.html", "<html>\n"),
        ("data/precious.txt", "precious\n"),
    ):
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    app = playground / "app"
    words = ["push:app", "--definition", place / "element.def", app]
    done = plashui(*words)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "%post" in done.stderr
    first = app.read_bytes()
    done = plashui(*words)
    assert (done.returncode, done.stderr) == (0, ""), "all of it is in the cache"
    assert app.read_bytes() == first
    docs, data = place / "docs", place / "data"
    given = [docs, "-H", "host", "80", "-v", "-d", data, "-n", "one", "-o", "out"]
    done = start(app, *given, "--", "more", env={"TRUTHY": "yes"})
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "good morning by-post parsing.one more",
        "hello 80 host host/.config.yml 1 1 0",
        *("hello", "<html>", "exec good morning", "precious"),
    ]
    assert done.returncode == 3
    assert person.run(["cat", playground / "out"]).stdout == "egg\n"
    assert start(app, docs, "eighty").returncode == 2
    assert "argument     port:env>PORT:int\n" in plashui("app", app).stdout


def test_a_definition_that_fails_makes_no_file(
    plashui: Run, playground: Path, image: str
) -> None:
    assert image == "1"
    place = playground / "element.def"
    place.write_text("Bootstrap: plash\nFrom: 1\n%post\n true\n exit 4\n")
    done = plashui("push:app", "--definition", place, playground / "app")
    assert (done.returncode, done.stdout) == (1, "")
    assert "element.def, line 5" in done.stderr
    assert not (playground / "app").exists()
    place.write_text("Bootstrap: plash\nFrom: 1\n%setup\n touch /tmp/x\n")
    done = plashui("push:app", "--definition", place, playground / "app")
    assert "element.def, line 3: %setup is not supported" in done.stderr
