"""config, and the options of the app: what is set, and what is no option."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.settings.config import Config, load
from plashui.verbs.open_app import wants_ascii
from plashui.verbs.settings import config_lines
from tests.conftest import playground_in
from tests.people import Person
from tests.verbs.conftest import Run

BROKEN = """\
theme = "nord"
colour = true

[keys]
remove = "u"
"""


@pytest.fixture
def settings(
    anybody: Person, base: Path, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """Where a config of anybody's can be."""
    for place in playground_in(base, anybody, request.node.name):
        file = place / "config/plashui/config.toml"
        anybody.run(["mkdir", "-p", file.parent], check=True)
        yield file


def test_config_prints_what_holds_as_a_file_that_could_be_in_its_place(
    anybody: Person, settings: Path
) -> None:
    env = {"XDG_CONFIG_HOME": str(settings.parent.parent)}
    first = anybody.run([anybody.bin / "plashui", "config"], env=env)
    assert (first.returncode, first.stderr) == (0, "")
    values = tomllib.loads(first.stdout)
    assert values["theme"] == "plashui"
    assert values["keys"]["remove"] == ["d"]
    settings.write_text(first.stdout)
    again = anybody.run([anybody.bin / "plash", "config"], env=env)
    assert (again.returncode, again.stderr) == (0, "")
    assert tomllib.loads(again.stdout) == values
    assert 'theme = "plashui"  # line 3' in again.stdout


def test_registries_are_printed_with_all_that_can_be_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[registries."docker.io"]\nmirrors = ["m.io/hub"]\n')
    lines = list(config_lines(load(str(file)), {}))
    at = lines.index('[registries."docker.io"]')
    assert lines[at + 1].startswith('mirrors = ["m.io/hub"]  # line 2; ')
    assert lines[at + 2].startswith("insecure = false  # default; ")
    file.write_text("\n".join(lines))
    assert load(str(file)).config.registries["docker.io"].mirrors == ("m.io/hub",)


def test_a_config_of_which_nothing_holds_is_not_said_to_be_absent(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.toml"

    def first() -> str:
        return next(config_lines(load(str(file)), {}))

    assert first() == f"# {file} (not there, or empty)"
    file.write_text('theme = "x')
    assert first() == f"# {file} (nothing in it holds)"
    file.write_text('theme = "nord"')
    assert first() == f"# {file}"


def test_a_broken_config_is_told_and_the_rest_of_it_holds(
    anybody: Person, settings: Path
) -> None:
    settings.write_text(BROKEN)
    env = {"XDG_CONFIG_HOME": str(settings.parent.parent)}
    done = anybody.run([anybody.bin / "plashui", "config"], env=env)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"plash error: {settings}, line 2: unknown setting 'colour'."
        " Did you mean 'color'?",
        f"plash error: {settings}, line 5: the key u also belongs to 'undo'."
        " Choose another key for one of them",
    ]
    values = tomllib.loads(done.stdout)
    assert values["theme"] == "nord"
    assert values["keys"]["remove"] == ["d"]


def test_what_is_no_option_of_the_app_is_told(anybody: Person) -> None:
    for words, sentence in (
        (["--plane"], "no option '--plane' (did you mean '--plain'?)"),
        (["--frm", "x"], "no option '--frm' (did you mean '--from'?)"),
        (["--plain", "x"], "no option 'x'"),
        (["--store"], "--store wants"),
        (["--store", "nowhere"], "'nowhere' is neither a store"),
        (["--read-only"], "the app needs a terminal"),
    ):
        done = anybody.run([anybody.bin / "plashui", *words])
        assert (done.returncode, done.stdout) == (1, ""), words
        assert done.stderr.startswith(f"plash error: {sentence}"), done.stderr
        assert done.stderr.count("\n") == 1


def test_plain_says_each_image_in_a_sentence(plashui: Run, image: str) -> None:
    child = plashui("build", image, "touch", "/x").stdout.strip()
    plashui("map", "bad\x1b[31m \u202e[red]", child)
    plashui("note", child, "until March")
    done = plashui("--plain")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("The store ")
    assert " has 2 images of " in lines[0]
    assert lines[1].startswith("In the trash: 0 removals of 0 B. Free on the disk: ")
    assert (
        f"Image {image}; made by busybox.tar; level 1, stands on nothing;" in lines[2]
    )
    assert "with the 1 image on it" in lines[2]
    assert f"level 2, stands on image {image}; takes " in lines[3]
    assert "named bad\\x1b[31m \\u202e[red];" in lines[3]
    assert "; noted: until March." in lines[3]
    assert all(line.endswith(".") for line in lines)


def test_plain_shows_the_store_that_is_named(person: Person, store: Path) -> None:
    words = [person.bin / "plashui", "--plain", f"--store={store}"]
    done = person.run(words, env={"PLASH_DATA": "/nonexistent"})
    assert done.stdout.startswith(f"The store {store} has 0 images")
    assert "To make an image: " in done.stdout


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "de_DE.utf8@euro"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "", "LANG": "POSIX"}, True),
        ({"LANG": "de_DE"}, True),
    ],
)
def test_only_a_terminal_without_utf8_is_drawn_in_ascii(
    environ: dict[str, str], wanted: bool
) -> None:
    assert wants_ascii(Config(), environ) == wanted
    assert not wants_ascii(Config(ascii=False), environ)
    assert wants_ascii(Config(ascii=True), environ)
