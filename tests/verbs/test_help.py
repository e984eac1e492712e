"""One table of verbs: who does each, help, usage and the names of old go by it."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path
from typing import Final, get_type_hints

import pytest

from plashui import __version__
from plashui.verbs.table import ALIASES, ENGINE, FAMILIES, VERBS
from tests.conftest import CHECKOUT
from tests.people import Person

BY_HELPER: Final = sorted(name for name, verb in VERBS.items() if verb.helper)
WHOLLY: Final = sorted(n for n, verb in VERBS.items() if verb.helper == "wholly")
BY_US: Final = {name: verb.run for name, verb in (VERBS | ENGINE).items() if verb.run}
ROOMS: Final = ("pulls", "pushes", "builds")
NO_VERBS: Final = {
    *("__init__", "open_app", "plain", "table", "transfers", "settings"),
    *("image_config", "show_remote", "pulling", "pulling_archives", "pushing"),
    *("source_date", "building", "debugging", "recipe", "recipe_file"),
}
"""The files of plashui/verbs and its rooms that are not a verb each."""


def required(usage: str) -> bool:
    """Whether a usage has operands that no brackets make optional."""
    while "[" in usage:
        usage = re.sub(r"\[[^][]*\]", "", usage)
    return bool(usage.strip())


@pytest.mark.parametrize("name", BY_US)
def test_a_verb_is_done_by_the_function_of_its_own_file(name: str) -> None:
    module, _, function = BY_US[name].partition(":")
    room = module.removeprefix("plashui.verbs.").rpartition(".")[0]
    assert room in ("", *ROOMS)
    assert module.rpartition(".")[2] == re.sub("[:-]", "_", name)
    run = getattr(importlib.import_module(module), function)
    assert get_type_hints(run) == {"words": list[str], "return": int}


def test_every_file_is_a_verb_or_what_a_few_share() -> None:
    here = CHECKOUT / "plashui/verbs"
    files = {path.stem for room in ("", *ROOMS) for path in (here / room).glob("*.py")}
    assert files == NO_VERBS | {re.sub("[:-]", "_", name) for name in BY_US}
    assert sum(len(verbs) for verbs in FAMILIES.values()) == len(VERBS)


def test_somebody_does_every_verb() -> None:
    for name, verb in VERBS.items():
        assert verb.run or verb.helper == "wholly", name
    assert all(new in VERBS for new in ALIASES.values())
    assert not ALIASES.keys() & VERBS.keys()


def test_the_c_program_has_the_verbs_and_the_old_names_that_the_table_says() -> None:
    table = (CHECKOUT / "helpers/verbs/table.c").read_text()
    entry = re.compile(r'\{"([\w:-]+)", verb_\w+,\s*(NULL|"[^"]*"),\s*(NULL|"([^"]*)")')
    found = {name: rest for name, *rest in entry.findall(table)}
    verbs = {n: words for n, (words, *_text) in found.items() if words != "NULL"}
    assert {n: w for n, w in verbs.items() if not n.startswith("engine:")} == {
        name: f'"{name} {VERBS[name].usage}'.rstrip() + '"' for name in BY_HELPER
    }
    assert not ENGINE.keys() & verbs.keys()
    old = {name: text for name, (words, _, text) in found.items() if words == "NULL"}
    source = (CHECKOUT / "helpers/verbs/verbs.c").read_text()
    renamed = source.partition("old_names[][2] = {")[2].partition("};")[0]
    old |= dict(re.findall(r'\{"([\w-]+)", "([\w:]+)"\}', renamed))
    assert old == {n: new for n, new in ALIASES.items() if not n.startswith("-")}


@pytest.mark.parametrize("name", VERBS)
def test_an_entry_says_what_the_verb_does_and_gives_an_example(name: str) -> None:
    verb = VERBS[name]
    assert verb.does
    assert not verb.does.endswith(".")
    assert re.search(rf"plash (\w+ )?{re.escape(name)}( |$|\))", verb.command())
    assert verb.usage.count("[") == verb.usage.count("]")
    assert verb.makes == (
        (name.startswith("pull") and name != "pull:folder")
        or name
        in ("build", "build:file", "stack", "squash", "slim", "check", "parent", "id")
        or name == "config"
    )
    if required(verb.usage):
        assert verb.operands()
    assert all(option.startswith("-") for option in verb.options())


def test_the_helper_knows_where_every_verb_takes_an_image() -> None:
    """`plash recall VERB` puts one in: see `others` in verbs.c, and operands.c."""
    sources = [CHECKOUT / "helpers/verbs" / name for name in ("table.c", "verbs.c")]
    source = "".join(path.read_text() for path in sources)
    source = re.sub(r'"\n *"', "", source)  # one string in several lines
    for name, verb in VERBS.items():
        if verb.run and (verb.makes or verb.operands()[:1] == ["ID"]):
            assert f'"{name} {verb.usage}"' in source
    valued = (CHECKOUT / "helpers/verbs/recalling/operands.c").read_text()
    shown = VERBS["run"].usage
    for option, takes_a_word in VERBS["run"].options().items():
        if takes_a_word and f"{option} " not in shown:
            assert f'"{option}"' in valued


def test_options_and_operands_are_read_from_the_usage() -> None:
    assert VERBS["run"].operands() == ["ID", "CMD", "..."]
    assert VERBS["run"].options() == {
        **{"-l": False, "--in-memory": False, "--home": True, "--isolate": False},
        **{"--net": False, "--rw": False},
        **{"-v": True, "-u": True, "-e": True, "-w": True, "--hostname": True},
        **{"--setuid": False, "--memory": True, "--pids": True, "--seccomp": True},
    }
    usage = "[--to SIZE] [--dry-run] ID [FILE or -] [--onto ANCESTOR]"
    verb = VERBS["run"]._replace(usage=usage)
    assert verb.operands() == ["ID", "FILE", "or", "-"]
    assert verb.options() == {"--to": True, "--dry-run": False, "--onto": True}


def test_help_lists_every_verb_with_its_family(anybody: Person) -> None:
    pages = [
        anybody.run([anybody.bin / program, *words])
        for program in ("plashui", "plash")
        for words in (["help"], ["--help"], ["-h"])
    ]
    assert len({page.stdout for page in pages}) == 1
    assert {(page.returncode, page.stderr) for page in pages} == {(0, "")}
    shown = pages[0].stdout.splitlines()
    for family, verbs in FAMILIES.items():
        assert family in shown
        for name in verbs:
            assert any(line.startswith(f"  {name}") for line in shown), name


@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_verb_is_the_same_however_one_asks(
    anybody: Person, name: str
) -> None:
    usage, example = VERBS[name].usage, VERBS[name].command()
    ways = [["plashui", "help", name], ["plash", name, "--help"]]
    ways += [["plash", "help", name], ["plashui", name, "-h"]]
    pages = [anybody.run([anybody.bin / way[0], *way[1:]]) for way in ways]
    assert len({page.stdout for page in pages}) == 1
    for done in pages:
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"usage: plash {name} {usage}".rstrip() + "\n\n")
        assert done.stdout.endswith(f"\n\nexample: {example}\n"), done.stdout


@pytest.mark.parametrize("name", [n for n, v in VERBS.items() if required(v.usage)])
def test_missing_words_are_a_usage_on_stderr_and_status_1(
    anybody: Person, name: str, base: Path
) -> None:
    env = {"PLASH_DATA": f"{base}/none"}
    for program in ("plashui", "plash"):
        done = anybody.run([anybody.bin / program, name], env=env)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"usage: plash {name} "), done.stderr


def test_the_names_of_old_still_work(anybody: Person) -> None:
    for old, new in ALIASES.items():
        if old.startswith("-"):
            continue
        for program in ("plashui", "plash"):
            done = anybody.run([anybody.bin / program, old, "--help"])
            assert (done.returncode, done.stderr) == (0, ""), old
            assert done.stdout.startswith(f"usage: plash {new}")


@pytest.mark.parametrize("program", ["plash", "plashui"])
def test_the_version_is_told(anybody: Person, program: str) -> None:
    for word in ("version", "--version", "-V"):
        done = anybody.run([anybody.bin / program, word])
        assert (done.returncode, done.stdout) == (0, f"{__version__}\n")


def test_help_for_what_is_no_verb_is_an_error(anybody: Person) -> None:
    for words in (["help", "x"], ["x", "--help"], ["recall", "x"], ["cache", "x"]):
        done = anybody.run([anybody.bin / "plash", *words])
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("plash error: no verb 'x'"), done.stderr
        assert done.stderr.count("\n") == 1


def test_without_plashui_the_helper_lists_its_own_verbs(
    anybody: Person, base: Path
) -> None:
    (base / "alone").mkdir()
    alone = shutil.copy2(anybody.bin / "plash", base / "alone")
    done = anybody.run(["/usr/bin/env", "PATH=/nonexistent", alone, "help"])
    assert (done.returncode, done.stderr) == (0, "")
    listed = re.findall(r"(?m)^  plash (\S+)(.*)$", done.stdout)
    assert sorted(name for name, _usage in listed) == BY_HELPER
    for name, usage in listed:
        assert usage.strip() == VERBS[name].usage, "both say the same"
