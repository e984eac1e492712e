"""What ADD of build:file fetches: files of the web, git repositories."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import pytest

from tests.people import Person
from tests.tools import images, leftovers
from tests.transfer.server import Site, serving
from tests.verbs.conftest import Build, Run, inside

pytestmark = pytest.mark.in_turn

PASSWORD: Final = "swordfish-7"  # noqa: S105 - not one


@dataclass
class Files(Site):
    """A site of the files in a directory."""

    directory: Path = field(default_factory=Path)

    def file_at(self, path: str) -> bytes | None:
        """What is at a path."""
        file = self.directory / path.partition("?")[0].lstrip("/")
        return file.read_bytes() if file.is_file() else None


class Repository:
    """A git repository that is served: two commits, the first has the tag v1."""

    def __init__(self, place: Path) -> None:
        """Make it."""
        self.place = place
        self.env = {
            **{f"GIT_{who}_NAME": "x" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "x@example.org" for who in ("AUTHOR", "COMMITTER")},
            "HOME": str(place),
            "PATH": os.environ["PATH"],
        }
        place.mkdir()
        self.git("init", "-q", "-b", "main", "work")
        work = place / "work"
        (work / "sub").mkdir()
        (work / "sub/f").write_text("one\n")
        (work / "tool").write_text("#!/bin/sh\n")
        (work / "tool").chmod(0o755)
        (work / "out").symlink_to("/etc/passwd")
        self.commit()
        self.git("-C", "work", "tag", "-m", "v1", "v1")
        self.git("-C", "work", "branch", "other", "v1")
        (work / "sub/f").write_text("two\n")
        self.commit()

    def add_submodule(self) -> None:
        """Serve another repository, and make that the submodule `lib` of this one."""
        self.git("init", "-q", "-b", "main", "lib")
        (self.place / "lib/code").write_text("of the library\n")
        self.git("-C", "lib", "add", ".")
        self.git("-C", "lib", "commit", "-q", "-m", "x")
        self.git("clone", "-q", "--bare", "lib", "lib.git")
        self.git("-C", "lib.git", "update-server-info")
        local = ["-c", "protocol.file.allow=always"]
        self.git("-C", "work", *local, "submodule", "add", "-q", "../lib.git", "lib")

    def git(self, *words: str) -> str:
        """Run git; return what it says."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.place,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Keep all changes, and let them be fetched; return the commit."""
        self.git("-C", "work", "add", ".")
        self.git("-C", "work", "commit", "-q", "-m", "x")
        self.git("clone", "-q", "--bare", "work", "new.git")  # with all branches
        self.git("-C", "new.git", "update-server-info")
        self.git("-C", "new.git", "gc", "-q")
        subprocess.run(["rm", "-rf", self.place / "it.git"], check=True)
        (self.place / "new.git").rename(self.place / "it.git")
        self.git("-C", "it.git", "update-server-info")
        return self.git("-C", "work", "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Repository, Files]]:
    """A repository, and the site that has it."""
    made = Repository(tmp_path / "git")
    with serving(Files(directory=made.place)) as site:
        assert isinstance(site, Files)
        yield made, site


def test_a_file_of_the_web_is_added_and_checked(
    person: Person, store: Path, build: Build
) -> None:
    with serving(Site(b"<html>one")) as site:
        digest = f"sha256:{hashlib.sha256(b'<html>one').hexdigest()}"
        text = f"FROM base\nADD {site.url('a/page.html')} /d/\n"
        made = build(text)
        assert inside(person, store, made, "cat", "/d/page.html") == "<html>one"
        seen = inside(person, store, made, "stat", "-c%a %Y", "/d/page.html")
        changed = int(parsedate_to_datetime(site.changed).timestamp())
        assert seen == f"600 {changed}\n"
        assert build(text) == made
        site.content = b"<html>two"
        site.etag = '"two"'
        assert build(text) != made
        checked = f"FROM base\nADD --checksum={digest} {site.url('x')} /x\n"
        said = build(checked, fails=True)
        assert "Containerfile, line 2: " in said
        assert "has the SHA-256 digest" in said
        longer = f"sha512:{hashlib.sha512(b'<html>two').hexdigest()}"
        checked = checked.replace(digest, longer)
        assert inside(person, store, build(checked), "cat", "/x") == "<html>two"
        said = build(checked.replace("sha512:", "sha512:0"), fails=True)
        assert "is not a digest" in said
        said = build(checked.replace(longer[-4:], "dead"), fails=True)
        assert "has the sha512 digest" in said
        said = build(f"FROM base\nADD {site.url('')} /x\n", fails=True)
        assert "does not end with the name of a file" in said
    assert leftovers(store) == []


def test_a_file_that_its_server_says_is_the_same_is_fetched_once(build: Build) -> None:
    with serving(Site(b"one")) as site:
        text = f"FROM base\nADD {site.url('f')} /f\n"
        made = build(text)
        assert site.methods.count("GET") == 1
        assert build(text) == made
        assert build(f"{text}RUN id\n") != made
        assert site.methods.count("GET") == 1
        site.etag = '"two"'
        assert build(text) == made, "another tag, and the same content"
        assert site.methods.count("GET") == 2
        site.etag = site.changed = ""
        assert build(text) == made
        assert site.methods.count("GET") == 3, "nothing tells whether it is the same"


def test_an_archive_of_the_web_is_unpacked_if_that_is_said(
    person: Person, store: Path, build: Build
) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        info = tarfile.TarInfo("d/one")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    with serving(Site(data.getvalue())) as site:
        url = site.url("a.tgz")
        made = build(f"FROM base\nADD {url} /a/\nADD --unpack=true {url} /b/\n")
    seen = inside(person, store, made, "find", "/a", "/b", "-type", "f")
    assert sorted(seen.split()) == ["/a/a.tgz", "/b/d/one"]


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_files_of_submodules_are_added(
    person: Person,
    store: Path,
    build: Build,
    repository: tuple[Repository, Files],
) -> None:
    made, site = repository
    made.add_submodule()
    made.commit()
    url = site.url("it.git")
    image = build(f"FROM base\nADD {url} /r\n")
    assert inside(person, store, image, "cat", "/r/lib/code") == "of the library\n"
    assert inside(person, store, image, "ls", "-A", "/r/lib") == "code\n"
    assert leftovers(store) == []


def test_a_repository_is_a_context(
    person: Person,
    store: Path,
    plashui: Run,
    image: str,
    repository: tuple[Repository, Files],
) -> None:
    plashui("map", "base", image)
    made, site = repository
    place = made.place / "work"
    (place / "web").mkdir()
    (place / "web/Containerfile").write_text("FROM base\nCOPY . /r/\n")
    (place / "web/leak").symlink_to("/etc/passwd")
    (place / "Dockerfile").symlink_to("/etc/passwd")
    (place / ".dockerignore").write_text("web\n")
    made.commit()
    url = site.url("it.git")
    done = plashui("build:file", f"{url}#main:web")
    assert done.returncode == 0, done.stderr
    found = inside(person, store, done.stdout.strip(), "ls", "-A", "/r")
    assert found == "Containerfile\nleak\n"
    said = plashui("build:file", url).stderr
    assert "Dockerfile leads out of the repository" in said
    done = plashui("build:file", "-f", "web/Containerfile", url)
    assert done.returncode == 0, done.stderr
    found = inside(person, store, done.stdout.strip(), "ls", "-A", "/r")
    assert not {".git", "web"} & set(found.split())
    assert "Dockerfile\n" in found
    for wrong in ("main:no", "main:../..", "no"):
        assert plashui("build:file", f"{url}#{wrong}").returncode == 1
    assert leftovers(store) == []


def test_a_password_in_a_url_is_neither_said_nor_kept(
    person: Person, store: Path, build: Build
) -> None:
    with serving(Site(b"one")) as site:
        url = site.url(f"f?token={PASSWORD}").replace("//", f"//me:{PASSWORD}@")
        text = f"FROM base\nADD {url} /f\n"
        build(text)
        assert PASSWORD not in build.said  # type: ignore[attr-defined]
        site.statuses = [404] * 9
        said = build(text.replace("/f\n", "/g\n"), fails=True)
        assert PASSWORD not in said
    words = ["grep", "-rl", PASSWORD, store]
    assert person.run([person.bin / "plash", "sudo", *words]).stdout == ""


HOSTILE: Final = {
    "leads to a file of this machine": "redirects to file",
    "leads round in a circle": "redirects to itself",
    "has nothing there": "statuses",
    "says that it is longer than it is": "claims",
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_hostile_server_adds_nothing(what: str, build: Build, store: Path) -> None:
    site = Site(b"one", claims=1 << 60 if HOSTILE[what] == "claims" else None)
    if HOSTILE[what] == "redirects to file":
        site.redirects = {"/f": "file:///etc/passwd"}
    elif HOSTILE[what] == "redirects to itself":
        site.redirects = {"/f": "/f"}
    elif HOSTILE[what] == "statuses":
        site.statuses = [403] * 4
    with serving(site):
        said = build(f"FROM base\nADD {site.url('f')} /f\n", fails=True)
    assert "Containerfile, line 2: " in said
    assert images(store) == [1]
    assert leftovers(store) == []


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%2f..%2f..%2fx", "%00", "."])
@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_the_name_of_a_file_of_the_web_stays_in_its_directory(
    name: str, person: Person, build: Build, store: Path
) -> None:
    with serving(Site(b"one")) as site:
        text = f"FROM base\nADD {site.url(name)} /d/\n"
        if name.startswith("a"):
            assert inside(person, store, build(text), "ls", "/d") == "x\n"
            return
        said = build(text, fails=True)
    assert "does not end with the name of a file" in said
    assert leftovers(store) == []


def test_files_of_a_repository_are_added(
    person: Person,
    store: Path,
    build: Build,
    repository: tuple[Repository, Files],
) -> None:
    made, site = repository
    url = site.url("it.git")
    text = f"FROM base\nADD {url} /r\nADD {url}#v1:sub /s/\nADD {url}#other /o\n"
    image = build(text)
    words = ("/r/sub/f", "/s/f", "/o/sub/f")
    assert inside(person, store, image, "cat", *words) == "two\none\none\n"
    seen = inside(person, store, image, "stat", "-c", "%a %u %N", "/r/tool", "/r/out")
    assert seen == "755 0 /r/tool\n777 0 '/r/out' -> '/etc/passwd'\n"
    assert inside(person, store, image, "ls", "-A", "/r") == "out\nsub\ntool\n"
    assert build(text) == image
    assert build.said == ""  # type: ignore[attr-defined]
    (made.place / "work/sub/f").write_text("three\n")
    commit = made.commit()
    assert build(text) != image
    assert f"the commit '{commit}'" in build.said  # type: ignore[attr-defined]
    assert leftovers(store) == []


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_commit_can_be_demanded_and_the_repository_be_kept(
    person: Person,
    store: Path,
    build: Build,
    repository: tuple[Repository, Files],
) -> None:
    made, site = repository
    first, last = made.git("-C", "work", "rev-list", "main").split()[::-1]
    url = site.url("it.git")
    image = build(f"FROM base\nADD --checksum={last} --keep-git-dir=true {url} /r\n")
    head = inside(person, store, image, "cat", "/r/.git/HEAD").strip()
    assert head == last
    said = build(f"FROM base\nADD --checksum={first} {url} /r\n", fails=True)
    assert f"line 2: {url} has the commit {last}, not {first}" in said
    image = build(f"FROM base\nADD {url}#{first} /r\n")
    assert inside(person, store, image, "cat", "/r/sub/f") == "one\n"
    said = build(f"FROM base\nADD {url}#nowhere /r\n", fails=True)
    assert "line 2: there is no branch, tag or commit nowhere in" in said
    said = build(f"FROM base\nADD {site.url('no.git')} /r\n", fails=True)
    assert "line 2: cannot read" in said
    assert leftovers(store) == []
