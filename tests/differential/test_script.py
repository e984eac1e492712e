"""The verbs that scripts live from, beside the old program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.conftest import OLD, Answer, Compare
from tests.people import Person

PLAIN = pytest.mark.parametrize("person", ["full", "single"], indirect=True)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "script",
    [
        "d=$(plash mkdtemp); touch $d/x; plash stack 1 $d && test ! -e $d",
        "plash data sh -c 'mkdir x; plash stack 0 x'",
        "mkdir l; ln -s l link; plash stack 0 link && test ! -e l",
        "mkdir -- -d; plash stack 0 -d",
        "touch -- -f; plash check 1 -f",
        "touch -- -f; plash check 1 ./-f",
    ],
)
def test_the_next_image_is_made_of_it(compare: Compare, script: str) -> None:
    compare(script, "2")


def test_the_changes_of_a_run_become_a_layer(compare: Compare) -> None:
    script = "d=$(plash mkdtemp); plash run:persist 1 $d touch /new"
    script += "; i=$(plash stack 1 $d/data) && plash run $i ls /new"
    compare(script, "/new")


@pytest.mark.parametrize("verb", ["stack 0", "check 1"])
def test_an_unset_variable_takes_nothing_away(compare: Compare, verb: str) -> None:
    compare(f'touch precious; plash {verb} "$UNSET"; s=$?; ls; exit $s', "precious", 1)


@pytest.mark.in_turn
@pytest.mark.parametrize("key", ["8080", "-x", "0", "a=b", "--force"])
def test_any_word_can_be_a_name(compare: Compare, key: str) -> None:
    script = f"plash map {key} 1; plash map {key}; plash map {key} ''; plash map {key}"
    compare(script, "1")


def test_a_name_of_another_image_is_not_taken(compare: Compare) -> None:
    script = "mkdir l; i=$(plash stack 0 l); plash map base $i; plash map base"
    compare(script, "1", old=Answer("2"))


def test_a_name_of_another_image_is_taken_by_force(compare: Compare) -> None:
    script = "mkdir l; i=$(plash stack 0 l); plash map --force base $i; plash map base"
    compare(script, "2", old_too=False)


def test_check_follows_a_link_to_a_file(compare: Compare) -> None:
    script = "echo 1 >f; ln -s f l; a=$(plash check 1 l); sleep 1.1; echo 2 >f"
    script += '; b=$(plash check 1 l); [ "$a" = "$b" ] || echo another'
    compare(script, "another")


def test_recall_map_reads_a_name(compare: Compare) -> None:
    compare("plash do pull:tarfile $T >/dev/null; plash recall map base", "1")


def test_recall_id_prints_what_is_remembered(compare: Compare) -> None:
    script = "plash do pull:tarfile $T >/dev/null; plash recall id; plash do id"
    compare(script, "2\n2")


def test_an_image_that_is_given_stays(compare: Compare) -> None:
    script = "plash do pull:tarfile $T >/dev/null; {}"
    compare(script.format("plash recall push:tarfile 1 - | tar t | head -1"), "./")


def test_what_a_verb_made_of_a_file_is_found_though_that_is_gone(
    compare: Compare,
) -> None:
    script = (
        "cp $T t; a=$(plash cache pull:tarfile t); rm t; plash cache pull:tarfile t"
    )
    compare(script, "2")


def test_a_file_that_is_written_anew_is_the_same(compare: Compare) -> None:
    script = (
        "for i in 1 2; do cp $T t.new; mv t.new t; plash cache pull:tarfile t; done"
    )
    compare(script, "2\n2")


def test_standard_input_from_a_file_or_a_pipe(compare: Compare) -> None:
    script = "plash cache pull:tarfile <$T; plash cache pull:tarfile <$T"
    # From a pipe the old one goes by the words alone.
    script += "; cat $T | plash cache pull:tarfile"
    compare(script, "2\n2\n3", old=Answer("2\n2\n2"))


def test_a_build_that_is_interrupted_ends_the_script(compare: Compare) -> None:
    """As by Ctrl-C, which the terminal sends to all of them."""
    script = (
        "set -m; bash -c 'for i in 1 2; do plash build 1 sh -c \"echo up; exec sleep"
    )
    script += " 60\"; echo NEXT; done' 2>log & for i in $(seq 600); do sleep 0.05;"
    script += " grep -q up log && break; done; kill -INT -$!; wait $!; echo $?"
    compare(script, "130")


@PLAIN
@pytest.mark.parametrize("chain", ["no", "non", "on", "ono"])
def test_a_store_goes_back_and_forth(
    chain: str, person: Person, playground: Path, busybox_tar: Path
) -> None:
    """Directories are made anew by one program, and files added by the other.

    Where the old program cannot be had, ours does its part.
    """
    ours = person.bin / "plash"
    programs = {"n": ours, "o": Path(OLD) if OLD else ours}
    env = {"PLASH_DATA": str(playground / "store"), "LC_ALL": "C.UTF-8"}

    def plash(which: str, *words: object) -> str:
        done = person.run([programs[which], *words], env=env, check=True)
        return done.stdout.strip()

    def built(which: str, image: str, script: str) -> str:
        return plash(which, "build", image, "sh", "-c", script)

    plash("n", "init")
    image = plash("n", "pull:tarfile", busybox_tar)
    image = built("n", image, "mkdir -p /d/sub; echo hard >/d/hard; echo 1 >/d/sub/f")
    expected: set[str] = {"hard", "sub/f"}
    for number, which in enumerate(chain):
        if which == "n":  # as a plain user the old program cannot remove one
            script = f"rm -r /d; mkdir -p /d/sub; echo n >/d/sub/n{number}"
            expected = {f"sub/n{number}"}
        else:
            script = f"echo o >/d/o{number}; echo o >/d/sub/o{number}"
            expected |= {f"o{number}", f"sub/o{number}"}
        image = built(which, image, script)
        for reader in "no":
            found = plash(reader, "run", image, "sh", "-c", "cd /d; find . -type f")
            assert {line[2:] for line in found.split()} == expected, (number, reader)
