"""The command line that a way to run a command is."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.store.run_spec import Way, way_from

ALL = Way(
    ("make", "a b"),
    isolated=True,
    network=True,
    variables=("X=1 2",),
    volumes=("/srv:/data:ro", "cache:/c"),
    user="www",
    directory="/src",
)


def test_every_wish_is_a_word_of_the_line() -> None:
    assert Way().line(7) == "plash run 7"
    assert Way(("ls", "-l")).line(7, "/d i r") == "plash run:persist 7 '/d i r' ls -l"
    assert ALL.line(7) == (
        "plash run --isolate --net --rw -v /srv:/data:ro -v cache:/c -e 'X=1 2'"
        " -u www -w /src 7 make 'a b'"
    )
    assert " --rw " not in ALL.line(7, "DIR"), "what is kept can be changed anyway"
    assert " --rw " not in ALL._replace(fixed=True).line(7)


def test_without_isolation_variables_go_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLASH_EXPORT", "LANG")
    way = Way(("env",), variables=("X=1 2", "Y="))
    assert way.line(7) == "X='1 2' Y='' PLASH_EXPORT=LANG:X:Y plash run 7 env"
    ours = {"PLASH_EXPORT": "LANG", "Z": "1"}
    passed = {"PLASH_EXPORT": "LANG:X:Y", "X": "1 2", "Y": "", "Z": "1"}
    assert way.environment(ours) == passed
    assert ALL.environment(ours) == ours


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (Way(variables=("1X=2",)), "'1X=2' is not a variable"),
        (Way(variables=("a-b=2",)), "is not a variable"),
        (Way(volumes=("/srv",)), "'/srv' is not a volume"),
        (Way(volumes=(":/srv",)), "is not a volume"),
        (Way(volumes=("/srv:data",)), "is not a volume"),
        (Way(directory="src"), "must begin with a '/'"),
    ],
)
def test_what_no_run_understands_is_told(way: Way, why: str) -> None:
    ALL.check()
    with pytest.raises(PlashError) as caught:
        way.check()
    assert why in str(caught.value)


def test_a_way_is_read_as_it_was_written_and_damage_does_no_harm() -> None:
    written = {
        k: list(v) if isinstance(v, tuple) else v for k, v in ALL._asdict().items()
    }
    assert way_from(written) == ALL
    assert way_from({"command": "ls", "isolated": 1, "user": None, "x": 1}) == Way()
    assert way_from({"command": ["a", 1, None]}) == Way(("a",))
