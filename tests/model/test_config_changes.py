"""Changes of a config mean what they mean to buildah and in a Containerfile."""

from __future__ import annotations

from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.model.config_changes import Changes, changed, command_of

FULL: dict[str, Any] = {
    "User": "me",
    "ExposedPorts": {"80": {}, "53/udp": {}},
    "Env": ["PATH=/bin", "A=1"],
    "Entrypoint": ["/entry"],
    "Cmd": ["arg"],
    "Volumes": {"/data": {}},
    "WorkingDir": "/w",
    "Labels": {"a": "b"},
    "StopSignal": "SIGQUIT",
    "Healthcheck": {"Test": ["NONE"]},
}


def test_nothing_changes_without_changes() -> None:
    assert changed(FULL, Changes()) == FULL
    assert changed({}, Changes()) == {}


def test_each_value_is_set() -> None:
    changes = Changes(
        env=("A=2", "B=x=y", "C="),
        cmd='["a", "b c"]',
        entrypoint="exec app",
        user="1000:www-data",
        workdir="/srv",
        label=("x.y/z=1", "empty="),
        volume=("/a", "/b"),
        expose=("8080", "53/UDP", "1000-1010/sctp"),
        stop_signal="term",
    )
    assert changed({}, changes) == {
        "Env": ["A=2", "B=x=y", "C="],
        "Cmd": ["a", "b c"],
        "Entrypoint": ["/bin/sh", "-c", "exec app"],
        "User": "1000:www-data",
        "WorkingDir": "/srv",
        "Labels": {"x.y/z": "1", "empty": ""},
        "Volumes": {"/a": {}, "/b": {}},
        "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "1000-1010/sctp": {}},
        "StopSignal": "SIGTERM",
    }


def test_each_value_can_be_removed_again() -> None:
    some = Changes(
        env=("A-", "NEVER-"), label=("a-",), volume=("/data-",), expose=("80-",)
    )
    found = changed(FULL, some)
    assert found["Env"] == ["PATH=/bin"]
    assert found["ExposedPorts"] == {"53/udp": {}}
    assert not {"Labels", "Volumes"} & found.keys()
    everything = Changes(
        *(("-",), "", "", "", "", ("-",), ("-",), ("-",)), stop_signal=""
    )
    assert changed(FULL, everything) == {"Healthcheck": FULL["Healthcheck"]}


def test_words_are_done_in_order_and_a_variable_keeps_its_place() -> None:
    assert changed(FULL, Changes(env=("-", "A=3", "A-", "A=4")))["Env"] == ["A=4"]
    found = changed(FULL, Changes(env=("PATH=/usr/bin", "NEW=1")))
    assert found["Env"] == ["PATH=/usr/bin", "A=1", "NEW=1"]


def test_another_entrypoint_does_not_get_the_arguments_of_the_one_before() -> None:
    assert "Cmd" not in changed(FULL, Changes(entrypoint='["/x"]'))
    both = changed(FULL, Changes(entrypoint='["/x"]', cmd='["y"]'))
    assert (both["Entrypoint"], both["Cmd"]) == (["/x"], ["y"])
    assert changed(FULL, Changes(cmd='["y"]'))["Entrypoint"] == ["/entry"]


def test_a_command_is_a_json_array_or_words_for_a_shell() -> None:
    for text, words in (
        ("", []),
        ("[]", []),
        (' ["a", "b"] ', ["a", "b"]),
        ("a $B", ["/bin/sh", "-c", "a $B"]),
        ("[ -f /x ] && y", ["/bin/sh", "-c", "[ -f /x ] && y"]),
        ('[ "$a" = b ]', ["/bin/sh", "-c", '[ "$a" = b ]']),
    ):
        assert command_of(text, "--cmd") == words
    for text in ("['a']", '["a", b]', "[1]", '["a", 1]', '["a"'):
        with pytest.raises(PlashError, match="not a JSON array"):
            command_of(text, "--cmd")


WRONG = [
    (Changes(env=("1A=x",)), "cannot be a variable's name"),
    (Changes(env=("A B=x",)), "cannot be a variable's name"),
    (Changes(env=("=x",)), "cannot be a variable's name"),
    (Changes(env=("A",)), "A=VALUE sets it, A- removes it"),
    (Changes(env=("A=\0",)), "NUL"),
    (Changes(env=("A=\udcff",)), "UTF-8"),
    (Changes(env=("A=" + "x" * 100_001,)), "longer than"),
    (Changes(cmd='["\\u0000"]'), "NUL"),
    (Changes(label=("a b=x",)), "cannot be a label's name"),
    (Changes(label=("a",)), "it has no value"),
    (Changes(volume=("data",)), "must begin with /"),
    (Changes(expose=("x",)), "the port 'x'"),
    (Changes(expose=("0",)), "the port"),
    (Changes(expose=("65536",)), "the port"),
    (Changes(expose=("9-8",)), "the port"),
    (Changes(expose=("80/icmp",)), "the port"),
    (Changes(expose=("x-",)), "the port"),
    (Changes(user="a b"), "the user"),
    (Changes(user="a:b:c"), "the user"),
    (Changes(user=":b"), "the user"),
    (Changes(workdir="srv"), "must begin with /"),
    (Changes(stop_signal="NO"), "the signal"),
    (Changes(stop_signal="65"), "the signal"),
]


@pytest.mark.parametrize(("changes", "why"), WRONG)
def test_what_no_image_can_have_is_refused(changes: Changes, why: str) -> None:
    with pytest.raises(PlashError, match=why):
        changed(FULL, changes)


def test_a_signal_has_a_name_or_a_number() -> None:
    for typed, held in (
        ("9", "9"),
        ("usr1", "SIGUSR1"),
        ("SIGRTMIN+3", "SIGRTMIN+3"),
        ("rtmax-1", "SIGRTMAX-1"),
    ):
        assert changed({}, Changes(stop_signal=typed)) == {"StopSignal": held}


def test_a_config_of_strange_types_is_no_trouble() -> None:
    strange = dict.fromkeys(FULL, 5) | {"Env": ["A", 5, "B=1"], "Labels": [1]}
    found = changed(strange, Changes(env=("C=2",), expose=("80",)))
    assert found["Env"] == ["B=1", "C=2"]
    assert found["ExposedPorts"] == {"80/tcp": {}}


def test_the_words_of_changes_are_those_of_the_command_line() -> None:
    changes = Changes(env=("A=1", "B-"), cmd="", stop_signal="TERM")
    assert changes.words() == [
        *("--env", "A=1", "--env", "B-", "--cmd", "", "--stop-signal", "TERM")
    ]
