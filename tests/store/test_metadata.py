"""What an image wishes of a run, from its OCI config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plashui.store.metadata import MOST_WISHES, run_conf, write_wishes


def wishes(**config: Any) -> list[str]:
    """The strings the helper finds."""
    return run_conf({"config": config}).decode().split("\0")[:-1]


def test_every_wish_is_a_string_of_its_own_in_order() -> None:
    assert wishes(
        User="www:33",
        Hostname="box",
        WorkingDir="/srv",
        Env=["A=1", "B=two words\nand a line"],
        Volumes={"/data": {}, "/cache": {}},
        Entrypoint=["/bin/entry", "-x"],
        Cmd=["", "last"],
    ) == [
        "User=www:33",
        "Hostname=box",
        "WorkingDir=/srv",
        "Entrypoint=/bin/entry",
        "Entrypoint=-x",
        "Cmd=",
        "Cmd=last",
        "Env=A=1",
        "Env=B=two words\nand a line",
        "Volume=/data",
        "Volume=/cache",
    ]


@pytest.mark.parametrize("config", [None, 7, [], "x", {}, {"config": None}])
def test_a_config_of_the_wrong_kind_wishes_nothing(config: object) -> None:
    assert run_conf(config) == b""


def test_values_of_the_wrong_kind_are_left_out() -> None:
    assert wishes(User=7, Hostname=["x"], WorkingDir=None, Volumes=["/x"]) == []
    assert wishes(Env="A=1", Cmd={"a": "b"}, Entrypoint=None, Volumes=None) == []
    assert wishes(Env=[1, None, ["A=1"], "B=2"]) == ["Env=B=2"]


def test_no_value_can_pass_for_another() -> None:
    assert wishes(Env=["A=1\0User=root", "B=2"], User="x\0") == ["Env=B=2"]
    assert wishes(Env=["\ud800"], Cmd=["ok"]) == ["Cmd=ok"]


def test_bytes_that_are_not_text_stay_as_they_are() -> None:
    assert run_conf({"config": {"Env": ["A=\udcff"]}}) == b"Env=A=\xff\0"


def test_it_never_grows_beyond_what_the_helper_reads() -> None:
    assert wishes(Env=["A=" + "x" * 1_000_000, "B=2"]) == ["Env=B=2"]
    many = run_conf({"config": {"User": "u", "Env": ["A=" + "x" * 90_000] * 99}})
    assert MOST_WISHES - 100_000 < len(many) <= MOST_WISHES
    assert many.startswith(b"User=u\0")
    assert many.endswith(b"x\0")


def test_the_wishes_of_a_config_are_written_for_the_helper(tmp_path: Path) -> None:
    write_wishes(tmp_path / "_meta", {"config": {"User": "u"}, "os": "linux"})
    assert (tmp_path / "_meta/run.conf").read_bytes() == b"User=u\0"
