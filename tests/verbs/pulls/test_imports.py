"""A verb loads what it needs, and nothing that takes long beside."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from plashui.verbs.table import VERBS
from tests.conftest import Programs
from tests.people import myself
from tests.verbs.conftest import Run

LISTING: Final = Path(__file__).parent / "programs/modules_at_exit.py"
LONG: Final = frozenset(
    {
        *("argparse", "subprocess", "pathlib", "dataclasses", "tempfile", "json"),
        *("psutil", "humanize", "tomlkit", "tomllib", "urllib3", "textual", "rich"),
        *("typing", "asyncio", "hashlib", "secrets", "shutil", "logging", "email"),
        *("ssl", "concurrent", "inspect", "multiprocessing", "http"),
        *("tarfile", "urllib3", "logging", "signal", "locale"),
    }
)
"""Modules that take as long to be imported as a verb that reads may take in all."""

STARTING: Final = {"subprocess", "signal", "locale"}
"""What a verb loads that starts a program."""
NEEDED: Final[dict[str, set[str]]] = {
    "version": set(),
    "help": set(),
    "completion bash": set(),
    "completion --words run 1": set(),
    "ls": {"humanize"},
    "ls --json": {"json"},
    "show 1": {"humanize", "json"},
    "history 1": {"humanize", "json"},
    "note 1": {"argparse"},
    "pin": {"argparse"},
    "config 1": {"argparse", "json", "signal"},
    "config": {"json", "pathlib", "typing"},
    "trash": {"argparse"},
    "ps": {"json", *STARTING},
    "diff 1": {"humanize", "argparse", *STARTING},
    "clean": {"argparse", "pathlib", "json", *STARTING},
    "shrink --dry-run": {"humanize", "argparse", "json", "pathlib", *STARTING},
}
"""The most that a verb loads of these."""

PSUTILS: Final = {"psutil", "typing"}
NEEDED["df"] = {"humanize", "json", *STARTING, *PSUTILS}

WRONG: Final = (
    *("login", "pull", "pull :::", "pull:oci :::", "pull:lxc a b", "pull:url"),
    *("push 1 :::", "push:oci 1 :::", "push:ssh 1 x", "serve x", "rm 99", "show 99"),
)
"""Command lines that are refused before anything is done."""
OF_WORDS: Final = {"argparse", "json", "signal"}
MORE: Final[dict[str, set[str]]] = {
    "demo --help": {"tempfile", "shutil", "pathlib"},
    "build --help": STARTING,
}


@pytest.fixture(scope="module")
def few(base: Path, programs: Programs, busybox_tar: Path) -> Iterator[Run]:
    """Run Python, with a store that has an image of a known size."""
    me, env = myself(base, programs.bin), {"PLASH_DATA": str(base / "few")}

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return me.run([me.bin / "python3", *words], env=env)

    for words in (["pull:tarfile", busybox_tar], ["ls"]):
        assert run("-m", "plashui", *words).returncode == 0
    yield run
    run("-m", "plashui", "purge", "--yes")


def long_ones(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that take long of those that were loaded at the end."""
    last = done.stderr.splitlines()[-1].split()
    return set(LONG) & {word.partition(".")[0] for word in last}


@pytest.mark.parametrize("line", NEEDED)
def test_a_verb_that_reads_loads_only_what_it_needs(few: Run, line: str) -> None:
    done = few("-I", LISTING, *line.split())
    assert done.returncode == 0, done.stderr
    assert long_ones(done) <= NEEDED[line], line


def test_words_are_read_before_what_does_the_work_is_loaded(few: Run) -> None:
    for line in (*(f"{verb} --help" for verb in VERBS if VERBS[verb].run), *WRONG):
        done = few("-I", LISTING, *line.split())
        assert done.returncode == (line in WRONG), done.stderr
        assert long_ones(done) <= OF_WORDS | MORE.get(line, set()), line
