"""recall, cache, do, check: the old program's words, without its faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plashui.verbs.table import VERBS
from tests.conftest import Verb
from tests.people import Person
from tests.tools import images
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


def test_a_session_recalls_the_image_it_made(
    plashui: Run, image: str, busybox_tar: Path
) -> None:
    assert plashui("recall").returncode == 1
    assert "remembers no image" in plashui("recall").stderr
    first = plashui("recall", "pull:tarfile", busybox_tar).stdout
    assert plashui("recall").stdout == first
    child = plashui("recall", "build", "touch", "/made").stdout
    assert plashui("parent", child.strip()).stdout == first
    assert plashui("recall").stdout == child
    assert plashui("recall", "run", "ls", "/made").stdout == "/made\n"
    assert plashui("recall", "run", "-l", "ls", "/made").stdout == "/made\n"
    assert plashui("recall", "id").stdout == child
    assert plashui("do", "id").stdout == child
    # A name is read.
    plashui("map", "mine", image)
    assert plashui("recall", "map", "mine").stdout == f"{image}\n"
    assert plashui("recall", "map", "none").stdout == ""
    assert plashui("recall", "show", "--json").returncode == 0
    # What takes no id is only done; what fails changes nothing.
    assert plashui("recall", "build", "false").returncode == 1
    assert plashui("recall").stdout == child
    # `this` and `noid` are what it was called.
    assert plashui("this").stdout == plashui("noid").stdout == child
    # Another image by its name.
    plashui("map", "box", image)
    assert plashui("recall", "id", "box").stdout == f"{image}\n"
    assert plashui("recall").stdout == f"{image}\n"


def test_another_session_recalls_nothing(
    plashui: Run, person: Person, store: Path, image: str
) -> None:
    plashui("recall", "id", image)
    env = {"PLASH_DATA": str(store)}
    words = ["setsid", "--wait", person.bin / "plashui", "recall"]
    assert person.run(words, env=env).returncode == 1
    assert plashui("recall").stdout == f"{image}\n"


def test_sessions_of_containers_keep_their_image(
    plashui: Run, image: str, playground: Path, person: Person
) -> None:
    """Here nobody has their numbers: they are forgotten after a week."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    one, other = f"last-1-77-{boot}", f"last-2-77-{boot}"
    script = 'mkdir -p "$0"; cd "$0"; touch "$1"; touch -d "8 days ago" "$2"'
    memory = playground / "store/memory"
    person.run(["sh", "-ec", script, memory, one, other], check=True)
    plashui("recall", "build", image, "touch", "/made")
    notes = {note.name for note in memory.glob("last-*")}
    assert one in notes
    assert other not in notes


def test_a_recalled_image_that_is_gone_is_forgotten(plashui: Run, image: str) -> None:
    plashui("recall", "id", image)
    plashui("rm", image)
    done = plashui("recall")
    assert (done.returncode, done.stdout) == (1, "")


def test_after_a_reboot_nothing_is_recalled(
    plashui: Run, store: Path, image: str
) -> None:
    plashui("recall", "id", image)
    (note,) = (store / "memory").iterdir()
    session = note.name.rsplit("-", 5)[0]
    before = f"{session}-00000000-0000-0000-0000-000000000000"
    note.rename(note.with_name(before))
    assert plashui("recall").returncode == 1
    plashui("recall", "id", image)
    assert [n.name for n in (store / "memory").iterdir()] == [note.name]


def test_the_cache_goes_by_the_words_and_their_order(
    plashui: Run, store: Path, image: str
) -> None:
    words = ["cache", "build", image, "sh", "-c", 'echo "$@" >/w', "sh"]
    one = plashui(*words, "a", "b").stdout
    assert plashui(*words, "a", "b").stdout == one
    other = plashui(*words, "b", "a").stdout
    assert other != one
    assert plashui(*words, "ab").stdout not in (one, other)
    assert plashui("run", other.strip(), "cat", "/w").stdout == "b a\n"
    # An image that is gone is made again.
    plashui("rm", one.strip())
    again = plashui(*words, "a", "b").stdout
    assert again not in (one, other)
    assert int(again) in images(store)


def test_the_cache_looks_behind_a_name(
    plashui: Run, image: str, busybox_tar: Path
) -> None:
    other = plashui("pull:tarfile", busybox_tar).stdout.strip()
    plashui("map", "base", image)
    one = plashui("cache", "build", "base", "touch", "/x").stdout
    assert plashui("cache", "build", "base", "touch", "/x").stdout == one
    plashui("map", "--force", "base", other)
    two = plashui("cache", "build", "base", "touch", "/x").stdout
    assert two != one
    assert plashui("parent", two.strip()).stdout == f"{other}\n"


def test_a_file_counts_by_what_it_holds(
    plashui: Run, busybox_tar: Path, playground: Path, person: Person
) -> None:
    tar = playground / "copy.tar"

    def sh(script: str) -> str:
        words = ["sh", "-ec", script, tar, busybox_tar, person.bin / "plash"]
        env = {"PLASH_DATA": str(playground / "store")}
        return person.run(words, env=env, check=True).stdout

    sh('cp "$1" "$0"')
    first = plashui("cache", "pull:tarfile", tar).stdout
    assert plashui("cache", "pull:tarfile", tar).stdout == first
    # Another time, another inode, or by times and inode alone: known without reading.
    for change in ("touch", "touch -d @1000000000", 'mv "$0" "$0.x"; cp "$0.x"'):
        sh(f'{change} "$0"')
        for _twice in range(2):
            assert plashui("cache", "pull:tarfile", tar).stdout == first, change
    # Another byte, at the same time and of the same size.
    sh('touch -r "$0" "$0.t"; printf x | dd of="$0" bs=1 seek=0 conv=notrunc')
    sh('touch -r "$0.t" "$0"')
    assert plashui("cache", "pull:tarfile", tar).stdout != first
    # One that is gone made what it made last.
    sh('cp "$1" "$0"')
    assert plashui("cache", "pull:tarfile", tar).stdout == first
    sh('rm "$0"')
    assert plashui("cache", "pull:tarfile", tar).stdout == first
    assert plashui("cache", "pull:tarfile", "copy.tar").returncode == 1, "elsewhere"
    # Standard input, if it is a file; what comes through a pipe is done anew.
    known = sh('"$2" cache pull:tarfile <"$1"')
    assert sh('"$2" cache pull:tarfile <"$1"') == known
    assert sh('cp "$1" "$0"; "$2" do pull:tarfile - <"$0"') != known
    assert sh('cat "$1" | "$2" cache pull:tarfile') != known
    assert sh(
        '{ head -c 1 >/dev/null; "$2" cache pull:tarfile; } <"$1" || echo no'
    ) == ("no\n")


@pytest.mark.parametrize("what", ["file", "directory"])
def test_what_is_gone_made_what_it_made_last(
    plashui: Run, playground: Path, person: Person, what: str
) -> None:
    place = playground / "it"

    def sh(script: str) -> None:
        person.run(["sh", "-ec", script, place], check=True)

    def made() -> str:
        verb = "pull:tarfile" if what == "file" else "pull:dir"
        return plashui("cache", verb, place).stdout

    fill = 'mkdir -p "$0.d"; echo {} >"$0.d/f"; '
    fill += 'tar -C "$0.d" -cf "$0" .' if what == "file" else 'cp -a "$0.d" "$0"'
    sh(fill.format("one"))
    one = made()
    sh('rm -r "$0"; ' + fill.format("two"))
    assert made() not in ("", one)
    sh('rm -r "$0"; ' + fill.format("one") + " --mtime=@0" * (what == "file"))
    again = made()
    sh('rm -r "$0"')
    assert made() == again


def test_what_failed_or_makes_no_image_is_not_cached(plashui: Run, image: str) -> None:
    for _twice in range(2):
        done = plashui("cache", "build", image, "sh", "-c", "echo tried >&2; exit 1")
        assert done.returncode == 1
        assert "tried" in done.stderr
    assert plashui("cache", "ls").returncode == 1
    assert plashui("cache", "run", image, "true").returncode == 1
    assert plashui("cache").returncode == 1


def test_do_is_both(plashui: Run, plash: Verb, busybox_tar: Path) -> None:
    def story() -> list[str]:
        return [
            plash("do", "pull:tarfile", busybox_tar).stdout,
            plash("do", "build", "touch", "/a").stdout,
            plash("do", "build", "touch", "/b").stdout,
        ]

    first = story()
    assert story() == first
    assert len(set(first)) == 3
    assert plash("do", "run", "ls", "/a", "/b").stdout == "/a\n/b\n"
    # As once crashed:
    assert plashui("recall", "cache", "build", "touch", "/b").returncode == 0
    assert plashui("cache", "recall", "build", "touch", "/c").returncode == 0


def test_check_changes_with_what_it_looks_at(
    plashui: Run, image: str, playground: Path, person: Person
) -> None:
    place = playground / "project"
    person.run(["mkdir", "-p", place / "sub"], check=True)

    def sh(script: str) -> None:
        person.run(["sh", "-c", f'cd "$0" && {script}', place], check=True)

    sh("echo one >sub/file; touch -d @1000000000 sub/file")
    before = plashui("check", image, place).stdout
    assert plashui("parent", before.strip()).stdout == f"{image}\n"
    seen = {before}
    assert plashui("check", image, place).stdout == before
    # Within the same second, of the same size, deep inside.
    sh("echo two >sub/file; touch -d @1000000000 sub/file")
    for change in ("true", "chmod 700 sub/file", "mv sub/file sub/elif", "ln -s x y"):
        sh(change)
        now = plashui("check", image, place).stdout
        assert now not in seen, change
        seen.add(now)
    sh("rm y; mv sub/elif sub/file; chmod 644 sub/file; echo one >sub/file")
    assert plashui("check", image, place).stdout == before
    assert plashui("check", image, place / "sub/file").stdout not in seen
    done = plashui("check", image, place / "nothing")
    assert done.returncode == 1
    assert "nothing" in done.stderr


def test_what_is_remembered_is_no_name(plashui: Run, image: str) -> None:
    plashui("recall", "id", image)
    plashui("cache", "build", image, "touch", "/x")
    rows = json.loads(plashui("ls", "--json").stdout)
    assert all(not row["names"] for row in rows)


ONLY_FULL = pytest.mark.parametrize("person", ["full"], indirect=True)


def test_every_verb_that_takes_an_image_gets_the_sessions_last(
    plashui: Run, image: str, person: Person, playground: Path, store: Path
) -> None:
    """What plashui does is shown by a program in its place."""
    place = playground / "bin"
    person.run(["mkdir", place], check=True)
    person.run(["cp", person.bin / "plash", place / "plash"], check=True)
    script = playground / "bin/plashui"
    script.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    script.chmod(0o755)

    def given(*words: str) -> list[str]:
        argv = [place / "plash", "recall", *words]
        done = person.run(argv, env={"PLASH_DATA": str(store)})
        assert done.returncode == 0, done.stderr
        return done.stdout[1:-1].split("><")

    plashui("recall", "id", image)
    for name in (name for name, verb in VERBS.items() if not verb.helper):
        operands = VERBS[name].operands()
        if VERBS[name].makes or name in ("help", "version", "rm", "build"):
            continue
        wanted = operands[:1] == ["ID"] and name != "restore"
        full = wanted and len(operands) == 1
        assert given(name, "x") == [
            name,
            *([image] if wanted and not full else []),
            "x",
        ]
        assert given(name) == [name, *([image] if wanted else [])]
    # An image that is given stays: no verb takes more.
    tar = ["push:tarfile", image, "a.tar.gz"]
    assert given(*tar) == given("push:tarfile", "a.tar.gz") == tar
    there = ["push:dir", image, str(place)]  # a new directory is the helper's
    assert given(*there) == there
    assert given("pin", "--off", image) == ["pin", "--off", image]
    assert given("diff", "--json", "9") == ["diff", "--json", image, "9"]


@ONLY_FULL
def test_an_image_is_put_behind_the_options(plashui: Run, image: str) -> None:
    plashui("recall", "id", image)
    options = ["--isolate", "-e", "A=1", "--rw", "-w", "/tmp", "--hostname", "h"]
    done = plashui("recall", "run", *options, "sh", "-c", "echo $A $PWD")
    assert done.stdout == "1 /tmp\n"
    # A number of an image is no command.
    assert plashui("recall", "run", image, "echo", "x").stdout == "x\n"
    assert plashui("recall", "mounted", image, "echo", "x").stdout == "x\n"


@ONLY_FULL
def test_what_looks_for_changes_itself_is_never_taken_from_the_cache(
    plashui: Run, image: str, playground: Path, person: Person
) -> None:
    file = playground / "file"

    def write(text: str) -> None:
        person.run(["sh", "-c", f"echo {text} >{file}"], check=True)

    other = plashui("build", image, "touch", "/x").stdout
    for words in (["do", "check", file], ["cache", "check", image, file]):
        seen = []
        for text in ("one", "two", "one"):
            write(text)
            plashui("recall", "id", image)
            seen.append(plashui(*words).stdout)
        assert seen[0] == seen[2] != seen[1], words
    plashui("map", "box", image)
    assert plashui("cache", "id", "box").stdout == f"{image}\n"
    plashui("map", "--force", "box", other.strip())
    assert plashui("cache", "id", "box").stdout == other
    assert plashui("cache", "parent", "box").stdout == f"{image}\n"


@ONLY_FULL
def test_a_verb_is_the_same_by_whatever_name(
    plashui: Run, image: str, busybox_tar: Path
) -> None:
    built = plashui("cache", "build", image, "touch", "/x").stdout
    assert plashui("cached", "create", image, "touch", "/x").stdout == built
    plashui("recall", "id", image)
    assert plashui("this", "cached", "create", "touch", "/x").stdout == built
    assert plashui("do", "recall", "cache", "build", "touch", "/y").returncode == 0
    tar = plashui("cache", "pull:tarfile", busybox_tar).stdout
    assert plashui("cached", "import-tar", busybox_tar).stdout == tar
    assert plashui("noid", "add-layer", "/nowhere").returncode == 1


@ONLY_FULL
def test_a_directory_that_is_stacked_counts_with_all_in_it(
    plashui: Run, image: str, playground: Path, person: Person
) -> None:
    def stacked(text: str) -> str:
        script = 'rm -rf "$0" && mkdir "$0" && echo "$1" >"$0/file"'
        person.run(["sh", "-c", script, playground / "layer", text], check=True)
        return plashui("cache", "stack", image, playground / "layer").stdout

    first = stacked("one")
    assert stacked("one") == first
    assert stacked("two") != first
