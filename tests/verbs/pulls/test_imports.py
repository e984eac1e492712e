"""A verb loads what it needs, and nothing that takes long beside."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

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
    "config 1": {"argparse", "json", "pathlib", "signal"},
    "push:oci --help": {"argparse", "json", "pathlib", "hashlib", "concurrent"},
    "push:folder --help": {"argparse", "json", "pathlib"},
    "trash": {"argparse"},
    "ps": {"json", *STARTING},
    "diff 1": {"humanize", "argparse", *STARTING},
    "clean": {"argparse", "pathlib", "json", *STARTING},
    "shrink --dry-run": {"humanize", "argparse", "json", "pathlib", *STARTING},
}
"""The most that a verb loads of these."""

PSUTILS: Final = {"psutil", "typing"}
TOMLKITS: Final = {"tomlkit", "typing", "dataclasses", "inspect"}
NEEDED["df"] = {"humanize", "json", *STARTING, *PSUTILS}
NEEDED["push:oci --help"] |= {"logging"}  # which concurrent.futures loads
NEEDED["config"] = {"argparse", "pathlib", *TOMLKITS}


@pytest.fixture(scope="module")
def few(base: Path, programs: Programs, busybox_tar: Path) -> Iterator[Run]:
    """Run Python, with a store that has an image of a known size."""
    me, env = myself(base, programs.bin), {"PLASH_DATA": str(base / "few")}

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return me.run([me.bin / "python3", *words], env=env, check=True)

    for words in (["pull:tarfile", busybox_tar], ["ls"]):
        run("-m", "plashui", *words)
    yield run
    run("-m", "plashui", "purge", "--yes")


@pytest.mark.parametrize("line", NEEDED)
def test_a_verb_that_reads_loads_only_what_it_needs(few: Run, line: str) -> None:
    done = few("-I", LISTING, *line.split())
    loaded = {word.partition(".")[0] for word in done.stderr.splitlines()[-1].split()}
    assert loaded & LONG <= NEEDED[line], line
