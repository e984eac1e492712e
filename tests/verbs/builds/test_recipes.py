"""Builds of macros: layers, the cache, failed steps, files that are run."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.people import Person
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


@pytest.fixture
def box(plashui: Run, image: str) -> str:
    """The name of a busybox image."""
    assert plashui("map", "box", image).returncode == 0
    return "box"


def built(plashui: Run, *words: str | Path) -> str:
    """The id of what `build` makes."""
    done = plashui("build", *words)
    assert done.returncode == 0, done.stderr
    return str(done.stdout.strip())


def config(plashui: Run, image: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(plashui("config", image).stdout)["config"]
    return found


def test_each_layer_is_an_image_and_a_cached_build_says_nothing(
    plashui: Run, box: str, store: Path
) -> None:
    words = ("--from", box, "-x", "echo a >/a", "-l", "-x", "cat /a >/b")
    first = plashui("build", *words)
    assert first.returncode == 0, first.stderr
    assert "[1/2] --run 'echo a >/a' (" in first.stderr
    assert "+ cat /a" in first.stderr
    assert len(images(store)) == 3
    again = plashui("build", *words)
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert plashui("run", again.stdout.strip(), "cat", "/b").stdout == "a\n"


def test_a_miss_says_why(plashui: Run, box: str, store: Path) -> None:
    one = built(plashui, "--from", box, "-x", "touch /a", "touch /b")
    other = plashui("build", "--from", box, "-x", "touch /a", "touch /c")
    assert f"unlike image {one}: command 'touch /c', not 'touch /b'" in other.stderr
    assert plashui("rm", one).returncode == 0
    again = plashui("build", "--from", box, "-x", "touch /a", "touch /b")
    assert f"image {one} was removed" in again.stderr
    anew = plashui("build", "--no-cache", "--from", box, "-x", "touch /a", "touch /b")
    assert "nothing is taken from the cache" in anew.stderr
    assert anew.stdout != again.stdout
    assert leftovers(store) == []


def test_a_hit_above_a_miss_is_named(plashui: Run, box: str) -> None:
    one = built(plashui, "--from", box, "-x", "touch /a")
    done = plashui("build", "--from", box, "-x", "touch /a", "-l", "-x", "touch /b")
    assert f"[1/2] image {one}: --run 'touch /a'" in done.stderr


def test_what_is_built_is_run_with_the_command_behind_the_dashes(
    plashui: Run, box: str
) -> None:
    done = plashui("--from", box, "-x", "echo hi >/hi", "--", "cat", "/hi")
    assert (done.returncode, done.stdout) == (0, "hi\n")
    assert plashui("--from", box, "--", "sh", "-c", "exit 7").returncode == 7
    done = plashui("--from", box)
    assert done.stdout.strip().isdecimal()


def test_a_verb_gets_what_was_built_as_its_image(plashui: Run, box: str) -> None:
    made = built(plashui, "-f", box, "-x", "touch /a")
    found = plashui("b", "parent", "-f", box, "-x", "touch /a", "-l", "-x", "id")
    assert found.stdout.strip() == made
    done = plashui("b", "run", "-f", box, "--", "echo", "a")
    assert done.stdout == "a\n"
    done = plashui("b", "mounted", "ls", "-f", box)
    assert "bin" in done.stdout.split()
    assert "no macros" in plashui("b", "run", "1").stderr


def test_a_step_sees_nothing_of_this_machine(
    plashui: Run, box: str, person: Person
) -> None:
    home = person.environment()["HOME"]
    made = built(
        plashui, "-f", box, "-x", f"env >/env; pwd >>/env; ls {home} >/ls || :"
    )
    env = plashui("run", made, "cat", "/env").stdout
    assert "PLASH_DATA" not in env
    assert "_HOST_" not in env
    assert env.endswith("\n/\n")
    assert plashui("run", made, "cat", "/ls").stdout == ""


def test_the_config_holds_for_the_steps_after_it(plashui: Run, box: str) -> None:
    words = ("--env", "A=b c", "--workdir", "/srv", "--label", "v=1")
    made = built(plashui, "-f", box, *words, "-x", 'echo "$A" >/a; pwd >>/a')
    assert plashui("run", made, "cat", "/a").stdout == "b c\n/srv\n"
    found = config(plashui, made)
    assert found["Env"] == ["A=b c"]
    assert found["WorkingDir"] == "/srv"
    assert found["Labels"] == {"v": "1"}


def test_one_change_at_a_time_is_always_a_miss(
    plashui: Run, box: str, playground: Path, person: Person
) -> None:
    file = playground / "file"

    def write(text: str, mode: str = "644") -> None:
        person.run(["sh", "-c", 'echo "$0" >"$1"; chmod "$2" "$1"', text, file, mode])

    def words(**change: str) -> list[str]:
        parts = {
            "base": box,
            "env": "A=1",
            "path": str(file),
            "first": "touch /a",
            "second": "touch /b",
        } | change
        return [
            *("--from", parts["base"], "--env", parts["env"]),
            *("--hash-path", parts["path"], "-x", parts["first"], parts["second"]),
        ]

    write("one")
    seen = [built(plashui, *words())]
    assert built(plashui, *words()) == seen[0]
    write("one")
    assert built(plashui, *words()) == seen[0], "times do not count"
    for change in (
        {"env": "A=2"},
        {"env": "B=1"},
        {"first": "touch /c"},
        {"first": "touch /b", "second": "touch /a"},
        {"first": "touch /a; touch /b", "second": ":"},
        {"base": seen[0]},
    ):
        made = built(plashui, *words(**change))
        assert made not in seen, change
        seen.append(made)
    for text, mode in (("two", "644"), ("one", "755")):
        write(text, mode)
        made = built(plashui, *words())
        assert made not in seen
        seen.append(made)
    write("one")
    assert built(plashui, *words()) == seen[0]


def test_a_layer_that_is_never_cached_makes_those_after_it_anew(
    plashui: Run, box: str
) -> None:
    words = ("-f", box, "--invalidate-layer", "-x", "id", "-l", "-x", "touch /a")
    first, second = built(plashui, *words), built(plashui, *words)
    assert first != second
    parent = plashui("parent", second).stdout
    assert parent != plashui("parent", first).stdout


def test_a_failure_names_file_line_and_status_and_keeps_the_state(
    plashui: Run, box: str, store: Path, playground: Path, person: Person
) -> None:
    file = playground / "plashfile"
    text = f"--from {box}\n--run\necho some >/state\n\nsh -c 'echo why >&2; exit 3'\n"
    person.run(["sh", "-c", 'printf %s "$0" >"$1"', text, file], check=True)
    for _again in range(2):
        done = plashui("build", "--eval-file", file)
        assert (done.returncode, done.stdout) == (1, "")
        said = done.stderr.splitlines()[-1]
        assert said.startswith(f"plash error: {file}, line 5: sh -c ")
        assert "ended with status 3: why. " in said
        kept = [path.name for path in (store / "kept").iterdir()]
        assert len(kept) == 1, "what the same step left before is gone"
        assert kept[0] in said
    assert images(store) == [1]
    assert leftovers(store) == []
    resumed = plashui("run:persist", "1", store / "kept" / kept[0], "cat", "/state")
    assert resumed.stdout == "some\n"
    assert plashui("rm", kept[0]).returncode == 0
    assert not (store / "kept").exists()


def test_a_command_that_is_missing_makes_no_image(
    plashui: Run, box: str, store: Path
) -> None:
    done = plashui("build", "-f", box, "-x", "no-such-program")
    assert done.returncode == 1
    assert "no-such-program ended with status 127" in done.stderr
    assert "127: no-such-program: not found" in done.stderr
    assert leftovers(store) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_or_killed_it_leaves_nothing(
    plashui: Run, box: str, store: Path, person: Person, number: signal.Signals
) -> None:
    words = ["build", "-f", box, "-x", "touch /a; echo started; sleep 1000"]
    env = {"PLASH_DATA": str(store)}
    process = person.start([person.bin / "plashui", *words], env=env)
    place = store / "tmp"
    wait_for(lambda: any(place.glob("*/data/a")), "the command begins")
    process.send_signal(number)
    assert process.wait() != 0
    assert images(store) == [1]
    if number == signal.SIGKILL:
        names = iter("bcdefghijklmnopqrstuvwxyz")

        def gone() -> bool:
            assert plashui("-f", box, "-x", f"touch /{next(names)}").returncode == 0
            return not leftovers(store)

        wait_for(gone, "the next build sweeps it")
    assert leftovers(store) == []
    assert not (store / "kept").exists()


def test_a_file_is_run_with_its_entry_point(
    store: Path, box: str, playground: Path, person: Person
) -> None:
    file = playground / "tool"
    text = (
        "#!/usr/bin/env plash-exec\n--entrypoint-script\n"
        'echo "$A $V $OTHER $(pwd) $*"\nexit 4\n'
        f"--from {box}\n--env A=1\n--hint use-env V\n"
    )
    person.run(["sh", "-c", 'printf %s "$0" >"$1"; chmod +x "$1"', text, file])
    for _cached in range(2):
        env = {"PLASH_DATA": str(store), "V": "2", "OTHER": "3"}
        words = [person.bin / "plashui", file, "x", "y z"]
        done = person.run(words, env=env, cwd=Path("/usr"))
        assert done.returncode == 4, done.stderr
        assert done.stdout == "1 2  /usr x y z\n"


def test_a_file_is_a_program_by_its_first_line(
    store: Path, box: str, playground: Path, person: Person
) -> None:
    program = CHECKOUT / "helpers/python/plash-exec"
    text = f"#!/usr/bin/env plash-exec\n--from {box}\n--entrypoint /bin/echo a\n"
    make = (
        'mkdir bin; ln -s "$0" bin/plash; printf %s "$1" >bin/plash-exec;'
        ' printf %s "$2" >tool; chmod +x tool bin/plash-exec'
    )
    words = ["sh", "-c", make, person.bin / "plash", program.read_text(), text]
    person.run(words, cwd=playground, check=True)
    path = f"{playground}/bin:{person.environment()['PATH']}"
    env = {"PLASH_DATA": str(store), "PATH": path}
    for called in (["./tool", "b c"], ["plash-exec", "tool", "b c"]):
        done = person.run(called, env=env, cwd=playground)
        assert done.stdout == "a b c\n", done.stderr
    done = person.run(["plash-exec"], env=env)
    assert (done.returncode, "usage: plash-exec" in done.stderr) == (1, True)


def test_a_run_shows_what_is_mounted(
    plashui: Run, box: str, playground: Path, person: Person
) -> None:
    person.run(["sh", "-c", 'echo mine >"$0"', playground / "file"], check=True)
    words = ("--from", box, "--mount", f"{playground}:/opt/data")
    done = plashui(*words, "--", "cat", "/opt/data/file")
    assert done.stdout == "mine\n", done.stderr


def test_a_file_without_an_entry_point_says_so(
    plashui: Run, box: str, playground: Path, person: Person
) -> None:
    file = playground / "tool"
    person.run(["sh", "-c", 'echo "--from $0" >"$1"', box, file])
    done = plashui(file)
    assert done.returncode == 1
    assert "has no entry point" in done.stderr


def test_scripts_are_printed_and_nothing_is_built(plashui: Run, store: Path) -> None:
    done = plashui("eval", "--run", "a", "-l", "-x", "b", "--env", "A=1")
    assert done.stdout == "a\n\nb\n\n# --env A=1\n"
    assert images(store) == []


def test_macros_are_listed_and_each_has_an_example(plashui: Run) -> None:
    listed = plashui("help-macros").stdout
    assert "\n  --run LINE..." in listed
    told = plashui("help-macros", "apt", "-x").stdout
    assert "usage: --apt PACKAGE..." in told
    assert "example: plash build --from debian --apt git" in told
    assert "Also: -x" in told
    told = plashui("help-macros", "apk", "A").stdout
    assert "example: plash build --from alpine --apk git" in told
    assert "--from alpine --apk PACKAGE...\n" in told
    assert "no macro 'nope'" in plashui("help-macros", "nope").stderr


def test_a_source_is_pulled_once(plashui: Run, busybox_tar: Path, store: Path) -> None:
    words = ("--from-file", busybox_tar, "-x", "touch /a")
    first = built(plashui, *words)
    assert built(plashui, *words) == first
    assert len(images(store)) == 2
    anew = built(plashui, "--pull", *words)
    assert anew != first


def test_a_build_that_was_done_before_is_found_without_python(
    plashui: Run, alone: Run, box: str
) -> None:
    words = ("--from", box, "-x", "echo 1 >/a", "--import-env", "PLASH_V")
    assert "Install the Python package" in alone(*words).stderr
    made = plashui(*words).stdout
    assert alone(*words).stdout == made
    assert alone("build", *words).stdout == made
    assert alone(*words, "--", "cat", "/a").stdout == "1\n"
    assert alone(*words, "--", "sh", "-c", "exit 5").returncode == 5
    assert alone("b", "run", *words, "--", "cat", "/a").stdout == "1\n"
    assert alone("b", "mounted", "cat", "bin/busybox", *words).stdout[:4] == "\x7fELF"
    parent = plashui("parent", made.strip()).stdout
    assert plashui("b", "parent", *words).stdout == parent
    for wrong in (("b", "run", "", *words), ("b", "run", "a"), ("b", *words)):
        assert "Install the Python package" in alone(*wrong).stderr, wrong
    # It asks plashui as soon as anything may be another one.
    for other in (
        (*words, "-l"),
        ("--from", box, "-x", "echo 2 >/a"),
        ("--no-cache", *words),
    ):
        assert "Install the Python package" in alone(*other).stderr, other
    assert plashui("map", "--force", box, made.strip()).returncode == 0
    assert "Install the Python package" in alone(*words).stderr


def test_standard_input_that_was_built_before_needs_no_python(
    plashui: Run, alone: Run, box: str, person: Person, store: Path
) -> None:
    words = ("--network", "none", "--from", box, "--run-stdin")
    env = {"PLASH_DATA": str(store)}
    # The C program has read it, finds nothing, and leaves it to plashui.
    both = [person.bin / "plash", *words, "--", "cat", "/a", "-"]
    done = person.run(both, env=env, input="echo 1 >/a\r\n")
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
    assert alone(*words, "--", "cat", "/a", "-", input="echo 1 >/a\r\n").stdout == "1\n"
    for other in ("echo 2 >/a\n", "", "echo 1 >/a\r\n" * 9000):
        asked = alone(*words, input=other)
        assert "Install the Python package" in asked.stderr, other[:20]
    macros = f"--from {box}\n--run\ntouch /b\n"
    made = plashui("--eval-stdin", input=macros).stdout
    assert alone("build", "--eval-stdin", input=macros).stdout == made
    hidden = ("--from", box, "--eval-string", " --run-stdin")
    assert plashui(*hidden, input="touch /c").returncode == 0
    assert "Install the Python package" in alone(*hidden, input="touch /c").stderr


def test_a_file_that_was_built_before_is_run_without_python(
    plashui: Run, alone: Run, box: str, playground: Path, person: Person
) -> None:
    file = playground / "tool"
    text = f"--from {box}\n--entrypoint /bin/echo a\n--env A=1\n"
    past = 'printf %s "$0" >"$1"; sleep 2'  # younger files are always read
    person.run(["sh", "-c", past, text, file], check=True)
    assert plashui(file, "b").stdout == "a b\n"
    assert alone(file, "c d").stdout == "a c d\n"
    person.run(["touch", file], check=True)
    assert "Install the Python package" in alone(file, "c").stderr
    assert plashui(file, "b").stdout == "a b\n"


def test_a_directory_that_is_watched_needs_no_python_until_it_changes(
    plashui: Run, alone: Run, box: str, playground: Path, person: Person
) -> None:
    place = playground / "watched"
    make = 'mkdir -p "$0/d"; echo 1 >"$0/d/f"; ln -s f "$0/d/l"; sleep 2'
    person.run(["sh", "-c", make, place], check=True)
    words = ("--from", box, "--hash-path", place, "-x", "touch /a")
    made = plashui(*words).stdout
    assert alone(*words).stdout == made
    for change in (
        'echo 2 >"$0/d/f"',
        'chmod 700 "$0/d"',
        'touch "$0/d/new"',
        'ln -sf other "$0/d/l"',
    ):
        person.run(["sh", "-c", f"{change}; sleep 2", place], check=True)
        assert "Install the Python package" in alone(*words).stderr, change
        again = plashui(*words).stdout
        assert again != made
        assert alone(*words).stdout == again
        made = again


def test_a_removed_image_is_not_found(plashui: Run, alone: Run, box: str) -> None:
    made = plashui("--from", box, "-x", "touch /a").stdout.strip()
    assert plashui("rm", made).returncode == 0
    assert "Install the Python package" in alone("--from", box, "-x", "touch /a").stderr


def test_what_commands_keep_between_builds_goes_with_the_caches(
    plashui: Run, box: str, store: Path, playground: Path, person: Person
) -> None:
    text = (
        f"FROM {box}\nRUN --mount=type=cache,target=/var/cache/x"
        " cat /var/cache/x/n >/n || :; echo more >>/var/cache/x/n\n"
    )
    place = playground / "context"
    person.run(
        ["sh", "-c", 'mkdir "$1"; printf %s "$0" >"$1/Containerfile"', text, place]
    )
    for said in ("", "more\n"):
        made = plashui("build:file", "--no-cache", place)
        assert made.returncode == 0, made.stderr
        assert plashui("run", made.stdout.strip(), "cat", "/n").stdout == said
    assert "cache" not in plashui("run", made.stdout.strip(), "ls", "/var").stdout
    assert len(list((store / "volumes").iterdir())) == 1
    assert plashui("clean").returncode == 0
    assert len(list((store / "volumes").iterdir())) == 1
    assert "1 cache removed" in plashui("clean", "--cache").stderr
    assert not (store / "volumes").exists()
    assert leftovers(store) == []


def test_the_verbs_that_remember_leave_macros_to_the_builds_own_cache(
    plashui: Run, box: str, playground: Path, person: Person
) -> None:
    file = playground / "file"
    words = ("build", "--from", box, "--hash-path", file, "-x", "touch /a")
    seen = []
    for text in ("1", "2"):
        person.run(["sh", "-c", 'echo "$0" >"$1"', text, file], check=True)
        for before in (("cache",), ("do",), ("recall",), ()):
            done = plashui(*before, *words)
            assert done.returncode == 0, done.stderr
            seen.append(done.stdout)
    assert len(set(seen[:4])) == len(set(seen[4:])) == 1
    assert seen[0] != seen[4]


def test_stages_are_built_side_by_side_and_mounted_in_another(
    plashui: Run, box: str, playground: Path, person: Person, store: Path
) -> None:
    # Each waits for the other: one after the other they would never end.
    meet = "touch /c/{0}; while [ ! -e /c/{1} ]; do sleep 0.1; done; rm -f /c/{1}"
    share = "RUN --mount=type=cache,id=meet,target=/c"
    text = (
        f"FROM {box} AS one\n{share} echo 1 >/one; {meet.format('a', 'b')}\n"
        f"FROM {box} AS two\n{share} echo 2 >/two; {meet.format('b', 'a')}\n"
        f"FROM {box}\nRUN --mount=type=bind,from=one,source=/one,target=/m/one"
        " --mount=type=bind,from=two,target=/n cat /m/one /n/two >/out;"
        " ! touch /m/one; ! touch /n/x\n"
    )
    place = playground / "context"
    make = 'mkdir "$1"; printf %s "$0" >"$1/Containerfile"'
    person.run(["sh", "-c", make, text, place], check=True)
    done = plashui("build:file", place)
    assert done.returncode == 0, done.stderr
    made = done.stdout.strip()
    assert plashui("run", made, "cat", "/out").stdout == "1\n2\n"
    assert plashui("run", made, "ls", "/m", "/n").returncode == 1
    assert leftovers(store) == []
