"""The config: what is right holds, what is wrong is told with its line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.settings import config, toml, toml_text
from plashui.settings.config import Config, Registry, load, parse
from plashui.settings.values import COLUMNS
from tests.conftest import CHECKOUT

WHOLE = """\
theme = "nord"
color = false
ascii = true
columns = ["age"]
details-width = 50
shell = "/bin/bash"
shell-home = "private"
trash-age = "2w"
default-registry = "localhost:5000"
keep-blobs = true

[stores]
work = "/srv/plash"
"my own" = "~/own"

[registries."docker.io"]
mirrors = ["mirror.example.org:5000/hub", "localhost"]

[registries."[::1]:5000"]
insecure = true

[keys]
remove = "x"
mark = ["space", "m"]
"""


def told(source: str) -> list[tuple[int, str]]:
    """The lines on which something is wrong, and what."""
    return [(one.line, one.sentence) for one in parse(source, "c").troubles]


def test_everything_that_can_be_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    loaded = parse(WHOLE, "c")
    assert loaded.troubles == ()
    assert loaded.config == Config(
        "nord",
        False,
        True,
        ("age",),
        50,
        "/bin/bash",
        14 * 86400.0,
        {"work": "/srv/plash", "my own": "/home/me/own"},
        {"remove": ("x",), "mark": ("space", "m")},
        shell_home="private",
        default_registry="localhost:5000",
        keep_blobs=True,
        registries={
            "docker.io": Registry(("mirror.example.org:5000/hub", "localhost")),
            "[::1]:5000": Registry(insecure=True),
        },
    )
    assert loaded.lines()[("stores", "my own")] == 14
    assert loaded.lines()[("registries", "[::1]:5000", "insecure")] == 20


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("theme = 3", 1, "theme: 3 is not a string"),
        ("\n\ncolor = 'no'", 3, "color: 'no' is neither true nor false"),
        ("columns = [\n 'age',\n 'names']", 1, "columns: unknown column 'names'"),
        ("columns = 'age'", 1, "columns: 'age' is not a list"),
        ("details-width = 3", 1, "details-width: 3 is not a width"),
        ("details-width = true", 1, "details-width: true is not a width"),
        (
            "trash-age = '3 fortnights'",
            1,
            "trash-age: '3 fortnights' is not a span of time",
        ),
        ("trash-age = -1", 1, "trash-age: -1 is not a span of time"),
        ("shell-home = 'mine'", 1, "shell-home: 'mine' is not a known value"),
        ("shell = 'bash'", 1, "shell: 'bash' is not an absolute path in an image"),
        ("default-registry = 'a b'", 1, "default-registry: 'a b' is not a registry"),
        ("registries = 1", 1, "registries must be a table"),
        ("[registries]\n'a.b' = 1", 2, "registries.a.b must be a table"),
        ("[registries.'a/b']", 1, "registries.a/b: 'a/b' is not a registry"),
        ("[registries.a]\nmirror = []", 2, "unknown setting 'registries.a.mirror'"),
        ("[registries.a]\ninsecure = 1", 2, "registries.a.insecure: 1 is neither"),
        ("[registries.a]\nmirrors = 'b'", 2, "registries.a.mirrors: 'b' is not a list"),
        (
            "[registries.a]\nmirrors = ['https://b']",
            2,
            "registries.a.mirrors: 'https:' is not a registry",
        ),
        ("colour = true", 1, "unknown setting 'colour'"),
        ("stores = 1", 1, "stores must be a table"),
        ("# x\n[stores]\n# y\na = 'b'", 4, "stores.a: 'b' is not an absolute path"),
        ("[stores]\na = 1", 2, "stores.a: 1 is not a string"),
        ("[servers]\nlxc = 'https://x'", 1, "unknown setting 'servers'"),
        ("[keys]\n\nmark = [1]", 3, "keys.mark: 1 is not a string"),
        (
            "a = '''\n[keys]\nmark = 1\n'''\n[keys]\nmark = 2",
            6,
            "keys.mark: 2 is not a list",
        ),
        ("keys.mark = 1", 1, "keys.mark: 1 is not a list"),
        ("theme = 'a\n", 1, "the file is not valid TOML: "),
        ("theme = 'a'\ntheme = 'b'", 2, "the file is not valid TOML: "),
        ("theme = [\n1,\n", 2, "the file is not valid TOML: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    source: str, line: int, words: str
) -> None:
    found = told(source)
    assert found, "it is wrong"
    assert found[-1][0] == line
    assert found[-1][1].startswith(words)


@pytest.mark.parametrize(
    "source",
    [
        f"theme = {'[' * 5000}",
        f"theme = {'[' * 60}{']' * 60}",
        f"details-width = {'9' * 5000}",
        f"details-width = 0x{'f' * 5000}",
        f"trash-age = 0x{'f' * 5000}",
        f"trash-age = -0x{'f' * 50}",
        f"theme = 0x{'f' * 5000}",
        "trash-age = nan",
        "theme = 1979-05-27T07:32:00Z",
        "[[stores]]\na = 1",
        "[[keys]]\n[[keys]]",
        "stores = [{a = 1}]",
        "theme.x = 1",
        "theme = '\x1b[31m'\n",
        "\ufefftheme = 1",
        f"{'a' * 100_000} = 1",
    ],
)
def test_nothing_that_is_written_there_stops_the_app(source: str) -> None:
    loaded = parse(source, "c")
    assert loaded.troubles
    assert loaded.config == Config()
    assert all("\x1b" not in one.sentence for one in loaded.troubles)
    assert all(len(str(one)) < 250 for one in loaded.troubles)


def test_what_is_right_beside_it_holds() -> None:
    loaded = parse("theme = 'nord'\ncolour = 1\nascii = 'x'\ncolumns = []", "c")
    assert [one.line for one in loaded.troubles] == [2, 3]
    assert (
        str(loaded.troubles[0])
        == "c, line 2: unknown setting 'colour'. Did you mean 'color'?"
    )
    assert loaded.config == Config(theme="nord", columns=())


def test_a_file_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    assert load(str(tmp_path / "none")) == config.Loaded(
        Config(), str(tmp_path / "none")
    )
    assert Config().columns == COLUMNS
    (tmp_path / "file").write_text("")
    assert load(str(tmp_path / "file/config.toml")).troubles == ()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"# one\ntheme = '\xff'\n")
    (trouble,) = load(str(tmp_path / "bad")).troubles
    assert (trouble.line, trouble.sentence) == (2, "the file is not UTF-8")
    (trouble,) = load(str(tmp_path)).troubles
    assert trouble.sentence == "cannot read the file: Is a directory"
    assert "line" not in str(trouble)


def test_nobody_waits_for_a_config_that_is_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    loaded = load(str(tmp_path / "config.toml"))
    assert (loaded.config, loaded.troubles) == (Config(), ())
    writer = os.open(tmp_path / "config.toml", os.O_RDWR)
    loaded = load(str(tmp_path / "config.toml"))
    assert (loaded.config, loaded.troubles) == (Config(), ())
    os.close(writer)


def test_it_is_at_the_place_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    for value in ("", "relative/is/ignored"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        assert config.config_file() == "/home/me/.config/plashui/config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/me")
    assert config.config_file() == "/etc/me/plashui/config.toml"


def test_a_store_is_asked_for_by_its_name_or_its_path(tmp_path: Path) -> None:
    settings = Config(stores={"work": "/srv/plash"})
    assert config.place_of("work", settings) == "/srv/plash"
    assert config.place_of("/no/such", settings) == "/no/such"
    assert config.place_of(str(tmp_path), settings) == str(tmp_path)
    with pytest.raises(PlashError, match="Stores in the config: 'work'"):
        config.place_of("werk", settings)


def test_lines_are_those_of_the_file_however_it_is_laid_out() -> None:
    source = """# one
[a.b] # two
x = {y = {z = 1}}

[c]
text = '''
[d]
'''
list = [ # nine
  1,
]
e.f.g = 1
[a.d]
[[h]]
i = 1
[[h]]
"""
    for text in (source, source.replace("\n", "\r\n")):
        found = toml.line_numbers(text)
        assert found == {
            ("a", "b"): 2,
            ("a", "b", "x"): 3,
            ("a", "b", "x", "y"): 3,
            ("a", "b", "x", "y", "z"): 3,
            ("c",): 5,
            ("c", "text"): 6,
            ("c", "list"): 9,
            ("c", "e"): 12,
            ("c", "e", "f"): 12,
            ("c", "e", "f", "g"): 12,
            ("a", "d"): 13,
            ("h",): 14,
            ("h", "i"): 15,
        }
    assert toml.line_numbers("[a.b]\n[[c]]\n[a.d]\n") == {}, "rather than wrong ones"


@pytest.mark.parametrize("wrong", [False, True])
def test_tomlkit_is_imported_only_where_a_line_is_told(
    tmp_path: Path, wrong: bool
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("theme = 3" if wrong else "theme = 'nord'")
    program = Path(__file__).parent / "programs/imports_tomlkit.py"
    done = subprocess.run(
        [sys.executable, program, file],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{wrong}\n"


def test_text_written_as_toml_is_read_as_the_same() -> None:
    import tomllib

    value = 'a "b" \\ \n \t \x01 \x7f \u202e [x] é 日 \U000e0100'
    line = f"{toml_text.written_key('a b')} = {toml_text.written([value, True, 3])}"
    assert "\n" not in line
    assert "\u202e" not in line
    assert tomllib.loads(line) == {"a b": [value, True, 3]}
