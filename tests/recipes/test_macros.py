"""Macros: the scripts and changes that each of them stands for."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.recipes.macros.compile import of_file, of_words
from plashui.recipes.macros.table import MACROS
from plashui.recipes.plan import Configure, Copy, FromImage, Run, Step


def steps(*words: str, directory: Path | None = None, stdin: str = "") -> list[Step]:
    where = str(directory) if directory else None
    return of_words(words, where, stdin.encode).scripts()


def script(*words: str, directory: Path | None = None, stdin: str = "") -> str:
    """The script of what is one layer."""
    (step,) = steps(*words, directory=directory, stdin=stdin)
    assert isinstance(step, Run)
    return step.script.partition("\n")[2].rstrip("\n")


def config(
    *words: str, before: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The changes of what is one step of the config."""
    (step,) = of_words(["--from", "x", *words]).plan().stages[-1].steps(before or {})
    assert isinstance(step, Configure)
    return dict(step.changes)


def base(*words: str) -> str:
    found = of_words(words).plan().stages[-1].base
    assert isinstance(found, FromImage)
    return found.word


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--run", "a", "b c"], "a\nb c"),
        (["-x", "a"], "a"),
        (["--inline", "make", "all"], "make all"),
        (["--eval-string", "--run 'echo a' b"], "echo a\nb"),
    ],
)
def test_what_a_macro_runs(words: list[str], expected: str) -> None:
    assert script(*words) == expected


def test_layers_end_at_borders_and_may_be_one_for_each_argument() -> None:
    assert len(steps("-x", "a", "-l", "-x", "b", "-x", "c", "--layer")) == 2
    first, second = steps("--layer", "pip", "a", "b")
    assert isinstance(first, Run)
    assert isinstance(second, Run)
    assert "install --no-cache-dir a\n" in first.script
    assert "install --no-cache-dir b\n" in second.script


def test_files_are_written_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    lines = ["it's", "-n", r"\n", "$HOME `id`", ""]
    words = ["--\\ -n" if line == "-n" else line for line in lines]
    text = script("--write-script", str(file), *words)
    subprocess.run(["sh", "-ec", text], check=True)
    assert file.read_text() == "".join(f"{line}\n" for line in lines)
    assert file.stat().st_mode & 0o777 == 0o755


def test_a_variable_of_this_machine_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLASH_A", "it's")
    monkeypatch.delenv("PLASH_B", raising=False)
    text = script("--import-env", "PLASH_A", "PLASH_A:AS", "PLASH_B", "--run", "c")
    assert text == "PLASH_A='it'\"'\"'s'\nAS='it'\"'\"'s'\nc"


def test_paths_are_part_of_the_key_by_content_name_and_mode(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()

    def value() -> str:
        (step,) = steps("--watch", "tree", "--run", "x", directory=tmp_path)
        assert isinstance(step, Run)
        return step.depends[0].value

    seen = [value()]
    for change in (
        lambda: (tree / "a").write_text("1"),
        lambda: (tree / "a").write_text("2"),
        lambda: (tree / "a").chmod(0o700),
        lambda: (tree / "a").rename(tree / "b"),
        lambda: (tree / "empty").mkdir(),
        lambda: (tree / "l").symlink_to("b"),
    ):
        change()
        seen.append(value())
    assert len(set(seen)) == len(seen)
    assert value() == seen[-1]


def test_the_config_changes_as_an_oci_config_does() -> None:
    before = {"Env": ["A=1"], "Labels": {"x": "1"}, "Cmd": ["old"]}
    assert config("--env", "B=2 3", before=before) == {"Env": ["A=1", "B=2 3"]}
    assert config("--label", "y=2", before=before) == {"Labels": {"x": "1", "y": "2"}}
    assert config("--cmd", "a", "b c") == {"Cmd": ["a", "b c"]}
    assert config("--workdir", "/srv") == {"WorkingDir": "/srv"}
    assert config("--user", "a:b") == {"User": "a:b"}
    entry = config("--entrypoint", "/e", "a", before=before)
    assert entry == {"Entrypoint": ["/e", "a"], "Cmd": None}


def test_changes_of_the_config_that_follow_each_other_are_one_step() -> None:
    assert config("--env", "A=1", "--workdir", "/a", "--env", "B=2") == {
        "Env": ["A=1", "B=2"],
        "WorkingDir": "/a",
    }


def test_an_entry_point_is_a_script_or_a_program() -> None:
    written, set_ = steps("--entrypoint-script", "echo a")
    assert isinstance(written, Run)
    assert "'#!/bin/sh' >> /entrypoint" in written.script
    assert isinstance(set_, Configure)
    assert set_.changes["Entrypoint"] == ["/entrypoint"]


def test_files_of_this_machine_are_copied(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (step,) = steps("--copy", "a", "/srv/", directory=tmp_path)
    assert isinstance(step, Copy)
    ((source, path),) = step.sources
    assert (getattr(source, "directory", ""), path) == (str(tmp_path), "a")
    with pytest.raises(PlashError, match="cannot copy b: there is no such file"):
        steps("--copy", "b", "/srv/", directory=tmp_path)


def test_what_is_mounted_is_a_link_to_where_a_run_has_this_machine() -> None:
    assert script("--mount", "/srv/a b:/data").split("\n") == [
        "mkdir -p /",
        "[ -L /data ] || [ ! -d /data ] || rmdir /data",
        "ln -sfn '/mnt/srv/a b' /data",
    ]
    with pytest.raises(PlashError, match="this machine's own in a run"):
        steps("--mount", "/srv/a:/home/x")


def test_a_layer_may_never_be_taken_from_the_cache() -> None:
    (step, other) = steps("--bust-cache", "-x", "a", "-l", "-x", "b")
    assert isinstance(step, Run)
    assert isinstance(other, Run)
    assert (step.always, other.always) == (True, False)


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--from", "a"], "a"),
        (["-f", "oci:debian:12"], "oci:debian:12"),
        (["--from-id", "7"], "7"),
        (["--from-map", "web"], "map:web"),
        (["--from-lxc", "debian:sid"], "lxc:debian:sid"),
        (["--from-docker", "a"], "docker:a"),
        (["--from-url", "http://a"], "url:http://a"),
        (["--from-file", "/a.tar"], "file:/a.tar"),
        (["--from-dir", "/a"], "dir:/a"),
        (["-A"], "alpine"),
        (["-G"], "gentoo"),
    ],
)
def test_what_it_begins_with(words: list[str], word: str) -> None:
    assert base(*words) == word


def test_letters_stand_for_a_distribution_and_its_package_manager() -> None:
    plan = of_words(["-D", "git"]).plan()
    (step,) = plan.stages[-1].steps({})
    assert isinstance(step, Run)
    assert "install -y --no-install-recommends git" in step.script


def test_files_are_read_relative_to_the_one_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "one").write_text("--eval-file sub/two\n--run c\n")
    (tmp_path / "sub/two").write_text("--run a\n--include three\n")
    (tmp_path / "sub/three").write_text("--run b\n")
    (step,) = of_file(str(tmp_path / "one")).scripts()
    assert isinstance(step, Run)
    assert step.script.endswith("\na\nb\nc\n")
    assert [at.line for _line, at in step.places] == [1, 1, 2]


def test_files_that_include_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("--eval-file one\n")
    with pytest.raises(PlashError, match="files include each other"):
        of_file(str(tmp_path / "one"))


def test_a_pipe_is_waited_for_as_long_as_somebody_may_write(tmp_path: Path) -> None:
    reader, writer = os.pipe()

    def write_when_it_is_read() -> None:
        time.sleep(0.2)  # long enough for a reader that does not wait
        os.write(writer, b"--run a\n")
        os.close(writer)

    thread = threading.Thread(target=write_when_it_is_read)
    thread.start()
    try:
        assert script("--eval-file", f"/dev/fd/{reader}") == "a"
    finally:
        thread.join()
        os.close(reader)
    os.mkfifo(tmp_path / "nobody")
    with pytest.raises(PlashError, match="nothing came from the pipe"):
        of_words(["--eval-file", str(tmp_path / "nobody")])


def test_a_byte_order_mark_is_no_macro(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"\xef\xbb\xbf--run a\n")
    assert script("--eval-file", str(tmp_path / "one")) == "a"


def test_standard_input_is_a_script_or_more_macros() -> None:
    assert script("--run-stdin", stdin="a\nb\n") == "a\nb"
    assert script("--eval-stdin", stdin="--run a\n--run\nb\n") == "a\nb"


def test_a_module_beside_the_file_has_macros_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from plashui.recipes.macros import macro\n"
        "@macro\n"
        "def make_user(*names):\n"
        "    'add users'\n"
        "    return '\\n'.join(f'adduser {name}' for name in names)\n"
    )
    words = ["--import", "mine", "--make-user", "a", "b"]
    assert script(*words, directory=tmp_path) == "adduser a\nadduser b"
    with pytest.raises(PlashError, match="no macro 'make-user'"):
        steps(*words, "--reset-imports", "--make-user", "c", directory=tmp_path)
    with pytest.raises(PlashError, match="there is no module other"):
        steps("--import", "other", directory=tmp_path)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "--from a\n\n--aptt git",
            r"f, line 3: no macro 'aptt' \(did you mean 'apt'\?\)",
        ),
        ("--run a", "^f: no image to build on"),
        ("--from a\n--from b", "f, line 2: it begins with an image already, as"),
        (
            "--from",
            "f, line 1: wrong arguments of the macro 'from'. usage: --from IMAGE",
        ),
        ("--from a\n--env\nA", "f, line 2: cannot set the variable 'A'"),
        ("--from-id x", "f, line 1: 'x' is not an id"),
        ("--from a\n--copy \0 b", "f, line 2: it has a NUL in it"),
        ("--from a\n--eval-string '--copy no b'", "f, line 2: cannot copy no: there"),
        ("--from a\n--eval-string a", "f, line 2: 'a' comes before any macro"),
    ],
)
def test_an_error_names_file_line_and_what_to_do(
    tmp_path: Path, text: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlashError, match=error):
        of_file("f").plan().stages[-1].steps({})


def test_each_macro_has_help_and_an_example() -> None:
    for name, entry in MACROS.items():
        assert entry.does, name
        assert entry.example.startswith("-"), name
        assert entry.group, name
