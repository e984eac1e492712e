"""The verbs as the old program's own README shows them."""

from __future__ import annotations

from tests.differential.conftest import Compare


def test_an_image_is_known_by_its_name_and_its_id(compare: Compare) -> None:
    compare("plash map base; plash parent $(plash map base)", "1\n0")


def test_a_command_s_output_and_status_are_the_run_s(compare: Compare) -> None:
    compare("plash run 1 sh -c 'echo hello; exit 42'", "hello", 42)


def test_what_a_build_writes_is_in_the_new_image(compare: Compare) -> None:
    compare(
        "i=$(plash build 1 touch /new); plash run $i ls /new; plash parent $i",
        "/new\n1",
    )


def test_a_removed_image_is_gone_with_its_children(compare: Compare) -> None:
    compare(
        "plash build 1 touch /a; plash build 2 touch /b; plash rm 2;"
        " plash nodepath 3 2>&- || echo gone",
        "2\n3\ngone",
    )
