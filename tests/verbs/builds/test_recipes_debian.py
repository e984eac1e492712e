"""Macros that install packages, in a real Debian.

What they install is served on 127.0.0.1 (tests/packages.py); one person also takes a
package of Debian's own mirror, from which the root filesystem comes, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.amount import THOROUGH
from tests.conftest import Prepared
from tests.packages import NAME, Packages, packages
from tests.people import Person
from tests.verbs.conftest import Run


@pytest.fixture
def debian(person: Person, store: Path, debian_tar: Path, prepared: Prepared) -> str:
    """The name of a Debian image."""

    def make(path: Path) -> None:
        environment = {"PLASH_DATA": str(path)}
        words = [person.bin / "plashui", "pull:tarfile", "--name", "deb", debian_tar]
        person.run(words, env=environment, check=True)

    prepared.copy(person, "debian pulled", store, make)
    return "deb"


@pytest.fixture(scope="session")
def site(base: Path) -> Iterator[Packages]:
    """A server of packages."""
    place = base / "packages"
    place.mkdir()
    with packages(place) as running:
        yield running


def of_apt(site: Packages) -> tuple[str, ...]:
    """The macros that make apt take its packages from there."""
    aside = "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*"
    return ("-x", aside, "--write-file", "/etc/apt/sources.list", site.apt_source)


def test_packages_are_installed_and_no_lists_are_left(
    plashui: Run, debian: str, site: Packages
) -> None:
    words = ("--from", debian, *of_apt(site), "--apt", NAME)
    done = plashui(*words, "--", "greet-apt")
    assert (done.returncode, done.stdout) == (0, "hello from apt\n"), done.stderr
    script = "ls /var/lib/apt/lists; stat -c '%g %a' /var/lib/greeting"
    seen = plashui(*words, "--", "sh", "-c", script)
    assert seen.stdout in ("50 2775\n", "0 2775\n"), "whoever has one id has one group"
    assert seen.stderr == "", "it is in the cache"


@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_packages_of_pip_are_installed_beside_those_of_the_distribution(
    plashui: Run, debian: str, site: Packages
) -> None:
    python = ("--apt", "python3-pip", "-l")  # of Debian's mirror
    index = ("--env", f"PIP_INDEX_URL={site.url('pip/simple/')}")
    words = ("--from", debian, *python, *index, "--pip", NAME)
    done = plashui(*words, "--", "greet-pip")
    assert (done.returncode, done.stdout) == (0, "hello from pip\n"), done.stderr
    done = plashui(*words, "-l", "--pip3", NAME, "--", "pip3", "show", NAME)
    assert f"Name: {NAME}\n" in done.stdout, done.stderr


@pytest.mark.skipif(not THOROUGH, reason="npm has 300 packages, which take a minute")
@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_packages_of_npm_are_installed_for_everybody(
    plashui: Run, debian: str, site: Packages
) -> None:
    index = ("--env", f"npm_config_registry={site.url('npm/')}")
    words = ("--from", debian, "--apt", "npm", "-l", *index, "--npm", NAME)
    done = plashui(*words, "--", "greet-npm")
    assert (done.returncode, done.stdout) == (0, "hello from npm\n"), done.stderr


@pytest.mark.parametrize("person", ["single"], indirect=True)
def test_a_package_that_is_missing_says_so(
    plashui: Run, debian: str, site: Packages
) -> None:
    # Without the options of the macro, and without the variable for apt.
    plain = ("-x", "env -i PATH=$PATH apt-get update")
    words = ("--from", debian, *of_apt(site), *plain, "--apt", "no-such-package-at-all")
    done = plashui("build", *words)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "ended with status 100: E: Unable to locate package no-such" in last
