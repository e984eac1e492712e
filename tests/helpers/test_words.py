"""The contract of words: usage, help, values on stdout, one line for an error."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench, Word

PEOPLES = ["run", "run:persist", "mounted", "chroot", "nodepath", "parent", "id"]
ENGINES = ["extract", "pack", "pack-layer", "usage", "remove", "commit", "with"]


def test_missing_words_are_a_usage_on_stderr_and_status_1(plash: Bench) -> None:
    for verb in PEOPLES:
        done = plash(verb)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"usage: plash {verb}")
        assert done.stderr.count("\n") == 1


def test_an_option_that_a_verb_has_not_is_named(plash: Bench) -> None:
    for verb in ("run", "run:persist", "mounted", "mount", "umount"):
        done = plash(verb, "--nonsense", "1", "x")
        why = f"plash error: {verb} has no option --nonsense. See `plash help {verb}`\n"
        assert (done.returncode, done.stderr) == (1, why)


def test_verbs_for_programs_have_status_2_for_wrong_words(plash: Bench) -> None:
    for verb in ENGINES:
        assert plash(f"engine:{verb}").returncode == 2
        unknown = plash(f"engine:{verb}", "--nonsense", "x")
        assert unknown.returncode == 2
        assert unknown.stderr.startswith("plash error: ")
        assert unknown.stderr.count("\n") == 1


def test_an_error_gives_the_terminal_nothing_to_obey(plash: Bench, image: str) -> None:
    """Neither ESC, nor U+009B, which is ESC and a bracket, nor malformed characters."""
    for word, shown in (
        ("a\x1b[31mb\n\x7f", "a?[31mb??"),
        ("\x9b31m\x80\x9f", "??31m????"),
        ("\udc9b31m\udce4", "?31m?"),
        ("\xa0\xe4\u20ac\U0001f427", "\xa0\xe4\u20ac\U0001f427"),
        ("\udcf0\udc9f", "??"),
        ("\udce0\udc82\udc9b31m", "???31m"),
        ("\udced\udca0\udc80", "???"),
    ):
        done = plash("run", image, f"/{word}")
        assert done.stderr.startswith(f"plash error: cannot run /{shown} in image ")
        assert done.stderr.count("\n") == 1
    script = (
        "printf '#!/nowhere\\n' >x; chmod 755 x; mv x \"$(printf 'a\\302\\23331m')\""
    )
    done = plash("run", plash.layer(script, image), "/a\x9b31m")
    assert "cannot run /a??31m in image" in done.stderr, "the launcher's words, too"
    assert done.stderr.endswith(": its interpreter or loader is missing\n")


def test_help_of_a_verb_is_on_stdout_with_status_0(plash: Bench) -> None:
    for verb in PEOPLES + [f"engine:{verb}" for verb in ENGINES]:
        done = plash("help", verb)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"usage: plash {verb}")


def test_help_lists_every_verb_of_the_program(plash: Bench) -> None:
    shown = plash("help", check=True).stdout
    assert all(f"\n  {verb} " in shown for verb in PEOPLES)
    shown = plash("help", "engine", check=True).stdout
    assert all(f"engine:{verb}" in shown for verb in [*ENGINES, "probe"])


def test_an_image_or_name_that_is_not_there_is_named_in_one_line(plash: Bench) -> None:
    for verb in ("run", "mounted", "nodepath", "parent", "id"):
        missing, unknown = plash(verb, "7"), plash(verb, "foo")
        assert missing.stderr == "plash error: no image 7\n"
        assert unknown.stderr == 'plash error: no image or name "foo"\n'
        assert missing.returncode == unknown.returncode == 1


def test_what_keeps_a_word_from_being_a_name_is_said(plash: Bench, image: str) -> None:
    for word, why in (
        ("", "a name cannot be empty. Is a variable unset?"),
        ("a/../b", '"a/../b" cannot be a name: it looks like a path'),
        ("..", '".." cannot be a name: it stands for a directory'),
    ):
        done = plash("map", word, image)
        assert (done.returncode, done.stderr) == (1, f"plash error: {why}\n")


def test_a_store_that_does_not_exist_has_no_images(plash: Bench) -> None:
    nowhere = {"PLASH_DATA": str(plash.store / "nowhere")}
    said = plash("run", "7", env=nowhere).stderr
    assert said.startswith(
        f"plash error: no image 7: there is no store at {plash.store}/nowhere. "
    )
    assert not (plash.store / "nowhere").exists()


def test_ids_parents_paths_and_names(plash: Bench) -> None:
    first = plash.layer("true")
    second = plash.layer("true", first)
    link = plash.store / "map" / "my name"
    plash.person.run(["ln", "-s", f"../layer/0/{first}/{second}", link], check=True)
    assert plash("id", "my name").stdout == f"{second}\n"
    assert plash("parent", "my name").stdout == f"{first}\n"
    assert plash("parent", first).stdout == "0\n"
    node = plash.store / "layer" / "0" / first / second
    assert plash("nodepath", second).stdout == f"{node}\n"
    assert plash("nodepath", "0").returncode == 1
    allowed = plash("nodepath", "0", "--allow-0")
    assert allowed.stdout == f"{plash.store}/layer/0\n"


def test_a_relative_or_symlinked_store_is_fine(plash: Bench, image: str) -> None:
    parent = plash.store.parent
    plash.person.run(["ln", "-s", "store", parent / "link"], check=True)
    for path in ("store", "link", str(parent / "link")):
        done = plash("run", image, "true", env={"PLASH_DATA": path}, cwd=parent)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_store_is_in_the_home_unless_told_otherwise(plash: Bench) -> None:
    home = plash.person.home
    told = plash("data", env={"PLASH_DATA": ""})
    assert told.stdout == f"{home}/.plashdata\n"


def test_data_runs_a_command_in_the_store(plash: Bench) -> None:
    assert plash("data", "pwd").stdout == f"{plash.store}\n"
    # As root, since files there may belong to subordinate ids.
    assert plash("data", "id", "-u").stdout == "0\n"


def test_an_error_is_one_line_whatever_a_name_holds(plash: Bench) -> None:
    done = plash("run", "a\x1b[31m\nb\tc")
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


def test_an_error_names_its_place_in_the_sources_if_asked_to(
    plash: Bench, image: str, playground: Path
) -> None:
    lines: list[list[Word]] = [
        ["run", "7"],  # one sentence
        ["chroot", playground / "missing"],  # of a call that failed
        ["run", image, "/missing"],  # in the image
        ["run", "--isolate", image, "/missing"],  # without the caller's environment
    ]
    for words in lines:
        line, unasked = (
            plash(*words, env={"PLASH_DEBUG": value}).stderr for value in ("1", "")
        )
        assert unasked.startswith("plash error: ")
        assert re.fullmatch(re.escape(unasked[:-1]) + r" \[\w+\.c:[1-9]\d*\]\n", line)


def test_a_broken_chain_names_the_layer_that_is_missing(plash: Bench) -> None:
    first = plash.layer("true")
    second = plash.layer("true", first)
    plash.sudo('rm -r "$0"', plash.content(first))
    done = plash("run", second, "true")
    expected = f"plash error: image {second} is broken: layer {first} is missing\n"
    assert done.stderr == expected
    assert done.returncode == 1


def test_a_layer_that_is_missing_with_all_on_it_is_named(plash: Bench) -> None:
    first = plash.layer("true")
    second = plash.layer("true", first)
    third = plash.layer("true", second)
    node = plash.content(second).parent.parent
    plash.sudo('rm -r "$0"', node)
    done = plash("run", third, "true")
    expected = f"plash error: image {third} is broken: layer {second} is missing\n"
    assert (done.stderr, done.returncode) == (expected, 1)
    # A link alone, as a crash leaves it, is no image.
    done = plash("run", second, "true")
    assert (done.stderr, done.returncode) == (f"plash error: no image {second}\n", 1)


def test_an_image_that_may_not_be_looked_at_is_not_called_missing(plash: Bench) -> None:
    if plash.person.map == "root":
        pytest.skip("root may look at everything")
    image = plash.layer("true")
    (plash.store / "index").chmod(0)
    done = plash("run", image, "true")
    (plash.store / "index").chmod(0o755)
    why = f"plash error: cannot look for image {image}: Permission denied\n"
    assert (done.stderr, done.returncode) == (why, 1)


def test_an_index_link_out_of_the_store_is_not_followed(
    plash: Bench, playground: Path
) -> None:
    (plash.store / "index" / "66").symlink_to(playground)
    done = plash("nodepath", "66")
    assert done.returncode == 1
    assert "is broken" in done.stderr


def test_an_unknown_verb_is_handed_to_plashui_beside_the_program(
    plash: Bench, playground: Path
) -> None:
    plash.person.run(["cp", plash.program, playground / "plash"], check=True)
    script = playground / "plashui"
    script.write_text('#!/bin/sh\nprintf "<%s>" "$@"\nexit 3\n')
    script.chmod(0o755)
    link = playground / "elsewhere"
    link.symlink_to("plash")
    done = plash.person.run([link, "pull:any", "a b", ""])
    assert (done.stdout, done.returncode) == ("<pull:any><a b><>", 3)


def test_without_plashui_an_unknown_verb_says_so(
    plash: Bench, playground: Path
) -> None:
    plash.person.run(["cp", plash.program, playground / "plash"], check=True)
    words = ["env", "PATH=/nonexistent", playground / "plash", "frobnicate"]
    done = plash.person.run(words)
    assert done.returncode == 1
    assert "plashui" in done.stderr
    assert done.stderr.count("\n") == 1


def test_status_events_are_json_lines(
    plash: Bench, image: str, playground: Path
) -> None:
    # Through a file, since the words of setpriv would not keep a descriptor's number.
    script = f'exec 7>"$0/events"; "{plash.program}" run --status-fd 7 {image} true'
    env = plash.environment()
    plash.person.run(["sh", "-c", script, playground], env=env, check=True)
    lines = (playground / "events").read_text().splitlines()
    ready, ended = map(json.loads, lines)
    assert ready["ev"] == "ready"
    assert ready["map"] == plash.person.map
    assert ("subordinate" in ready.get("why", "")) is (plash.person.map == "single")
    assert ready["pid"] > 1
    assert ready["tier"] in (1, 2, 3)
    assert ended == {"ev": "exit", "code": 0}


def test_the_empty_image_is_nothing_to_run_or_to_mount(
    plash: Bench, tmp_path: Path
) -> None:
    words: list[list[Word]] = [
        ["run", "0", "true"],
        ["run:persist", "0", tmp_path / "d", "true"],
        ["mounted", "0", "true"],
        ["mount", "0", tmp_path],
        ["nodepath", "0"],
    ]
    why = "plash error: image 0 is the special empty image, and not meant for this\n"
    for line in words:
        done = plash(*line)
        assert (done.returncode, done.stderr) == (1, why)
    assert list(tmp_path.iterdir()) == []


def test_two_dashes_before_the_command_are_not_its_name(
    plash: Bench, image: str, playground: Path
) -> None:
    kept, work = playground / "kept", plash.work("w")
    ways: list[list[Word]] = [
        ["run", image],
        ["run", "--isolate", image],
        ["run:persist", image, kept],
        ["run:persist", "--build", image, work],
        ["mounted", image],
    ]
    for way in ways:
        done = plash(*way, "--", "echo", "--", "x")
        assert (done.stdout, done.stderr) == ("-- x\n", "")


def test_without_namespaces_sudo_and_chroot_simply_run(
    plash: Bench, image: str
) -> None:
    none = {"PLASH_NO_UNSHARE": "1"}
    assert plash("sudo", "id", "-u", env=none).stdout == f"{plash.person.uid}\n"
    root = plash.content(image)
    inside = f"PLASH_NO_UNSHARE=1 {plash.program} chroot {root} sh -c 'ls /; exit 3'"
    table = "cat /proc/self/mountinfo"
    done = plash(
        "sudo", "sh", "-c", f"{table} >a; {inside}; echo $?; {table} | cmp a -"
    )
    assert (done.stdout.split()[-1], done.stderr) == ("3", "")
    assert "bin" in done.stdout.split()


def test_the_command_knows_where_it_is(plash: Bench, image: str) -> None:
    for words in (["run", image], ["run:persist", image, plash.work("w")]):
        here = plash(*words, "env", cwd=Path("/tmp")).stdout.splitlines()
        assert "PWD=/tmp" in here
        elsewhere = plash(*words, "env", cwd=Path("/srv")).stdout.splitlines()
        assert "PWD=/" in elsewhere
