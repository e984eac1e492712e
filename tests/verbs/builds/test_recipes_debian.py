"""Macros that install packages, in a real Debian with this machine's own mirror."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.people import Person
from tests.verbs.conftest import Run


@pytest.fixture
def debian(plashui: Run, debian_tar: Path) -> str:
    """The name of a Debian image."""
    done = plashui("pull:tarfile", "--name", "deb", debian_tar)
    assert done.returncode == 0, done.stderr
    return "deb"


def test_packages_are_installed_and_no_lists_are_left(
    plashui: Run, debian: str, person: Person
) -> None:
    words = ("--from", debian, "--apt", "hello")
    done = plashui(*words, "--", "hello")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Hello, world!\n"
    assert plashui(*words, "--", "ls", "/var/lib/apt/lists").stdout == ""
    assert plashui(*words, "--", "hello").stderr == "", person.map


def test_a_package_that_is_missing_says_so(plashui: Run, debian: str) -> None:
    done = plashui("build", "--from", debian, "--apt", "no-such-package-at-all")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "ended with status 100: E: Unable to locate package no-such" in last
