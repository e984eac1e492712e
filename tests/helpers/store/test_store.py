"""The store is made, and its images named, with no Python started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
from tests.people import Person

ONE = pytest.mark.parametrize("person", ["full"], indirect=True)


def mode(path: Path) -> int:
    """The permission bits of a file."""
    return path.stat().st_mode & 0o7777


@pytest.fixture
def new(person: Person, playground: Path) -> Bench:
    """The helper without plashui beside it, and no store yet."""
    person.run(["mkdir", playground / "bin"], check=True)
    person.run(["cp", person.bin / "plash", playground / "bin/plash"], check=True)
    alone = Person(
        **{**person.__dict__, "bin": playground / "bin", "prefix": person.prefix}
    )
    return Bench(alone, playground / "new/store")


def test_a_new_store_is_closed_to_others_and_its_images_are_not(new: Bench) -> None:
    assert new("init").returncode == 0
    assert mode(new.store) == 0o700
    for name in ("index", "map", "tmp", "mnt", "layer", "layer/0/_data/root"):
        assert mode(new.store / name) == 0o755, name
    assert os.readlink(new.store / "index/0") == "../layer/0"
    assert (new.store / "id_counter").read_bytes() == b""
    before = sorted(new.store.rglob("*"))
    assert new("init").returncode == 0
    assert sorted(new.store.rglob("*")) == before


def test_what_is_missing_of_a_store_is_made(plash: Bench) -> None:
    first = plash.layer("true")
    for name in ("map", "mnt", "tmp", "index/0", "id_counter"):
        plash.sudo('rm -r "$0"', plash.store / name)
    assert plash("init").returncode == 0
    assert (plash.store / "id_counter").stat().st_size == int(first)
    assert plash.layer("true") == str(int(first) + 1)


def test_a_directory_of_other_files_is_not_made_a_store(
    plash: Bench, playground: Path
) -> None:
    place = playground / "thesis"
    plash.person.run(["mkdir", place], check=True)
    plash.person.run(["touch", place / "thesis.tex"], check=True)
    for verb in ("init", "mkdtemp"):
        done = plash(verb, env={"PLASH_DATA": str(place)})
        assert (done.returncode, done.stdout) == (1, "")
        assert "is not a store: it holds other files" in done.stderr
    assert os.listdir(place) == ["thesis.tex"]


def test_a_work_directory_is_the_sessions(new: Bench) -> None:
    # The leader of a session lives as long as the script; the shell that asks may not.
    script = f'echo $$; d=$({new.program} mkdtemp; :); echo "$d"'
    env = new.environment()
    done = new.person.run(["setsid", "--wait", "sh", "-c", script], env=env)
    leader, path = done.stdout.split()
    assert Path(path).parent == new.store / "tmp"
    assert Path(path).name.startswith(f"plashtmp_{leader}_{leader}_")
    assert mode(Path(path)) == 0o700


def test_a_session_whose_leader_is_gone_has_work_directories(new: Bench) -> None:
    """As of a daemon, which has let its leader end."""
    script = f"echo $$; d=$({new.program} mkdtemp; :); echo $d; {new.program} mkdtemp"
    leader = f"sh -c 'sleep 0.2; {script}' & exit"
    env = new.environment()
    words = ["sh", "-c", f'setsid sh -c "{leader}" | cat'.replace("$", r"\$")]
    done = new.person.run(words, env=env)
    pid, *paths = done.stdout.split()
    assert len(paths) == 2
    for path in paths:
        assert Path(path).name.split("_")[2] == pid


@ONE
def test_a_store_is_found_the_way_the_file_system_goes(
    plash: Bench, playground: Path
) -> None:
    script = 'cd "$0" && mkdir -p real/deep here && ln -s ../real/deep here/link'
    plash.person.run(["sh", "-c", script, playground], check=True)
    for path, place in (
        ("here/link/../new", "real/new"),
        ("here/missing/../new", "here/new"),
        (str(playground / "here/./link//new"), "real/deep/new"),
    ):
        done = plash("data", env={"PLASH_DATA": path}, cwd=playground)
        assert done.stdout == f"{playground / place}\n"


def test_any_word_that_is_not_a_path_can_be_a_name(plash: Bench) -> None:
    image = plash.layer("true")
    odd = ("-x", "--help", "--force", "a b", "%2F", "\udcff", "host:5000/a/b:1")
    for key in ("web", "8080", "0", *odd):
        assert plash("map", key, image).stderr == ""
        link = os.fsencode(f"{plash.store}/map/{key.replace('/', '%')}")
        assert os.readlink(link) == os.fsencode(f"../layer/0/{image}")
        assert plash("map", "--", key).stdout == f"{image}\n"
        assert plash("map", key, "").returncode == 0
        assert (plash("map", "--", key).stdout, os.path.lexists(link)) == ("", False)
    for key in ("", ".", "..", "./a", "a/../b", "a//b", "a/", "/", "x" * 256):
        done = plash("map", key, image)
        assert (done.returncode, done.stdout) == (1, "")
        assert "name" in done.stderr
    assert os.listdir(plash.store / "map") == os.listdir(plash.store / "tmp") == []


def test_digits_are_an_id_where_one_is_wanted(plash: Bench) -> None:
    first, second = plash.layer("true"), plash.layer("true")
    plash("map", second, first, check=True)
    assert plash("map", second).stdout == f"{first}\n"
    assert plash("id", second).stdout == f"{second}\n"


def test_a_name_moves_only_by_force(plash: Bench) -> None:
    first, second = plash.layer("true"), plash.layer("true")
    plash("map", "web", first, check=True)
    plash("map", "web", first, check=True)  # it has it already
    done = plash("map", "web", second)
    assert done.returncode == 1
    assert done.stderr == (
        f'plash error: the name "web" belongs to image {first}. '
        f"`plash map --force web {second}` moves it\n"
    )
    assert plash("map", "web").stdout == f"{first}\n"
    plash("map", "--force", "web", second, check=True)
    assert plash("map", "web").stdout == f"{second}\n"
    # The name of an image that is gone is free.
    plash.sudo('rm -r "$0"', plash.content(second).parent.parent)
    assert plash("map", "web").stdout == ""
    plash("map", "web", first, check=True)
    assert plash("map", "0", "0").returncode == 1
