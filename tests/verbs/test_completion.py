"""Completion: what fits, and that the real shells offer just that."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.store.store import Store
from plashui.verbs.completion import answer
from plashui.verbs.table import VERBS
from tests.conftest import cannot
from tests.keyboard import Keyboard, at_a_terminal
from tests.people import Person
from tests.store.test_store import fill_old_store

pytestmark = pytest.mark.in_turn


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of images 3 ("debian"), 7 ("de bian [b]"), 8 and 12; 20 in the trash."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = fill_old_store(tmp_path / "store")
    (path / "map/bad\x1b[31m").symlink_to("../layer/0/8")
    (path / "trash/20/_data/root").mkdir(parents=True)
    monkeypatch.setenv("PLASH_DATA", str(path))
    return Store(path)


IDS = ["12", "8", "7", "3"]
IMAGES = ["de bian [b]", "debian", *IDS]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("line", "kind", "fit"),
    [
        ("run:", "", ["run:persist", "run:folder"]),
        ("run |", "", IMAGES),
        ("run 1", "", ["12"]),
        ("run de", "", ["de bian [b]", "debian"]),
        ("run -l |", "", IMAGES),
        ("run --isolate -w /srv |", "", IMAGES),
        ("run --isolate -w |", "files", []),
        ("run --is", "", ["--isolate"]),
        ("run 7 |", "files", []),
        ("run 7 ls -", "files", []),
        ("mounted 7 |", "commands", []),
        ("mounted 7 ls |", "files", []),
        ("with-mount d", "", ["de bian [b]", "debian"]),
        ("mount 7 |", "dirs", []),
        ("mount 7 /mnt |", "dirs", []),
        ("mount 7 /mnt /x |", "", []),
        ("pull:tarfile |", "files", []),
        ("import-tar |", "files", []),
        ("stack 7 |", "dirs", []),
        ("check 7 |", "files", []),
        ("rm 7 8 |", "", IMAGES),
        ("rm --f", "", ["--force"]),
        ("restore |", "", ["20"]),
        ("trash --empty |", "", ["20"]),
        ("map |", "", ["de bian [b]", "debian"]),
        ("map debian |", "", IMAGES),
        ("help vers", "", ["version"]),
        ("cache bui", "", ["build", "build:file"]),
        ("cache build |", "", IMAGES),
        ("recall run |", "files", []),
        ("do stack |", "dirs", []),
        ("recall id de", "", ["de bian [b]", "debian"]),
        ("recall cache build |", "", IMAGES),
        ("completion |", "", ["bash", "zsh", "fish"]),
        ("clean |", "", []),
        ("nonsense |", "files", []),
        ("--from-l", "", ["--from-lxc"]),
        ("--from de", "", ["de bian [b]", "debian"]),
        ("--from 7 --ap", "", ["--apt", "--apk"]),
        ("--from 7 -l --layer pi", "", ["pip", "pip3"]),
        ("--from-dir |", "dirs", []),
        ("--eval-file |", "files", []),
        ("build --shar", "", ["--share-home"]),
        ("build --run a --from de", "", ["de bian [b]", "debian"]),
        ("b run --from-m", "", ["--from-map"]),
        ("b run --from 7 -- |", "files", []),
        ("help-macros entry", "", ["entrypoint", "entrypoint-script"]),
    ],
)
def test_what_fits_is_offered(line: str, kind: str, fit: list[str]) -> None:
    words = [word.replace("|", "") for word in line.split()]
    found_kind, found = answer(words)
    assert found_kind == kind
    assert [word for word, _about in found] == fit


@pytest.mark.usefixtures("filled")
def test_every_verb_can_be_completed_and_says_what_it_is() -> None:
    assert dict(answer([""])[1]) == {name: verb.does for name, verb in VERBS.items()}
    for verb in VERBS:
        for count in range(4):
            answer([verb, *["x"] * count, ""])
            answer([verb, *["x"] * count, "-"])
    assert dict(answer(["run", ""])[1])["12"] == ""
    assert dict(answer(["run", ""])[1])["debian"] == "3"


@pytest.mark.usefixtures("filled")
def test_what_no_terminal_could_show_is_not_offered() -> None:
    _kind, found = answer(["run", ""])
    assert all("\x1b" not in word + about for word, about in found)


def test_it_starts_neither_the_parser_of_options_nor_another_program(
    anybody: Person, place_of_anybody: Path
) -> None:
    env = {"PLASH_DATA": str(place_of_anybody / "store")}
    program = anybody.program(__file__, "completion_imports.py")
    words = [anybody.bin / "python3", program]
    assert anybody.run(words, env=env, check=True).stdout == "\n[]\n"


def test_a_shell_is_not_told_of_errors(anybody: Person, base: Path) -> None:
    env = {"PLASH_DATA": str(base / "no/such/store")}
    for words in (["run", ""], ["restore", ""], [""], []):
        command = [anybody.bin / "plashui", "completion", "--words", *words]
        done = anybody.run(command, env=env)
        assert (done.returncode, done.stderr) == (0, "")
    done = anybody.run([anybody.bin / "plashui", "completion", "tcsh"], env=env)
    assert done.returncode == 1
    assert done.stderr == "usage: plash completion bash|zsh|fish\n"


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$({} completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -Uz compinit; compinit -D -u; eval "$({} completion zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "{} completion fish | source"),
}

NAMES = ["box", "my box", "col:on", "eve$(touch evil)`touch evil`\"'"]


@pytest.fixture(params=SHELLS)
def keyboard(
    request: pytest.FixtureRequest, anybody: Person, place_of_anybody: Path
) -> Iterator[Keyboard]:
    """A shell that completes, on a store of four named images."""
    name = request.param
    if not shutil.which(name):
        cannot(f"{name} is not installed")
    place = place_of_anybody
    (place / "afile").write_text("x")
    (place / "adir").mkdir()
    anybody.give(place / "adir")
    env = {"PLASH_DATA": str(place / "store"), "TERM": "xterm", "HISTFILE": ""}
    for image, key in enumerate(NAMES, 1):
        (place / "layer").mkdir()
        anybody.give(place / "layer")
        for words in (["stack", "0", place / "layer"], ["map", key, str(image)]):
            anybody.run([anybody.bin / "plashui", *words], env=env, check=True)
    argv, setup = SHELLS[name]
    with at_a_terminal(anybody, argv, env, place) as keys:
        keys.press("echo re''ady\r")
        keys.shows(r"(?m)^ready\n")
        keys.press(setup.format(anybody.bin / "plash") + "; echo se''t\r")
        keys.shows(r"(?m)^set\n")
        yield keys
    shutil.rmtree(f"/tmp/fish.{anybody.name}", ignore_errors=True)


def test_a_real_shell_completes(keyboard: Keyboard, place_of_anybody: Path) -> None:
    def line(typed: str, answer: str) -> None:
        keyboard.press(typed)
        keyboard.press("\r")
        keyboard.shows(rf"(?m)^{answer}\n")

    line("plashui vers\t", r"\d+\.\d+\.\d+")
    line("plash id b\t", "1")
    line("plash id my\t", "2")
    line("plash id col\t", "3")
    line("plash parent 4\t", "0")
    line("plash check 1 af\t", "5")
    line("plash stack 5 ad\t", "6")
    line("plash recall id my\t", "2")
    # Whatever is in a name, to complete it runs nothing.
    line("plash id ev\t", "4")
    line('plash id "ev\t', "4")
    assert not (place_of_anybody / "evil").exists()
    keyboard.press("plash run:p\t")
    keyboard.shows(re.escape("run:persist"))


def test_the_shell_says_what_an_id_is_where_it_can(
    keyboard: Keyboard, request: pytest.FixtureRequest
) -> None:
    keyboard.press("plash run \t\t")
    shell = request.node.callspec.params["keyboard"]
    described = {"bash": "box", "zsh": r"1 +-- box", "fish": r"1 +\(box"}[shell]
    seen = keyboard.shows(described)
    assert "no image" not in seen
